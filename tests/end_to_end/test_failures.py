"""A run that is killed, starved of disk, damaged or doubled: nothing is lost, nothing is silent."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from failures import counts

pytestmark = pytest.mark.slow
MEMBERS = 6
# One study and all what-ifs, so that start, run, write, merge, studies and report are all there.
WORDS = ("--members", str(MEMBERS), "--engine", "expected", "--study", "discovery")
CASES = counts()
REPORT_LENGTH = 10_000
"""A report shorter than this is no report."""


def command(folder: Path, *more: str) -> list[str]:
    words = ["run", "example", *WORDS, "--threads", "1", "--out", str(folder)]
    return [sys.executable, "-m", "sousveil", *words, *more]


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *more), capture_output=True, text=True, check=False, timeout=300
    )


def results(folder: Path) -> dict[str, str]:
    """Hash of everything that a run says; what tells of the machine and the clock is left out."""
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".parquet", ".csv"} or path.name == "claims.json"
    }
    document = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len((folder / "report.html").read_text(encoding="utf-8")) > REPORT_LENGTH
    return found | {"results": document["results_sha256"]}


def finished(folder: Path) -> dict[str, int]:
    """Members that are whole, by name, with the time at which they were written."""
    found: dict[str, int] = {}
    for path in (folder / "members").glob("[0-9]*.parquet"):
        if hashlib.sha256(path.read_bytes()).hexdigest().startswith(path.stem.split("-")[1]):
            found[path.name] = path.stat().st_mtime_ns
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], float]:
    """A run that nobody disturbed: its folder, what it says, and how long it took."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    started = time.monotonic()
    done = run(folder)
    spent = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    return folder, results(folder), spent


def test_killed_at_any_moment_no_finished_member_is_lost(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    _, expected, spent = whole
    lots = random.Random(20241)
    for number in range(CASES["kills"]):
        folder = tmp_path / str(number)
        moment = lots.random() * spent * 1.05
        running = subprocess.Popen(
            command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            running.wait(moment)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        kept = finished(folder) if folder.exists() else {}
        done = run(folder, "--resume")
        told = f"killed after {moment:.2f} of {spent:.2f} s: {done.stderr}"
        assert done.returncode == 0, told
        after = finished(folder)
        assert {name: after.get(name) for name in kept} == kept, told
        assert results(folder) == expected, told
        shutil.rmtree(folder)


def limited(size: int) -> list[str]:
    """A shell that lets no file grow beyond a size: writing then fails as on a full disk."""
    script = (
        "import resource, runpy, signal, sys;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
        "sys.argv = sys.argv[1:];"
        "runpy.run_module('sousveil', run_name='__main__', alter_sys=True)"
    )
    return [sys.executable, "-c", script]


def test_a_full_disk_is_told_in_one_line_and_the_run_goes_on_later(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    # A limit on the size of files stands for the small file system that needs rights to mount.
    folder, expected, _ = whole
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    lots = random.Random(20242)
    tried = 0
    for number in range(CASES["sizes"]):
        size = int(min(sizes) + lots.random() ** 3 * (max(sizes) - min(sizes)))
        here = tmp_path / str(number)
        words = [*limited(size), *command(here)[2:]]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode == 0:
            assert size >= max(sizes) * 0.9
        else:
            tried += 1
            said = done.stderr.strip().splitlines()
            assert done.returncode == 1, (size, done.stderr)
            assert "Traceback" not in done.stderr, (size, done.stderr)
            assert any("large" in line or "space" in line for line in said), (size, said)
            assert not (here / "manifest.json").exists()
        again = run(here, "--resume")
        assert again.returncode == 0, again.stderr
        assert results(here) == expected, size
        shutil.rmtree(here)
    assert tried


def copied(whole: Path, place: Path) -> Path:
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(whole, place)
    return place


def test_one_flipped_bit_or_a_cut_is_named(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    from sousveil.ensemble.store import members_of, read_member
    from sousveil.ensemble.study import RunFailure

    folder, _, _ = whole
    lots = random.Random(20243)
    here = copied(folder, tmp_path / "run")
    paths = sorted((here / "members").glob("*.parquet"))
    for number in range(CASES["bits"] + CASES["cuts"]):
        path = lots.choice(paths)
        content = path.read_bytes()
        if number < CASES["bits"]:
            changed = bytearray(content)
            changed[lots.randrange(len(content))] ^= 1 << lots.randrange(8)
        else:
            changed = content[: lots.randrange(len(content))]
        path.write_bytes(bytes(changed))
        damaged = [item for item in members_of(here) if item.damaged]
        assert [item.path for item in damaged] == [path]
        assert path.name in damaged[0].damaged
        with pytest.raises(RunFailure, match=path.name):
            read_member(path)
        path.write_bytes(content)
    assert not any(item.damaged for item in members_of(here))


def test_a_damaged_member_is_said_and_made_again(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    folder, expected, _ = whole
    here = copied(folder, tmp_path / "run")
    path = sorted((here / "members").glob("*.parquet"))[2]
    path.write_bytes(path.read_bytes()[:-7])
    done = run(here, "--resume")
    assert done.returncode == 0, done.stderr
    assert f"{path.name} is cut short: computed again" in done.stderr
    assert results(here) == expected


def test_of_two_runs_on_one_folder_one_goes_on_and_one_stops(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    _, expected, _ = whole
    both = [
        subprocess.Popen(command(tmp_path / "run"), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes == [0, 2], said
    loser = said[[process.returncode for process in both].index(2)].strip()
    assert "is in use by another run" in loser
    assert len(loser.splitlines()) == 1
    assert results(tmp_path / "run") == expected


@pytest.mark.parametrize("threads", ["1", "2"])
def test_ctrl_c_stops_within_five_seconds_and_resumes_to_the_same_bits(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float], threads: str
) -> None:
    _, expected, _ = whole
    folder = tmp_path / "run"
    words = command(folder)
    words[words.index("--threads") + 1] = threads
    running = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = time.monotonic() + 120
    while len(finished(folder)) < 1 and time.monotonic() < limit:
        time.sleep(0.02)
    # The terminal sends it to the whole group of processes.
    os.killpg(running.pid, signal.SIGINT)
    started = time.monotonic()
    _, said = running.communicate(timeout=60)
    assert time.monotonic() - started < 5
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert "--resume" in said
    done = run(folder, "--resume")
    assert done.returncode == 0, done.stderr
    assert results(folder) == expected


def test_a_dead_worker_process_is_told_and_the_run_resumes(
    tmp_path: Path, whole: tuple[Path, dict[str, str], float]
) -> None:
    _, expected, _ = whole
    folder = tmp_path / "run"
    words = command(folder)
    words[words.index("--threads") + 1] = "2"
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 120
    while len(finished(folder)) < 1 and time.monotonic() < limit:
        time.sleep(0.02)
    for child in children(running.pid):
        os.kill(child, signal.SIGKILL)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 1, said
    assert "a worker process ended by itself" in said
    assert "Traceback" not in said
    kept = finished(folder)
    assert kept
    assert run(folder, "--resume").returncode == 0
    after = finished(folder)
    assert {name: after[name] for name in kept} == kept
    assert results(folder) == expected


def children(parent: int) -> list[int]:
    """Worker processes of a run: its spawned children."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            line = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(words[1]) == parent and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return found

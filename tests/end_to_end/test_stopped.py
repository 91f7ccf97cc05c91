"""A run that is doubled, interrupted, or loses its processes: one line each, and it resumes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from failures import tell, tries
from support.runs import Image, Whole, arguments, command, finished, phase, results

pytestmark = pytest.mark.slow
LONGEST = 5.0
"""Seconds of work within which a run must stop: a busy machine makes the clock go on meanwhile."""


def test_of_two_runs_on_one_folder_one_goes_on_and_one_stops(tmp_path: Path, whole: Whole) -> None:
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
    assert results(tmp_path / "run") == whole.results


def started(folder: Path, threads: int) -> subprocess.Popen[str]:
    """A run in a group of processes of its own, as a terminal starts it."""
    return subprocess.Popen(
        command(folder, threads=threads),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # These tests may themselves run in the background, where a shell has Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def worked(group: int) -> float:
    """Seconds of processor time so far of a group of processes, those that have ended too."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(words[2]) == group:
            ticks += sum(int(word) for word in words[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def stopped(running: subprocess.Popen[str], number: int) -> tuple[str, float, float]:
    """Send a signal to the whole group; what the run said, and seconds of work and of the clock.

    Work is that since the signal, of the run and of the processes that it has waited for.
    """
    before, reaped = worked(running.pid), os.times()
    os.killpg(running.pid, number)
    at = time.monotonic()
    _, said = running.communicate(timeout=120)
    now = os.times()
    spent = now.children_user + now.children_system - reaped.children_user - reaped.children_system
    return said, spent - before, time.monotonic() - at


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_within_five_seconds_and_resumes_to_the_same_bits(
    tmp_path: Path, whole: Whole, image: Image, threads: int, sent: signal.Signals
) -> None:
    folder = tmp_path / "run"
    running = started(folder, threads)
    limit = time.monotonic() + 120
    while len(finished(folder)) < 1 and time.monotonic() < limit:
        time.sleep(0.02)
    said, seconds, _ = stopped(running, sent)
    assert -0.5 < seconds < LONGEST, "less than nothing: processes that nobody has waited for"
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert "--resume" in said
    kept = finished(folder)
    assert kept
    done = image.run(arguments(folder, "--resume"))
    assert done.code == 0, done.said
    after = finished(folder)
    assert {name: after[name] for name in kept} == kept
    assert results(folder) == whole.results


def test_an_interrupt_at_any_moment_is_one_line(tmp_path: Path, whole: Whole, image: Image) -> None:
    for number in tries("stops"):
        folder = tmp_path / str(number)
        lots = random.Random(f"stops {number}")
        # Half of them while libraries load; the first moments belong to Python itself.
        moment = lots.uniform(0.1, 1.0 if number % 2 else whole.seconds)
        with started(folder, 1 + number % 4 // 2) as running:
            clock = 0.0
            try:
                running.wait(moment)
            except subprocess.TimeoutExpired:
                said, seconds, clock = stopped(
                    running, (signal.SIGINT, signal.SIGTERM)[number % 3 % 2]
                )
                assert seconds < LONGEST
                assert "Traceback" not in said, moment
                if running.returncode:
                    assert running.returncode == 130, (moment, said)
                    assert said.strip().splitlines()[-1].startswith("sousveil: stopped"), moment
                else:  # it had just finished
                    assert phase(folder) == "end"
        where = phase(folder)
        done = image.run(arguments(folder, "--resume"))
        assert done.code == 0, done.said
        assert results(folder) == whole.results
        shutil.rmtree(folder)
        tell(
            "stops", number, phase=where, end=f"code {running.returncode}", seconds=round(clock, 2)
        )


def test_an_interrupt_while_a_text_is_executed_does_not_change_the_end(tmp_path: Path) -> None:
    # Python remembers it, and a module that was started by -m would end by SIGINT: -2, not 130.
    lines = [
        "import atexit, sys",
        "if len(sys.argv) > 1:",
        "    from sousveil.__main__ import end_undisturbed",
        "    atexit.register(end_undisturbed)",
        "try:",
        "    exec('raise KeyboardInterrupt')",
        "except KeyboardInterrupt:",
        "    sys.exit(130)",
    ]
    (tmp_path / "interrupted.py").write_text("\n".join(lines), encoding="utf-8")
    words = [sys.executable, "-m", "interrupted"]
    plain, ours = (
        subprocess.run([*words, *more], cwd=tmp_path, check=False).returncode
        for more in ([], ["ours"])
    )
    assert (plain, ours) == (-signal.SIGINT, 130)


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


def test_processes_that_are_killed_once_are_replaced(tmp_path: Path, whole: Whole) -> None:
    folder = tmp_path / "run"
    running = started(folder, 2)
    limit = time.monotonic() + 120
    while len(finished(folder)) < 1 and time.monotonic() < limit:
        time.sleep(0.02)
    for child in children(running.pid):
        with suppress(ProcessLookupError):  # a pool ends the others when one of them is gone
            os.kill(child, signal.SIGKILL)
    kept = finished(folder)
    assert kept
    _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert "Traceback" not in said
    after = finished(folder)
    assert set(kept) <= set(after)
    assert results(folder) == whole.results

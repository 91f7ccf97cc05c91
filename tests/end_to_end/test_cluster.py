"""A dask cluster gives the bits of one process; a dead worker loses nothing; a killer is named."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sousveil
from failures import counts, tell
from sousveil.ensemble import cluster as cluster_module
from sousveil.ensemble.api import study_of
from sousveil.ensemble.cluster import Cluster
from sousveil.ensemble.execute import Here, Silent
from sousveil.ensemble.groups import singles
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.sensitivity import bank_of, pick_freeze
from sousveil.ensemble.stages import member_draws, member_tasks
from sousveil.ensemble.store import MANIFEST, members_of, prepare, read_json
from sousveil.ensemble.study import Refused, RunFailure, Study, Task
from sousveil.ensemble.work import Receipt
from sousveil.scenario.load import load

distributed = pytest.importorskip("distributed", reason="needs the extra: cluster")
pytestmark = [
    pytest.mark.slow,
    # Sockets and loops of dask outlive their cluster by a moment; they are not ours to close.
    pytest.mark.filterwarnings("ignore"),
]
KILLS = counts()["workers"]


def study(members: int = 6) -> Study:
    return study_of(load("example"), members=members, what_ifs=["none"], engine="expected")


@pytest.fixture
def cluster() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as made:
            yield made


def tasks(of: Study) -> list[Task]:
    return member_tasks(of, member_draws(of), [])


def test_one_two_and_four_workers_give_the_bits_of_one_process(tmp_path: Path) -> None:
    words: dict[str, Any] = {"members": 4, "engine": "expected", "what_ifs": ["none"]}
    alone = sousveil.run("example", out=tmp_path / "alone", threads=1, **words)
    pool = sousveil.run("example", out=tmp_path / "pool", threads=2, **words)
    names = sorted(path.name for path in (tmp_path / "alone" / "members").iterdir())
    hashes = {alone.manifest["results_sha256"], pool.manifest["results_sha256"]}
    for count in (1, 2, 4):
        with distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, dashboard_address=":0"
        ) as made:
            folder = tmp_path / str(count)
            found = sousveil.run("example", out=folder, cluster=made.scheduler_address, **words)
            hashes.add(found.manifest["results_sha256"])
            assert sorted(path.name for path in (folder / "members").iterdir()) == names
    assert len(hashes) == 1


def test_a_study_is_the_same_on_a_cluster(tmp_path: Path, cluster: Any) -> None:
    asked = study(0)
    rules = scenario_rules(asked)
    found = []
    for name, crew in (
        ("here", Here(asked, tmp_path)),
        ("there", Cluster(asked, tmp_path, cluster.scheduler_address)),
    ):
        (tmp_path / name).mkdir()
        bank, targets = bank_of(asked, rules, folder=tmp_path / name, crew=crew, progress=Silent())
        groups = singles(asked.scenario, asked.scenario.uncertain[:2])
        found.append(pick_freeze(bank, targets, groups, 4, "study").every.tobytes())
        crew.close()
    assert found[0] == found[1]


WORKER = """
import sys
from distributed.cli.dask_worker import main
sys.argv = ["dask-worker", sys.argv[1], "--nthreads", "1", "--no-nanny", "--no-dashboard"]
main()
"""


class Crew:
    """Worker processes by hand, as a queue of jobs starts them: a dead one is replaced."""

    def __init__(self, address: str, count: int) -> None:
        self.address = address
        self.processes = [self.made() for _ in range(count)]

    def made(self) -> subprocess.Popen[bytes]:
        words = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", self.address, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self.made()

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    asked = study(12 + 4 * KILLS)
    prepare(tmp_path, asked, resume=False)
    receipts: list[Receipt] = []
    kills = 0
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as made:
        workers = Crew(made.scheduler_address, 2)
        crew = Cluster(asked, tmp_path, made.scheduler_address)
        for receipt in crew.run(tasks(asked)):
            receipts.append(receipt)
            if kills < KILLS and len(receipts) % 4 == 2:
                workers.kill(kills % 2)
                kills += 1
                tell("workers", kills, how="killed")
        crew.close()
        workers.close()
    assert kills == KILLS
    numbers = sorted(receipt.task.number for receipt in receipts)
    assert numbers == list(range(1, asked.members + 1))
    stored = members_of(tmp_path)
    assert [item.number for item in stored] == numbers
    assert not any(item.damaged for item in stored)


def test_a_member_that_kills_its_worker_is_named_and_the_rest_completes(
    tmp_path: Path, cluster: Any
) -> None:
    asked = study(6)
    prepare(tmp_path, asked, resume=False)

    def deadly(payload: bytes, folder: str, task: Task) -> Receipt:
        import os

        from sousveil.ensemble.work import work

        if task.number == 3:
            os._exit(9)
        return work(payload, folder, task)

    crew = Cluster(asked, tmp_path, cluster.scheduler_address, deadly)
    done: list[int] = []
    started = time.monotonic()
    with pytest.raises(RunFailure, match="^member 3: ") as told:
        done.extend(receipt.task.number for receipt in crew.run(tasks(asked)))
    crew.close()
    assert "\n" not in str(told.value)
    assert sorted(done) == [1, 2, 4, 5, 6]
    assert [item.number for item in members_of(tmp_path)] == [1, 2, 4, 5, 6]
    assert time.monotonic() - started < 240


def test_no_cluster_at_the_address_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no cluster answers at") as told:
        Cluster(study(), tmp_path, "nowhere")
    assert "\n" not in str(told.value)


WITHOUT = """
import sys
class Nobody:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sousveil":
            raise ModuleNotFoundError("No module named 'sousveil'")
sys.meta_path.insert(0, Nobody())
"""
OLDER = """
from importlib import metadata
real = metadata.version
metadata.version = lambda name: "1.0" if name == "numpy" else real(name)
"""
BLIND = """
from pathlib import Path
real = Path.exists
Path.exists = lambda path: "blind" not in str(path) and real(path)
"""


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (WITHOUT, "cannot load sousveil: No module named 'sousveil'"),
        (OLDER, "has other versions: numpy 1.0, here "),
        (BLIND, "does not see .*: --out must be a folder that all workers share"),
    ],
)
def test_an_unfit_worker_is_told_before_anything_is_lost(
    tmp_path: Path, before: str, words: str
) -> None:
    folder = tmp_path / "blind"
    asked: dict[str, Any] = {"members": 2, "engine": "expected", "what_ifs": ["none"]}
    done = sousveil.run("example", out=folder, threads=1, **asked)
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as made:
        command = [sys.executable, "-c", f"{before}\n{WORKER}", made.scheduler_address]
        worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with pytest.raises(Refused, match=words) as told:
                sousveil.run("example", out=folder, cluster=made.scheduler_address, **asked)
        finally:
            worker.kill()
            worker.wait()
    assert "\n" not in str(told.value)
    assert read_json(folder / MANIFEST) == done.manifest
    assert len(members_of(folder)) == 2


def test_a_cluster_that_is_not_there_costs_no_finished_run(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"members": 2, "engine": "expected", "what_ifs": ["none"]}
    done = sousveil.run("example", out=tmp_path / "run", threads=1, **asked)
    with pytest.raises(Refused, match="no cluster answers at"):
        sousveil.run("example", out=tmp_path / "run", cluster="nowhere", **asked)
    assert read_json(tmp_path / "run" / MANIFEST) == done.manifest
    assert len(members_of(tmp_path / "run")) == 2


def test_where_the_last_worker_leaves_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "LOOK_SECONDS", 0.5)
    asked = study(12)
    prepare(tmp_path, asked, resume=False)
    said: list[str] = []
    done: list[int] = []
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as made:
        workers = Crew(made.scheduler_address, 1)

        def say(sentence: str) -> None:
            said.append(sentence)
            if len(said) == 2:
                workers.processes.append(workers.made())

        crew = Cluster(asked, tmp_path, made.scheduler_address, say=say)
        for receipt in crew.run(tasks(asked)):
            done.append(receipt.task.number)
            if len(done) == 2:
                workers.processes[0].kill()
        crew.close()
        workers.close()
    assert said == ["no worker is there: the run waits for one"] * 2
    assert sorted(done) == list(range(1, 13))

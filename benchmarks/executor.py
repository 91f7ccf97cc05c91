"""What it costs to hand a member to somebody else: a pool and a dask cluster beside this process.

One worker each, so that members come one after another. From one receipt to the next, whatever the
clock shows beyond the seconds that the worker itself counted for the member is overhead: packing,
sending, waiting, taking back. The median of members counts, since other work on the machine
interrupts some of them.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sousveil.ensemble.api import study_of
from sousveil.ensemble.execute import Here, Pool, Workers
from sousveil.ensemble.stages import member_draws, member_tasks
from sousveil.ensemble.store import prepare
from sousveil.ensemble.study import Study
from sousveil.scenario.load import load

SCENARIOS = {"example": 48, "north_korea": 24}
"""Members of each; every what-if, by expectation."""


@dataclass(frozen=True)
class Cost:
    """Seconds beyond the first member's own; medians of work and of overhead of the others."""

    members: int
    start: float
    work: float
    overhead: float

    @property
    def share(self) -> float:
        """Overhead beside the work."""
        return self.overhead / self.work


def measured(study: Study, folder: Path, crew: Workers) -> Cost:
    """Do all members. The first one, which starts and warms the worker, is counted apart."""
    work: list[float] = []
    between: list[float] = []
    at = time.perf_counter()
    for receipt in crew.run(member_tasks(study, member_draws(study), [])):
        now = time.perf_counter()
        work.append(receipt.seconds)
        between.append(now - at - receipt.seconds)
        at = now
    return Cost(len(work) - 1, between[0], median(work[1:]), median(between[1:]))


@contextmanager
def here(study: Study, folder: Path) -> Iterator[Workers]:
    """Nobody else."""
    yield Here(study, folder)


@contextmanager
def pool(study: Study, folder: Path) -> Iterator[Workers]:
    """A pool of one process."""
    crew = Pool(study, folder, 1)
    yield crew
    crew.close()


@contextmanager
def dask(study: Study, folder: Path) -> Iterator[Workers]:
    """A dask cluster of one worker on this machine."""
    from distributed import LocalCluster

    from sousveil.ensemble.cluster import Cluster

    with (
        warnings.catch_warnings(action="ignore"),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as made,
    ):
        crew = Cluster(study, folder, made.scheduler_address)
        yield crew
        crew.close()


WAYS = {"this process": here, "pool": pool, "dask": dask}


def line(name: str, way: str, found: Cost) -> str:
    """One way in a row."""
    return (
        f"| {name} | {way} | {found.members} | {found.start:.2f} | {1e3 * found.work:.1f} "
        f"| {1e3 * found.overhead:.2f} | {found.share:.2%} |"
    )


def main() -> None:
    """Print a table."""
    print(
        "| scenario | who | members | start, s | work a member, ms | overhead a member, ms "
        "| share |\n|---|---|---|---|---|---|---|"
    )
    for name, members in SCENARIOS.items():
        study = study_of(load(name), members=members + 1, engine="expected")
        for way, crew_of in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                prepare(Path(folder), study, resume=False)
                try:
                    with crew_of(study, Path(folder)) as crew:
                        print(line(name, way, measured(study, Path(folder), crew)), flush=True)
                except ImportError:
                    print(f"| {name} | {way} | not installed: pip install 'sousveil[cluster]' |")


if __name__ == "__main__":
    main()

"""One run in a process of its own, so that its memory and its threads are its own.

`python -m benchmarks.contest '{"kind": "peer", ...}'` prints one line of JSON, its last.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks import law
from benchmarks.law import Case
from benchmarks.watch import peak_mib, timed, watched

GATE = 4.9
MOST_SECONDS = 3_600
"""Of one contestant with all its repeats."""
_MARK = "@@ "


@dataclass(frozen=True)
class Result:
    """What a contestant did.

    seconds: the least of its repeats, run part only. cpu: seconds of all threads in that repeat;
    other work on the machine moves it less. executed: person-hours that were drawn one by one.
    events: what was counted. peak_mib: of its whole process.
    """

    name: str
    version: str
    persons: int
    hours: int
    setup: float
    seconds: float
    cpu: float
    all_seconds: tuple[float, ...]
    executed: float
    events: float
    peak_mib: float
    distances: Mapping[str, float]

    @property
    def effective(self) -> float:
        """Person-hours simulated a second, those asleep included."""
        return self.persons * self.hours / self.seconds

    @property
    def right(self) -> bool:
        """Whether every total lies near its expectation."""
        return all(abs(z) < GATE for z in self.distances.values())


def start(**wanted: Any) -> dict[str, Any]:
    """Run one contestant in a new process and read its answer; {"failed": why} where it fails."""
    line = [sys.executable, "-m", "benchmarks.contest", json.dumps(wanted)]
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"stopped after {MOST_SECONDS:,} seconds"}
    answers = [text for text in done.stdout.splitlines() if text.startswith(_MARK)]
    if done.returncode or not answers:
        last = (done.stderr.strip() or "no answer").splitlines()[-1]
        return {"failed": last}
    return json.loads(answers[-1].removeprefix(_MARK))


def peer(name: str, persons: int, days: int, repeats: int, seed: int = 1) -> Result:
    """A peer on model S."""
    from benchmarks.peers import PEERS

    who = next(item for item in PEERS if item.name == name)
    case = Case(persons, days)
    spent, setups, found = [], [], None
    for number in range(repeats):
        setup, run = timed(lambda number=number: who.prepare(case, seed + number))
        times, found = watched(run)
        setups.append(setup)
        spent.append(times)
    assert found is not None
    return Result(
        name,
        version(who.distribution),
        persons,
        case.hours,
        min(setups),
        *min(spent),
        tuple(seconds for seconds, _ in spent),
        float(case.executed),
        float(found.counts.sum()),
        peak_mib(),
        law.judge(case, found),
    )


def ours(name: str, persons: int, days: int, repeats: int, threads: int, seed: int = 1) -> Result:
    """One of our engines on model S."""
    from benchmarks import ours as model_s
    from sousveil import __version__
    from sousveil.engine.run import run_engine

    case = Case(persons, days)
    setup, model = timed(lambda: model_s.make_model(case))
    warm = model_s.make_model(Case(2_000, 7))
    setup += timed(lambda: run_engine(name, warm, seed, 0, 1.0, threads))[0]
    runs = [
        watched(lambda number=number: run_engine(name, model, seed, number, 1.0, threads))
        for number in range(repeats)
    ]
    spent = [times for times, _ in runs]
    found: Any = runs[-1][1]
    counts = model_s.found(found).counts
    happened = float(counts.sum())
    executed = float(case.executed) if name == "hourly" else happened
    return Result(
        f"Sousveil, {name}",
        __version__,
        persons,
        case.hours,
        setup,
        *min(spent),
        tuple(seconds for seconds, _ in spent),
        executed,
        happened,
        peak_mib(),
        model_s.judge(case, found),
    )


def main(wanted: dict[str, Any]) -> None:
    """Run what is wanted and print it."""
    warnings.simplefilter("ignore")
    kind = wanted.pop("kind")
    # Imported where they are used: our packages are not to weigh on the memory of a peer.
    if kind == "national":
        from benchmarks.national import national

        answer = national(**wanted)
    elif kind == "growth":
        from benchmarks.growth import growth

        answer = growth(**wanted)
    else:
        answer = asdict({"peer": peer, "ours": ours}[kind](**wanted))
    print(f"{_MARK}{json.dumps(answer)}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

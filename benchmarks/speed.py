"""Model S in our engines beside other tools, the national scenario, and how the time grows."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import contest, limits, ours, tell
from benchmarks.contest import Result
from benchmarks.law import COUNTIES, Case
from benchmarks.peers import PEERS, Peer

RESULTS = Path("bench-results")
ENGINES = {"events": 5e9, "hourly": 2e9}
"""Ours, and person-hours a second that they may reach: it decides how many days they run."""


@dataclass(frozen=True)
class Options:
    """What is asked for. persons: of model S. seconds: that a run may take, about.

    national_scale: share of the units of the national scenario that `events` simulates.
    """

    persons: int = 100_000
    quick: bool = False
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    repeats: int = 3
    seconds: float = 10.0
    national_scale: float = 1.0
    peers: bool = True
    national: bool = True
    docs: bool = False

    def days(self, guess: float) -> int:
        """Whole days that a run of this speed manages in its time, at least one."""
        return int(min(max(self.seconds * guess / (24 * self.persons), 1), 365))


def options(persons: float, quick: bool, **others: Any) -> Options:
    """Options with what a quick run leaves out; persons are rounded to whole counties."""
    size = max(round(persons / COUNTIES), 1) * COUNTIES
    if quick:
        return Options(size, True, repeats=1, seconds=2.0, national_scale=0.01, **others)
    return Options(size, **others)


def machine(threads: int) -> dict[str, Any]:
    """The machine in words, and how busy it is with other work."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": model,
        "threads": threads,
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
    }


def contestants(wanted: Options) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Every contestant of model S by name, as a call that runs it."""
    for engine, guess in ENGINES.items():
        asked = {"name": engine, "threads": wanted.threads, "days": wanted.days(guess)}
        yield f"Sousveil, {engine}", _call("ours", wanted, asked)
    for peer in PEERS if wanted.peers else ():
        yield peer.name, _peer(wanted, peer)


def _call(kind: str, wanted: Options, asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """A run to be started later."""
    everything = {"persons": wanted.persons, "repeats": wanted.repeats, **asked}
    return lambda: contest.start(kind=kind, **everything)


def _peer(wanted: Options, peer: Peer) -> Callable[[], dict[str, Any]]:
    """A peer's run, or why there is none."""
    if not peer.present:
        return lambda: {"failed": f"{peer.distribution} is not installed"}
    # A slow peer whose shortest run is long is not repeated.
    slow = 24 * wanted.persons / peer.guess > wanted.seconds
    repeats = 1 if slow else wanted.repeats
    asked = {"name": peer.name, "days": wanted.days(peer.guess), "repeats": repeats}
    return _call("peer", wanted, asked)


def compare(wanted: Options) -> list[dict[str, Any]]:
    """Run all contestants of model S, one after another."""
    rows: list[dict[str, Any]] = []
    for name, run in contestants(wanted):
        found = run()
        if "failed" in found:
            print(f"{name}: {found['failed']}", flush=True)
            rows.append({"name": name, **found})
            continue
        result = Result(**found)
        rows.append({**found, "effective": result.effective, "right": result.right})
        print(tell.one_line(rows[-1]), flush=True)
    return rows


def hash_share(wanted: Options, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The measured limit of the generator, and the share of it that the hourly engine reaches."""
    blocks = 1 << (23 if wanted.quick else 25)
    one = limits.words_a_second(1, blocks)
    all_threads = max(one, limits.words_a_second(wanted.threads, blocks))
    answer = {"words_one_thread": one, "words_all_threads": all_threads}
    answer["by_eight"] = limits.words_a_second(wanted.threads, blocks, summed=limits.BY_EIGHT)
    hourly = next((row for row in rows if row["name"] == "Sousveil, hourly"), None)
    if hourly is not None and "seconds" in hourly:
        case = Case(hourly["persons"], hourly["hours"] // 24)
        drawn = limits.drawn_by_hourly(ours.make_model(case))
        answer |= drawn._asdict() | {
            "share": drawn.words / hourly["seconds"] / all_threads,
            "share_of_cpu": drawn.words / hourly["cpu"] / limits.words_a_cpu_second(blocks),
            "share_by_eight": drawn.words / hourly["seconds"] / answer["by_eight"],
        }
    return answer


def national(wanted: Options) -> list[dict[str, Any]]:
    """The national scenario: each engine at the scale that it can afford."""
    hourly_scale = 0.0005 if wanted.quick else 0.005
    scales = {"expected": 1.0, "events": wanted.national_scale, "hourly": hourly_scale}
    rows: list[dict[str, Any]] = []
    for engine, scale in scales.items():
        asked = {"engine": engine, "scale": scale, "threads": wanted.threads}
        found = contest.start(kind="national", **asked)
        rows.append(asked | found)
        print(tell.national_line(rows[-1]), flush=True)
    return rows


def run(wanted: Options) -> dict[str, Any]:
    """Everything, as it will be written."""
    where = machine(wanted.threads)
    print(tell.machine_line(where), flush=True)
    rows = compare(wanted)
    limit = hash_share(wanted, rows)
    print(tell.limit_line(limit), flush=True)
    crowd = wanted.persons // (5 if wanted.quick else 1) // COUNTIES * COUNTIES
    repeats = 1 if wanted.quick else 2
    grown = contest.start(kind="growth", threads=wanted.threads, repeats=repeats, persons=crowd)
    country = national(wanted) if wanted.national else []
    return {
        "machine": where,
        "persons": wanted.persons,
        "quick": wanted.quick,
        "model_s": rows,
        "limit": limit,
        "growth": grown | {"crowd": crowd},
        "national": country,
    }


def main(wanted: Options | None = None) -> None:
    """Run, print, and write JSON and Markdown; into the docs where that is asked for."""
    wanted = Options() if wanted is None else wanted
    found = run(wanted)
    RESULTS.mkdir(exist_ok=True)
    text = tell.markdown(found)
    (RESULTS / "speed.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "speed.md").write_text(text, encoding="utf-8")
    print(text)
    if wanted.docs:
        tell.into_docs(found, text)

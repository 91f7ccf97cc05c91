"""The commands `run` and `compare`: progress, headlines, files, and one line where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sousveil.ensemble.api import MEMBERS, Result
from sousveil.ensemble.api import compare as compare_runs
from sousveil.ensemble.api import processes as cores
from sousveil.ensemble.api import run as run_scenario
from sousveil.ensemble.compare import Comparison
from sousveil.ensemble.design import METHODS
from sousveil.ensemble.differences import told
from sousveil.ensemble.headlines import few_members
from sousveil.ensemble.sensitivity import BASE_POINTS
from sousveil.ensemble.shares import TOO_FEW
from sousveil.ensemble.study import Interrupted, Refused, RunFailure
from sousveil.ensemble.study_lines import study_lines
from sousveil.errors import shown
from sousveil.scenario.files import SHIPPED, shipped
from sousveil.scenario.model import Scenario
from sousveil.stopping import Stopping

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
LONGEST_LINE = 1000


class Bars:
    """Progress of each stage with the time that is left; plain lines where there is no terminal."""

    def __init__(self, console: Console, stopping: Stopping) -> None:
        """Draw on a console."""
        self._console = console
        self._stopping = stopping
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Bars:
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        self._bars.stop()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self._task = self._bars.add_task(name, total=total, speed="")
        if not self._console.is_terminal:
            self._console.print(f"{name}: {total}", highlight=False)

    def advance(self, steps: int = 1) -> None:
        """Some steps are done."""
        self._stopping.check()
        if self._task is None:
            return
        self._bars.advance(self._task, steps)
        speed = self._bars.tasks[self._task].speed
        self._bars.update(self._task, speed=f"{speed:.1f}/s" if speed else "")

    def say(self, sentence: str) -> None:
        """Print a sentence above the bars."""
        self._console.print(sentence, highlight=False, markup=False)


def run(
    scenario: Scenario,
    *,
    out: Path | None = None,
    seed: int = 1,
    members: int | None = None,
    scale: float | None = None,
    what_ifs: Sequence[str] = (),
    as_of: int | None = None,
    set_values: Sequence[str] = (),
    studies: Sequence[str] = (),
    points: int | None = None,
    engine: str | None = None,
    method: str = METHODS[0],
    device: str = "auto",
    threads: int | None = None,
    cluster: str | None = None,
    resume: bool = False,
) -> int:
    """Run a scenario into a folder; the exit code."""
    errors = Console(stderr=True, soft_wrap=True)
    folder = out or Path("runs") / f"{scenario.name}-{seed}"
    try:
        with Stopping() as stopping, Bars(errors, stopping) as bars:
            result = run_scenario(
                scenario,
                MEMBERS if members is None else members,
                seed,
                list(what_ifs) or None,
                engine,
                device,
                scale=scale,
                as_of=as_of,
                method=method,
                set_values=set_values,
                studies=studies,
                threads=cores(threads, guarded=True),
                cluster=cluster,
                out=folder,
                resume=resume,
                progress=bars,
                report=True,
                points=BASE_POINTS if points is None else points,
            )
    except (KeyboardInterrupt, Interrupted):
        return _stopped(errors, folder)
    except Refused as problem:
        return _say(errors, str(problem), BAD_INPUT)
    except RunFailure as problem:
        return _say(errors, f"{problem} ({folder})", FAILED)
    except OSError as problem:
        return _say(errors, _unwritten(problem, folder), FAILED)
    _tell(Console(soft_wrap=True), result, folder, studies)
    return DONE


def _stopped(errors: Console, folder: Path) -> int:
    kept = len(list((folder / "members").glob("*.parquet")))
    words = "1 finished member is" if kept == 1 else f"{kept} finished members are"
    told = f"stopped; {words} kept in {folder}: the same command with --resume goes on"
    return _say(errors, told, INTERRUPTED)


def _unwritten(problem: OSError, folder: Path) -> str:
    """A disk that is full or gone: which file, and what is kept."""
    words = ": ".join(str(part) for part in (problem.filename, problem.strerror or problem) if part)
    return f"{words}; finished members are kept in {folder}, and --resume goes on"


def _say(errors: Console, words: str, code: int) -> int:
    errors.print(f"sousveil: {shown(words, LONGEST_LINE)}", highlight=False, markup=False)
    return code


def _tell(console: Console, result: Result, folder: Path, studies: Sequence[str]) -> None:
    """Headlines with ranges and marks, verdicts, files, and the next command to type."""
    about = result.manifest
    lines = [
        f"{result.scenario.title}: {about['members']} members, seed {about['seed']}, "
        f"{about['persons']:,} persons"
    ]
    if about["tallies_sha256"]:
        part = "everybody" if about["scale"] == 1 else f"{about['scale']:g} of the units"
        lines[0] += f"; the sampled run simulates {part}"
    lines.append(about["never"])
    lines += [line for line in (few_members(about["members"]),) if line]
    lines.append("")
    for item in result.headlines:
        named = f": {item['driver']}" if item["driver"] else ""
        mark = f"  [assumption-driven{named}]" if item["assumption_driven"] else ""
        lines.append(f"  {item['text']}{mark}")
    if result.claims:
        lines.append("")
    for item in result.claims:
        lines.append(f"  {claim_line(item)}")
    lines += _arrivals(result)
    lines += ["", "A range is what the stated ranges imply; it is not a confidence interval."]
    lines.append(f"report  {folder / 'report.html'}")
    lines.append(f"tables  {folder / 'measures.csv'}, {folder / 'claims.json'}")
    lines += study_lines(result, studies)
    lines.append(f"next    sousveil explain {_typed(result.scenario)} {_next(result)}")
    for line in lines:
        console.print(line, highlight=False, markup=False)


def _typed(scenario: Scenario) -> str:
    """What a reader types for a scenario: the name of a shipped one, else its folder."""
    same = scenario.name in shipped() and scenario.folder.resolve() == SHIPPED / scenario.name
    return scenario.name if same else quote(str(scenario.folder))


def claim_line(claim: Mapping[str, Any]) -> str:
    """One line for an entry of claims.json: verdict, shares, what it hangs on, the sentence."""
    about = f"{claim['verdict']}{_share_words(claim)}{_why_words(claim)}"
    return f"{claim['claim_id']} {about}: {claim['claim']}"


def _share_words(claim: Mapping[str, Any]) -> str:
    """In what share of the ranges a claim holds, test by test where it has several."""
    if claim["unknown"] is None:  # nothing was tested
        return ""
    numbers = claim["numbers"]
    count = numbers[0]["members"]
    few = "1 member" if count == 1 else f"{count} members"
    of = few if claim["verdict"] == TOO_FEW else "the ranges"
    words = f"in {_each(numbers, 'share')} of {of}"
    if any(item["unknown"] for item in numbers):
        words += f", unknown in {_each(numbers, 'unknown')}"
    return f" ({words})" if len(numbers) == 1 else f" (its tests {words})"


def _each(numbers: Sequence[Mapping[str, Any]], name: str) -> str:
    return " and ".join(f"{item[name]:.0%}" for item in numbers)


def _why_words(claim: Mapping[str, Any]) -> str:
    """What a verdict hangs on, and at which ends of assumptions a test fails."""
    words: list[str] = []
    for place, item in enumerate(claim["numbers"], 1):
        ends = [*item["ends_failing"], *item["ends_unknown"]]
        if not ends:
            continue
        name = "it" if len(claim["numbers"]) == 1 else f"test {place}"
        fails = "fails" if item["ends_failing"] else "has no value"
        more = f" and at {len(ends) - 1} more" if len(ends) > 1 else ""
        words.append(f"{name} {fails} at the {ends[0]['end']} end of {ends[0]['quantity']}{more}")
    if claim["decides"] and not any(claim["decides"] in word for word in words):
        words.insert(0, f"it hangs on {claim['decides']}")
    if claim["more_members_may_change_it"]:
        words.append("more members could change this")
    return "".join(f"; {word}" for word in words)


def _arrivals(result: Result) -> list[str]:
    """Whether one cause of the change of arrivals stands out."""
    found = result.arrivals
    if found is None:
        return []
    verdict = str(found["causes"].get(found["verdict"], found["verdict"]))
    years = f"{found['first_year']} to {found['last_year']}"
    return [f"  causes of the fall of arrivals abroad, {years}: {verdict}"]


def _next(result: Result) -> str:
    """The quantity that most is hung on: the one to look at next."""
    named = [item["driver"] for item in result.headlines if item["driver"]]
    named += [item["decides"] for item in result.claims if item["decides"]]
    named += list(result.scenario.quantities)
    return max(dict.fromkeys(named), key=named.count)


def compare(a: Path, b: Path) -> int:
    """Print paired differences between two runs, and which quantities differ; the exit code."""
    errors = Console(stderr=True, soft_wrap=True)
    try:
        found = compare_runs(a, b)
    except (Refused, RunFailure) as problem:  # a damaged run is bad input here
        return _say(errors, str(problem), BAD_INPUT)
    _tell_differences(Console(soft_wrap=True), found, a, b)
    return DONE


def _tell_differences(console: Console, found: Comparison, a: Path, b: Path) -> None:
    for line in told(found, str(a), str(b)):
        console.print(line, highlight=False, markup=False)

"""The command `sousveil`: plain functions whose imports stand inside, so that `--help` is quick.

Exit codes: 0 done, 1 a run that failed (one line why), 2 bad input (one line a problem), 130
interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sousveil import cli_options as options

if TYPE_CHECKING:
    from sousveil.errors import Problems
    from sousveil.scenario.model import Scenario

app = typer.Typer(
    name="sousveil",
    help="An open, quantitative model of state surveillance. Its results are never evidence about "
    "one person, place or event.",
    epilog="Exit codes: 0 done, 1 a failed run, 2 bad input, 130 interrupted (--resume goes on).",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A folder, or the name of a shipped scenario.")
]


@app.command()
def run(
    scenario: ScenarioArgument,
    out: options.Out = None,
    seed: options.Seed = 1,
    members: options.Members = None,
    scale: options.Scale = None,
    what_if: options.WhatIf = None,
    as_of: options.AsOf = None,
    set_: options.Set = None,
    study: options.Study = None,
    points: options.Points = None,
    engine: options.Engine = None,
    method: options.Method = "latin_hypercube",
    device: options.Device = "auto",
    threads: options.Threads = None,
    cluster: options.ClusterAddress = None,
    resume: options.Resume = False,
) -> None:
    """Run a scenario: report, tables and manifest into a folder."""
    words: dict[str, tuple[str | None, tuple[str, ...]]] = {
        "--engine": (engine, ENGINES),
        "--method": (method, METHODS),
        "--device": (device, DEVICES),
        **{f"--study {index}": (word, STUDIES) for index, word in enumerate(study or [], 1)},
    }
    _refuse_words(words)
    loaded = _overridden(_load(scenario, trial=True), set_)
    code = _part("cli_run").run(
        loaded,
        out=out,
        seed=seed,
        members=members,
        scale=scale,
        what_ifs=tuple(what_if or ()),
        as_of=as_of,
        studies=tuple(study or ()),
        points=points,
        engine=engine,
        method=method,
        device=device,
        threads=threads,
        cluster=cluster,
        resume=resume,
    )
    raise typer.Exit(code or DONE)


ENGINES = ("events", "hourly", "expected")
METHODS = ("latin_hypercube", "sobol")
DEVICES = ("auto", "cpu", "gpu")
STUDIES = ("sensitivity", "attribution", "discovery")


@app.command()
def check(
    path: Annotated[str, typer.Argument(metavar="PATH", help="The folder of a scenario.")],
) -> None:
    """Say every problem of a scenario at once, one line each."""
    loaded = _load(path, trial=True)
    for warning in loaded.warnings:
        typer.echo(f"warning: {warning}")
    for name, table in loaded.tables.items():
        for merged in table.merged:
            typer.echo(f"merged in {name}.csv: {merged}")
    assumed = sum(item.kind == "assumed" for item in loaded.quantities.values())
    typer.echo(
        f"{loaded.name}: no problem; {len(loaded.quantities)} quantities ({assumed} assumed), "
        f"{len(loaded.channels)} channels, {len(loaded.what_ifs)} what-ifs"
    )


@app.command()
def explain(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO|CODE", help="Or a code alone.")],
    path: Annotated[
        str | None, typer.Argument(metavar="PATH", help="A quantity, setting or what-if.")
    ] = None,
) -> None:
    """Explain a quantity with its sources, or the code of a problem."""
    if path is None:
        typer.echo(_explained_code(scenario))
        return
    from sousveil.scenario.explain import explain as explained

    for line in explained(_load(scenario), path):
        typer.echo(line)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
) -> None:
    """Write a small commented scenario that runs."""
    from shlex import quote

    from sousveil.scenario.create import create

    for written in create(folder):
        typer.echo(str(written))
    typer.echo(f"next: sousveil check {quote(str(folder))}")


@app.command()
def compare(
    out_a: Annotated[Path, typer.Argument(metavar="OUT_A", help="Folder of a finished run.")],
    out_b: Annotated[Path, typer.Argument(metavar="OUT_B", help="Folder of another one.")],
) -> None:
    """Compare two finished runs: what differs, and by how much."""
    raise typer.Exit(_part("cli_run").compare(out_a, out_b) or DONE)


@app.command()
def assess(
    out_dir: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder of a finished run.")],
    kind: Annotated[str, typer.Option("--for", help="dpia or fria.")] = "dpia",
    to: Annotated[
        Path | None, typer.Option(help="Folder for the files; OUT_DIR if not given.")
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option("--format", help="html, docx or pia; all if not given.")
    ] = None,
) -> None:
    """Draft an impact assessment (GDPR Art. 35, AI Act Art. 27) from a finished run."""
    raise typer.Exit(_part("cli_assess").assess(out_dir, kind, to, tuple(form or ())) or DONE)


@app.command()
def sites(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, GeoJSON or GeoParquet of published sites.")
    ],
    people: Annotated[float, typer.Option(help="People of the whole place.")],
    area_km2: Annotated[float, typer.Option(help="Land of the whole place, km2.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-3; an open country.")] = "",
    operator_url: Annotated[
        str, typer.Option(metavar="URL", help="Where the operator itself published it.")
    ] = "",
    published: Annotated[
        str, typer.Option(metavar="DATE", help="When: 2024-03 or 2024-03-31.")
    ] = "",
    people_by_area: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of area, people, source.")
    ] = None,
    radius_m: Annotated[float | None, typer.Option(help="Reach of a site, m.")] = None,
    cell_m: Annotated[float, typer.Option(help="Width of coarse cells, m.")] = 1000.0,
    out: Annotated[Path | None, typer.Option(help="Folder for sites.csv and about.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Count the cameras that an open place has published: aggregates only, never a position."""
    from sousveil.sites.model import Operator

    part = _part("cli_sites")
    operator = Operator(country, operator_url, published)
    wanted = part.Wanted(
        file, operator, people, area_km2, radius_m, cell_m, people_by_area, out, as_json
    )
    raise typer.Exit(part.sites(wanted) or DONE)


@app.command()
def validate(
    case: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Cases; all if none is given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Run back-tests against published figures."""
    raise typer.Exit(_part("cli_validate").validate(list(case or ()), as_json) or DONE)


@app.command()
def cite(
    scenario: ScenarioArgument,
    form: Annotated[str, typer.Option("--format", help="text, bibtex or csl.")] = "text",
) -> None:
    """Print the sources behind a scenario, by grade."""
    from sousveil.scenario.cite import FORMATS
    from sousveil.scenario.cite import cite as cited

    _refuse_words({"--format": (form, FORMATS)})
    typer.echo(cited(_load(scenario), form))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario.yaml."""
    import json

    from sousveil.scenario.schema import schema as generated

    typer.echo(json.dumps(generated(), ensure_ascii=False, indent=1))


def _part(name: str) -> Any:
    """Import the body of a command, which may need more than `--help` does."""
    from importlib import import_module

    return import_module(f"sousveil.{name}")


def _load(path: str, *, trial: bool = False) -> Scenario:
    from sousveil.errors import Problems
    from sousveil.scenario.files import folder_of, shipped
    from sousveil.scenario.load import load

    folder = folder_of(path)
    try:
        loaded = load(folder)
        if trial:
            _part("cli_check").refuse_impossible(loaded)
        return loaded
    except Problems as problems:
        # Files are named as the reader reached them, so that an editor can jump there.
        prefix = path if path in shipped() and not Path(path).exists() else str(folder)
        raise problems.under(prefix) from None


def _overridden(scenario: Scenario, assignments: list[str] | None) -> Scenario:
    if not assignments:
        return scenario
    from sousveil.scenario.overrides import with_overrides

    return with_overrides(scenario, assignments)


def _refuse_words(options: dict[str, tuple[str | None, tuple[str, ...]]]) -> None:
    """Refuse every option whose word is not one of those allowed."""
    from sousveil.errors import Problem, Problems, close_to, shown
    from sousveil.quantity import Location

    problems = [
        Problem(
            "bad-word",
            Location(option.split()[0], 1, 1),
            "",
            shown(word),
            f"one of {', '.join(allowed)}",
            "",
            close_to(word, allowed),
        )
        for option, (word, allowed) in options.items()
        if word is not None and word not in allowed
    ]
    if problems:
        raise Problems(problems)


def _explained_code(code: str) -> str:
    from sousveil.errors import CODES, Problem, Problems, close_to, shown
    from sousveil.quantity import Location
    from sousveil.scenario.files import shipped

    if code in CODES:
        return f"{code}: {CODES[code]}"
    mend = "give a path after the name of a scenario, or the code of a problem"
    if code in shipped() or Path(code).is_dir():
        mend = f"say what of it: sousveil explain {shown(code)} world, or a longer path"
    hint = close_to(code, CODES)
    place = Location("explain", 1, 1)
    raise Problems([Problem("unknown-name", place, shown(code), "no such code", "", mend, hint)])


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except typer.TyperException as error:
        words = " ".join(error.format_message().split()).rstrip(".")
        typer.echo(f"sousveil: {words}; `--help` lists what there is", err=True)
        code = error.exit_code
    except BrokenPipeError:
        code = FAILED
    except Exception as error:  # noqa: BLE001 (a reader sees one line, never a traceback)
        code = _one_line(error)
    sys.exit(code if isinstance(code, int) else DONE)


def _one_line(error: Exception) -> int:
    from sousveil.errors import Problems, shown

    if isinstance(error, Problems):
        _print(error)
        return BAD_INPUT
    words = " ".join(str(error).split()) or "no reason given"
    if isinstance(error, ModuleNotFoundError):
        words = f"{words}; install what it needs: pip install 'sousveil[all]'"
    elif isinstance(error, OSError) and error.strerror:
        words = ": ".join(str(part) for part in (error.filename, error.strerror) if part)
    elif not isinstance(error, (ValueError, RuntimeError)):
        words = f"{type(error).__name__}: {words}"
    typer.echo(f"sousveil: {shown(words, 1000)}", err=True)
    return FAILED


def _print(problems: Problems) -> None:
    for problem in problems.problems:
        typer.echo(str(problem), err=True)

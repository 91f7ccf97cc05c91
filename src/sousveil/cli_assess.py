"""The body of `sousveil assess`: a finished run becomes the draft of an impact assessment."""

from __future__ import annotations

from pathlib import Path

import typer

from sousveil.assessment.api import FORMATS, written
from sousveil.ensemble.study import Refused, RunFailure

DONE, FAILED, BAD_INPUT = 0, 1, 2


def assess(folder: Path, kind: str, to: Path | None, formats: tuple[str, ...]) -> int:
    """Write an assessment of a finished run and tell what is open; the exit code."""
    try:
        found = written(folder, kind, to, formats or FORMATS)
    except Refused as problem:
        return _say(str(problem), BAD_INPUT)
    except RunFailure as problem:
        return _say(str(problem), FAILED)
    for sentence in found.told:
        typer.echo(sentence)
    return DONE


def _say(words: str, code: int) -> int:
    typer.echo(f"sousveil: {' '.join(words.split())}", err=True)
    return code

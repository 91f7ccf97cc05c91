"""The body of `sousveil validate`: back-tests against published figures."""

from __future__ import annotations

import typer

from sousveil.errors import Problems
from sousveil.validate.find import find_cases, from_outside
from sousveil.validate.model import Case, Judged
from sousveil.validate.report import as_json as for_machines
from sousveil.validate.report import as_text
from sousveil.validate.runner import run_case


def validate(cases: list[str], as_json: bool) -> int:
    """Run cases, all shipped ones if none is named, and print them; 1 when one fails.

    cases: ids, or paths of files or folders. Raises Problems for a case that cannot be read.
    """
    judged = [_judged(case) for case in find_cases(cases)]
    typer.echo(for_machines(judged) if as_json else as_text(judged))
    return 0 if all(item.good for item in judged) else 1


def _judged(case: Case) -> Judged:
    try:
        return run_case(case)
    except Problems as found:
        raise from_outside(found, case.place.folder) from None

"""The body of `sousveil validate`: back-tests against published figures."""

from __future__ import annotations

import typer

from sousveil.validate.find import find_cases
from sousveil.validate.report import as_json as for_machines
from sousveil.validate.report import as_text
from sousveil.validate.runner import run_case


def validate(cases: list[str], as_json: bool) -> int:
    """Run cases, all shipped ones if none is named, and print them; 1 when one fails.

    cases: ids, or paths of files or folders. Raises Problems for a case that cannot be read.
    """
    judged = [run_case(case) for case in find_cases(cases)]
    typer.echo(for_machines(judged) if as_json else as_text(judged))
    return 0 if all(item.good for item in judged) else 1

"""The page on trust holds what `sousveil validate` finds today."""

from __future__ import annotations

from pathlib import Path

from sousveil.validate.find import find_cases
from sousveil.validate.report import as_markdown
from sousveil.validate.runner import run_case

PAGE = Path(__file__).resolve().parents[3] / "docs/explanation/how_far_can_you_trust_it.md"


def test_the_table_of_the_page_is_the_table_of_the_command() -> None:
    table = as_markdown([run_case(case) for case in find_cases([])])
    assert table in PAGE.read_text(encoding="utf-8"), f"put this table there:\n{table}"


def test_the_page_claims_no_truth_where_there_is_none() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if "| validation |" in line
    ]
    assert rows
    assert rows[0].startswith("| validation | 2 | 0 |")

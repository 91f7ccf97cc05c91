"""Sections on studies: what was run is used, what was not is not pretended."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from sousveil.report.page import render
from unit.report.fakes import fake_result, quantities

PATHS = [path for path, item in quantities().items() if not item.certain]
YEARS = "2021 against 2019"


def words_of(result: Any, section: str) -> str:
    """The text of one section, without pictures."""
    html = render(result)
    start = html.index(f'<section id="{section}"')
    part = html[start : html.index("</section>", start)]
    plain = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", part.replace("<wbr>", ""), flags=re.DOTALL)
    return " ".join(unescape(plain).split())


def unknown(path: str, harm: float) -> dict[str, Any]:
    return {
        **{"quantity": path, "unit": "1", "kind": "assumed", "role": "behaviour", "grade": ""},
        **{"sources": ["S001 p. 2"], "because": "nobody counted", "note": ""},
        "narrowing": {"harm": harm, "margin of C1, test 1": 0.11, "margin of C3, test 1": 0.2},
        "between": {
            "harm": [harm - 0.02, harm + 0.02],
            "margin of C1, test 1": [0.1, 0.12],
            "margin of C3, test 1": [0.0, 0.4],
        },
        "settled_by": "a survey that states who was asked",
    }


def index(path: str, value: float) -> dict[str, Any]:
    named = {"target": "harm", "quantity": path, "statistic": "total_of_ranks"}
    ends = {"low": value - 0.05, "value": value, "high": value + 0.05}
    return named | ends | {"label": "quantity", "members": 2048}


def cause(name: str, statistic: str, value: float, what_if: str = YEARS) -> dict[str, Any]:
    named = {"measure": "arrivals_change_share", "what_if": what_if, "cause": name}
    ends = {"low": value - 0.1, "value": value, "high": value + 0.1, "members": 128}
    return named | {"statistic": statistic} | ends


def arrivals(verdict: str = "not separable") -> dict[str, Any]:
    rows = [
        cause(name, statistic, value)
        for name in ("walls", "orders")
        for statistic, value in (
            *(("share", 0.5), ("shapley", -0.4)),
            *(("least", -0.2), ("most", -0.6)),
        )
    ]
    rows += [cause("", "total", -0.8), cause("", "modelled", -0.8), cause("", "published", -0.9)]
    return {
        **{"first_year": 2019, "last_year": 2021, "claim": "C1", "verdict": verdict},
        **{"leads": 0.95, "failing": [], "rows": rows},
        "causes": {"walls": "Walls along it", "orders": "Orders to shoot"},
    }


def test_drivers_stand_in_where_no_study_was_run_and_are_called_so() -> None:
    told = words_of(fake_result(), "unknowns")
    assert "Rank correlation" in told
    assert "none was run" in told


def test_the_study_of_sensitivity_is_used_where_it_was_run() -> None:
    result = fake_result()
    result.unknowns = [unknown(PATHS[0], 0.42), unknown(PATHS[1], 0.2)]
    result.sensitivity = [index(PATHS[0], 0.6), index("all others", 0.3)]
    told = words_of(result, "unknowns")
    assert "A study of sensitivity was run" in told
    assert "none was run" not in told
    assert "42% (40% to 44%)" in told
    assert "C1, test 1: 11% (10% to 12%)" in told
    assert "C3, test 1" not in told, "chance may have made it"
    assert "S001 p. 2" in told
    assert "a survey that states who was asked" in told
    assert "55% to 65%" in told
    assert "2,048 runs" in told
    assert "Rank correlation" not in told
    assert told.index(PATHS[0]) < told.index(PATHS[1])
    result.unknowns = []
    told = words_of(result, "unknowns")
    assert "could not say by how much" in told
    assert "55% to 65%" in told


def test_what_a_study_leaves_out_is_told_by_its_reason() -> None:
    result = fake_result()
    result.unknowns = [unknown(PATHS[0], 0.01)]
    result.unresearched = [
        {"about": "margin of C7, test 1", "note": "it needs a what-if that was not run"},
        {"about": "margin of C8, test 1", "note": "it needs a what-if that was not run"},
        {"about": "harm", "note": "3 of 256 base points left out: a run of each has no value"},
        {"about": "narrowing", "note": "none is given: 64 base points are too few, take 256"},
    ]
    told = words_of(result, "unknowns")
    both = "the verdict on C7, test 1; the verdict on C8, test 1"
    assert f"{both} it needs a what-if that was not run" in told
    assert "3 of 256 base points left out" in told
    assert "64 base points are too few" in told
    # 1 % (−1 % to 3 %) is no finding, and the page says so.
    assert "No single unknown narrows the range of harm by more than chance may show" in told
    # A study that could say nothing at all is told too, and not taken for none.
    result.unknowns = []
    assert "a what-if that was not run" in words_of(result, "unknowns")


def test_boxes_in_which_a_verdict_flips() -> None:
    result = fake_result()
    assert 'id="flips"' not in render(result)
    box = {"target": "C1 fails", "box": 1, "quantity": PATHS[0], "low": 3.0, "high": 4.5}
    box |= {"coverage": 0.8, "density": 0.9, "share": 0.25, "members": 512}
    result.discovery = [box]
    told = words_of(result, "flips")
    # 25 % of the members are inside, 90 % of them fail, which is 80 % of all that do.
    assert "Where C1 fails: of 512 members it fails in 28%" in told
    for word in ("3 to 4.5", "25%", "90%", "80%"):
        assert word in told
    result.discovery = [box | {"low": 4.0, "high": 4.0}]
    assert " 4 people 25%" in words_of(result, "flips")
    result.discovery = []
    result.unsearched = [
        "C2 is a matter of record: no range decides it",
        "C6 holds in 3 of 128 members: too few to search",
    ]
    told = words_of(result, "flips")
    assert "No box was found. Claims without a box" in told
    assert "C2 is a matter of record: no range decides it. C6 holds in 3" in told
    assert "throughout" not in told, "the reason is said of each claim"


def test_which_channel_the_harm_comes_from() -> None:
    result = fake_result()
    told = words_of(result, "wronged")
    assert "over all orders of adding channels" in told
    assert "without a range; with chilling off" in told
    assert "at the border" not in told
    result.manifest |= {"scene": {"sensitivities": {"talk": "protected"}}}
    assert "at the border" not in words_of(result, "wronged")
    result.manifest |= {"scene": {"sensitivities": {"cross": "border"}}}
    assert "without what is done at the border" in words_of(result, "wronged")
    result.attribution = None
    assert "over all orders of adding channels" not in words_of(result, "wronged")


def test_without_declared_causes_a_fall_of_arrivals_is_not_divided() -> None:
    told = words_of(fake_result(), "border")
    assert "by default, not separable" in told
    assert "Walls" not in told


@pytest.mark.parametrize("verdict", ["not separable", "walls"])
def test_causes_stand_in_the_order_of_the_scenario_with_their_verdict(verdict: str) -> None:
    result = fake_result()
    result.arrivals = arrivals(verdict)
    told = words_of(result, "border")
    assert told.index("Walls along it") < told.index("Orders to shoot")
    assert "−50% to −30%" in told  # the mean over all orders
    assert "40% to 60%" in told  # its share of the change
    assert ("not separable." in told) is (verdict == "not separable")
    assert ("Walls along it outweighs every other cause" in told) is (verdict == "walls")
    assert "by default" not in told
    word = "not separable" if verdict == "not separable" else "Walls along it"
    assert f"Causes of the change of arrivals, 2019 to 2021: {word}" in words_of(result, "claims")


def test_no_number_of_crossings_stands_in_the_section() -> None:
    """Only shares of a change: every number of the tables is one of a hundred, or a year."""
    result = fake_result()
    result.arrivals = arrivals()
    html = render(result)
    start = html.index("border-causes")
    part = html[start : html.index("</table>", start)]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", part)
    assert cells
    for cell in cells:
        assert re.fullmatch(r"[−+]?\d+% to [−+]?\d+%|", cell), cell


def test_what_few_members_and_ends_leave_open_stands_beside_each_test() -> None:
    result = fake_result()
    (claim,) = result.claims
    (item,) = claim["numbers"]
    told = words_of(result, "claims")
    assert "Material in 72% of the ranges." in told
    assert "More members could change" not in told
    failing = [{"quantity": path, "end": "low"} for path in PATHS[:2] * 3]
    about = {"share": 0.92, "share_low": 0.84, "share_high": 0.97, "unknown": 0.25}
    about |= {"more_members_may_change_it": True, "verdict": "not decided by this evidence"}
    about |= {"ends_tried": 366, "ends_failing": failing, "ends_unknown": failing[:1]}
    result.claims = [claim | {"numbers": [item | about], "more_members_may_change_it": True}]
    told = words_of(result, "claims")
    assert "25% of them have no value and do not count; so few members leave 84% to 97%" in told
    assert "but only at 359 of 366 ends of assumptions: not decided by this evidence." in told
    assert f"{PATHS[0]} : it fails at its low end" in told
    assert "and 4 more, in claims.json" in told
    assert "More members could change this verdict." in told
    result.claims = [claim | {"numbers": [item | {"ends_tried": 366, "verdict": "supported"}]}]
    told = words_of(result, "claims")
    assert "Material in 72% of the ranges and at all 366 ends of assumptions: supported." in told

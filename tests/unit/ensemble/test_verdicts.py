"""The rule of claims on members made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.verdicts import (
    CONTRADICTED,
    FACT,
    IN_PART,
    SUPPORTED,
    UNDECIDED,
    UNTESTED,
    Ends,
    as_document,
    decide,
    from_matrix,
    judge,
    passes,
    share_material,
    what_ifs_of,
)
from sousveil.scenario import model as declared
from sousveil.scenario.model import Claim, Term
from unit.ensemble.fake import matrix, scenario, uniform

BASE, SAFE = Term("harm", "", {}), Term("harm", "safe", {})
LOWER = declared.Test(SAFE, BASE, None, "lower", 0.1, absolute=False)
ABOVE = declared.Test(SAFE, None, 0.5, "higher", 0.2, absolute=True)


def claim(*tests: declared.Test, verdict: str = "model") -> Claim:
    return Claim("C1", "A sentence.", "In words.", tests, verdict, "so", (), "but", "seen")


def members(base: Any, safe: Any) -> Matrix:
    return matrix({("harm", ""): list(base), ("harm", "safe"): list(safe)})


def verdict(
    found: Matrix, *tests: declared.Test, ends: Ends | None = None, quantities: Any = None
) -> Any:
    given = quantities or (("x",), np.arange(len(found.values), dtype=float)[:, None])
    return decide(claim(*tests or (LOWER,)), from_matrix(found), scenario(), given, ends)


def test_material_is_a_share_of_the_base_value() -> None:
    found = from_matrix(members([10.0] * 3, [9.0, 9.01, 11.0]))
    judged = judge(LOWER, found)
    assert judged is not None
    assert judged.material.tolist() == [True, False, False]


def test_material_may_stand_in_the_unit_of_the_measure() -> None:
    judged = judge(ABOVE, from_matrix(members([0.0] * 3, [0.7, 0.69, 0.4])))
    assert judged is not None
    assert judged.material.tolist() == [True, False, False]


def test_no_difference_is_never_material() -> None:
    nothing = declared.Test(SAFE, BASE, None, "higher", 0.0, absolute=True)
    judged = judge(nothing, from_matrix(members([0.0, 2.0], [0.0, 2.0 + 1e-15])))
    assert judged is not None
    assert judged.material.tolist() == [False, False]


@pytest.mark.parametrize(
    ("lower_in", "expected"),
    [(20, SUPPORTED), (18, SUPPORTED), (17, UNDECIDED), (3, UNDECIDED), (2, CONTRADICTED)],
)
def test_supported_from_nine_tenths_contradicted_to_one_tenth(lower_in: int, expected: str) -> None:
    found = members([1.0] * 20, [0.5] * lower_in + [1.0] * (20 - lower_in))
    assert verdict(found).verdict == expected
    assert verdict(found).share == lower_in / 20


def test_one_end_of_one_assumption_undoes_support_and_is_named() -> None:
    found = members([1.0] * 20, [0.5] * 20)
    told = verdict(found, ends=Ends(4, (("acts.talk.rate", "low"),)))
    assert told.verdict == UNDECIDED
    assert told.decides == "acts.talk.rate"
    assert "at its low end" in told.would_decide


def test_what_decides_is_the_quantity_that_moves_with_the_margin() -> None:
    x, y = uniform(40, 1), uniform(40, 2)
    found = members(np.ones(40), 1.4 * x)
    told = verdict(found, quantities=(("y", "x"), np.stack([y, x], axis=1)))
    assert told.verdict == UNDECIDED
    assert told.decides == "x"


def test_all_tests_of_a_claim_must_hold_together() -> None:
    found = members([1.0] * 4, [0.5, 0.5, 0.8, 0.8])
    both = claim(LOWER, ABOVE)
    assert share_material(both, from_matrix(found)) == 0.5
    assert share_material(claim(LOWER), from_matrix(found)) == 1
    assert passes(claim(LOWER), from_matrix(Matrix(found.index, found.values[:1])))


def test_a_sentence_of_two_things_may_hold_in_one_of_them() -> None:
    told = verdict(members([1.0] * 10, [0.4] * 10), LOWER, ABOVE)
    assert (told.verdict, told.share) == (IN_PART, 0)
    assert [item["verdict"] for item in told.numbers] == [SUPPORTED, CONTRADICTED]
    neither = verdict(members([1.0] * 10, [0.4] * 5 + [1.0] * 5), LOWER, ABOVE)
    assert neither.verdict == CONTRADICTED
    assert {item["verdict"] for item in neither.numbers} == {UNDECIDED}


def test_a_half_that_holds_is_told_though_the_other_is_open() -> None:
    open_half = members([1.0] * 10, [0.4] * 5 + [0.8] * 5)
    told = verdict(open_half, LOWER, ABOVE)
    assert [item["verdict"] for item in told.numbers] == [SUPPORTED, UNDECIDED]
    assert (told.verdict, told.share) == (IN_PART, 0.5)
    assert told.would_decide


def test_beside_a_matter_of_record_tests_are_numbers() -> None:
    found = from_matrix(members([1.0] * 4, [0.5] * 4))
    told = decide(claim(LOWER, verdict="fact"), found, scenario(), ((), np.empty((4, 0))))
    assert (told.verdict, told.share, told.would_decide) == (FACT, None, "so")
    assert [item["left_median"] for item in told.numbers] == [0.5]


def test_what_a_run_does_not_have_is_not_judged() -> None:
    found = matrix({("harm", ""): [1.0, 2.0]})
    told = verdict(found)
    assert (told.verdict, told.share) == (UNTESTED, None)
    assert "safe" in told.would_decide


def test_what_no_member_knows_is_not_contradicted() -> None:
    told = verdict(members([1.0] * 4, [float("nan")] * 4))
    assert (told.verdict, told.share) == (UNTESTED, None)


def test_unknown_is_not_material() -> None:
    told = verdict(members([1.0] * 10, [0.5] * 8 + [float("nan")] * 2))
    assert told.share == 0.8
    assert told.numbers[0]["members"] == 8


def test_a_fact_rests_on_its_evidence() -> None:
    told = decide(claim(verdict="fact"), lambda _: None, scenario(), ((), np.zeros((0, 0))))
    assert told.verdict == FACT
    assert as_document(told)["because"] == "so"


def test_a_claim_as_a_document_has_its_numbers() -> None:
    document = as_document(verdict(members([1.0] * 10, [0.5] * 10)))
    assert document["claim_id"] == "C1"
    assert document["numbers"][0]["left_median"] == 0.5
    assert document["numbers"][0]["effect_high"] == 0.5
    assert "never a probability" in document["share_is"]


def test_only_the_what_ifs_that_claims_name_are_run_at_the_ends() -> None:
    assert what_ifs_of([claim(LOWER)]) == ("", "safe")

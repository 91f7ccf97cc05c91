"""The rule of claims on members made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from sousveil.ensemble.claims import as_document, at_ends
from sousveil.ensemble.design import assumed
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.shares import (
    CONTRADICTED,
    SUPPORTED,
    TOO_FEW,
    UNDECIDED,
    Count,
    wilson,
)
from sousveil.ensemble.study import Task
from sousveil.ensemble.verdicts import (
    FACT,
    IN_PART,
    UNTESTED,
    Ends,
    count_of,
    decide,
    from_matrix,
    judge,
    likely,
    together,
    what_ifs_of,
)
from sousveil.scenario import model as declared
from sousveil.scenario.load import load
from sousveil.scenario.model import Claim, Term
from unit.ensemble.fake import matrix, released, row, scenario, study, uniform

BASE, SAFE = Term("harm", "", {}), Term("harm", "safe", {})
LOWER = declared.Test(SAFE, BASE, None, "lower", 0.1, absolute=False)
NOT_KNOWN = float("nan")
ABOVE = declared.Test(SAFE, None, 0.5, "higher", 0.2, absolute=True)


def claim(*tests: declared.Test, verdict: str = "model") -> Claim:
    return Claim("C1", "A sentence.", "In words.", tests, verdict, "so", (), "but", "seen")


def members(base: Any, safe: Any) -> Matrix:
    return matrix({("harm", ""): list(base), ("harm", "safe"): list(safe)})


def verdict(
    found: Matrix,
    *tests: declared.Test,
    ends: dict[int, Ends] | None = None,
    quantities: Any = None,
    where: Any = None,
) -> Any:
    """The verdict on a claim whose tests pass at all ends, unless these are given."""
    given = quantities or (("x",), np.arange(len(found.values), dtype=float)[:, None])
    passed = {place: Ends(4) for place in range(len(tests or (LOWER,)))}
    told = claim(*tests or (LOWER,))
    return decide(told, from_matrix(found), where or scenario(), given, ends or passed)


def words(found: Any) -> list[str]:
    """The verdict on each test."""
    return [part.word for part in found.parts]


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
    told = verdict(found, ends={0: Ends(4, (("acts.talk.rate", "low"),))})
    assert told.verdict == UNDECIDED
    assert told.decides == "acts.talk.rate"
    assert "at its low end the claim does not hold" in told.would_decide
    document = as_document(told)["numbers"][0]
    assert document["ends_failing"] == [{"quantity": "acts.talk.rate", "end": "low"}]
    assert (document["ends_tried"], document["verdict"]) == (4, UNDECIDED)


def test_an_end_at_which_nobody_knows_is_not_passed() -> None:
    found = members([1.0] * 20, [0.5] * 20)
    told = verdict(found, ends={0: Ends(4, (), (("acts.talk.rate", "high"),))})
    assert (told.verdict, told.decides) == (UNDECIDED, "acts.talk.rate")
    assert "at its high end the claim has no value" in told.would_decide


def test_what_was_not_tried_at_the_ends_is_not_supported() -> None:
    both = members([1.0] * 20, [0.4] * 20)
    told = verdict(both, LOWER, ABOVE, ends={5: Ends()})
    assert words(told) == [UNDECIDED, CONTRADICTED]
    assert told.verdict == UNDECIDED
    assert "not tried" in told.would_decide


def test_support_in_part_passes_the_ends_too() -> None:
    """One test holds throughout, the other nowhere: the first is supported only at every end."""
    found = members([1.0] * 20, [0.4] * 20)
    fails = {0: Ends(4, (("acts.talk.rate", "low"),))}
    assert verdict(found, LOWER, ABOVE).verdict == IN_PART
    told = verdict(found, LOWER, ABOVE, ends=fails)
    assert (told.verdict, told.decides) == (UNDECIDED, "acts.talk.rate")
    assert "at its low end test 1 does not hold" in told.would_decide


def test_one_failing_end_weighs_no_more_than_half_the_members() -> None:
    """What holds in more is not judged worse: two halves that hold, one of them but for an end."""
    both = members([1.0] * 20, [0.8] * 20)
    fails = {0: Ends(4), 1: Ends(4, (("acts.talk.rate", "low"),))}
    assert verdict(both, LOWER, ABOVE).verdict == SUPPORTED
    assert verdict(both, LOWER, ABOVE, ends=fails).verdict == IN_PART
    half = members([1.0] * 20, [0.8] * 10 + [0.4] * 10)
    assert verdict(half, LOWER, ABOVE).verdict == IN_PART


def test_tests_that_are_supported_but_not_together_support_in_part() -> None:
    safe = [0.8] * 16 + [0.95] * 2 + [0.4] * 2
    told = verdict(members([1.0] * 20, safe), LOWER, ABOVE)
    assert words(told) == [SUPPORTED, SUPPORTED]
    assert (told.verdict, told.share) == (IN_PART, 0.8)


def test_what_decides_is_the_quantity_that_moves_with_the_margin() -> None:
    x, y = uniform(40, 1), uniform(40, 2)
    found = members(np.ones(40), 1.4 * x)
    told = verdict(found, quantities=(("y", "x"), np.stack([y, x], axis=1)))
    assert told.verdict == UNDECIDED
    assert told.decides == "x"


def test_all_tests_of_a_claim_must_hold_together() -> None:
    found = from_matrix(members([1.0] * 4, [0.5, 0.5, 0.8, 0.8]))
    judged = [item for test in (LOWER, ABOVE) if (item := judge(test, found)) is not None]
    assert together(judged)[0].tolist() == [False, False, True, True]
    assert together(judged[:1])[0].all()


def test_a_sentence_of_two_things_may_hold_in_one_of_them() -> None:
    told = verdict(members([1.0] * 20, [0.4] * 20), LOWER, ABOVE)
    assert (told.verdict, told.share) == (IN_PART, 0)
    assert words(told) == [SUPPORTED, CONTRADICTED]
    assert (told.decides, told.would_decide) == ("", "")
    neither = verdict(members([1.0] * 20, [0.4] * 10 + [1.0] * 10), LOWER, ABOVE)
    assert neither.verdict == CONTRADICTED
    assert set(words(neither)) == {UNDECIDED}


def test_a_half_that_holds_is_told_though_the_other_is_open() -> None:
    open_half = members([1.0] * 20, [0.4] * 10 + [0.8] * 10)
    told = verdict(open_half, LOWER, ABOVE)
    assert words(told) == [SUPPORTED, UNDECIDED]
    assert (told.verdict, told.share) == (IN_PART, 0.5)
    assert told.would_decide


def test_beside_a_matter_of_record_tests_are_numbers() -> None:
    found = from_matrix(members([1.0] * 20, [0.5] * 20))
    fact = claim(LOWER, verdict="fact")
    told = decide(fact, found, scenario(), ((), np.empty((20, 0))), {})
    assert (told.verdict, told.share, told.would_decide) == (FACT, None, "so")
    document = as_document(told)["numbers"][0]
    assert (document["left_median"], document["verdict"]) == (0.5, None)


def test_no_end_is_tried_for_a_fact_nor_for_what_members_do_not_support() -> None:
    found = from_matrix(members([1.0] * 20, [0.4] * 20))
    assert likely(claim(LOWER, verdict="fact"), found) == ()
    assert likely(claim(ABOVE, LOWER), found) == (1,)
    assert likely(claim(LOWER), from_matrix(members([1.0] * 8, [0.4] * 8))) == ()


def test_what_a_run_does_not_have_is_not_judged() -> None:
    found = matrix({("harm", ""): [1.0] * 20})
    told = verdict(found)
    assert (told.verdict, told.share) == (UNTESTED, None)
    assert "safe" in told.would_decide


def test_what_no_member_knows_is_not_contradicted() -> None:
    told = verdict(members([1.0] * 20, [NOT_KNOWN] * 20))
    assert (told.verdict, told.share) == (UNTESTED, None)
    assert told.would_decide == "a value, which no member has"


@pytest.mark.parametrize(
    ("holds", "fails", "unknown", "expected"),
    [
        (3, 0, 197, UNDECIDED),  # as few as know say yes: that was printed as contradicted
        (0, 3, 197, UNDECIDED),
        (180, 0, 20, SUPPORTED),  # whatever the others would say
        (179, 0, 21, UNDECIDED),
        (0, 180, 20, CONTRADICTED),
        (10, 180, 10, CONTRADICTED),
        (10, 179, 11, UNDECIDED),
    ],
)
def test_who_does_not_know_counts_neither_way(
    holds: int, fails: int, unknown: int, expected: str
) -> None:
    safe = [0.5] * holds + [1.0] * fails + [NOT_KNOWN] * unknown
    told = verdict(members([1.0] * 200, safe))
    assert told.verdict == expected
    assert told.share == holds / (holds + fails)
    document = as_document(told)
    assert document["unknown"] == pytest.approx(unknown / 200)
    assert document["numbers"][0]["members"] == holds + fails
    if min(holds, fails) == 0 and expected == UNDECIDED:
        assert told.would_decide.startswith(f"a value in the {unknown / 200:.0%} of members")


def test_a_test_that_fails_decides_a_member_whatever_the_other_would_be() -> None:
    found = from_matrix(members([1.0] * 3, [0.4, NOT_KNOWN, 0.8]))
    above = judge(ABOVE, found)
    other = judge(LOWER, from_matrix(members([NOT_KNOWN] * 3, [0.4, 0.4, 0.8])))
    assert above is not None
    assert other is not None
    holds, fails = together([above, other])
    assert (holds.tolist(), fails.tolist()) == ([False] * 3, [True, False, False])


@pytest.mark.parametrize("few", [1, 2, 8, 15])
@pytest.mark.parametrize("safe", [0.5, 1.0])
def test_hardly_any_members_decide_nothing(few: int, safe: float) -> None:
    told = verdict(members([1.0] * few, [safe] * few))
    assert told.verdict == TOO_FEW
    assert told.would_decide == "16 members at least"
    assert as_document(told)["numbers"][0]["verdict"] == TOO_FEW
    enough = verdict(members([1.0] * 16, [safe] * 16))
    assert enough.verdict in (SUPPORTED, CONTRADICTED)
    assert enough.near


def test_the_interval_of_a_share_is_told_and_what_it_leaves_open() -> None:
    # Newcombe 1998, table I: 81 of 263, and 15 of 148 (Wilson's score method).
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0
    for holds, near in (
        (128, False),
        (118, True),
        (112, True),
        (64, False),
        (10, True),
        (0, False),
    ):
        told = verdict(members([1.0] * 128, [0.5] * holds + [1.0] * (128 - holds)))
        assert told.near is near
        document = as_document(told)
        assert document["more_members_may_change_it"] is near
        assert (document["share_low"], document["share_high"]) == wilson(holds, 128)


def test_more_members_cannot_mend_an_end_that_fails() -> None:
    found = members([1.0] * 128, [0.5] * 118 + [1.0] * 10)
    assert verdict(found).near
    assert not verdict(found, ends={0: Ends(4, (("acts.talk.rate", "low"),))}).near


def test_a_count_of_nobody_has_no_share() -> None:
    nobody = count_of(np.zeros(0, np.bool_), np.zeros(0, np.bool_))
    assert nobody == Count(0, 0, 0)
    assert (nobody.share, nobody.interval, nobody.word) == (None, None, TOO_FEW)
    assert not nobody.near_support
    assert not nobody.near_contradiction


def test_what_stands_out_of_nothing_is_not_named() -> None:
    """Half the members hold, and no quantity moves with it: that is no finding about several."""
    found = members([1.0] * 64, [0.5, 1.0] * 32)
    told = verdict(found, quantities=(("x",), np.repeat(uniform(32), 2)[:, None]))
    assert told.verdict == UNDECIDED
    assert told.decides == ""
    assert told.would_decide == "no single quantity stands out among 64 members"


def test_of_too_few_that_know_no_quantity_is_named() -> None:
    safe = [0.5] * 5 + [1.0] * 5 + [NOT_KNOWN] * 30
    told = verdict(members([1.0] * 40, safe))
    assert (told.verdict, told.decides) == (UNDECIDED, "")
    assert told.would_decide == "more members: 10 that know are too few to name a quantity"


def test_every_test_is_tried_at_both_ends_of_each_assumption() -> None:
    """At the first end one test fails, at the second the other, at the third there is no value.

    At the fourth the other fails by more, so that it comes first.
    """
    example = load("example")
    made, tests = study(scenario=example), {("C1", 0): LOWER, ("C1", 1): ABOVE}
    asked: list[Task] = []

    def stage(name: str, tasks: Sequence[Task]) -> dict[int, pl.DataFrame]:
        assert name == "ends of assumptions"
        asked.extend(tasks)
        sides: dict[int, float | None] = {task.number: 0.8 for task in tasks}
        sides |= {1: 0.4, 2: 1.0, 3: None, 4: 1.3}
        return {
            number: released(row("harm", 1.0), row("harm", safe, "safe")).frame
            for number, safe in sides.items()
        }

    found = at_ends(made, tests, released(row("harm", 1.0), row("harm", 1.0, "safe")).frame, stage)
    one, two, *others = assumed(example)
    assert len(asked) == 2 * (2 + len(others))
    assert {(task.measures, task.branches) for task in asked} == {(("harm",), ("", "safe"))}
    assert found["C1", 0] == Ends(len(asked), ((two, "high"), (one, "high")), ((two, "low"),))
    assert found["C1", 1] == Ends(len(asked), ((one, "low"),), ((two, "low"),))


def test_a_fact_rests_on_its_evidence() -> None:
    told = decide(claim(verdict="fact"), lambda _: None, scenario(), ((), np.zeros((0, 0))), {})
    assert told.verdict == FACT
    assert as_document(told)["because"] == "so"


def test_a_claim_as_a_document_has_its_numbers() -> None:
    document = as_document(verdict(members([1.0] * 20, [0.5] * 20)))
    assert document["claim_id"] == "C1"
    assert document["numbers"][0]["left_median"] == 0.5
    assert document["numbers"][0]["effect_high"] == 0.5
    assert "never a probability" in document["share_is"]


def test_only_the_what_ifs_that_claims_name_are_run_at_the_ends() -> None:
    assert what_ifs_of([LOWER]) == ("", "safe")

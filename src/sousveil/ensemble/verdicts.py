"""Claims: what the ensemble says of a sentence, and which unknown would decide it.

A test of a claim is supported where it is material in at least 90 % of the members and at both ends
of every assumed quantity, one at a time; contradicted where in at most 10 %; else not decided by
this evidence. A claim is supported where all its tests are, and together in at least 90 % of the
members; in part where some are; contradicted where no test holds and all together do in at most
10 %. A member that does not know is none in which a test fails, and hardly any members decide
nothing. The share of members is a share of the stated ranges, never a probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from sousveil.arrays import Bools, Floats
from sousveil.ensemble.drivers import FEWEST_MEMBERS, NOISE
from sousveil.ensemble.matrix import ROUNDING, Matrix, ranks
from sousveil.ensemble.shares import CONTRADICTED, SUPPORTED, TOO_FEW, UNDECIDED, Count
from sousveil.ensemble.study import BASE
from sousveil.scenario.model import Claim, Scenario, Term, Test

FACT, IN_PART, UNTESTED = "fact", "supported in part", "not tested in this run"
Values: TypeAlias = Callable[[Term], Floats | None]
"""(members,) values of a term, or None where the run does not have it."""


@dataclass(frozen=True)
class Judged:
    """One test over members. effect: left minus right, in the direction of the test; NaN unknown.

    needed: the effect that counts as material.
    """

    left: Floats
    right: Floats
    effect: Floats
    needed: Floats

    @property
    def known(self) -> Bools:
        """(members,) whether the effect is known."""
        return np.isfinite(self.effect)

    @cached_property
    def material(self) -> Bools:
        """(members,) whether the effect is known, at least what is needed, and not nothing."""
        tiny = ROUNDING * np.maximum(np.abs(self.left), np.abs(self.right))
        with np.errstate(invalid="ignore"):
            return self.known & (self.effect >= self.needed - tiny) & (self.effect > tiny)

    @property
    def margin(self) -> Floats:
        """(members,) by how much the effect is above what is needed; below 0 it fails."""
        return self.effect - self.needed

    @property
    def fails(self) -> Bools:
        """(members,) whether the effect is known and not material."""
        return self.known & ~self.material


@dataclass(frozen=True)
class Ends:
    """How a test fares at the ends of assumed quantities.

    failing: (path, "low" | "high"), where it fails most first.
    unknown: ends at which the run has no value.
    """

    tried: int = 0
    failing: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """One test of a claim, over members and at the ends of assumptions. ends: None, not tried."""

    place: int
    test: Test
    judged: Judged
    ends: Ends | None

    @property
    def count(self) -> Count:
        """In how many members the test holds."""
        return count_of(self.judged.material, self.judged.fails)

    @property
    def passes_ends(self) -> bool:
        """Whether the test was tried at all ends, and holds at each."""
        return self.ends is not None and not self.ends.failing and not self.ends.unknown

    @property
    def word(self) -> str:
        """The verdict on this test."""
        word = self.count.word
        return UNDECIDED if word == SUPPORTED and not self.passes_ends else word

    @property
    def near(self) -> bool:
        """Whether more members could give another verdict."""
        count = self.count
        fails_ends = self.ends is not None and not self.passes_ends
        return (count.near_support and not fails_ends) or count.near_contradiction


@dataclass(frozen=True)
class Verdict:
    """What the run says of one claim. count: of members in which all its tests hold together.

    near: whether more members could give another verdict.
    """

    claim: Claim
    verdict: str
    decides: str = ""
    would_decide: str = ""
    parts: tuple[Part, ...] = ()
    count: Count | None = None
    near: bool = False

    @property
    def share(self) -> float | None:
        """The share of the members in which it holds, of those that know."""
        return None if self.count is None else self.count.share


def identity_of(term: Term) -> dict[str, str]:
    """The words that name a term's row."""
    return {"measure": term.measure, "what_if": term.what_if} | dict(term.where)


def terms_of(claim: Claim) -> tuple[Term, ...]:
    """Every term of a claim's tests."""
    return terms_of_tests(claim.tests)


def terms_of_tests(tests: Iterable[Test]) -> tuple[Term, ...]:
    """Every term of tests, in order."""
    found: list[Term] = []
    for test in tests:
        found.append(test.left)
        if test.right is not None:
            found.append(test.right)
    return tuple(found)


def what_ifs_of(tests: Iterable[Test]) -> tuple[str, ...]:
    """The branches that tests name, the base first."""
    found = {BASE: None} | {term.what_if: None for term in terms_of_tests(tests)}
    return tuple(found)


def judge(test: Test, values: Values) -> Judged | None:
    """One test over members; None where the run lacks one of its terms."""
    left = values(test.left)
    if left is None:
        return None
    if test.right is not None:
        right = values(test.right)
        if right is None:
            return None
    else:
        right = np.full(len(left), np.nan if test.threshold is None else test.threshold)
    sign = -1.0 if test.direction == "lower" else 1.0
    needed = np.full(len(left), test.material)
    if not test.absolute:
        needed = test.material * np.abs(right)
    return Judged(left, right, sign * (left - right), needed)


def from_matrix(matrix: Matrix) -> Values:
    """Terms read from members side by side."""
    return lambda term: matrix.column(**identity_of(term))


def count_of(holds: Bools, fails: Bools) -> Count:
    """How many members there are of each sort, from (members,) of both."""
    return Count(int(holds.sum()), int(fails.sum()), len(holds))


def together(judged: Sequence[Judged]) -> tuple[Bools, Bools]:
    """(members,) in which every test holds, and in which one fails; in the others nobody knows."""
    holds = np.logical_and.reduce([item.material for item in judged])
    return holds, np.logical_or.reduce([item.fails for item in judged])


def likely(claim: Claim, values: Values) -> tuple[int, ...]:
    """Places of the tests that members support: those to try at the ends of assumptions."""
    if claim.verdict == FACT:
        return ()
    judged = [judge(test, values) for test in claim.tests]
    return tuple(
        place
        for place, item in enumerate(judged)
        if item is not None and count_of(item.material, item.fails).word == SUPPORTED
    )


def decide(
    claim: Claim,
    values: Values,
    scenario: Scenario,
    quantities: tuple[tuple[str, ...], Floats],
    ends: Mapping[int, Ends],
) -> Verdict:
    """The verdict on one claim.

    quantities: paths and their values (members, paths). ends: by the place of a test; one that was
    not tried there is not supported.
    """
    parts = tuple(
        Part(place, test, found, ends.get(place))
        for place, test in enumerate(claim.tests)
        if (found := judge(test, values)) is not None
    )
    if claim.verdict == FACT:
        return Verdict(claim, FACT, "", claim.because, parts)
    seen = all(part.judged.known.any() for part in parts)
    if not parts or len(parts) < len(claim.tests) or not seen:
        return Verdict(claim, UNTESTED, "", _untested(claim, values))
    count = count_of(*together([part.judged for part in parts]))
    word = _word(count, parts)
    if word == TOO_FEW:
        return Verdict(claim, word, "", f"{FEWEST_MEMBERS} members at least", parts, count)
    decides = would = ""
    if word in (IN_PART, UNDECIDED):
        decides, would = _what_decides(parts, scenario, quantities)
    return Verdict(claim, word, decides, would, parts, count, _near(count, parts))


def _word(count: Count, parts: Sequence[Part]) -> str:
    """The verdict on a claim: count of the members in which all of its parts hold."""
    if count.word == TOO_FEW:
        return TOO_FEW
    words = {part.word for part in parts}
    if count.word == SUPPORTED and words == {SUPPORTED}:
        return SUPPORTED
    if SUPPORTED in words:
        return IN_PART
    # A test that holds throughout but for an end is open: the sentence is not refuted by it.
    holding = any(part.count.word == SUPPORTED for part in parts)
    return CONTRADICTED if count.word == CONTRADICTED and not holding else UNDECIDED


def _near(count: Count, parts: Sequence[Part]) -> bool:
    """Whether more members could give another verdict on a claim."""
    words = {part.word for part in parts}
    if words == {SUPPORTED} and count.near_support:
        return True
    if SUPPORTED not in words and count.near_contradiction:
        return True
    return any(part.near for part in parts)


def _untested(claim: Claim, values: Values) -> str:
    """What a run would need to judge a claim."""
    columns = [(term.what_if or "the base", values(term)) for term in terms_of(claim)]
    absent = sorted({name for name, column in columns if column is None})
    if absent:
        return f"a run with {', '.join(absent)}"
    drawn = any(len(column) for _, column in columns if column is not None)
    return "a value, which no member has" if drawn else "a run with members"


def _what_decides(
    parts: Sequence[Part], scenario: Scenario, quantities: tuple[tuple[str, ...], Floats]
) -> tuple[str, str]:
    """The quantity that would decide the least certain test that is open, and that in words."""
    some = [part for part in parts if part.word == UNDECIDED]
    if not some and any(part.word != SUPPORTED for part in parts):
        return "", ""  # every test is decided, one way or the other
    # Where each test holds by itself, but not with the others, the weakest is the one to look at.
    part = min(some or parts, key=lambda item: item.count.holds / item.count.members)
    name = "the claim" if len(parts) == 1 else f"test {part.place + 1}"
    if part.count.is_ignorance:
        return "", f"a value in the {part.count.unknown:.0%} of members in which {name} has none"
    if part.count.word == SUPPORTED and not part.passes_ends:
        return _at_ends(part, name, scenario)
    path = deciding(part.judged, *quantities)
    if path:
        return path, _better(scenario, path)
    known = part.count.known
    if known < FEWEST_MEMBERS:
        return "", f"more members: {known} that know are too few to name a quantity"
    return "", f"no single quantity stands out among {known} members"


def _at_ends(part: Part, name: str, scenario: Scenario) -> tuple[str, str]:
    """What would decide a test that members support, but not every end of the assumptions."""
    if part.ends is None:
        return "", "the ends of assumed quantities, which were not tried"
    found = (*part.ends.failing, *part.ends.unknown)
    path, end = found[0]
    what = "does not hold" if part.ends.failing else "has no value"
    return path, f"{_better(scenario, path)}; at its {end} end {name} {what}"


def deciding(judged: Judged, paths: tuple[str, ...], quantities: Floats) -> str:
    """The quantity with the largest rank correlation with the margin of a test.

    "" where too few members know, or chance alone could make it lead.
    """
    margin = judged.margin
    good = np.isfinite(margin)
    if not paths or good.sum() < FEWEST_MEMBERS or np.ptp(margin[good]) == 0:
        return ""
    found = np.abs(ranks(quantities[good]).T @ ranks(margin[good][:, None]))[:, 0]
    # What chance alone would give the largest of some hundred correlations names nothing.
    return paths[int(np.argmax(found))] if found.max() > NOISE / np.sqrt(good.sum()) else ""


def _better(scenario: Scenario, path: str) -> str:
    item = scenario.quantities.get(path)
    kind = f" ({item.kind})" if item is not None else ""
    return f"a better figure for {path}{kind}"

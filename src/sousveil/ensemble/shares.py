"""In what share of the members something holds, and what that share decides.

A member that does not know is none in which it fails: where such members could still turn the
answer, nothing is decided; nor is anything by hardly any members. The share is a share of the
stated ranges, never a probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from sousveil.ensemble.drivers import FEWEST_MEMBERS
from sousveil.ensemble.levels import NORMAL_95

SUPPORTED_FROM, CONTRADICTED_TO = 0.9, 0.1
SUPPORTED, CONTRADICTED = "supported", "contradicted"
UNDECIDED = "not decided by this evidence"
TOO_FEW = "not decided: too few members"


@dataclass(frozen=True)
class Count:
    """In how many of the members something holds, in how many it fails; the others do not know."""

    holds: int
    fails: int
    members: int

    @property
    def known(self) -> int:
        """How many members know."""
        return self.holds + self.fails

    @property
    def share(self) -> float | None:
        """The share in which it holds, of the members that know; None where nobody does."""
        return self.holds / self.known if self.known else None

    @property
    def unknown(self) -> float:
        """The share of members that do not know."""
        return 1.0 - self.known / self.members if self.members else 1.0

    @property
    def word(self) -> str:
        """What members alone decide: whatever those that do not know would say if they knew."""
        if self.members < FEWEST_MEMBERS:
            return TOO_FEW
        if self.holds / self.members >= SUPPORTED_FROM:
            return SUPPORTED
        most = (self.members - self.fails) / self.members
        return CONTRADICTED if most <= CONTRADICTED_TO else UNDECIDED

    @property
    def is_ignorance(self) -> bool:
        """Whether those that know would decide, were it not for those that do not."""
        if self.word != UNDECIDED or self.share is None:
            return False
        return not CONTRADICTED_TO < self.share < SUPPORTED_FROM

    @property
    def interval(self) -> tuple[float, float] | None:
        """What chance leaves of the share, 95 %; None where nobody knows."""
        return wilson(self.holds, self.known) if self.known else None

    @property
    def near_support(self) -> bool:
        """Whether so many members leave it open on which side of what supports the share lies."""
        if self.word == TOO_FEW:
            return False
        low, high = wilson(self.holds, self.members)
        return low < SUPPORTED_FROM <= high

    @property
    def near_contradiction(self) -> bool:
        """Whether so many members leave it open on which side of what contradicts it lies."""
        if self.word == TOO_FEW:
            return False
        low, high = wilson(self.members - self.fails, self.members)
        return low <= CONTRADICTED_TO < high


def wilson(some: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, some of so many, were they drawn independently.

    Members are spread more evenly than that: it is on the safe side. Source: Wilson 1927, "Probable
    inference, the law of succession, and statistical inference".
    """
    share, square = some / count, NORMAL_95**2 / count
    middle = (share + square / 2) / (1 + square)
    half = sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)

"""Error models of a face search: how often it errs as the list, the crowd and the procedure change.

Rates only, no picture. FMR: chance that pictures of two different people match. FPIR: chance that a
search for somebody who is not on a list gives an alert. FNIR: chance that a search for somebody who
is on it gives none; TPIR = 1 - FNIR. One threshold throughout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RULES = ("independent", "measured", "normalised")
"""How FPIR follows from the size of a list: comparisons err independently; read from a measured
table; held constant by a vendor who normalises scores by the size."""


def independent_rule(false_match_rate: float, comparisons: float) -> float:
    """Chance of at least one false match among independent comparisons: 1 - (1 - FMR)^N.

    It holds for independent comparisons at one threshold; frames of one passer are not independent,
    and FMR inside a group is 10 to several hundred times that across groups.

    Source: Daugman, Statistical demands of identification versus verification (Cambridge), the
    equation of P_N.
    """
    if false_match_rate >= 1.0:
        return 1.0 if comparisons > 0.0 else 0.0
    return -math.expm1(comparisons * math.log1p(-false_match_rate))


def match_rate_behind(false_alert_rate: float, comparisons: float) -> float:
    """FMR that gives an FPIR over `comparisons` names by the independent rule; its inverse."""
    if false_alert_rate >= 1.0:
        return 1.0
    return -math.expm1(math.log1p(-false_alert_rate) / comparisons)


def measured_rule(measured: Mapping[float, float], size: float) -> float:
    """FPIR at a list size read from a table of sizes; on logarithmic scales, at most 1.

    Between the sizes the line through the two neighbours is used, beyond them the line through the
    outer two; a table of one size gives that rate everywhere. A rate of 0 says that none was seen,
    not that there are none, and is left out.
    """
    points = sorted((known, rate) for known, rate in measured.items() if rate > 0.0)
    if not points or size <= 0.0:
        return 0.0
    if len(points) == 1:
        return points[0][1]
    place = sum(size > known for known, _ in points[1:-1])
    (left, low), (right, high) = points[place], points[place + 1]
    return grown(low, left, size, growth_exponent(left, low, right, high))


def false_alert_rate(
    rule: str,
    size: float,
    *,
    false_match_rate: float = 0.0,
    measured: Mapping[float, float] | None = None,
    normalised: float = 0.0,
) -> float:
    """FPIR of a list of `size` names under a declared rule; an empty list gives none."""
    if size <= 0.0:
        return 0.0
    if rule == "independent":
        return independent_rule(false_match_rate, size)
    if rule == "measured":
        if not measured:
            raise ValueError("the rule `measured` needs a table of list sizes")
        return measured_rule(measured, size)
    if rule == "normalised":
        return normalised
    raise ValueError(f"{rule!r} is no rule: {', '.join(RULES)}")


@dataclass(frozen=True)
class OperatingPoint:
    """What a search does at one threshold with one list: FPIR and TPIR at `size` names."""

    size: float
    false_alert_rate: float
    hit_rate: float

    @property
    def false_match_rate(self) -> float:
        """FMR behind it, by the independent rule."""
        return match_rate_behind(self.false_alert_rate, self.size)

    def at(self, size: float) -> OperatingPoint:
        """The same threshold with a list of another size, by the independent rule.

        A hit needs the comparison with the person's own picture only, so TPIR stays.
        """
        rate = false_alert_rate("independent", size, false_match_rate=self.false_match_rate)
        return OperatingPoint(size, rate, self.hit_rate)

    def alerts(self, passers: float, listed: float = 0.0) -> tuple[float, float]:
        """Expected (right, wrong) alerts among passers of whom `listed` are on the list.

        One search a passer.
        """
        return listed * self.hit_rate, (passers - listed) * self.false_alert_rate


def growth_exponent(size_a: float, rate_a: float, size_b: float, rate_b: float) -> float:
    """Exponent of a power law through two rates of one algorithm at two sizes of gallery."""
    return math.log(rate_b / rate_a) / math.log(size_b / size_a)


def grown(rate: float, size: float, new_size: float, exponent: float) -> float:
    """Rate carried to another size of gallery by a power law, at most 1."""
    return min(1.0, rate * (new_size / size) ** exponent)


@dataclass(frozen=True)
class Funnel:
    """What became of alerts: a reviewer rejects some, some people are lost, the rest is checked.

    right: checked people who were the listed one. Counts of one period and place.
    """

    alerts: int
    rejected: int
    lost: int
    right: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if min(self.alerts, self.rejected, self.lost, self.right) < 0 or self.wrong < 0:
            raise ValueError(
                f"{self.alerts} alerts cannot hold {self.rejected} rejected, {self.lost} lost and "
                f"{self.right} right"
            )

    @property
    def checked(self) -> int:
        """People who were stopped and checked."""
        return self.alerts - self.rejected - self.lost

    @property
    def wrong(self) -> int:
        """People who were checked and were not the listed one."""
        return self.checked - self.right


def gini(rates: Sequence[float]) -> float:
    """Gini coefficient of the error rates of n groups, with the factor n / (n - 1) for few groups.

    0: all equal. Source: ISO/IEC 19795-10:2024, as NIST's FRTE tables print it.
    """
    count, mean = len(rates), sum(rates) / len(rates)
    if mean == 0.0:
        return 0.0
    apart = sum(abs(a - b) for a in rates for b in rates)
    return apart / (2.0 * count * count * mean) * count / (count - 1.0)


def highest_over_typical(rates: Sequence[float]) -> float:
    """Largest error rate of any group over the geometric mean of all (NIST: MXOG).

    Infinite when a group has none. Source: NIST FRTE 1:N, table of demographic differentials.
    """
    if min(rates) <= 0.0:
        return math.inf
    return max(rates) / math.exp(sum(map(math.log, rates)) / len(rates))

"""Intervals for counts, exact where counts are tiny; a share of few is never a bare percentage."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL = 0.95
FEW = 100
"""A share of fewer trials is printed with its counts and interval, never alone."""


@dataclass(frozen=True)
class Interval:
    """From low to high, both inside."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high


def clopper_pearson(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Exact interval of a share: covers the truth at least `level` of the time, however few trials.

    Source: Clopper and Pearson 1934, Biometrika 26, 404-413, as quantiles of the beta law.
    """
    from scipy.special import betaincinv

    _check(successes, trials)
    tail, failures = (1.0 - level) / 2.0, trials - successes
    low = 0.0 if successes <= 0 else float(betaincinv(successes, failures + 1.0, tail))
    high = 1.0 if failures <= 0 else float(betaincinv(successes + 1.0, failures, 1.0 - tail))
    return Interval(low, high)


def jeffreys(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Credible interval of a share under Jeffreys' prior; at none and at all the end is 0 or 1.

    Source: Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133, section 4.
    """
    from scipy.special import betaincinv

    _check(successes, trials)
    tail, failures = (1.0 - level) / 2.0, trials - successes
    above, below = successes + 0.5, failures + 0.5
    low = 0.0 if successes <= 0 else float(betaincinv(above, below, tail))
    high = 1.0 if failures <= 0 else float(betaincinv(above, below, 1.0 - tail))
    return Interval(low, high)


def at_most(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Interval of a share whose numerator is only known not to exceed `successes`.

    It runs from the low end of none to the high end of all of them.
    """
    return Interval(0.0, clopper_pearson(successes, trials, level).high)


def poisson(count: float, level: float = LEVEL) -> Interval:
    """Exact interval of the mean behind a count; zero events still have an upper bound.

    Source: Garwood 1936, Biometrika 28, 437-442, as quantiles of the gamma law.
    """
    from scipy.special import gammaincinv

    if count < 0:
        raise ValueError(f"a count is never negative: {count}")
    tail = (1.0 - level) / 2.0
    low = 0.0 if count <= 0 else float(gammaincinv(count, tail))
    return Interval(low, float(gammaincinv(count + 1.0, 1.0 - tail)))


@dataclass(frozen=True)
class Share:
    """A counted share with its exact interval. bound: the numerator is an upper bound only."""

    successes: float
    trials: float
    bound: bool = False
    level: float = LEVEL

    @property
    def value(self) -> float:
        """The share as counted; with its interval, else it says too much."""
        return self.successes / self.trials

    @property
    def interval(self) -> Interval:
        """Exact interval."""
        if self.bound:
            return at_most(self.successes, self.trials, self.level)
        return clopper_pearson(self.successes, self.trials, self.level)

    def __str__(self) -> str:
        """'2 of 10 (95 % interval 3 to 56 %)'; many trials lead with the percentage."""
        low, high = (_percent(end) for end in (self.interval.low, self.interval.high))
        counts = f"{'at most ' if self.bound else ''}{self.successes:g} of {self.trials:g}"
        between = f"{100.0 * self.level:g} % interval {low} to {high} %"
        if self.trials < FEW:
            return f"{counts} ({between})"
        return f"{100.0 * self.value:.3g} % ({counts}; {between})"


def for_thousand(count: float, people: float) -> float:
    """Of what is counted, for 1,000 people; none where nobody lives."""
    return 1000.0 * count / people if people else 0.0


def _percent(share: float) -> str:
    """A share in percent, two significant digits, never rounded up to all or down to none."""
    percent = 100.0 * share
    if 99.5 <= percent < 100.0:
        return f"{percent:.4g}" if percent < 99.99 else "> 99.9"
    return f"{percent:.0f}" if percent >= 10.0 else f"{percent:.2g}"


def _check(successes: float, trials: float) -> None:
    if not 0 <= successes <= trials or trials <= 0:
        raise ValueError(f"{successes:g} of {trials:g} is no share")

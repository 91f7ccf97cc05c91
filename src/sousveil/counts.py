"""Counts: how many of one thing, by area and group, how sure that is and how it was come by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from sousveil.arrays import Floats

LABELS = ("exact", "sampled", "mean_field", "unavailable")
"""How a number was come by, from the best to none; a sum is as good as its worst part."""


def worst(labels: Iterable[str]) -> str:
    """Label of a sum of values with these labels."""
    return LABELS[max(map(LABELS.index, set(labels)), default=0)]


@dataclass(frozen=True, init=False)
class Count:
    """Counts of one thing.

    values: (A, G), sampled or expected; variance: of the total, nan where it is not known; label:
    one of LABELS ("exact": given the forcing path, effects by sum). weighed: (K,) variances of the
    total when every cell has a weight (K, A, G), or only what different persons share of them;
    None where that is not known.
    """

    values: Floats
    variance: float = 0.0
    label: str = "exact"
    weighed: Callable[[Floats, bool], Floats] | None = None

    def __init__(
        self,
        values: Floats,
        variance: float = 0.0,
        label: str = "exact",
        weighed: Callable[[Floats, bool], Floats] | None = None,
    ) -> None:
        """Fill in the fields: by hand, as a member makes thousands, in a third of the time."""
        own = self.__dict__
        own["values"], own["variance"], own["label"] = values, variance, label
        own["weighed"] = weighed

    @cached_property
    def by_area(self) -> Floats:
        """(A,) sums over all groups."""
        return self.values.sum(axis=1)

    def __add__(self, other: Count) -> Count:
        """Sum; the variances add, as the parts are taken as independent."""
        alike = self.label == other.label
        label = self.label if alike else worst((self.label, other.label))
        return Count(self.values + other.values, self.variance + other.variance, label)

    def times(self, factor: float) -> Count:
        """Scaled by a constant."""
        return Count(self.values * factor, self.variance * factor**2, self.label)

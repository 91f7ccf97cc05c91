"""The array types that the package speaks in, with the meaning of their axes.

Axes have one letter everywhere: A areas, G groups, L power lines, F feeders of an area, M months
(12), S slots of a week (48 = 2 day types x 24 hours, working day first), H hours of the modelled
year (8,760).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]
Words: TypeAlias = NDArray[np.uint32]
Halves: TypeAlias = NDArray[np.uint16]
Thresholds: TypeAlias = NDArray[np.uint64]
Bits: TypeAlias = NDArray[np.uint8]
Bools: TypeAlias = NDArray[np.bool_]
AnyArray: TypeAlias = NDArray[Any]

HOURS_PER_DAY = 24
DAYS_PER_YEAR = 365
HOURS_PER_YEAR = HOURS_PER_DAY * DAYS_PER_YEAR
DAY_TYPES = ("working_day", "rest_day")
SLOTS = len(DAY_TYPES) * HOURS_PER_DAY
MONTHS = 12
EFFECT_CLASSES = 16
"""Classes of equal weight that every random effect is cut into (how_it_counts, Effects)."""

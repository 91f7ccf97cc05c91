"""Water filled by weight, compiled: how high it must stand so that the declared hours are all used.

Every row is halved on its own until neighbouring floats enclose its level.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sousveil.arrays import Floats

_HALVINGS = 80


@njit(cache=True, nogil=True)
def levels(target: Floats, weight: Floats, size: Floats, floor: Floats) -> Floats:
    """(A,) least level c with which sum(max(floor, min(1, c weight)) size) reaches the target.

    target: (A,); weight, size, floor: (A, N), some weight above zero.
    """
    rows, cells = weight.shape
    result = np.empty(rows)
    for row in range(rows):
        least = np.inf
        for cell in range(cells):
            if weight[row, cell] > 0.0:
                least = min(least, weight[row, cell])
        low, high = 0.0, 1.0 / least
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if middle in (low, high):
                break  # neighbours among the floats: nothing moves any more
            filled = 0.0
            for cell in range(cells):
                chance = max(floor[row, cell], min(1.0, middle * weight[row, cell]))
                filled += chance * size[row, cell]
            if filled < target[row]:
                low = middle
            else:
                high = middle
        result[row] = high
    return result

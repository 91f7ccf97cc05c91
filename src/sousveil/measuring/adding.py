"""Sums of weighed rows of a table, compiled: a member has some hundred of them in every branch."""

from __future__ import annotations

from numba import njit

from sousveil.arrays import Bools, Floats, Ints


@njit(cache=True, nogil=True)
def add(
    start: Ints,
    part: Ints,
    weight: Floats,
    factor: Floats,
    table: Floats,
    wanted: Bools,
    out: Floats,
) -> None:
    """Write the wanted sums (S, C) of rows of a table (N, C), in order.

    start: (S,) first summand of each; part: (P,) rows; weight: (P,); factor: (S,); wanted: (S,).
    """
    for number in range(len(start)):
        if not wanted[number]:
            continue
        first = start[number]
        stop = start[number + 1] if number + 1 < len(start) else len(part)
        for cell in range(table.shape[1]):
            out[number, cell] = table[part[first], cell] * weight[first]
        for place in range(first + 1, stop):
            row, share = part[place], weight[place]
            for cell in range(table.shape[1]):
                out[number, cell] += table[row, cell] * share
        for cell in range(table.shape[1]):
            out[number, cell] *= factor[number]

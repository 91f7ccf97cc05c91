"""What kernels of the year are asked: records of arrays alone.

An item is an act, a visit, a probe. Entity and place name it: item k of an entity has lane k mod 4
of block k // 4 of every page of a stream, so that one block serves four.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sousveil.arrays import Bits, Halves, Ints, Thresholds, Words

GUIDE_BITS = 14
"""Leading bits of a word that say near which hour it lies."""
CELL_BITS = 6
"""Leading bits of a word that say near which count it lies."""


class Counts(NamedTuple):
    """Cut-off distributions of counts, one a row.

    Row r has the cuts offset[r] to offset[r + 1] - 1: a word at or above j of them counts
    first[r] + j; the last of all is of no row. lowest: (n,) its first cut, 2^32 - 1 without any.
    guide: (n, 64) of its cuts how many lie below all words of these leading bits: from there a
    search begins.
    """

    first: Ints
    offset: Ints
    cuts: Words
    lowest: Words
    guide: Halves


class Numbers(NamedTuple):
    """How many items n entities have: each a count by one word, lane `lane` of a page.

    key: (2,). entity, row: (n,). distribution: (rows,) number of that of each row in `counts`.
    """

    key: Words
    stream: np.uint32
    page: np.uint32
    lane: int
    entity: Words
    row: Ints
    distribution: Ints
    counts: Counts


class Items(NamedTuple):
    """A page of words of all items of n entities. starts: (n + 1,) first item of each."""

    key: Words
    stream: np.uint32
    page: np.uint32
    entity: Words
    starts: Ints


class Moments(NamedTuple):
    """When items happen.

    shape: (rows,) number of the distribution over the hours of each row. cuts: (R, H + 1) a word
    from cuts[h] to below cuts[h + 1] is hour h. guide: (R, 2^14) the hour of the first word with
    these leading bits.
    """

    shape: Ints
    cuts: Thresholds
    guide: Halves


class Times(NamedTuple):
    """Hours of items of n entities, and whether they find power.

    pages: (2,) of the words for the hour and for power. entity, row, feeder: (n,). chances: (2,)
    without and with supply. supply: (feeders, H), without rows where nothing is lost.
    """

    key: Words
    stream: np.uint32
    pages: Words
    entity: Words
    row: Ints
    moments: Moments
    feeder: Ints
    chances: Thresholds
    supply: Bits


class Seek(NamedTuple):
    """Visits that look for what acts left.

    items: the acts of n entities, by the words of this search. limit: (n,) threshold for the word
    of an act that all visits of the year could find. trace: threshold to have left anything, by the
    word of the next page. times: of the acts; hour, kept: of all acts where they are known, else
    empty. words: of all visits; starts: (holders + 1,) first of each. holder: (n,) position of whom
    the visits go to. cuts: (H + 1,) of the hours of visits. find: (k,) threshold to be found by so
    many visits.
    """

    items: Items
    limit: Thresholds
    trace: np.uint64
    times: Times
    hour: Halves
    kept: Bits
    words: Words
    starts: Ints
    holder: Ints
    cuts: Thresholds
    find: Thresholds
    findable_hours: int

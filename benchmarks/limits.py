"""What this machine can do at most: words of Philox 4x32-10 a second, summed and not stored."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from sousveil.engine.model import Model
from sousveil.engine.sampled.kernels.eight import LANE, LANES, eight_blocks, in_all_lanes
from sousveil.engine.sampled.kernels.hours import DAYS_OF_A_BLOCK, LAYER_BITS, RATE_BITS
from sousveil.engine.sampled.plan import plan
from sousveil.engine.sampled.planned import Plan
from sousveil.engine.sampled.tables import SHAPE_BITS, Points
from sousveil.philox import philox_block

_BLOCKS = 1 << 25


@njit(nogil=True)
def _sum_words(first: np.uint32, count: int, k0: np.uint32, k1: np.uint32) -> Any:
    """Sum of the words of so many blocks; a sum cannot be left out by the compiler."""
    total = np.uint32(0)
    for i in range(count):
        w0, w1, w2, w3 = philox_block(np.uint32(i), first, np.uint32(0), np.uint32(0), k0, k1)
        low = np.uint32(np.uint32(w0) ^ np.uint32(w1))
        total = np.uint32(total + np.uint32(low ^ np.uint32(np.uint32(w2) ^ np.uint32(w3))))
    return total


_instructions: Any = intrinsic  # the compiler itself passes the first argument


@_instructions
def _add_eight(typing: Any, k0: Any, k1: Any, number: Any, first: Any, sums: Any) -> Any:
    """Add the words of eight blocks, from a number on, to (8,) sums."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        k0, k1, number, first, sums = arguments
        data = context.make_array(signature.args[4])(context, builder, sums).data
        place = builder.bitcast(data, LANE.as_pointer())
        following = ir.Constant(LANE, list(range(LANES)))
        who, what = in_all_lanes(builder, number), in_all_lanes(builder, first)
        zero = ir.Constant(LANE, [0] * LANES)
        four = eight_blocks(builder, [builder.add(who, following), what, zero, zero], [k0, k1])
        mixed = builder.xor(builder.xor(four[0], four[1]), builder.xor(four[2], four[3]))
        builder.store(builder.add(builder.load(place, align=1), mixed), place, align=1)
        return context.get_dummy_value()

    return types.none(*(types.uint32,) * 4, sums), make


@njit(nogil=True)
def _sum_by_eight(first: np.uint32, count: int, k0: np.uint32, k1: np.uint32) -> Any:
    """The same as `_sum_words` by the instruction that `hourly` is made of."""
    sums = np.zeros(LANES, np.uint64)
    for i in range(0, count, LANES):
        _add_eight(k0, k1, np.uint32(i), first, sums)
    return sums[0]


BY_LOOP, BY_EIGHT = _sum_words, _sum_by_eight


def words_a_second(
    threads: int, blocks: int = _BLOCKS, repeats: int = 3, summed: Any = BY_LOOP
) -> float:
    """The most words a second of so many threads, the best of some runs."""
    summed(np.uint32(0), 64, np.uint32(1), np.uint32(2))

    def work(number: int) -> None:
        summed(np.uint32(number), blocks, np.uint32(1), np.uint32(2))

    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            start = time.perf_counter()
            list(pool.map(work, range(threads)))
            best = max(best, 4 * blocks * threads / (time.perf_counter() - start))
    return best


def words_a_cpu_second(blocks: int = _BLOCKS, summed: Any = BY_LOOP) -> float:
    """Words of one thread in a second of processor time: other work moves it less."""
    summed(np.uint32(0), 64, np.uint32(1), np.uint32(2))
    best = 0.0
    for number in range(3):
        start = time.thread_time()
        summed(np.uint32(number), blocks, np.uint32(1), np.uint32(2))
        best = max(best, 4 * blocks / (time.thread_time() - start))
    return best


class Drawn(NamedTuple):
    """What the hourly engine must draw for a model by its own plan, in whole blocks of four words.

    hours: of persons and processes, a byte each. for_bytes: words of these bytes. for_the_rest:
    words of hours with a low byte, of points, and of roll calls.
    """

    hours: float
    for_bytes: float
    for_the_rest: float

    @property
    def words(self) -> float:
        """All words."""
        return self.for_bytes + self.for_the_rest


def drawn_by_hourly(model: Model) -> Drawn:
    """Bytes and words of a model: blocks of hours that a rate reaches, low bytes, points, calls."""
    integers = plan(model)
    people = model.world.people
    persons = people.by_group().reshape(-1).astype(np.float64)
    parts = [_drawn_of(points, persons) for points in _of_persons(integers)]
    boxes = 0.0
    for item in integers.roll_calls:
        share = item.box.chances.astype(np.float64) / 2.0**32
        at_home = people.registered_by_group().reshape(-1)
        boxes += float((share * at_home).sum()) * len(item.airings)
    hours, low, points = (float(sum(column)) for column in zip(*parts, strict=True))
    return Drawn(hours, hours / 4.0, 4.0 * (low + points + boxes))


def _of_persons(integers: Plan) -> list[Points]:
    """The point processes of persons."""
    some = [act.points for act in integers.acts]
    return some + [item.points for item in (*integers.encounters, *integers.unprompted)]


def _drawn_of(points: Points, persons: Any) -> tuple[float, float, float]:
    """Hours, those of them with a low byte, and points of one process without effects."""
    layers, hours, low = points.layers, 0.0, 0.0
    highest = layers.highest[points.group] / 2.0**SHAPE_BITS  # (rows, blocks)
    for layer, (begin, end) in enumerate(zip(layers.offset, layers.offset[1:], strict=False)):
        floor, rate = layer * 2.0**LAYER_BITS, layers.rate.astype(np.float64)
        hours += DAYS_OF_A_BLOCK * int(end - begin) * float(persons[rate > floor].sum())
        inside = np.clip(rate[:, None] * highest[:, begin:end] - floor, 0.0, 2.0**LAYER_BITS)
        low += DAYS_OF_A_BLOCK / 256.0 * float((persons @ np.ceil(inside / 2.0**32)).sum())
    rate = layers.rate / 2.0**RATE_BITS * layers.full[points.group]
    return hours, low, float(persons @ rate)

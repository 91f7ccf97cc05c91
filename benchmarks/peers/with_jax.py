"""Model S with JAX on the CPU: a compiled scan over the awake hours, draws by three generators."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks import law
from benchmarks.law import Case, Outcome, outcome
from benchmarks.peers import Run

WORD = 2.0**32
AT_ONCE = 32
"""Hours of one compiled call at most: counts fit in 32 bits, and compilation stays short."""


def words(chance: Any) -> Any:
    """Thresholds of 32-bit words; a certain event loses one word in 2^32."""
    return np.minimum(np.round(np.asarray(chance) * WORD), WORD - 1).astype(np.uint32)


def mixed(value: Any) -> Any:
    """A 32-bit finaliser of two multiplications."""
    value = (value ^ (value >> 16)) * jnp.uint32(0x7FEB352D)
    value = (value ^ (value >> 15)) * jnp.uint32(0x846CA68B)
    return value ^ (value >> 16)


def drawer(variant: str, shape: tuple[int, int], seed: int) -> Any:
    """A function from the hour to four arrays of words, (C, persons of a county)."""
    if variant == "hash":
        index = jnp.arange(shape[0] * shape[1], dtype=jnp.uint32).reshape(shape)
        person = mixed(index + jnp.uint32(seed) * jnp.uint32(0x9E3779B9))

        def hashed(hour: Any) -> list[Any]:
            number = 4 * hour.astype(jnp.uint32)
            return [mixed(person ^ mixed(number + jnp.uint32(k) + 1)) for k in range(4)]

        return hashed
    key = jax.random.key(seed, impl=variant)

    def drawn(hour: Any) -> Any:
        return jax.random.bits(jax.random.fold_in(key, hour), (4, *shape), jnp.uint32)

    return drawn


def compiled(case: Case, variant: str, seed: int) -> Any:
    """The compiled step over some hours: (flagged, hours, times, power) to (flagged, counts)."""
    shape = law.COUNTIES, case.persons // law.COUNTIES
    edges = np.searchsorted(case.group[: shape[1]], np.arange(law.GROUPS + 1)).tolist()
    group = jnp.asarray(case.group.reshape(shape)[0])
    listed, boxed = (jnp.asarray(who.reshape(shape)) for who in (case.listed, case.boxed))
    chance = law.SIGHTED[law.ZONE][:, None]
    sighted = jnp.asarray(words(chance))
    flag = jnp.where(listed, words(chance * law.NAMED), words(chance * law.WRONG))
    street_table, out_table = words(law.STREET), words(law.STREET + law.WORK)
    at_border = jnp.asarray(law.ZONE == 2)[:, None]
    draw = drawer(variant, shape, seed)

    def by_group(mask: Any) -> Any:
        parts = [mask[:, a:b].sum(axis=1) for a, b in zip(edges, edges[1:], strict=False)]
        return jnp.stack(parts, axis=1)

    def step(carry: Any, now: Any) -> Any:
        hurt, counts = carry
        hour, time, power = now
        place, sight, told, rare = draw(hour)
        street = place < jnp.asarray(street_table)[:, time][group][None, :]
        home = place >= jnp.asarray(out_table)[:, time][group][None, :]
        powered = (power > 0)[:, None]
        seen = street & powered & (sight < sighted)
        flagged = seen & (sight < flag)
        box = home & powered & boxed & ((time == law.BROADCASTS[0]) | (time == law.BROADCASTS[1]))
        views = box & (sight < words(law.VIEWED))
        at_home, at_work, outside = (
            words(p) for p in (law.TOLD_HOME, law.TOLD_WORK, law.TOLD_STREET)
        )
        limit = jnp.where(home, at_home, jnp.where(street, outside, at_work))
        masks = [
            seen,
            flagged & listed,
            flagged & ~listed,
            views,
            box & ~views,
            told < limit,
            home & (rare < words(law.CONDUCT)),
            street & at_border & (rare < words(law.BORDER)),
        ]
        found = jnp.stack([by_group(mask) for mask in masks], axis=2)
        return (hurt | masks[2], counts + found), None

    def some(hurt: Any, hours: Any, times: Any, power: Any) -> Any:
        zero = jnp.zeros((law.COUNTIES, law.GROUPS, len(law.CHANNELS)), jnp.int32)
        return jax.lax.scan(step, (hurt, zero), (hours, times, power))[0]

    return jax.jit(some, donate_argnums=0)


def prepare(case: Case, variant: str, seed: int) -> Run:
    """See :mod:`benchmarks.peers`."""
    days = np.arange(case.days)[:, None]
    hours = (24 * days + law.AWAKE[None, :]).reshape(-1).astype(np.int32)
    shape = law.COUNTIES, case.persons // law.COUNTIES
    size = max(n for n in range(1, AT_ONCE + 1) if len(hours) % n == 0)
    parts = [
        (jnp.asarray(part), jnp.asarray(part % 24), jnp.asarray(case.power[:, part].T))
        for part in hours.reshape(-1, size)
    ]
    some = compiled(case, variant, seed)
    jax.block_until_ready(some(jnp.zeros(shape, jnp.bool_), *parts[0]))  # compiles

    def run() -> Outcome:
        hurt = jnp.zeros(shape, jnp.bool_)
        counts = np.zeros((law.COUNTIES, law.GROUPS, len(law.CHANNELS)), np.int64)
        for part in parts:
            hurt, found = some(hurt, *part)
            counts += np.asarray(found)
        return outcome(case, counts.reshape(law.CELLS, -1), np.asarray(hurt).reshape(-1))

    return run

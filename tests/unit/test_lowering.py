"""What a what-if leaves alone is taken over from another, and is what it would be anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.lowering import Looked, lower
from sousveil.procedure import assemble
from sousveil.sameness import same
from sousveil.scenario.parameters import Parameters
from sousveil.world.model import World
from unit.channels.test_organisation import cells
from unit.channels.village import world
from unit.test_procedure import WORLD, parameters, with_channel, without

BASE = parameters()
FEWER = replace(WORLD.people, households=WORLD.people.households // 2)
CHANGES: dict[str, tuple[Parameters, World]] = {
    "nothing": (parameters(), WORLD),
    "a channel": (with_channel("organisation", cells(report_probability=0.9)), WORLD),
    "no channel": (without("street_camera"), WORLD),
    "the acts": (replace(BASE, acts=dict(list(BASE.acts.items())[:-1])), WORLD),
    "power": (BASE, world(hours=6)),
    "stock": (BASE, world(stock={"street": 1.0, "institution": 2.0, "total": 3.0})),
    "people": (BASE, replace(WORLD, people=FEWER)),
    "the year": (replace(BASE, year=2012), WORLD),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_over_is_what_it_would_be_anew(change: str) -> None:
    chosen, where = CHANGES[change]
    first = lower(BASE, WORLD)
    assemble(BASE, WORLD, None, first)
    shared = assemble(chosen, where, None, lower(chosen, where, first))
    anew = assemble(chosen, where)
    assert same(shared.processes, anew.processes)
    assert same(dict(shared.handling), dict(anew.handling))
    assert shared.layers == anew.layers


def test_only_what_changes_is_lowered_again() -> None:
    first = lower(BASE, WORLD)
    chosen, where = CHANGES["a channel"]
    again = lower(chosen, where, first)
    moved = {name for name, item in again.channels.items() if item is not first.channels[name]}
    assert moved == {"organisation"}
    dark = lower(*CHANGES["power"], first)
    assert all(item is first.channels[name] for name, item in dark.channels.items())
    for change in ("people", "the year"):
        other = lower(*CHANGES[change], first)
        assert not any(item is first.channels[name] for name, item in other.channels.items())


def test_a_channel_is_lowered_again_when_it_looks_at_what_changes() -> None:
    first = lower(BASE, WORLD)

    def moved(chosen: Parameters, where: World) -> set[str]:
        again = lower(chosen, where, first)
        return {name for name, item in again.channels.items() if item is not first.channels[name]}

    assert moved(*CHANGES["stock"]) == {"street_camera"}
    name, act = next(iter(BASE.acts.items()))
    often = replace(BASE, acts={**BASE.acts, name: replace(act, rate_per_year=99.0)})
    lookers = {
        each
        for each, item in first.channels.items()
        if any(getattr(process, "act", "") == name for process in item.processes)
    }
    assert lookers
    assert lookers <= moved(often, WORLD) < set(first.channels)
    again = lower(often, WORLD, first)
    others = BASE.acts.keys() - {name}
    assert all(again.site.acts[other] is first.site.acts[other] for other in others)


def test_whoever_walks_over_a_mapping_looks_at_all_of_it() -> None:
    seen = Looked({"a": 1, "b": 2})
    assert seen["a"] == 1
    assert seen.finds({"a": 1, "b": 3})
    assert seen.finds({"a": 1})
    assert "c" not in seen
    assert not seen.finds({"a": 1, "c": 2})
    assert list(seen) == ["a", "b"]
    assert not seen.finds({"a": 1, "b": 3})
    assert not seen.finds({"a": 1, "b": 2, "d": 4})


def test_sameness_looks_into_arrays_mappings_and_fields() -> None:
    assert same(WORLD, world())
    assert not same(WORLD, replace(WORLD, people=FEWER))
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same(np.ones(2), np.ones(2, dtype=np.float32))
    assert same((1, [np.zeros(3)]), (1, [np.zeros(3)]))

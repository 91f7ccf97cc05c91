"""Encounters, their levels and searches, on draws that leave no choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil import processes as p
from sousveil.engine.sampled.hourly import sample
from sousveil.tallies import Key
from support.models import GROUPS, flat, make_encounters, make_model, make_world

WORLD = make_world()
STREET, SCHOOL, MATCH, _ = make_encounters()
LISTED = p.Trait("listed", p.Entity.PERSON, flat(0.2))


def run(*items: p.Process, seed: int = 1) -> dict[str, np.ndarray]:
    tallies = sample(make_model(WORLD, items), seed, 0).tallies
    return {str(key): counts for key, counts in tallies.counts.items()}


def test_levels_are_nested_and_follow_the_light() -> None:
    lit = p.Level("all", 1.0, 1.0), p.Level("day", 1.0, 0.0), p.Level("night", 0.0, 1.0)
    found = run(replace(STREET, levels=lit))
    every, day, night = (found[f"street/{name}"] for name in ("all", "day", "night"))
    assert np.all(day <= every)
    assert np.all(night <= every)
    # Dawn and dusk are half lit: the same word counts once for the day or once for the night.
    assert abs(int((day + night - every).sum())) < 0.03 * every.sum()
    assert np.all(day > 0)


def test_sites_have_sensors_or_not() -> None:
    always = run(replace(SCHOOL, equipped=1.0))["school/detect"]
    never = run(replace(SCHOOL, equipped=0.0))["school/detect"]
    some = run(SCHOOL)["school/detect"]
    assert never.sum() == 0
    assert 0 < some.sum() < always.sum()
    units = [
        sample(make_model(make_world(scale=8), (replace(SCHOOL, equipped=0.5),)), seed, 0)
        for seed in range(4)
    ]
    share = np.mean([run.tallies.total(Key("school", "detect")) for run in units])
    whole = sample(make_model(make_world(scale=8), (replace(SCHOOL, equipped=1.0),)), 0, 0)
    # 320 units with or without: standard deviation 0.028; 5 of these.
    assert share / whole.tallies.total(Key("school", "detect")) == pytest.approx(0.5, abs=0.14)


def test_who_is_listed_is_named_and_others_are_wrongly_named() -> None:
    sure = replace(MATCH, probe_share=1.0, hit=1.0, wrong=0.0, proneness=None, factor=None)
    found = run(STREET, sure)
    assert np.array_equal(found["match/probes"], found["street/identify"])
    assert found["match/wrong"].sum() == 0
    assert np.array_equal(found["match/named"], found["match/founded"] + found["match/dropped"])
    nobody = replace(sure, listed=p.Trait("listed", p.Entity.PERSON, flat(0.0)), wrong=1.0)
    found = run(STREET, nobody)
    assert np.array_equal(found["match/probes"], found["match/wrong"])
    assert found["match/named"].sum() == found["match/founded"].sum() == 0


def test_false_matches_may_differ_by_group() -> None:
    factor = np.array([0.0, 1.0, 0.0, 100.0])
    nobody = p.Trait("listed", p.Entity.PERSON, flat(0.0))
    skewed = replace(
        MATCH, listed=nobody, probe_share=1.0, wrong=0.2, proneness=None, factor=factor
    )
    found = run(STREET, skewed)
    wrong, probes = found["match/wrong"].sum(axis=0), found["match/probes"].sum(axis=0)
    assert wrong[0] == wrong[2] == 0
    assert wrong[3] == probes[3] > 0, "a probability ends at 1"
    assert wrong[1] / probes[1] == pytest.approx(0.2, abs=5 * np.sqrt(0.16 / probes[1]))
    assert len(wrong) == GROUPS


def test_a_search_may_flag_nobody() -> None:
    found = run(STREET, replace(MATCH, flags=False))
    assert found["match/named"].sum() > 0
    assert "match/reported" not in found


def test_persons_are_named_once_and_within_the_days() -> None:
    sure = replace(MATCH, probe_share=1.0, hit=1.0)
    world = make_world(days=60)
    tallies = sample(make_model(world, (STREET, sure)), 1, 0).tallies
    first, year = (tallies.total(Key("match", f"persons_named_{days}")) for days in (30, 365))
    assert 0 < first < year <= 500
    assert tallies.total(Key("match", "named")) > year

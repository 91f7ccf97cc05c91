"""Acts come out at the declared yearly number, and crossings carry marks that sum to one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.acts import ActParameters, lower_acts
from sousveil.channels.base import Site
from sousveil.crossings import BorderMarks, crossing, helped
from sousveil.processes import NO_GATE, Act, Gate, Sensitivity
from unit.channels.village import BORDER, GROUPS, PEOPLE, acts, site, world

HOURS = 8760


def yearly(act: Act) -> float:
    """Acts a year without chilling or outage."""
    place = site()
    by_slot = HOURS * (act.profile * place.slot_weights).sum(axis=1)
    return float((act.rate * by_slot[None, :] * place.persons()).sum())


def adults(areas: list[int]) -> float:
    return float(PEOPLE.by_group()[areas][:, :2].sum())


def test_a_rate_per_person_gives_that_many_acts() -> None:
    assert yearly(site().acts["foreign_media"]) == pytest.approx(20 * adults([0, 1, 2]))


def test_a_rate_per_household_gives_that_many_acts_for_each_household() -> None:
    assert yearly(site().acts["overnight_guest"]) == pytest.approx(3 * 17_000)


def test_a_national_rate_is_shared_out_and_thinned_by_deterrence() -> None:
    act = site().acts["cross_border"]
    assert yearly(act) == pytest.approx(600 * 0.6 * 0.5)
    assert not act.rate[[0, 1, 3]].any()


def test_an_act_happens_where_and_when_people_are_there() -> None:
    trade, media = site().acts["trade"], site().acts["foreign_media"]
    hour = np.tile(np.arange(24), 2)
    assert not trade.profile[:, (hour < 16) | (hour >= 18)].any()
    assert not media.profile[:, hour < 18].any()
    assert (site().acts["missed_event"].profile[2] == 0).all(), "children are not at work"
    assert not site().acts["missed_event"].rate[:, 2].any()


def test_factors_of_groups_and_settlements_multiply() -> None:
    plain = site().acts["trade"].rate
    changed = replace(
        acts()["trade"], group_factor={"sex.female": 2.0}, settlement_factor={"rural": 0.5}
    )
    rate = site(trade=changed).acts["trade"].rate
    assert rate[0, 0] == pytest.approx(2 * plain[0, 0])
    assert rate[1, 1] == pytest.approx(0.5 * plain[1, 1])


def test_electricity_gates_the_share_that_needs_it() -> None:
    assert site().acts["foreign_media"].gate == Gate("home", 1.0, 1 - 0.8 * 0.5)
    assert site().acts["trade"].gate is NO_GATE
    dark = replace(world(), power=replace(world().power, lines=()))
    assert site(dark).acts["foreign_media"].gate is NO_GATE


def test_rights_make_acts_protected_and_borders_make_them_border() -> None:
    found = {name: act.sensitivity for name, act in site().acts.items()}
    assert found["trade"] is Sensitivity.PROTECTED
    assert found["cross_border"] is Sensitivity.BORDER
    assert found["take_bribe"] is Sensitivity.BORDER
    with pytest.raises(ValueError, match="name the right"):
        site(trade=ActParameters(rate_per_year=1.0))


def test_marks_sum_to_one_with_and_without_power() -> None:
    for name in ("cross_border", "take_bribe"):
        for mark in site().acts[name].marks:
            for table in (mark.table_on, mark.table_off):
                assert table.shape[-1] == len(mark.categories)
                assert np.allclose(table.sum(axis=-1), 1.0)
                assert (table >= 0.0).all()


def test_cover_follows_cameras_light_and_power() -> None:
    covered = site().acts["cross_border"].marks[0]
    # 250 working cameras, 80 m by day and 40 m by night for half a day each, over 100 km.
    looks = 250 * 60.0 / 100_000
    assert covered.table_on[0, 0] == pytest.approx(1 - np.exp(-looks))
    assert covered.table_off[0, 0] == pytest.approx(1 - np.exp(-looks * 0.25))
    none = BorderMarks(length_km=100.0, posts=1000.0)
    bare = site(cross_border=replace(acts()["cross_border"], border=none))
    assert bare.acts["cross_border"].marks[0].table_on[0, 0] == 0.0


def test_bribery_falls_only_where_footage_stays() -> None:
    tables = crossing(BORDER, 1.0)
    assert tables.path[0, 0] == 0.7
    assert tables.path[1, 0] == pytest.approx(0.7 * (1 - 0.5 * 0.7))
    assert tables.path[2, 0] == pytest.approx(0.7 * (1 - 0.5 * 0.95))
    harmless = crossing(replace(BORDER, bribery_drop=0.0, turned_back_share=0.0), 1.0)
    assert np.allclose(harmless.path, harmless.path[0])
    fully = replace(BORDER, deleted_local=1.0, deleted_central=1.0)
    assert crossing(fully, 1.0).path[1, 0] == 0.7


def test_bribes_are_the_helped_crossings_in_every_hour() -> None:
    act, bribe = site().acts["cross_border"], site().acts["take_bribe"]
    tables = crossing(BORDER, 0.5)
    on, off = helped(tables, tables.covered_on), helped(tables, tables.covered_off)
    assert yearly(bribe) * bribe.gate.on == pytest.approx(yearly(act) * on)
    assert yearly(bribe) * bribe.gate.off == pytest.approx(yearly(act) * off)
    assert bribe.rate[:3].sum() == 0.0
    # Bayes: covered and helped over helped.
    seen = float(tables.footage @ tables.path[:, 0]) * tables.covered_on
    assert bribe.marks[0].table_on[0, 0] == pytest.approx(seen / on)
    kinds = bribe.marks[1].table_on[0, 0]
    assert kinds[1] / kinds[2] == pytest.approx(0.7 * tables.path[1, 0] / 0.3 / tables.path[2, 0])


def test_bribes_need_an_act_with_a_border() -> None:
    wrong = replace(acts()["take_bribe"], bribes_of="trade")
    with pytest.raises(ValueError, match="no act with a border"):
        site(take_bribe=wrong)


def test_a_national_act_needs_somebody_to_do_it() -> None:
    nowhere = tuple(replace(area, strip=False) for area in world().areas)
    with pytest.raises(ValueError, match="nobody"):
        lower_acts(acts(), Site(replace(world(), areas=nowhere), {}, 2023))


def test_the_profile_is_even_over_the_modelled_year() -> None:
    place = site()
    for act in place.acts.values():
        mean = (act.profile * place.slot_weights).sum(axis=1)
        assert np.allclose(mean[act.profile.any(axis=1)], 1.0)
        assert act.profile.shape == (len(GROUPS), 48)

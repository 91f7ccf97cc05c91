"""`--set PATH=VALUE`: a reader's own number, said to be theirs."""

from __future__ import annotations

import pytest

from sousveil.errors import Problems
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.overrides import with_overrides
from sousveil.scenario.parameters import resolve
from unit.scenario.bad import BASE


def test_a_value_of_the_user_is_assumed_and_certain() -> None:
    scenario = load(BASE)
    changed = with_overrides(scenario, ["channels.iptv.watch_share=80 percent"])
    item = changed.quantities["channels.iptv.watch_share"]
    assert (item.kind, item.because, item.by_user) == ("assumed", "by the user", True)
    assert (item.sources, item.grade) == ((), "")
    assert "channels.iptv.watch_share" in scenario.uncertain
    assert "channels.iptv.watch_share" not in changed.uncertain
    assert resolve(changed, CENTRAL).channels["iptv"].watch_share == 0.8
    assert resolve(scenario, CENTRAL).channels["iptv"].watch_share != 0.8
    assert changed.hash != scenario.hash
    assert list(changed.quantities) == list(scenario.quantities)


def test_every_key_of_a_mapping_and_a_new_key() -> None:
    changed = with_overrides(
        load(BASE), ["world.power.home_hours.*=20", "world.power.outage_days.hills = 7 day/year"]
    )
    power = resolve(changed, CENTRAL).world.power
    assert dict(power.home_hours) == {"valley": 20, "hills": 20}
    assert dict(power.outage_days) == {"hills": 7}


def test_settings_take_yaml() -> None:
    changed = with_overrides(
        load(BASE),
        [
            "channels.neighbourhood_unit.report_anchor=true",
            "acts.private_talk.hours=[18, 24]",
            "acts.private_talk.who=everybody",
        ],
    )
    central = resolve(changed, CENTRAL)
    assert central.channels["neighbourhood_unit"].report_anchor is True
    assert central.acts["private_talk"].hours == (18, 24)
    assert central.acts["private_talk"].who == "everybody"


def test_nothing_set_is_the_same_scenario() -> None:
    scenario = load(BASE)
    assert with_overrides(scenario, []) is scenario


def test_the_hash_does_not_hang_on_the_order_of_options() -> None:
    one, two = "channels.iptv.watch_share=0.8", "channels.iptv.watch_concentration=4"
    scenario = load(BASE)
    assert with_overrides(scenario, [one, two]).hash == with_overrides(scenario, [two, one]).hash


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("channels.iptv.watched_share=0.8", "unknown-name channels.iptv.watched_share"),
        ("channels.iptv.watch_share", "bad-value channels.iptv.watch_share"),
        ("channels.iptv.watch_share=", "bad-value channels.iptv.watch_share"),
        ("channels.iptv.watch_share=8", "bounds channels.iptv.watch_share"),
        ("channels.iptv.watch_share=8 h", "dimension channels.iptv.watch_share"),
        ("channels.iptv.watch_share=often", "bad-value channels.iptv.watch_share"),
        ("channels.iptv.watch_share=.nan", "bad-value channels.iptv.watch_share"),
        ("channels.iptv.watch_share=[1", "bad-value channels.iptv.watch_share"),
        ("world.power.home_hours.hils=3", "unknown-name world.power.home_hours.hils"),
        ("acts.private_talk.who=adult", "bad-word acts.private_talk.who"),
        ("=3", "bad-value =3: found no path"),
    ],
)
def test_what_cannot_be_set_is_one_line(text: str, head: str) -> None:
    with pytest.raises(Problems) as told:
        with_overrides(load(BASE), ["world.people.household_size=3", text])
    assert len(told.value.problems) == 1
    assert str(told.value).startswith(f"--set:2:1 {head}")


def test_every_bad_option_is_told_at_once() -> None:
    with pytest.raises(Problems) as told:
        with_overrides(load(BASE), ["a=1", "b=2", "c"])
    assert [problem.location.line for problem in told.value.problems] == [1, 2, 3]

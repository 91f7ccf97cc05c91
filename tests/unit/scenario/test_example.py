"""The sums of the example's README hold in the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sousveil.engine.expected import expect
from sousveil.procedure import assemble
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.parameters import resolve
from sousveil.tallies import Key
from sousveil.world.build import build

MEMBERS = 60


def totals(*what_ifs: str, member: int = 0) -> dict[Key, float]:
    scenario = load("example")
    parameters = resolve(scenario, CENTRAL, what_ifs)
    world = build(scenario.tables, parameters.world, parameters.year, 1, member)
    expected = expect(assemble(parameters, world, None))
    return {key: float(item.values.sum()) for key, item in expected.items()}


@pytest.fixture(scope="module")
def over_years() -> dict[Key, float]:
    """Means over many drawn years of power."""
    every = [totals(member=member) for member in range(MEMBERS)]
    return {key: float(np.mean([item[key] for item in every])) for key in every[0]}


def test_talks_are_overheard_as_a_pencil_says() -> None:
    found = totals()
    assert found[Key("private_talk", "done")] == pytest.approx(24_000 * 0.75 * 12)
    noticed = 144_000 * (1 - 0.99**2) + 72_000 * (1 - 0.9875**2)
    name = "neighbourhood_unit.private_talk"
    assert found[Key(name, "noticed")] == pytest.approx(noticed, rel=1e-6)
    assert found[Key(name, "reported")] == pytest.approx(0.1 * noticed, rel=1e-6)


def test_boxes_record_as_a_pencil_says(over_years: dict[Key, float]) -> None:
    name = "iptv.sunday"
    assert over_years[Key(name, "household_events")] == pytest.approx(960 * 52)
    recordable = (41_600 * 12 / 24 + 8_320 * 6 / 24) * 0.97
    # Fifty-two Sundays of eight feeders in sixty years: about one part in a hundred.
    assert over_years[Key(name, "recordable")] == pytest.approx(recordable, rel=0.03)
    assert over_years[Key(name, "recorded")] == pytest.approx(0.9 * recordable, rel=0.03)


def test_flags_are_those_of_the_page(over_years: dict[Key, float]) -> None:
    name = "iptv.sunday"
    town, village = (1 - share * 0.97 * 0.9 for share in (12 / 24, 6 / 24))
    flags = sum(
        boxes * 13 * (4 * miss**3 * (1 - miss) + miss**4)
        for boxes, miss in ((800, town), (160, village))
    )
    assert over_years[Key(name, "reported")] == pytest.approx(flags, rel=0.04)
    third, fourth = 2 * 3 * 4 / (20 * 21 * 22), 2 * 3 * 4 * 5 / (20 * 21 * 22 * 23)
    meant = 960 * 13 * (4 * (third - fourth) + fourth)  # Beta(18, 2) not watching
    assert over_years[Key(name, "founded")] == pytest.approx(meant, rel=0.05)  # 16 classes


def test_without_outages_few_flags_are_left() -> None:
    found = totals("reliable_power")
    assert 140 < found[Key("iptv.sunday", "reported")] < 180
    assert Key("iptv.sunday", "reported") not in totals("no_television")


def test_the_page_says_what_it_cannot_show() -> None:
    page = (load("example").folder / "README.md").read_text(encoding="utf-8")
    assert "What it cannot show" in page
    assert "never evidence about one person, place or event" in page
    assert Path(load("example").folder).name == "example"

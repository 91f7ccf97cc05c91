"""The flagship scenario says what its sources say, cites what it carries, holds no position."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sousveil.channels import channels
from sousveil.quantity import Distribution, Quantity
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.parameters import resolve

FOLDER = Path(__file__).resolve().parents[2] / "src" / "sousveil" / "scenarios" / "north_korea"
CENSUS = {  # persons outside camps, October 2008
    "ryanggang": 719_269,
    "north_hamgyong": 2_327_362,
    "south_hamgyong": 3_066_013,
    "kangwon": 1_477_582,
    "chagang": 1_299_830,
    "north_pyongan": 2_728_662,
    "south_pyongan": 4_051_696,
    "north_hwanghae": 2_113_672,
    "south_hwanghae": 2_310_485,
    "pyongyang": 3_255_288,
}
ACTS = set(
    "foreign_media overnight_guest missed_event unauthorised_travel private_talk illegal_call "
    "trade cross_border take_bribe".split()
)
WHAT_IFS = set(
    "reliable_power no_cameras no_neighbourhood_units no_organisations iptv_everywhere "
    "chinese_level_cameras live_face_search no_imports working_border_cameras "
    "border_cameras_everywhere no_report_anchor chilling as_of_2012 as_of_2019 "
    "no_speech_slot".split()
)
SAFEGUARDS = set(
    "ignore_absence_without_power human_review shorter_retention stricter_threshold "
    "smaller_gallery independent_reports".split()
)
PUBLISHED = {  # what a source prints -> it lies inside the range of the scenario
    "world.people.population_total": (25_780_000, 26_400_000, 26_500_000),
    "world.people.household_size": (3.9,),
    "world.people.unit_households.pyongyang": (30, 40, 50),
    "world.people.unit_households.city": (20, 30, 40),
    "world.people.margins.age.child": (0.189, 0.199),
    "world.people.margins.class.hostile": (0.20, 0.27),
    "world.power.home_hours.pyongyang": (6.9, 24),
    "world.power.home_hours.northeast": (0.5, 3.7, 10),
    "world.power.state_hours.other": (10, 18, 20),
    "world.power.outage_days.pyongyang": (119,),
    "world.power.outage_days.northeast": (161,),
    "world.stock.imports.2009": (40_465,),
    "world.stock.imports.2012": (16_420,),
    "acts.cross_border.rate_per_year": (1_104, 11_000),
    "acts.cross_border.border.length_km": (1_334, 1_352, 1_416),
    "acts.cross_border.border.posts": (6_820,),
    "acts.cross_border.border.posts_with_cameras": (0.02, 1),
    "acts.foreign_media.battery_share": (0.45,),
    "channels.neighbourhood_unit.reporters_per_unit": (3,),
    "channels.neighbourhood_unit.checks_per_year": (12,),
    "channels.neighbourhood_unit.check_start_hour": (23,),
    "channels.neighbourhood_unit.routine_reports_per_week": (0.25, 1, 7),
    "channels.iptv.share_of_households.other": (0.0001, 0.005, 0.014, 0.03),
    "channels.face_recognition.false_match_rate": (1 / 6_000 / 10_000, 1 / 60_000 / 1_000),
    "channels.face_recognition.enrolled_share": (0.6,),
    "channels.phone.owners.pyongyang": (0.71,),
    "channels.phone.owners.other": (0.30, 0.39),
    "procedure.officers": (20_000,),
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("north_korea")


def distributions(quantity: Quantity, year: int) -> list[Distribution]:
    """The distributions of a quantity that hold in a year."""
    if quantity.readings:
        return [reading.distribution for reading in quantity.readings]
    if quantity.series:
        return [[p for p in quantity.series if p.year <= year][-1].distribution]
    assert quantity.distribution is not None
    return [quantity.distribution]


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_it_loads_without_a_warning(scenario: Scenario) -> None:
    assert scenario.country == "PRK"
    assert scenario.year == 2024
    assert not scenario.warnings


def test_ten_provinces_sum_to_the_census() -> None:
    found: Counter[str] = Counter()
    for row in rows("areas.csv"):
        found[row["parent"]] += int(row["people"])
    assert found == CENSUS
    assert sum(found.values()) == 24_052_231 - 702_372
    border = {row["parent"] for row in rows("areas.csv") if row["touches_border"] == "1"}
    assert border == {"ryanggang", "north_hamgyong", "chagang", "north_pyongan"}


def test_arrivals_add_up_to_the_published_total() -> None:
    arrivals = [r for r in rows("series.csv") if r["series"] == "arrivals_in_south_korea"]
    assert sum(int(row["value"]) for row in arrivals) == 34_538


def test_trade_stands_in_both_accountings() -> None:
    trade = {(r["series"], r["year"]): float(r["value"]) for r in rows("series.csv")}
    assert trade["trade_china_customs", "2022"] == 1.028e9
    assert trade["trade_china_kotra", "2022"] == 1.53e9


def test_shapes_are_the_ten_provinces_and_nothing_finer() -> None:
    text = (FOLDER / "areas.geojson").read_text(encoding="utf-8")
    assert len(text) < 60_000
    assert not re.search(r"\d\.\d{4}", text)
    features = json.loads(text)["features"]
    assert {feature["properties"]["parent"] for feature in features} == set(CENSUS)
    for feature in features:
        assert list(feature["properties"]) == ["parent"]
        for polygon in feature["geometry"]["coordinates"]:
            assert signed_area(polygon[0]) < 0, "outer rings run clockwise"


def signed_area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False)) / 2


def test_every_source_cited_exists_and_every_record_is_used(scenario: Scenario) -> None:
    cited = set(citations(scenario))
    assert not cited - set(scenario.sources)
    assert not set(scenario.sources) - cited


def citations(scenario: Scenario) -> Iterator[str]:
    for quantity in [*scenario.quantities.values(), *(c.quantity for c in scenario.checks)]:
        yield from (source.key for source in quantity.sources)
        for part in (*quantity.readings, *quantity.series):
            yield from (source.key for source in part.sources)
    for what_if in scenario.what_ifs.values():
        yield from (source.key for source in what_if.sources)
    for claim in scenario.claims:
        yield from (source.key for source in claim.evidence)
    for table in ("areas.csv", "presence.csv", "series.csv"):
        for row in rows(table):
            yield from filter(None, re.split(r";\s*", row["source"]))
    for name in scenario.acts:
        yield from re.findall("UDHR|ICCPR", str(scenario.settings.get(f"acts.{name}.right", "")))


def test_what_is_assumed_says_why(scenario: Scenario) -> None:
    for path, quantity in scenario.quantities.items():
        if quantity.kind == "assumed":
            assert len(quantity.because) > 10, path
        else:
            assert quantity.sources, path
            assert quantity.grade, path
    assert all(row["because"] or row["source"] for row in rows("presence.csv"))


def test_the_page_counts_what_is_assumed(scenario: Scenario) -> None:
    kinds = Counter(quantity.kind for quantity in scenario.quantities.values())
    page = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    said = re.search(r"Of (\d+) quantities (\d+) are documented, (\d+) derived .* (\d+) inf", page)
    assert said is not None
    words = ("documented", "derived", "inferred")
    assert said.groups() == tuple(map(str, (kinds.total(), *(kinds[word] for word in words))))
    assert f"and {kinds['assumed']} assumed" in page
    assert "Made with Natural Earth" in page


@pytest.mark.parametrize("path", PUBLISHED)
def test_ranges_hold_what_is_published(scenario: Scenario, path: str) -> None:
    found = distributions(scenario.quantities[path], scenario.year)
    for value in PUBLISHED[path]:
        slack = 1e-3 * abs(value)
        assert any(item.low - slack <= value <= item.high + slack for item in found), value


def test_acts_name_the_right_that_they_exercise(scenario: Scenario) -> None:
    assert set(scenario.acts) == ACTS
    for act in ACTS - {"take_bribe"}:
        assert re.match(r"UDHR \d+", scenario.settings[f"acts.{act}.right"]), act
    assert scenario.settings["acts.take_bribe.legitimate_aim"]


def test_all_channels_and_the_whole_matrix(scenario: Scenario) -> None:
    assert set(scenario.channels) == set(channels())
    assert len(scenario.channels) == 9
    for act in scenario.acts:
        assert set(scenario.matrix[act]) == set(scenario.channels), act
        for channel, (state, note) in scenario.matrix[act].items():
            assert note or state != "not_modelled", (act, channel)


def test_what_ifs_and_safeguards(scenario: Scenario) -> None:
    assert set(scenario.what_ifs) >= WHAT_IFS | SAFEGUARDS
    assert {name for name, item in scenario.what_ifs.items() if item.safeguard} == SAFEGUARDS
    assert [n for n, item in scenario.what_ifs.items() if item.sharpens_only] == [
        "stricter_threshold"
    ]
    assert all(item.title and item.reason for item in scenario.what_ifs.values())


def test_no_what_if_searches_for_better_control(scenario: Scenario) -> None:
    assert "border_guard" not in scenario.what_ifs["no_cameras"].remove
    assert scenario.what_ifs["no_imports"].set["world.stock.unrecorded_imports"] == 0


def test_nine_claims_with_contrary_evidence(scenario: Scenario) -> None:
    assert [claim.id for claim in scenario.claims] == [f"C{number}" for number in range(1, 10)]
    for claim in scenario.claims:
        assert claim.evidence, claim.id
        assert claim.contrary, claim.id
        assert claim.on_evidence, claim.id
        assert claim.tests or claim.because, claim.id


def test_headlines_leave_the_border_as_contrasts_only(scenario: Scenario) -> None:
    for headline in scenario.headlines:
        assert "{range}" in headline["sentence"]
        where: Any = headline.get("where") or {}
        assert where.get("act") not in {"cross_border", "take_bribe"}
        if "crossings" in headline["measure"]:
            assert headline["measure"].endswith("_change_share")


@pytest.mark.parametrize(("name", "cameras"), [("as_of_2012", 0.4), ("as_of_2019", 0.75)])
def test_years_move_what_is_dated(scenario: Scenario, name: str, cameras: float) -> None:
    now, then = resolve(scenario, CENTRAL), resolve(scenario, CENTRAL, (name,))
    assert then.year == scenario.what_ifs[name].year
    posts = then.acts["cross_border"].border.posts_with_cameras
    assert posts / now.acts["cross_border"].border.posts_with_cameras == pytest.approx(
        cameras, abs=0.1
    )
    assert then.channels["phone"].owners["other"] < now.channels["phone"].owners["other"]
    assert then.channels["iptv"].share_of_households["other"] < 0.005
    assert (
        then.channels["face_recognition"].live_share < now.channels["face_recognition"].live_share
    )
    assert then.acts["cross_border"].border.shoot_order_deterrence == 0


def test_power_of_the_capital_keeps_both_accounts(scenario: Scenario) -> None:
    readings = scenario.quantities["world.power.home_hours.pyongyang"].readings
    assert [(r.label, r.weight) for r in readings] == [("survey", 0.8), ("round the clock", 0.2)]

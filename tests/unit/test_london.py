"""London says what its sources say, and gives the published counts back."""

from __future__ import annotations

import pytest

from sousveil.arrays import HOURS_PER_YEAR
from sousveil.channels.face_recognition import false_alert, group_factor
from sousveil.engine.expected import expect
from sousveil.measures.search import MEASURES
from sousveil.measuring.base import Context, Item
from sousveil.procedure import assemble
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL
from sousveil.scenario.parameters import resolve
from sousveil.statistics import poisson
from sousveil.world.build import build

SCENARIO = load("london")


def central(*what_ifs: str) -> Context:
    parameters = resolve(SCENARIO, CENTRAL, what_ifs)
    world = build(SCENARIO.tables, parameters.world, SCENARIO.year, 1, 0)
    model = assemble(parameters, world)
    found = expect(model, persons=False, variances=False)
    return Context("", model, found, world.people.by_group())


def total(context: Context, identifier: str, category: str = "") -> float:
    (measure,) = (item for item in MEASURES if item.identifier == identifier)
    return next(
        float(item.numerator.values.sum())
        for item in measure.compute(context)
        if isinstance(item, Item) and (item.channel, item.category) == ("", category)
    )


def test_the_faces_are_those_that_were_counted() -> None:
    faces = SCENARIO.quantities["channels.street_camera.deployments.faces"]
    assert faces.distribution is not None
    assert faces.distribution.low <= 3_147_436 / 203 <= faces.distribution.high
    assert total(central(), "faces_searched") == pytest.approx(3_147_436, rel=0.1)


def test_with_the_force_s_own_count_its_ten_errors_come_back() -> None:
    # The heaviest reading is the count; chance alone moves ten errors between five and eighteen.
    wrong = total(central(), "search_alerts", "wrong")
    assert poisson(10).low <= wrong <= poisson(10).high


def test_differences_between_groups_leave_the_sum() -> None:
    assert total(central("errors_fall_evenly"), "search_alerts", "wrong") == pytest.approx(
        total(central(), "search_alerts", "wrong"), rel=0.15
    )


def test_a_shorter_list_errs_less_and_the_laboratory_foretells_more() -> None:
    base = total(central(), "search_alerts", "wrong")
    short = total(central("list_of_a_thousand"), "search_alerts", "wrong")
    laboratory = total(central("threshold_of_the_laboratory"), "search_alerts", "wrong")
    assert short == pytest.approx(base * 1000 / 15_000, rel=0.1)
    assert laboratory > 30 * base
    assert total(central("ten_a_week"), "search_alerts") == pytest.approx(
        520 / 203 * total(central(), "search_alerts")
    )
    with pytest.raises(StopIteration):
        total(central("no_deployments"), "search_alerts")


def test_the_rate_is_everybody_s() -> None:
    parameters = resolve(SCENARIO, CENTRAL, ())
    world = build(SCENARIO.tables, parameters.world, SCENARIO.year, 1, 0)
    from sousveil.channels.base import Site

    site = Site(world, {}, SCENARIO.year)
    faces = parameters.channels["face_recognition"]
    people = site.persons().sum(axis=0)
    assert float(group_factor(faces, site) @ people / people.sum()) == pytest.approx(1)
    assert false_alert(faces, faces.watchlist) < 1e-5
    assert HOURS_PER_YEAR == 8760


def test_every_source_is_cited() -> None:
    cited = {s.key for item in SCENARIO.quantities.values() for s in item.sources}
    cited |= {
        s.key
        for item in SCENARIO.quantities.values()
        for reading in item.readings
        for s in reading.sources
    }
    cited |= {s.key for claim in SCENARIO.claims for s in claim.evidence}
    cited |= {s.key for item in SCENARIO.what_ifs.values() for s in item.sources}
    cited |= {s.key for check in SCENARIO.checks for s in check.quantity.sources}
    for row in SCENARIO.tables["areas"].rows:
        cited.add(str(row["source"]).partition(" ")[0])
    assert set(SCENARIO.sources) == cited

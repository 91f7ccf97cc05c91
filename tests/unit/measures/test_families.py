"""Every measure against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.measures import measures
from sousveil.measures.exposure import median_days
from sousveil.measuring.base import ALLEGATIONS
from sousveil.measuring.form import COLUMNS
from sousveil.measuring.table import tabulate
from sousveil.processes import Detection, Process, Sensitivity
from unit.measures.place import AREAS, ONES, PERSONS, context, key, model, only, rows

RESIDENTS = PERSONS[:3].sum()
NORTH = PERSONS[:2].sum()
STRATA = 12
NAMED = set(
    "encounters_per_person_day identifiable_views_per_person_day named_per_person_day "
    "noticed_per_person_day share_viewed_daily time_in_view_share reach_share "
    "observable_household_share days_to_first_named true_flags false_flags coincident_flags "
    "dropped_flags false_flags_cause_share positive_predictive_value persons_wronged extortions "
    "affected_persons named_reports act_detection_probability unobserved_acts_share "
    "noticed_change_share shapley_share crossings_change_share bribed_crossings_change_share harm "
    "disparity_ratio acts_forgone_share availability camera_stock cases_per_reviewer_day "
    "backlog_days".split()
)


def test_every_identifier_of_the_design_is_declared_with_unit_title_and_source() -> None:
    assert set(measures()) >= NAMED
    for measure in measures().values():
        assert measure.unit
        assert measure.title
        assert measure.source
        assert bool(measure.category) == ("category" in measure.dimensions), measure.identifier


def test_a_run_without_events_gives_zeros_and_nulls_and_fills_every_column() -> None:
    columns = tabulate(measures().values(), context({}, base=context({})))
    assert tuple(columns.columns) == COLUMNS
    for name, value in zip(columns["measure"], columns["value"], strict=True):
        if name in ("false_flags", "harm", "persons_wronged"):
            assert value == 0
        if name == "positive_predictive_value":
            assert value is None


# --- Flags


def test_flags_are_per_100000_resident_years_and_guards_do_not_count() -> None:
    found = rows("false_flags", context({("neighbours.denounced", "unfounded"): 3}))
    assert found[key()] == pytest.approx(1e5 * 3 * STRATA / RESIDENTS)
    assert found[key(channel="neighbours", act="listening")] == found[key()]
    assert found[key(area="north")] == pytest.approx(1e5 * 3 * 8 / NORTH)
    assert found[key(group="sex.female")] == pytest.approx(1e5 * 18 / PERSONS[:3, ::2].sum())
    assert key(channel="neighbours", act="listening", area="north") not in found
    assert key(area="posts") not in found


def test_flags_about_crossings_stand_nowhere() -> None:
    base = context({})
    loud = {
        (name, outcome): 1e6
        for name in ("cameras.cross_border", "guards.cross_border")
        for outcome in (
            "reported",
            "founded",
            "unfounded",
            "reporter_bribed",
            "extorted",
            "noticed",
        )
    }
    loud |= {("cross_border", name): 1e6 for name in ("done", "forgone", "completed", "pattern:3")}
    for measure in measures().values():
        if measure.sensitivity is Sensitivity.BORDER:
            continue
        assert str(rows(measure.identifier, context(loud, base=base))) == str(
            rows(measure.identifier, context({}, base=base))
        ), measure.identifier


def test_causes_are_shares_of_the_false_flags_of_roll_calls() -> None:
    counts = {("boxes.speech", "unfounded"): 4, ("boxes.speech", "cause:power"): 3}
    counts |= {("neighbours.denounced", "unfounded"): 100}
    found = rows("false_flags_cause_share", context(counts))
    assert found[key(category="power")] == 0.75
    assert found[key(category="link", channel="boxes", area="south")] == 0


def test_precision_is_given_where_punishing_has_an_aim_and_never_pooled() -> None:
    counts = {("neighbours.theft", "founded"): 3, ("neighbours.theft", "unfounded"): 1}
    counts |= {("neighbours.listening", "founded"): 5, ("faces.street", "founded"): 1}
    found = rows("positive_predictive_value", context(counts))
    assert found[key(act="theft")] == 0.75
    assert found[key(act="listed", channel="faces")] == 1
    assert {item[1] for item in found} == {"theft", "listed"}
    assert ALLEGATIONS["missed_broadcast"] is Sensitivity.PROTECTED


def test_persons_wronged_are_persons() -> None:
    counts = {("", "persons_wronged"): only(0, 1, 7), ("channel:boxes", "persons_wronged"): 2}
    counts |= {("channel:guards", "persons_wronged"): 9}
    found = rows("persons_wronged", context(counts))
    assert found[key()] == 7
    assert found[key(area="north", group="sex.male")] == 7
    assert found[key(area="south")] == 0
    assert found[key(channel="boxes")] == 2 * STRATA
    assert key(channel="guards") not in found


def test_affected_persons_are_fewer_than_their_flags() -> None:
    counts = {("neighbours.theft", "founded"): PERSONS}
    assert rows("affected_persons", context(counts))[key()] == pytest.approx(
        RESIDENTS * (1 - np.exp(-1))
    )


def test_extortions_are_taken_before_and_after_the_flag() -> None:
    counts = {("neighbours.theft", "reporter_bribed"): 1, ("neighbours.theft", "extorted"): 2}
    assert rows("extortions", context(counts))[key(act="theft")] == pytest.approx(
        1e5 * 3 * STRATA / RESIDENTS
    )


def test_reports_of_people_are_those_of_the_human_layer() -> None:
    counts = {("neighbours.theft", "reported"): 1, ("boxes.speech", "reported"): 50}
    found = rows("named_reports", context(counts))
    assert found[key()] == pytest.approx(1e5 * STRATA / RESIDENTS)
    assert key(channel="boxes") not in found


# --- Harm and disparity


def test_harm_counts_founded_flags_of_rights_and_not_of_legitimate_aims() -> None:
    counts = {("neighbours.listening", "founded"): 1, ("neighbours.theft", "founded"): 10}
    counts |= {("neighbours.theft", "unfounded"): 2, ("neighbours.theft", "extorted"): 3}
    counts |= {("listening", "forgone"): 4, ("theft", "forgone"): 100}
    found = rows("harm", context(counts))
    unit = 1e5 * STRATA / RESIDENTS
    assert found[key()] == pytest.approx((1 + 2 + 3 + 4) * unit)
    assert found[key(act="theft")] == pytest.approx(5 * unit)
    assert found[key(act="listening")] == pytest.approx(5 * unit)
    assert found[key(category="forgone")] == pytest.approx(4 * unit)
    assert found[key(channel="neighbours")] == pytest.approx(6 * unit)
    assert key(area="north", group="class.core") in found


def test_acts_forgone_are_a_share_of_the_acts_wanted() -> None:
    found = rows("acts_forgone_share", context({("theft", "forgone"): 1, ("theft", "done"): 3}))
    assert found[key(act="theft")] == 0.25
    assert found[key(act="listening")] is None


def test_disparity_compares_a_group_with_everybody_else() -> None:
    flags = np.where(np.arange(4) < 2, 0.02, 0.01) * PERSONS
    found = rows("disparity_ratio", context({("neighbours.theft", "unfounded"): flags}))
    assert found[key(category="false_flags", group="class.core")] == pytest.approx(2)
    assert found[key(category="false_flags", group="class.other")] == pytest.approx(0.5)
    assert found[key(category="extortions", group="class.other")] is None


# --- Detection

PATTERNS = {
    # Watchers in order of the alphabet: cameras 1, neighbours 2, phones 4.
    ("listening", "done"): 10,
    ("listening", "pattern:0"): 4,
    ("listening", "pattern:1"): 1,
    ("listening", "pattern:2"): 2,
    ("listening", "pattern:3"): 2,
    ("listening", "pattern:7"): 1,
    ("theft", "done"): 2,
    ("theft", "pattern:0"): 2,
}


def test_unobserved_is_not_noticed_and_withheld_where_a_known_channel_is_missing() -> None:
    found = rows("unobserved_acts_share", context(PATTERNS))
    assert found[key(act="listening")] == pytest.approx(0.4)
    assert not any(item[3] for item in found), "by area it would be a map of blind spots"
    assert found[key()] == pytest.approx(0.7), "acts weigh alike"
    missing = {"listening": {"informers": "not_modelled"}}
    found = rows("unobserved_acts_share", context(PATTERNS, matrix=missing))
    assert found[key(act="listening")] is None
    assert found[key()] == pytest.approx(1.0)


def test_noticed_by_channel_and_by_layer() -> None:
    found = rows("act_noticed_share", context(PATTERNS))
    assert found[key(act="listening")] == pytest.approx(0.6)
    assert found[key(act="listening", channel="cameras")] == pytest.approx(0.4)
    assert found[key(act="listening", category="people")] == pytest.approx(0.5)
    assert found[key(act="listening", category="mixed")] == pytest.approx(0.1)


def test_shapley_shares_are_exact_and_add_up() -> None:
    found = rows("shapley_share", context(PATTERNS))
    third = 1 / 3
    assert found[key(act="listening", channel="cameras")] == pytest.approx((1 + 1 + third) / 6)
    assert found[key(act="listening", channel="neighbours")] == pytest.approx((2 + 1 + third) / 6)
    layers = [found[key(act="listening", category=n)] for n in ("people", "machines", "mixed")]
    assert sum(layer for layer in layers if layer is not None) == pytest.approx(1)


def test_shapley_agrees_with_all_orders() -> None:
    from itertools import permutations

    weights = {1: 1, 2: 2, 3: 2, 7: 1}

    def worth(players: tuple[int, ...]) -> int:
        mask = sum(1 << player for player in players)
        return sum(count for bits, count in weights.items() if bits & mask)

    orders = list(permutations(range(3)))
    cameras = [
        worth(order[: order.index(0) + 1]) - worth(order[: order.index(0)]) for order in orders
    ]
    found = rows("shapley_share", context(PATTERNS))
    assert found[key(act="listening", channel="cameras")] == pytest.approx(np.mean(cameras) / 6)


def test_detection_is_reported_and_joint_over_channels() -> None:
    counts = PATTERNS | {
        ("neighbours.listening", "reported"): 5,
        ("cameras.listening", "reported"): 2,
    }
    found = rows("act_detection_probability", context(counts))
    assert found[key(act="listening", channel="neighbours")] == pytest.approx(0.5)
    assert found[key(act="listening")] == pytest.approx(1 - 0.5 * 0.8)
    assert not any(item[1] == "cross_border" for item in found)


def test_change_of_noticed_is_against_the_base() -> None:
    base = context(PATTERNS)
    now = context(PATTERNS | {("listening", "pattern:2"): 5}, what_if="more", base=base)
    found = rows("noticed_change_share", now)
    assert found[key(act="listening")] == pytest.approx(9 / 6 - 1)
    assert found[key(act="listening", channel="phones")] == pytest.approx(0)
    assert found[key(act="theft")] is None
    assert rows("noticed_change_share", base) == {}


# --- Border


def test_border_is_a_share_of_change_over_the_whole_of_it() -> None:
    base = context({("cross_border", "completed"): 4, ("cross_border", "mark:path:helped"): 2})
    now = {("cross_border", "completed"): 3, ("cross_border", "mark:path:helped"): 0}
    changed = context(now, what_if="cameras", base=base)
    assert rows("crossings_change_share", changed) == {key(): pytest.approx(-0.25)}
    assert rows("bribed_crossings_change_share", changed) == {key(): pytest.approx(-1)}
    assert rows("crossings_change_share", base) == {}
    assert rows("crossings_change_share", context(now, base=context({}))) == {key(): None}


def test_no_share_of_change_where_nobody_watches_the_border_any_more() -> None:
    base = context({("cross_border", "completed"): 4, ("cross_border", "mark:path:helped"): 2})
    blind = replace(
        base.model, processes=tuple(p for p in base.model.processes if not about_border(p))
    )
    now = replace(context({("cross_border", "completed"): 5}, what_if="x", base=base), model=blind)
    assert rows("crossings_change_share", now) == {key(): None}
    assert rows("bribed_crossings_change_share", now) == {key(): None}


def noticed_at_border(share: float) -> dict[tuple[str, str], float]:
    """Counts of a border at which a share of a thousand crossings is noticed."""
    missed = 1000.0 * (1.0 - share)
    crossings = (
        ("cross_border", "done"),
        ("cross_border", "completed"),
        ("cross_border", "pattern:0"),
    )
    return dict(zip(crossings, (1000.0, missed, missed), strict=True))


@pytest.mark.parametrize(
    ("before", "now", "leaves"),
    [
        (0.2, 0.1, True),
        (0.2, 0.003, True),
        (0.2, 0.001, False),
        (0.2, 0.0, False),
        (0.001, 0.2, False),
        (0.0, 0.2, False),
    ],
)
def test_a_watcher_who_notices_next_to_nothing_is_none(
    before: float, now: float, leaves: bool
) -> None:
    """Else a chance to notice of nought, or of a millionth, would give the probability away."""
    base = context(noticed_at_border(before))
    found = rows("crossings_change_share", context(noticed_at_border(now), base=base))
    assert (found[key()] is not None) == leaves


def about_border(process: Process) -> bool:
    return isinstance(process, Detection) and process.act == "cross_border"


# --- Exposure and burden


def test_encounters_by_level_and_apart_for_street_and_rooms() -> None:
    counts = {
        ("cameras.street", "detect"): PERSONS * 365,
        ("cameras.school", "detect"): PERSONS * 730,
    }
    counts |= {("cameras.street", "identify"): PERSONS * 36.5}
    found = rows("encounters_per_person_day", context(counts))
    assert found[key(category="detect")] == pytest.approx(3)
    assert found[key(category="detect_moving")] == pytest.approx(1)
    assert found[key(category="detect_fixed", area="north", channel="cameras")] == pytest.approx(2)
    views = rows("identifiable_views_per_person_day", context(counts))
    assert views[key(group="sex.male")] == pytest.approx(0.1)


def test_time_in_view_saturates() -> None:
    views = PERSONS * 8760 * 100
    found = rows("time_in_view_share", context({("cameras.street", "detect"): views}))
    assert found[key()] == pytest.approx(1 - np.exp(-1))
    assert found[key(category="fixed")] == 0


def test_named_and_noticed_are_apart() -> None:
    counts = {("faces.street", "named"): PERSONS, ("neighbours.theft", "noticed"): PERSONS * 2}
    assert rows("named_per_person_day", context(counts))[key()] == pytest.approx(1 / 365)
    assert rows("noticed_per_person_day", context(counts))[key()] == pytest.approx(2 / 365)


def test_days_to_first_named_is_censored_at_a_year() -> None:
    listed = PERSONS * 0.01
    counts = {("faces.street", "persons_named_30"): listed * 0.5}
    counts |= {("faces.street", "persons_named_365"): listed * 0.9}
    found = rows("days_to_first_named", context(counts))
    assert found[key(category="share_30")] == pytest.approx(0.5)
    assert found[key(category="median")] == pytest.approx(30)
    assert median_days(0.9, 0.6) is None
    assert median_days(0.25, 0.01) == pytest.approx(15)
    assert median_days(1.0, 0.25) == pytest.approx(30 + 335 / 2)


def test_observable_households_are_a_share_of_all_households() -> None:
    households = PERSONS / 4
    found = rows(
        "observable_household_share", context({("boxes.speech", "recordable"): households * 0.1})
    )
    assert found[key(channel="boxes", category="speech")] == pytest.approx(
        (households * 0.1)[:3].sum() / 2 / model().world.people.households[:3].sum()
    )


def test_reach_is_a_share_of_the_acts_wanted() -> None:
    found = rows("reach_share", context({("theft", "base"): 4, ("theft", "reach"): 3}))
    assert found[key(act="theft", area="south")] == pytest.approx(0.75)
    assert found[key()] is None, "nothing is known of the other act"


def test_people_viewed_on_a_day() -> None:
    viewed = {("", "viewed_person_days"): PERSONS * 365 * 0.2}
    found = rows("share_viewed_daily", context(viewed))
    assert found[key(group="class.core")] == pytest.approx(0.2)


def test_availability_by_line_season_and_hour_of_the_base() -> None:
    found = rows("availability", context({}))
    assert found[key(category="home", period="winter")] == pytest.approx(0.25)
    assert found[key(category="home", area="south", period="summer")] == pytest.approx(0.5)
    # The first two months of the place have 62 days.
    assert found[key(category="home", period="hour:03")] == pytest.approx(
        (62 * 0.25 + 303 * 0.5) / 365
    )
    assert key(category="home", area="south", period="hour:03") not in found
    later = rows("availability", context({}, base=context({})))
    assert key(category="home", period="hour:03") not in later


def test_stock_by_use() -> None:
    found = rows("camera_stock", context({}))
    assert found == {key(category="street"): 300, key(category="school"): 100, key(): 400}


def test_what_the_engine_does_not_give_is_null_and_says_so() -> None:
    columns = tabulate([measures()["share_viewed_daily"]], context({}))
    assert set(columns["label"]) == {"unavailable"}
    assert columns["value"].is_null().all()


def test_areas_of_residents_only() -> None:
    assert [area.civil for area in AREAS] == [True, True, True, False]
    assert ONES.shape == PERSONS.shape

"""Section 0 of the design, tried from outside: what enters a scenario, and what leaves a run.

Each line has tests of its own near its code too; these look at the whole, as a stranger would.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sousveil
from sousveil.ensemble.api import study_of
from sousveil.ensemble.discovery import searched
from sousveil.ensemble.drivers import correlations, drivers_table
from sousveil.ensemble.manifest import NEVER
from sousveil.ensemble.matrix import Matrix
from sousveil.ensemble.member import free_model
from sousveil.ensemble.rules import border_lines, rules_of
from sousveil.ensemble.targets import targets_of
from sousveil.measures import measures
from sousveil.processes import Sensitivity
from sousveil.quantity import ROLES
from sousveil.release import IDENTITY, KINDS, MINIMUM_PERSONS, Rule, Rules, release
from sousveil.scenario.load import load
from sousveil.scenario.positions import pair_of_degrees

CONTRAST = "working_border_cameras"
"""A what-if of the flagship that changes the border."""
DETECTION = ("act_detection_probability", "act_noticed_share", "unobserved_acts_share")
BORDER_WORDS = ("border", "cross", "brib")
BORDER_MEASURES = ("crossings_change_share", "bribed_crossings_change_share")


@lru_cache(maxsize=1)
def flagship() -> pl.DataFrame:
    """What Python gives of the flagship: the base and a what-if at the border."""
    return sousveil.expected("north_korea", [CONTRAST])


def named(column: str) -> pl.Expr:
    """Whether a column of a row speaks of the border."""
    words = "|".join(BORDER_WORDS)
    return pl.col(column).str.contains(f"(?i){words}")


# --- 0.1 and 0.3: no person, no position


@pytest.mark.parametrize(
    "text",
    [
        "41.123, 128.456",
        "41.123 128.456",
        "41.123/128.456",
        "N41.12345 E128.45678",
        "lat 41.12345 lon 128.45678",
        "POINT(128.451 41.122)",
        "41°58′30″N 128°10′20″E",
        "41°58.5'N, 128°10.2'E",
        "52T DP 12345 67890",
        "52TDP1234567890",
        "8Q7XMQ2J+9F",
        "42 deg 58.2 min north, 129 deg 45.1 min east",
        "latitude 41.12 and longitude 128.45",
        "41.12 N, 128.45 E",
        "N 41.12 E 128.45",
        "41,9701; 128,7520",
        "UTM 52N 397000 4758000",
        "geohash wzb0yv3k",
        "///filled.count.soap",
    ],
)
def test_a_position_is_known_however_it_is_written(text: str) -> None:
    assert pair_of_degrees(f"a post stands at {text}.")


@pytest.mark.parametrize(
    "text",
    [
        *("0.012, 0.034", "10.1016/j.x.2019.102, 12.345", "latitude 39°02′N", "2009, 2019"),
        *(
            "1.5, 2.5",
            "12,345; 23,456",
            "23.34 and 26.81 million",
            "https://a.org/x.y.z",
            "UTM 52N",
        ),
        *("a latitude of 41.12 is all that daylight needs", "a geohash hides where"),
    ],
)
def test_a_pair_of_shares_is_no_position(text: str) -> None:
    assert not pair_of_degrees(text)


@pytest.mark.parametrize("name", ["example", "north_korea"])
def test_tables_have_no_other_columns_than_those_of_their_kind(name: str) -> None:
    from sousveil.scenario.table_kinds import COLUMNS

    words = {word for columns in COLUMNS.values() for word in columns}
    assert not words & {"person", "person_id", "birth_date", "lat", "lon", "x", "y", "face"}
    folder = load(name).folder
    for path in folder.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        header = next(line for line in lines if line and not line.startswith("#"))
        assert tuple(header.split(",")) == COLUMNS[path.stem]


# --- 0.4: nothing is optimised


@pytest.mark.parametrize("name", ["example", "north_korea"])
def test_harms_and_verdicts_alone_are_aimed_at_and_levers_are_not_searched(name: str) -> None:
    scenario = load(name)
    harms = {key for key, measure in measures().items() if measure.harm}
    assert not harms & set(DETECTION)
    for target in targets_of(study_of(scenario, members=0)):
        assert target.test is not None or target.term.measure in harms
    roles = {scenario.quantities[path].role for path in searched(scenario)}
    assert roles <= {"nature", "behaviour"} < set(ROLES)


def test_detection_leaves_by_no_area_and_no_hour() -> None:
    for name in (*DETECTION, "shapley_share", "noticed_change_share"):
        assert not {"area", "period"} & set(measures()[name].dimensions)
        rows = flagship().filter(pl.col("measure") == name)
        assert rows.height
        assert rows.filter((pl.col("area") != "") | (pl.col("period") != "")).is_empty()


def test_drivers_beyond_harms_are_at_most_the_one_that_a_mark_names() -> None:
    rows = flagship().with_columns(stands_for=pl.lit(1e7))
    wanted = rows.filter(pl.col("measure").is_in(["harm", "act_noticed_share", *BORDER_MEASURES]))
    matrix = Matrix.of([wanted.with_columns(pl.col("value") * (1 + n)) for n in range(20)])
    levels = pl.DataFrame({p: [float((n * s) % 23) for n in range(20)] for p, s in _STEPS.items()})
    parts = list(correlations(matrix, levels.to_numpy()))
    found, _ = drivers_table(matrix, tuple(_STEPS), parts, {})
    assert set(found["measure"].to_list()) == {"harm"}


_STEPS = {"a": 1, "b": 7, "c": 11}


# --- 0.5: one gate


def test_areas_are_provinces_and_hours_a_national_profile_of_two_things() -> None:
    model = free_model(_study())
    provinces = {area.parent for area in model.world.areas if area.civil} | {""}
    assert set(flagship()["area"].to_list()) <= provinces
    hours = flagship().filter(pl.col("period").str.starts_with("hour:"))
    assert set(hours["measure"].to_list()) == {"availability", "presence_share"}
    assert hours.filter((pl.col("area") != "") | (pl.col("group") != "")).is_empty()


def test_no_cell_of_few_people_can_be_had_back_by_subtraction() -> None:
    """Whatever is hidden in a row or column of a table of areas and groups is many, or nobody."""
    people = {
        ("north", "class.a"): 400.0,
        ("north", "class.b"): 500.0,
        ("north", "class.c"): 90_000.0,
        ("south", "class.a"): 20_000.0,
        ("south", "class.b"): 30_000.0,
        ("south", "class.c"): 40_000.0,
        ("west", "class.a"): 25_000.0,
        ("west", "class.b"): 35_000.0,
        ("west", "class.c"): 45_000.0,
    }
    rows = [_cell(area, group, count) for (area, group), count in people.items()]
    frame = release(_cells(rows), _rules()).frame
    hidden = {(a, g) for a, g, v in frame.select("area", "group", "value").iter_rows() if v is None}
    assert {("north", "class.a"), ("north", "class.b")} <= hidden
    for place in (0, 1):
        for word in {key[place] for key in hidden}:
            together = sum(people[key] for key in hidden if key[place] == word)
            assert together >= MINIMUM_PERSONS
    assert len(hidden) < len(people)


def test_a_gate_without_its_rules_lets_nothing_through() -> None:
    with pytest.raises(ValueError, match="no measure declares"):
        release(_cells([_cell("", "", 1e6)]), Rules({}, {}, {}))


# --- 0.6: the border


def test_nothing_but_a_contrast_of_the_whole_speaks_of_crossings() -> None:
    rows = flagship()
    model = free_model(_study())
    acts = [a.name for a in _acts(model) if a.sensitivity is Sensitivity.BORDER]
    assert {"cross_border", "take_bribe"} <= set(acts)
    assert rows.filter(pl.col("act").is_in(acts) | named("act")).is_empty()
    assert rows.filter(named("channel")).is_empty()
    assert rows.filter(named("area") | named("period")).is_empty()
    contrasts = rows.filter(named("measure"))
    assert set(contrasts["measure"].to_list()) == set(BORDER_MEASURES)
    whole = [pl.col(name) == "" for name in IDENTITY if name not in {"measure", "what_if"}]
    assert contrasts.filter(~pl.all_horizontal(whole) | (pl.col("what_if") == "")).is_empty()


def test_power_at_the_border_leaves_for_the_whole_of_it_and_the_year_alone() -> None:
    model = free_model(_study())
    assert border_lines(model) == {"border"}
    rows = flagship().filter(named("category"))
    split = pl.any_horizontal(pl.col(name) != "" for name in ("area", "group", "period"))
    assert set(rows["measure"].to_list()) <= {"availability", "camera_stock"}
    assert rows.filter(split).is_empty()


def test_where_guards_are_no_row_may_say() -> None:
    scenario = load("north_korea")
    rules = rules_of(scenario, free_model(_study()))
    assert not any(named_by_guards(word) for pair in rules.parents.items() for word in pair)


def named_by_guards(word: str) -> bool:
    return "guard" in word or "post" in word


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_of_table_carries_a_border_act_or_a_level_of_crossings(kind: str) -> None:
    text = {"label", "unit", "statistic", "part", "driver", "target", "quantity"}
    columns: dict[str, Any] = {n: ["x"] if n in text else [1.0] for n in KINDS[kind]}
    blank = {name: [""] for name in IDENTITY}
    for words in (
        {"measure": ["flags"], "act": ["cross_border"]},
        {"measure": ["crossings_change_share"]},
        {"measure": ["crossings_change_share"], "what_if": ["w"], "area": ["north"]},
        {"measure": ["flags"], "category": ["border"], "area": ["north"]},
        {"measure": ["flags"], "category": ["border"], "period": ["hour:03"]},
    ):
        table = pl.DataFrame(blank | columns | {"stands_for": [1e6]} | words)
        assert release(table, _rules()).frame.is_empty(), words


# --- 0.7: accurate repression is not success


def test_precision_is_of_acts_with_a_legitimate_aim_alone() -> None:
    protected = [name for name, measure in measures().items() if not measure.protected]
    assert "positive_predictive_value" in protected
    aims = {a.name for a in _acts(free_model(_study())) if a.sensitivity is Sensitivity.OPEN}
    rows = flagship().filter(pl.col("measure").is_in(protected))
    assert set(rows["act"].to_list()) <= aims | {"listed"}


def test_every_act_names_a_right_or_an_aim() -> None:
    for act in _acts(free_model(_study())):
        assert bool(act.right) != bool(act.legitimate_aim), act.name


# --- 0.8: never evidence


def test_the_line_is_printed_wherever_a_result_is(root: Path) -> None:
    words = "never evidence about one person, place or event"
    assert words in NEVER.lower()
    assert words in (sousveil.__doc__ or "").replace("\n", " ").lower()
    for name in ("README.md", "CITATION.cff", "docs/index.md"):
        text = " ".join((root / name).read_text(encoding="utf-8").split())
        assert words in text.lower(), name


# --- Helpers


def _study() -> Any:
    from sousveil.ensemble.api import study_of

    return study_of(load("north_korea"), members=0, what_ifs=["none"], engine="expected")


def _acts(model: Any) -> tuple[Any, ...]:
    from sousveil.measuring.base import acts_of

    return acts_of(model)


def _rules() -> Rules:
    every = frozenset({"channel", "act", "category", "area", "group", "period"})
    return Rules(
        measures={
            "flags": Rule(every, crossed=True, profile=True),
            "crossings_change_share": Rule(every, Sensitivity.BORDER, contrast=True),
        },
        acts={"cross_border": Sensitivity.BORDER},
        parents={name: name for name in ("north", "south", "west")},
    )


def _cell(area: str, group: str, people: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(IDENTITY, "") | dict.fromkeys(KINDS["cells"], 1.0)
    words = {"measure": "flags", "area": area, "group": group, "stands_for": people}
    return row | words | {"label": "exact", "unit": "1"}


def _cells(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows)

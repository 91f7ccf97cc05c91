"""Model S from World and Processes, and what our engines count of it.

What is the same: every expectation, to the digit. `hourly` draws each sighting, flag, report, act
with its hour, and each broadcast in a home with a box; `events` draws as numbers what feeds only
counts, and the hours of alerts alone. What differs, in law:

- Counts of an hour are Poisson and not yes or no, and channels do not share the place of the hour:
  nobody is sighted at home, but a sighting and conduct at home can share an hour (once in 1e5).
- Group, watch-list and box are drawn for each person, where peers get fixed functions of the index.
- To be at home for a broadcast has one chance for all groups, the mean of theirs.
- A household is one person, because model S has boxes of persons.
"""

from __future__ import annotations

import numpy as np

from benchmarks import law
from benchmarks.law import Array, Case, Outcome
from sousveil import processes as p
from sousveil.arrays import HOURS_PER_DAY, MONTHS, SLOTS
from sousveil.engine.model import Model
from sousveil.engine.sampled.blocks import Sampled
from sousveil.tallies import Key
from sousveil.world.model import Area, Calendar, Group, People, PowerPath, World
from sousveil.world.power import supplied_hours

PERSONS_OF_A_UNIT = 125
LINE = "grid"
OPEN = p.Sensitivity.OPEN
KEYS = {
    "S": Key("street", "seen"),
    "FT": Key("match", "named"),
    "FF": Key("match", "wrong"),
    "V": Key("broadcast", "recorded"),
    "I": Key("informant", "done"),
    "X": Key("conduct", "done"),
    "B": Key("border", "done"),
    "wronged": Key("", "persons_wronged"),
}
BOXES_ON = Key("broadcast", "recordable")
"""Homes with power and somebody at home: those that do not view, disregard."""


def make_world(case: Case) -> World:
    """200 areas of one feeder with the power array of the case."""
    days = case.days
    calendar = Calendar(
        year=2024,
        day_type=np.zeros(days, np.int64),
        month=np.arange(days) * MONTHS // 365,
        season=np.zeros(MONTHS, np.int64),
        seasons=("all",),
    )
    size = case.persons // law.COUNTIES
    persons = np.full(law.COUNTIES, size)
    names = [f"county{number:03}" for number in range(law.COUNTIES)]
    return World(
        areas=tuple(Area(n, n, n, "urban", "all", False, True) for n in names),
        groups=tuple(Group(f"g{g}", (("group", f"g{g}"),), True) for g in range(law.GROUPS)),
        people=People(
            persons=persons,
            households=persons,
            units=np.maximum(persons // PERSONS_OF_A_UNIT, 1),
            household_shares=np.ones(1),
            first_shares=law.GROUP_SHARES,
            other_shares=law.GROUP_SHARES,
        ),
        presence={"street": by_slot(law.STREET)},
        calendar=calendar,
        power=make_path(case, calendar),
        daylight=np.ones(case.hours),
        daylight_slots=np.ones((MONTHS, SLOTS)),
        stock={"total": 0.0},
    )


def make_path(case: Case, calendar: Calendar) -> PowerPath:
    """The power array as the path of one line."""
    on = np.ascontiguousarray(case.power)[None, :, None, :]
    return PowerPath((LINE,), on, supplied_hours(on, calendar))


def by_slot(table: Array) -> Array:
    """(G, 24) as (G, S): model S knows no rest days."""
    return np.tile(table, (1, SLOTS // HOURS_PER_DAY))


def make_model(case: Case) -> Model:
    """Model S, ready for any engine."""
    everywhere = np.ones((law.COUNTIES, law.GROUPS))
    powered = p.Gate(LINE, 1.0, 0.0)
    sighted = law.SIGHTED[law.ZONE][:, None] * everywhere
    told = law.TOLD_HOME * law.HOME + law.TOLD_WORK * law.WORK + law.TOLD_STREET * law.STREET
    border = (law.ZONE == 2)[:, None] * everywhere
    listed = p.Trait("listed", p.Entity.PERSON, law.LISTED * everywhere)
    items = (
        p.Encounter(
            "street",
            "camera",
            sighted,
            by_slot(law.STREET),
            levels=(p.Level("seen", 1.0, 1.0),),
            gate=powered,
        ),
        p.Search("match", "camera", "street", "seen", 1.0, listed, law.NAMED, law.WRONG),
        make_broadcast(case, everywhere, powered),
        make_act("informant", everywhere, told),
        make_act("conduct", everywhere, law.CONDUCT * law.HOME),
        make_act("border", border, law.BORDER * law.STREET),
    )
    layers = {"camera": p.Layer.MACHINES, "iptv": p.Layer.MACHINES}
    return Model(make_world(case), items, {}, layers)


def make_act(name: str, rate: Array, chance: Array) -> p.Act:
    """Acts of everybody, with a chance an hour by group and hour of day, that nobody watches."""
    profile = by_slot(chance)
    months = np.ones((law.COUNTIES, MONTHS))
    aim = "invented"
    return p.Act(name, rate, profile, months, p.NO_GATE, 1, "any", "", aim, OPEN)


def make_broadcast(case: Case, everywhere: Array, powered: p.Gate) -> p.RollCall:
    """Two roll calls a day; to be at home is the chance of the gate, to view that of watching."""
    airings = tuple((24 * day + hour,) for day in range(case.days) for hour in law.BROADCASTS)
    return p.RollCall(
        name="broadcast",
        channel="iptv",
        box=p.Trait("box", p.Entity.HOUSEHOLD, law.BOXED * everywhere),
        events=airings,
        windows=((0,),),
        threshold=2,  # one event, two absences: it never flags, because model S does not
        gate=p.Gate(powered.line, at_home(), 0.0),
        watch=law.VIEWED,
        watch_effect=p.Effect("viewing", p.Entity.HOUSEHOLD, "share", 1e9),
        elsewhere=0.0,
        left_on=0.0,
        fault=p.Spell("fault", p.Entity.HOUSEHOLD, 0.0, 1.0),
        link=p.Spell("link", p.Entity.AREA, 0.0, 1.0),
    )


def at_home() -> float:
    """Chance to be at home for a broadcast, the mean over the groups."""
    return float(law.HOME[:, list(law.BROADCASTS)].mean(axis=1) @ law.GROUP_SHARES)


def expected_totals(case: Case) -> dict[str, float]:
    """What :mod:`benchmarks.law` expects of this model: shares of people, not numbers of them."""
    size = case.persons / law.COUNTIES
    people = np.tile(size * law.GROUP_SHARES, (law.COUNTIES, 1))
    listed = law.LISTED * people
    means = law.expectations(case.power, people, listed, law.BOXED * people)
    means["wronged"] = law.wronged(case.power, people - listed)
    return {name: float(cells.sum()) for name, cells in means.items()}


def found(run: Sampled) -> Outcome:
    """Counts of a run in the order of the channels."""
    counts = run.tallies.counts
    by_channel = {name: counts[key] for name, key in KEYS.items()}
    by_channel["D"] = counts[BOXES_ON] - by_channel["V"]
    stacked = np.stack([by_channel[name] for name in law.CHANNELS], axis=-1)
    return Outcome(stacked, by_channel["wronged"])


def variances(case: Case, means: dict[str, float]) -> dict[str, float]:
    """Variance of every total of ours: of counts given who one is, and of who one is.

    Whoever is wronged counts once, which takes a share of its chance away; that is left out.
    """
    size = case.persons / law.COUNTIES
    one = np.ones((law.COUNTIES, law.GROUPS))
    given = law.expectations(case.power, one, one, one)  # of one person, by group
    home = at_home()
    kept = {"FT": law.LISTED, "FF": 1.0 - law.LISTED, "V": law.BOXED, "D": law.BOXED}
    once = {"V": law.VIEWED * home, "D": (1.0 - law.VIEWED) * home}
    result = dict(means)
    for name in law.CHANNELS:
        share, each = kept.get(name, 1.0), given[name]
        if name == "FF":
            each = given["S"] * law.WRONG
        if name in once:  # yes or no at each broadcast, with one chance for all groups
            each = (each @ law.GROUP_SHARES)[:, None] * one
        squares = share * (each**2 @ law.GROUP_SHARES)
        between = float((squares - (share * (each @ law.GROUP_SHARES)) ** 2).sum())
        result[name] += size * between - once.get(name, 0.0) * means[name]
    return result


def judge(case: Case, run: Sampled) -> dict[str, float]:
    """Standardised distance of every total of ours from the exact expectation."""
    means = expected_totals(case)
    spread = variances(case, means)
    result = found(run)
    totals = {c: float(result.counts[..., i].sum()) for i, c in enumerate(law.CHANNELS)}
    totals["wronged"] = float(result.wronged.sum())
    return {
        name: law.standardised(totals[name], mean, spread[name]) for name, mean in means.items()
    }

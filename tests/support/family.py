"""A family of small models, one a number: together they hold every process, option and entity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sousveil import processes as p
from sousveil.arrays import MONTHS, SLOTS, Floats
from sousveil.engine.model import Model
from sousveil.world.model import World
from support.models import (
    AREAS,
    GROUPS,
    make_act,
    make_detection,
    make_encounters,
    make_handling,
    make_model,
    make_roll_call,
    make_world,
    sloped,
    waves,
)

MEMBERS = 20
ENTITIES = tuple(p.Entity)
DAYS = 6


def make_member(number: int) -> Model:
    """The model of a number, from 0 on: the same on any machine."""
    maker = _Maker(number)
    items = (*maker.acts(), *maker.watching(), *maker.views(), *maker.calls(), *maker.rumours())
    channels = {item.channel for item in items if not isinstance(item, (p.Act, p.Visits))}
    handling = {name: maker.handling() for name in sorted(channels) if maker.one_in(5) is False}
    return make_model(maker.world(), items, handling)


class _Maker:
    """Draws one model, option by option."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.chance = np.random.Generator(np.random.PCG64([number, 20_261_123]))

    def of(self, options: Any) -> Any:
        """One of some options."""
        return options[int(self.chance.integers(len(options)))]

    def one_in(self, n: int) -> bool:
        return bool(self.chance.integers(n) == 0)

    def share(self) -> Floats:
        """(A, G) shares, now and then none or all."""
        shares = self.chance.random((AREAS, GROUPS))
        return np.where(self.chance.random((AREAS, GROUPS)) < 0.1, np.round(shares), shares)

    def profile(self) -> Floats:
        """(G, S) flat, in waves, or mostly empty."""
        flat, rare = np.ones((GROUPS, SLOTS)), np.zeros((GROUPS, SLOTS))
        rare[:, self.chance.integers(SLOTS, size=5)] = self.chance.random((GROUPS, 5)) * 8
        rare[:, 12] = 3.0
        return self.of([flat, waves(), rare])

    def rates(self, low: float, high: float) -> Floats:
        """(A, G) rates."""
        top = float(np.exp(self.chance.uniform(np.log(low), np.log(high))))
        return sloped(top)

    def gate(self) -> p.Gate:
        lines = [p.Gate("home", 1.0, 0.0), p.Gate("home", 0.9, 0.3), p.Gate("state", 1.0, 0.5)]
        return self.of([p.NO_GATE, p.Gate("", 0.7, 0.7), p.Gate("state", 0.0, 1.0), *lines])

    def effect(self, name: str, form: str) -> p.Effect | None:
        """An effect of any entity, shared by all that give it this name, or none."""
        if self.one_in(4):
            return None
        entity = ENTITIES[(self.number + len(name)) % len(ENTITIES)]
        spread = {"rate": 0.6, "share": (0.0, 1.5, 8.0)[self.number % 3]}[form]
        return p.Effect(f"{name}_{form}", entity, form, spread)

    def trait(self, name: str) -> p.Trait:
        return p.Trait(name, self.of(ENTITIES[:4]), self.share())

    def world(self) -> World:
        """Some thirty persons; one member in ten has more units than any block."""
        many = self.number % 10 == 4
        units = np.array([61, 9, 2]) if many else self.chance.integers(1, 5, AREAS)
        households = units + self.chance.integers(0, 4, AREAS)
        persons = households + self.chance.integers(0, 9, AREAS)
        power = self.of([None, 0.0, 0.6, 1.0])
        world = make_world(days=DAYS, seed=self.number, power=power)
        people = replace(world.people, persons=persons, households=households, units=units)
        return replace(world, people=people)

    def acts(self) -> tuple[p.Act, ...]:
        """One act with two marks, another without any."""
        month = np.ones((AREAS, MONTHS))
        chilled = np.tile(np.linspace(1.0, 0.3, MONTHS), (AREAS, 1))
        made: list[p.Act] = []
        for name in ("media", "travel"):
            rate, bare = self.rates(0.03, 0.4), name == "travel"
            made.append(
                replace(
                    make_act(name),
                    rate=rate,
                    profile=self.profile(),
                    gate=self.gate(),
                    month=self.of([month, chilled]),
                    effect=self.effect("habit", "rate"),
                    **({"marks": (), "completes": {}} if bare else {}),
                )
            )
        return tuple(made)

    def watching(self) -> tuple[p.Process, ...]:
        """Detections, and inspections of persons, households and units."""
        when = self.of([{}, {"place": ("indoors",)}, {"company": ("alone", "others")}])
        items: list[p.Process] = [
            make_detection(
                f"eye{n}",
                self.of(["unit", "camera"]),
                act,
                notice=self.share(),
                report=self.share(),
                bribed=self.share() * 0.5,
                gate=self.gate(),
                effect=self.effect("zeal", "share"),
                when=when if act == "media" else {},
            )
            for n, act in enumerate(("media", "media", "travel"))
        ]
        for entity in (p.Entity.UNIT, p.Entity.HOUSEHOLD, p.Entity.PERSON):
            rate = self.rates(0.05, 2.0)
            items.append(p.Visits(f"to_{entity}", entity, rate, self.profile()[0]))
            items.append(
                p.Inspection(
                    f"at_{entity}",
                    self.of(["unit", "handset"]),
                    self.of(["media", "travel"]),
                    f"to_{entity}",
                    self.of([0.4, 1.0]),
                    self.of([1, 5, 60, 9_000]),
                    self.of([0.0, 0.02, 0.4, 1.0]),
                    self.share(),
                    self.share(),
                    self.trait("phone") if self.one_in(2) else None,
                )
            )
        return tuple(items)

    def views(self) -> tuple[p.Process, ...]:
        """Encounters that none, one or two searches look at; some of levels that are not nested."""
        street, school, match, other = make_encounters()
        odd = (p.Level("detect", 1.0, 1.0), p.Level("recognise", 0.0, 1.0))
        levels = (*odd, p.Level("identify", 0.3, 0.0)) if self.one_in(4) else street.levels
        rate = self.rates(0.01, 0.5)
        street = replace(
            street,
            rate=rate,
            levels=levels,
            profile=self.profile(),
            gate=self.gate(),
            effect=self.effect("routes", "rate"),
        )
        school = replace(school, effect=self.effect("sites", "share"), gate=self.gate())
        match = replace(
            match,
            listed=self.trait("listed"),
            proneness=self.effect("prone", "share"),
            factor=self.of([None, match.factor]),
            probe_share=self.of([0.5, 1.0]),
        )
        third = replace(match, name="third", level="recognise", proneness=None, flags=False)
        searches = self.of([(), (match,), (match, third), (match, other), (other,)])
        return (street, school, *searches)

    def calls(self) -> tuple[p.Process, ...]:
        """A roll call of one or seven airings, its windows apart or overlapping."""
        airings = self.of([(19,), (12, 18, 19), (1, 2, 3, 4, 5, 6, 7)])
        events = tuple(tuple(24 * day + hour for hour in airings) for day in range(DAYS))
        windows = self.of([((0, 1, 2), (3, 4, 5)), ((0, 1, 2, 3), (2, 3), (1, 3, 5)), ((4,),)])
        call = make_roll_call(
            events=events,
            windows=windows,
            threshold=int(self.of([1, 2])),
            box=self.trait("box"),
            gate=self.gate(),
            watch=float(self.chance.random()),
            watch_effect=self.effect("watching", "share")
            or p.Effect("still", p.Entity.HOUSEHOLD, "share", np.inf),
            fault=p.Spell("fault", self.of(ENTITIES), self.of([0.0, 0.3]), 20.0),
            link=p.Spell("link", self.of(ENTITIES), self.of([0.0, 0.3, 1.0]), 20.0),
            excuse_without_power=self.one_in(2),
        )
        return (call,)

    def rumours(self) -> tuple[p.Process, ...]:
        """Flags of an act that happens, and of none."""
        made: list[p.Unprompted] = []
        for name, allegation in (("spite", "media"), ("gain", "listed")):
            rate = self.rates(0.0005, 0.02)
            made.append(p.Unprompted(name, "unit", allegation, rate, self.share(), 30))
        return tuple(made)

    def handling(self) -> p.Handling:
        """A rule of none, one or two partners."""
        partners = int(self.of([0, 0, 1, 2]))
        return make_handling(partners_needed=partners, rule_hours=self.of([6, 100]))

"""What things are called in a report: the scenario's own titles, else the identifier in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sousveil.scenario.model import Scenario

MEASURES = {
    "encounters_per_person_day": "entries into a camera's view, per person and day",
    "identifiable_views_per_person_day": "identifiable views, per person and day",
    "named_per_person_day": "times named by a search, per person and day",
    "noticed_per_person_day": "acts noticed, per person and day",
    "observable_household_share": "share of households whose viewing could be read",
    "true_flags": "founded flags per 100,000 people and year",
    "false_flags": "unfounded flags per 100,000 people and year",
    "coincident_flags": "coincident flags per 100,000 people and year",
    "dropped_flags": "dropped flags per 100,000 people and year",
    "extortions": "extortions per 100,000 people and year",
    "named_reports": "reports that name a person, per 100,000 people and year",
    "persons_wronged": "people with at least one unfounded flag in a year",
    "affected_persons": "people with at least one flag or extortion in a year",
    "harm": "harms per 100,000 people and year",
    "acts_forgone_share": "share of acts forgone",
    "false_flags_cause_share": "share of unfounded flags that vanish without the cause",
}
"""Measure -> words with its unit, as an axis says it; the others speak by their declared title."""

LAYERS = {
    "people": "People",
    "machines": "Machines",
    "mixed": "Mixed (a device read by a person)",
}


def plain(identifier: str) -> str:
    """An identifier in plain words, where nothing better is known: `illegal_call`, Illegal call."""
    words = re.sub(r"[_.]+", " ", identifier).strip()
    words = re.sub(r"\b(iptv|fpir|fnir)\b", lambda found: found.group(0).upper(), words)
    return words[:1].upper() + words[1:]


def measure(identifier: str) -> str:
    """What a measure says, with its unit."""
    if identifier in MEASURES:
        return MEASURES[identifier]
    found = _declared_measures().get(identifier)
    title = str(found.title) if found is not None else plain(identifier)
    return title[:1].lower() + title[1:]


@lru_cache(maxsize=1)
def _declared_measures() -> dict[str, Any]:
    from sousveil import measures

    return dict(measures.measures())


def path(identifier: str) -> str:
    """A path as a label: `world.power.home_hours.east` is Power: home hours, east."""
    parts = identifier.split(".")[1:] or [identifier]
    rest = ", ".join(plain(part).lower() if i else plain(part) for i, part in enumerate(parts[1:]))
    rest = rest[:1].lower() + rest[1:]
    return f"{plain(parts[0])}: {rest}" if rest else plain(parts[0])


def cause(identifier: str) -> str:
    """Why a roll call missed somebody."""
    return {
        "power": "No electricity",
        "link": "Fault of the line",
        "fault": "Fault of the box",
        "elsewhere": "Watched elsewhere",
    }.get(identifier, plain(identifier))


def group(identifier: str) -> str:
    """One category of a margin: `class.hostile` is Hostile (class)."""
    margin, dot, category = identifier.partition(".")
    if not dot:
        return plain(identifier)
    return f"{plain(category)} ({plain(margin).lower()})"


def hour(period: str) -> int | None:
    """Hour of day of a period `hour:18`, or None."""
    found = re.fullmatch(r"hour:(\d{1,2})", period)
    return int(found.group(1)) if found else None


def year_of(base: Iterable[str], year: int) -> int:
    """The year that a run takes as its base: that of `as_of_2012`, else the scenario's own."""
    found = [re.fullmatch(r"as_of_(\d{4})", name) for name in base]
    return next((int(match[1]) for match in found if match), year)


class Names:
    """The names of one scenario's channels, acts, areas, what-ifs and quantities."""

    def __init__(self, scenario: Scenario) -> None:
        """Read the titles once."""
        self._scenario = scenario
        self._areas = _area_names(scenario)

    def channel(self, name: str) -> str:
        """Title of a channel."""
        found = declared_channels().get(name)
        return str(found.title) if found is not None else plain(name)

    def layer(self, name: str) -> str:
        """Who watches in a channel: people, machines, mixed; empty when unknown."""
        found = declared_channels().get(name)
        return str(found.layer) if found is not None else ""

    def limits(self, name: str) -> tuple[str, ...]:
        """What a channel cannot show."""
        found = declared_channels().get(name)
        return tuple(text.replace("`", "") for text in found.limits) if found is not None else ()

    def act(self, name: str) -> str:
        """An act in plain words."""
        return str(self._scenario.settings.get(f"acts.{name}.title") or plain(name))

    def area(self, identifier: str) -> str:
        """A place; the whole for an empty word."""
        if not identifier:
            return self._scenario.place or "Whole place"
        return self._areas.get(identifier, _proper(identifier))

    def what_if(self, name: str) -> str:
        """Title of a what-if; combined ones are joined."""
        if not name:
            return "As declared"
        titles = list[str]()
        for part in name.split("+"):
            found = self._scenario.what_ifs.get(part)
            titles.append(found.title if found is not None and found.title else plain(part))
        return " + ".join(titles)

    def quantity(self, path: str) -> str:
        """What a quantity means, from the declaration of its field; empty when unknown."""
        return meaning(path, self._scenario.acts, self._scenario.channels)


def _proper(identifier: str) -> str:
    return " ".join(word.capitalize() for word in re.split(r"[_\s]+", identifier))


def _area_names(scenario: Scenario) -> dict[str, str]:
    """Names of areas and their parents; a parent is called as its areas are before the comma."""
    names: dict[str, str] = {}
    table = scenario.tables.get("areas")
    if table is None:
        return names
    inside: dict[str, set[str]] = {}
    for row in table.rows:
        name = str(row.get("name") or _proper(str(row["area"])))
        names[str(row["area"])] = name
        if row.get("parent"):
            inside.setdefault(str(row["parent"]), set()).add(name.partition(",")[0])
    for parent, stems in inside.items():
        names.setdefault(parent, stems.pop() if len(stems) == 1 else _proper(parent))
    return names


@lru_cache(maxsize=1)
def declared_channels() -> dict[str, Any]:
    """Every channel of this installation, by name."""
    from sousveil.channels import channels

    return dict(channels())


@lru_cache(maxsize=4)
def _sections(acts: tuple[str, ...], channels: tuple[str, ...]) -> Any:
    from sousveil.scenario.sections import declared

    known = tuple(name for name in channels if name in declared_channels())
    return declared().sections(acts, known)


def meaning(path: str, acts: tuple[str, ...], channels: tuple[str, ...]) -> str:
    """What a quantity means, from the declaration of its field; empty when unknown."""
    from sousveil.scenario.sections import find

    found = find(_sections(acts, channels), path)
    if found is None:
        return ""
    words = found.slot.spec.doc.replace("`", "")
    return f"{words.rstrip('.')} ({plain(found.key).lower()})." if found.key else words

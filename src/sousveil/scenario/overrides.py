"""A reader's own values (`--set PATH=VALUE`): assumed, by the user, and said so on page 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sousveil.errors import shown
from sousveil.quantity import Distribution, Location, Quantity
from sousveil.scenario.context import Context, Names
from sousveil.scenario.declaration import fitted, read_setting
from sousveil.scenario.findings import Findings
from sousveil.scenario.model import Scenario
from sousveil.scenario.parameters import matching
from sousveil.scenario.sections import Declared, Found, declared
from sousveil.scenario.tree import Entry, Node, read_yaml
from sousveil.scenario.what_ifs import Patches

OPTION = "--set"
BECAUSE = "by the user"


def with_overrides(
    scenario: Scenario, assignments: Iterable[str], *, classes: Declared | None = None
) -> Scenario:
    """Return the scenario with each `path=value` set; its hash says so.

    A value is a number in the unit of its field, or carries a unit ("24 h/day"); a setting takes
    YAML. Raises Problems; a problem stands at the number of its `--set`.
    """
    texts = tuple(assignments)
    if not texts:
        return scenario
    findings = Findings(scenario.country)
    names = Names(_vocabularies(scenario), scenario.acts, scenario.channels)
    context = Context(findings, scenario.sources, scenario.year, names)
    sections = (classes or declared()).sections(scenario.acts, scenario.channels)
    patches = Patches(sections, scenario.quantities, context)
    quantities, settings = dict(scenario.quantities), dict(scenario.settings)
    for number, text in enumerate(texts, 1):
        path, equals, value = (part.strip() for part in text.partition("="))
        place = Location(OPTION, number, 1)
        if not path:
            findings.add("bad-value", place, shown(text), "no path", "PATH=VALUE")
            continue
        if not equals:
            findings.add("bad-value", place, shown(text), "no value", "PATH=VALUE")
            continue
        found = patches.target(path, place, path)
        node = _node(value, path, place, findings)
        if found is None or node is None:
            continue
        entry = Entry(place, node)
        if found.slot.spec.form == "setting":
            settings |= _setting(found, entry, path, context)
        elif (amount := patches.number(entry, found, path)) is not None:
            for each in matching(scenario, path):
                quantities[each] = _quantity(each, amount, found, place, quantities)
    findings.finish()
    changed = json.dumps([scenario.hash, sorted(texts)], ensure_ascii=False)
    return replace(
        scenario,
        quantities=MappingProxyType(quantities),
        settings=MappingProxyType(settings),
        hash=hashlib.sha256(changed.encode()).hexdigest(),
    )


def _vocabularies(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the names that keys of mappings may have, as far as the scenario knows them."""
    by = {"act": scenario.acts, "channel": scenario.channels}
    areas = scenario.tables.get("areas")
    columns = {"settlement": "settlement", "region": "power_region", "province": "parent"}
    for vocabulary, column in columns.items():
        if areas is not None:
            by[vocabulary] = tuple(dict.fromkeys(str(row[column]) for row in areas.rows))
    return by


def _node(value: str, path: str, place: Location, findings: Findings) -> Node | None:
    own = Findings()
    node = read_yaml(value, OPTION, own)
    if own.problems or node is None:
        found = shown(value) or "nothing"
        findings.add("bad-value", place, path, found, "a number, word or list")
        return None
    return replace(node, location=place)


def _setting(found: Found, entry: Entry, path: str, context: Context) -> dict[str, Any]:
    value, good = read_setting(found.slot, fitted(found.slot, entry), path, context)
    return {path: value} if good else {}


def _quantity(
    path: str, value: float, found: Found, place: Location, before: dict[str, Quantity]
) -> Quantity:
    spec, old = found.slot.spec, before.get(path)
    return Quantity(
        path=path,
        unit=spec.unit,
        kind="assumed",
        role=old.role if old else spec.role,
        resolution=old.resolution if old else "country",
        sources=(),
        grade="",
        because=BECAUSE,
        note="",
        location=place,
        distribution=Distribution("fixed", (value,)),
        by_user=True,
        low=spec.low,
        high=spec.high,
    )

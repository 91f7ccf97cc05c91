"""What `check` and `run` try beyond reading: building the world, putting the model together."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from sousveil.errors import Problem, Problems
from sousveil.quantity import Distribution, Location, Quantity
from sousveil.scenario.model import CENTRAL, Scenario


def refuse_impossible(scenario: Scenario) -> None:
    """Build the central world and model once; raise Problems when the numbers do not fit.

    The parts of the model raise ValueError with a sentence for what the fields cannot know one by
    one: an area without hours of power, more adults than people, a roll call without airings.
    """
    from sousveil.procedure import assemble
    from sousveil.scenario.parameters import resolve
    from sousveil.world.areas import build_areas
    from sousveil.world.build import build
    from sousveil.world.calendar import build_calendar
    from sousveil.world.power import lit_path

    plain = replace(
        scenario,
        quantities=MappingProxyType(
            {path: _without_beta(item) for path, item in scenario.quantities.items()}
        ),
    )
    try:
        parameters = resolve(plain, CENTRAL)
        declared, year = parameters.world, parameters.year
        areas, _ = build_areas(plain.tables["areas"].rows, declared.people)
        lit = lit_path(areas, build_calendar(declared.calendar, year), declared.power)
        world = build(plain.tables, declared, year, 0, 0, power=lit)
        assemble(parameters, world, None)
    except ValueError as error:
        words = " ".join(str(error).split())
        path, place = _place(words, scenario)
        raise Problems([Problem("combination", place, path, words, "")]) from None


def _place(words: str, scenario: Scenario) -> tuple[str, Location]:
    """Path and place of the first quantity, setting or section that a sentence names."""
    known = {path: item.location for path, item in scenario.quantities.items()}
    known |= dict(scenario.places)
    first = re.match(r"([a-z_]+):", words)
    names = re.findall(r"[a-z_]+(?:\.[a-z0-9_]+)+", words)
    names += [first.group(1)] if first else []
    for name in names:
        for path in (name, f"world.{name}"):
            while path not in known and "." in path:
                path = path.rpartition(".")[0]
            if "." in path:
                return path, known[path]
    return "", Location("scenario.yaml", 1, 1)


def _without_beta(item: Quantity) -> Quantity:
    """Put the mode in place of a beta: its median would load scipy, and a trial needs neither."""
    shape = item.distribution
    if shape is None or shape.form != "beta":
        return item
    return replace(item, distribution=Distribution("fixed", (shape.values[1],)))

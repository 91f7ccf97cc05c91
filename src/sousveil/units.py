"""Units end at the door: pint reads them here, inside there are bare numbers in fixed units.

The registry knows what a scenario speaks of and nothing else, so that a misspelt unit has a
suggestion. A year is 365 days, as everywhere in the model. Things that are counted are dimensions
of their own: a number of households is no number of persons.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

COUNTED = (
    "person household unit camera box post guard visit report flag case event act probe screen "
    "view watcher reviewer denunciation handset search member crossing word session checkpoint"
).split()
_DEFINITIONS = """
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
centi- = 1e-2 = c-
milli- = 1e-3 = m-
metre = [length] = m = meter
second = [time] = s
minute = 60 * second = min = minutes
hour = 60 * minute = h = hours
day = 24 * hour = d = days
week = 7 * day = weeks
year = 365 * day = a = years
month = year / 12 = months
watt = [power] = W
pixel = [picture] = px = pixels
USD = [dollar]
CNY = [yuan]
KPW = [won]
radian = [] = rad
degree = 0.017453292519943295 * radian = deg = degrees
percent = 0.01 = %
permille = 0.001
"""
_TERM = r"(?:1|[A-Za-z_%]+(?:(?:\*\*|\^)?[1-4])?)"
_PRODUCT = rf"{_TERM}(?: ?[* ] ?{_TERM})*"
_UNIT = re.compile(rf"{_PRODUCT}(?: ?/ ?(?:{_TERM}|\({_PRODUCT}\)))*")
_POWER = re.compile(r"(?<=[A-Za-z_%])([1-4])")
_VALUE = re.compile(r"\s*([-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d{1,3})?)\s*(\S.*)?", re.DOTALL)
_LONGEST = 60


class UnitError(ValueError):
    """A unit that is not known, or that measures something else. code: bad-unit or dimension."""

    def __init__(self, code: str, words: str) -> None:
        """Keep the code beside the words."""
        super().__init__(words)
        self.code = code


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(None)  # pyright: ignore[reportArgumentType] (no units of its own)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    registry.load_definitions([f"{name} = [{name}] = _ = {name}s" for name in COUNTED])
    return registry


@lru_cache(maxsize=512)
def _parsed(unit: str) -> Any:
    """Return a pint quantity of one such unit."""
    text = " ".join(unit.split())
    if len(text) > _LONGEST or not _UNIT.fullmatch(text):
        raise UnitError("bad-unit", "a unit such as 'h/day', '1/year', 'percent' or '1'")
    spelt = _POWER.sub(r"**\1", text.replace("^", "**")).replace("****", "**")
    try:
        return _registry().Quantity(1.0, _registry().parse_units(spelt))
    except Exception as error:  # noqa: BLE001 (pint raises several kinds on what it cannot read)
        raise UnitError("bad-unit", "a unit such as 'h/day', '1/year', 'percent' or '1'") from error


@lru_cache(maxsize=512)
def factor(unit: str, canonical: str) -> float:
    """Number by which a value in `unit` is multiplied to stand in `canonical`.

    Raises UnitError for a unit that is not known or measures something else.
    """
    if unit == canonical:
        return 1.0
    if (unit, canonical) == ("percent", "1"):
        return 0.01
    try:
        return float(_parsed(unit).to(_parsed(canonical).units).magnitude)
    except UnitError:
        raise
    except Exception as error:
        raise UnitError("dimension", f"a unit of the kind of '{canonical}'") from error


def known_units() -> list[str]:
    """Return the words that units are made of, for a suggestion."""
    names = [line.split(" = ")[0] for line in _DEFINITIONS.strip().splitlines() if "-" not in line]
    return [*names, *COUNTED, "h/day", "1/year", "km", "km**2", "km/h"]


def is_known(unit: str) -> bool:
    """Whether a unit can be read."""
    if unit in known_units():
        return True
    try:
        _parsed(unit)
    except UnitError:
        return False
    return True


def split_value(text: str) -> tuple[float, str] | None:
    """Return number and unit of a text such as '24 h/day'; None when no number stands first."""
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    return float(match.group(1)), " ".join((match.group(2) or "").split())

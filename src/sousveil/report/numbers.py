"""How a number is written: few digits, plain words, the range first where it is assumed."""

from __future__ import annotations

import math

COARSE_ABOVE = 3.0
"""An assumption-driven range wider than this factor is written with one significant digit."""
NOTHING = 1e-9
"""What is smaller comes from the last digits of floating point, not from the model."""
GAP = "–"
"""What stands in a table where there is no number."""

_UNIT_WORDS = {
    "1": "",
    "share": "",
    "ratio": "",
    "count": "",
    "1/100,000 person-years": "per 100,000 people and year",
    "person": "people",
    "household": "households",
    "camera": "cameras",
    "h/day": "hours a day",
    "hour/day": "hours a day",
    "1/day": "a day",
    "1/week": "a week",
    "1/month": "a month",
    "1/year": "a year",
    "alert": "alerts",
    "face": "faces",
    "day": "days",
    "day/year": "days a year",
    "h": "hours",
    "camera/year": "cameras a year",
    "degree": "degrees",
}
_SHARES = {"1", "share", "probability"}


def is_number(value: float | None) -> bool:
    """Whether there is a finite number at all: null is withheld or a zero denominator."""
    return value is not None and math.isfinite(value)


def significant(value: float, digits: int) -> float:
    """`value` rounded to `digits` significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def number(value: float | None, digits: int = 2) -> str:
    """A bare number in plain words: 1,200; 0.034; 1.2 million."""
    if value is None or not math.isfinite(value):
        return GAP
    rounded = significant(value, digits)
    size = abs(rounded)
    sign = "−" if rounded < 0 else ""
    for floor, word in ((1e9, "billion"), (1e6, "million")):
        if size >= floor:
            return f"{sign}{_decimals(size / floor, digits)} {word}"
    if size < NOTHING:
        return "0"
    if size < 1e-6:
        return f"{sign}less than 0.000001"
    return f"{sign}{_decimals(size, digits)}"


def _decimals(size: float, digits: int) -> str:
    """`size` with as many decimals as `digits` significant digits leave, thousands set apart."""
    if size == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{size:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: float | None, digits: int = 2) -> str:
    """A share as a percentage."""
    if value is None or not math.isfinite(value):
        return GAP
    hundred = value * 100
    if NOTHING < abs(hundred) < 1e-4:
        return f"{'−' if hundred < 0 else ''}under 0.0001%"
    # 99.96 must not be written as 100: the last part matters where nearly everybody is concerned.
    if 99 < hundred < 100 - 1e-6:
        return f"{math.floor(hundred * 10) / 10:g}%"
    return f"{number(hundred, digits)}%"


def amount(value: float | None, unit: str, digits: int = 2) -> str:
    """A number with its unit: 12%, 3.4 hours a day, 0.2 a day."""
    if unit in _SHARES:
        return percent(value, digits)
    words = unit_words(unit)
    if not is_number(value) or not words:
        return number(value, digits)
    return f"{number(value, digits)} {words}"


def unit_words(unit: str) -> str:
    """A unit as it is read aloud; units without an entry stand as they are."""
    return _UNIT_WORDS.get(unit, unit)


def is_share(unit: str) -> bool:
    """Whether a unit is written as a percentage."""
    return unit in _SHARES


def digits_for(low: float | None, high: float | None, coarse: bool) -> int:
    """One significant digit where an assumption-driven range spans more than a factor of three."""
    if not coarse or low is None or high is None:
        return 2
    same_sign = low * high > 0
    wide = same_sign and max(abs(low), abs(high)) / min(abs(low), abs(high)) > COARSE_ABOVE
    return 1 if wide or (low == 0) != (high == 0) else 2


def telling(low: float | None, high: float | None) -> int:
    """Significant digits that tell the ends of a narrow range apart: two, or more, up to six."""
    return next((n for n in range(2, 6) if number(low, n) != number(high, n)), 6)


def spread(
    low: float | None,
    high: float | None,
    unit: str,
    coarse: bool = False,
    signed: bool = False,
    digits: int = 0,
) -> str:
    """A range: 3% to 40%, 300 to 4,000 people; signed, for differences: −3% to +40%.

    digits: significant ones; 0: as many as the range deserves.
    """
    if not is_number(low) or not is_number(high):
        return GAP
    digits = digits or digits_for(low, high, coarse)
    left, right = amount(low, unit, digits), amount(high, unit, digits)
    words = unit_words(unit)
    if words and not is_share(unit):
        left = left.removesuffix(f" {words}")
    if signed:
        left, right = plus(low, left), plus(high, right)
    if left == right.removesuffix(f" {words}" if words else ""):
        return right
    return f"{left} to {right}"


def plus(value: float | None, text: str) -> str:
    """The text of a number with its sign, when it is above nought."""
    return f"+{text}" if value is not None and value > NOTHING and text != "0" else text


def phrase(
    low: float | None,
    middle: float | None,
    high: float | None,
    unit: str,
    coarse: bool = False,
) -> str:
    """A value with its range; the range first where the number hangs on an assumption."""
    if not is_number(low) or not is_number(high):
        return amount(middle, unit)
    digits = digits_for(low, high, coarse)
    if coarse:
        return f"{spread(low, high, unit, coarse)} (middle {amount(middle, unit, digits)})"
    return f"{amount(middle, unit, digits)} ({spread(low, high, unit)})"

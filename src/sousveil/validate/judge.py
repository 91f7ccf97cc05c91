"""Holds one output of the model against what was published, and says so in words."""

from __future__ import annotations

import math

from sousveil.validate.model import Apart, Expectation, Line, Number, Output, Refused

ROUNDING = 1e-9
"""Relative room for the arithmetic of floats, also where the match must be exact."""
AGREES, FAILS, CONFLICT, REFUSED = "agrees", "fails", "conflict", "refused"


def judge(case: str, run: str, expected: Expectation, found: Output) -> Line:
    """Compare one output with what was published for it."""
    verdict, why = _verdict(expected, found)
    return Line(
        case=case,
        run=run,
        output=expected.output,
        published=_published(expected),
        model=in_words(found),
        tolerance=_tolerance(expected),
        verdict=verdict,
        why=why,
        found=found,
        expected=expected,
    )


def _verdict(expected: Expectation, found: Output) -> tuple[str, str]:
    if isinstance(found, Refused):
        if expected.refused and expected.refused.lower() in found.words.lower():
            return REFUSED, found.words
        return FAILS, f"the model refuses: {found.words}"
    if expected.refused:
        return FAILS, "the model should refuse this and does not"
    if isinstance(found, Apart):
        if expected.apart and found.factor >= expected.apart * (1.0 - ROUNDING):
            return CONFLICT, f"a factor of {found.factor:.2g} apart: {_readings(found)}"
        return FAILS, f"readings a factor of {found.factor:.2g} apart: {_readings(found)}"
    if expected.apart:
        return FAILS, "published readings contradict one another; the model gives one number"
    return _of_numbers(expected, found)


def _of_numbers(expected: Expectation, found: Number) -> tuple[str, str]:
    if expected.published:
        if len(found.values) != len(expected.published):
            return FAILS, f"{len(found.values)} numbers for {len(expected.published)} published"
        for value, published in zip(found.values, expected.published, strict=True):
            room = expected.slack * (abs(published) if expected.relative else 1.0)
            if not _near(value, published, room):
                return FAILS, f"{_plain(value)} is not {_plain(published)}"
    if expected.interval is not None:
        for value, published in zip((found.low, found.high), expected.interval, strict=True):
            if not _near(value, published, expected.interval_slack):
                return FAILS, f"the interval ends at {_plain(value)}, not {_plain(published)}"
    for value in found.values:
        if not expected.least <= value <= expected.most:
            return FAILS, f"{_plain(value)} is out of bounds"
    return AGREES, ""


def _near(value: float, published: float, room: float) -> bool:
    if math.isinf(published):
        return value == published
    return abs(value - published) <= room + ROUNDING * max(abs(published), abs(value))


def in_words(found: Output) -> str:
    """An output as it is printed."""
    if isinstance(found, Refused):
        return "refused"
    if isinstance(found, Apart):
        return f"{len(found.readings)} readings, held apart"
    if found.words:
        return found.words
    first, *others = found.values
    if others:
        return f"{len(found.values)} numbers"
    text = _plain(first)
    if found.basis:
        text += f" ({_plain(found.low)} to {_plain(found.high)})"
    return text


def _readings(found: Apart) -> str:
    return ", ".join(f"{_plain(value)} ({label})" for label, value in found.readings)


def _published(expected: Expectation) -> str:
    if expected.refused:
        return f"to be refused: {expected.refused}"
    if expected.apart:
        return "contradictory"
    parts: list[str] = []
    if len(expected.published) > 1:
        parts.append(f"{len(expected.published)} numbers")
    else:
        parts.extend(_plain(value) for value in expected.published)
    if expected.interval is not None:
        parts.append(f"({_plain(expected.interval[0])} to {_plain(expected.interval[1])})")
    if expected.least > -math.inf:
        parts.append(f"at least {_plain(expected.least)}")
    if expected.most < math.inf:
        parts.append(f"at most {_plain(expected.most)}")
    return " ".join(parts)


def _tolerance(expected: Expectation) -> str:
    parts: list[str] = []
    if expected.published:
        if not expected.slack:
            parts.append("exact")
        elif expected.relative:
            parts.append(f"{100.0 * expected.slack:g} %")
        else:
            parts.append(f"{expected.slack:g}")
    if expected.interval is not None:
        parts.append(f"ends {expected.interval_slack:g}")
    if expected.apart:
        parts.append(f"a factor of {expected.apart:g}")
    return ", ".join(parts)


def _plain(value: float) -> str:
    """A number in at most five significant digits, whole ones in full."""
    if math.isinf(value):
        return "never" if value > 0 else "-inf"
    if value == round(value) and abs(value) < 1e15:
        return f"{round(value):,}"
    if 1e-4 <= abs(value) < 1e5:
        return f"{value:.5g}"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.3g}"

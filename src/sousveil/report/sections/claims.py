"""The claims of the text: what evidence and model say, the verdict, what would decide it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sousveil.ensemble.drivers import FEWEST_MEMBERS
from sousveil.quantity import Source
from sousveil.report import names
from sousveil.report.layout import Section
from sousveil.report.numbers import amount, is_share, percent, phrase
from sousveil.report.view import View

CLASSES = {"supported in part": "part", "supported": "yes", "contradicted": "no", "fact": "fact"}
VERDICTS = {"fact": "a matter of record"}
"""Verdicts that read better in other words."""
WHERE = ("channel", "act", "category", "group", "area")
"""What a term of a test may be of."""
MOST_ENDS = 3
"""Of the ends at which a test fails, how many are named."""


def claims(view: View) -> Section | None:
    """The table of claims."""
    if not view.claims:
        return None
    rows = [_row(view, item) for item in view.claims]
    return Section(
        "claims",
        "Claim by claim",
        (
            "Each row takes one sentence out of the public debate and holds it against what is "
            "published and against the model. A test of a sentence is supported when the "
            "difference that it states is material in at least 90 of 100 members and at both ends "
            "of every assumed quantity; contradicted when it is in at most 10. Otherwise this "
            "evidence does not decide it. A sentence is supported when all its tests are and hold "
            "together, in part when some are; contradicted when they hold together in at most 10 "
            "and none by itself in 90. Members in which a test has no value count neither way: "
            "where they could turn the verdict, nothing is decided, nor is it by fewer than "
            f"{FEWEST_MEMBERS} members. The share of members is a share of the ranges, never a "
            "probability.",
        ),
        template="claims.html",
        context={"rows": rows},
    )


def _row(view: View, item: Mapping[str, Any]) -> dict[str, Any]:
    name = str(item.get("claim_id") or item.get("id") or "")
    declared = {claim.id: claim for claim in view.scenario.claims}.get(name)
    verdict = str(item.get("verdict") or "")
    decides = str(item.get("decides") or "")
    because = str(item.get("because") or (declared.because if declared else ""))
    would = str(item.get("would_decide") or "")
    evidence: Sequence[Any] = item.get("evidence") or (declared.evidence if declared else ())
    return {
        "id": name,
        "claim": item.get("claim") or (declared.claim if declared else ""),
        "evidence": item.get("on_evidence") or (declared.on_evidence if declared else ""),
        "contrary": item.get("contrary") or (declared.contrary if declared else ""),
        "because": because,
        "sources": [_source(source) for source in evidence],
        "test": item.get("test") or (declared.test_words if declared else ""),
        "numbers": _numbers(view, item.get("numbers"), verdict != "fact"),
        "share": None if item.get("share") is None else percent(float(item["share"])),
        "near": bool(item.get("more_members_may_change_it")),
        "verdict": VERDICTS.get(verdict, verdict),
        "class": next((c for start, c in CLASSES.items() if verdict.startswith(start)), "open"),
        "decides": decides,
        "meaning": view.names.quantity(decides) if decides else "",
        "would": "" if would == because else would,
        "causes": _causes(view, name),
    }


def _causes(view: View, claim: str) -> str:
    """Whether one cause stands out, of a change of arrivals that belongs to a claim."""
    found = view.studies.arrivals
    if not claim or found.get("claim") != claim:
        return ""
    verdict = str(found["causes"].get(found["verdict"], found["verdict"]))
    years = f"{found['first_year']} to {found['last_year']}"
    return f"Causes of the change of arrivals, {years}: {verdict}"


def _source(source: Any) -> dict[str, str]:
    if isinstance(source, Source):
        return {"key": source.key, "locator": source.locator}
    key, _, locator = str(source).partition(" ")
    return {"key": key, "locator": locator}


def _numbers(view: View, found: Any, judges: bool) -> list[dict[str, Any]]:
    """The numbers of a claim's tests in words; whatever is not known is left out."""
    return [_number(view, item, judges) for item in found or () if isinstance(item, Mapping)]


def _number(view: View, item: Mapping[str, Any], judges: bool) -> dict[str, Any]:
    """One test: what is compared, both sides with their ranges, the share in which it holds.

    judges: whether the claim hangs on it; beside a matter of record there are only the numbers.
    """
    left, right = item.get("left") or {}, item.get("right") or {}
    unit = view.book.unit(str(left.get("measure") or ""))
    alike = [key for key in WHERE if not right or left.get(key) == right.get(key)]
    lines = [_side(view, item, "left", alike, unit)]
    if right:
        lines.append(_side(view, item, "right", alike, unit))
    lines += _judged(item, bool(right), unit) if judges else []
    return {
        "about": _about(view, left, alike),
        "lines": [line for line in lines if line],
        "ends": _failing(item) if judges else [],
    }


def _judged(item: Mapping[str, Any], paired: bool, unit: str) -> list[str]:
    """What a test asks for, in which share of the ranges it gets it, and at which ends."""
    lines: list[str] = []
    if paired and not item.get("absolute") and item.get("material"):
        lines.append(f"Needed: {percent(float(item['material']))} {item.get('direction')}")
    if not paired and item.get("threshold") is not None:
        lines.append(f"Needed: {amount(_needed(item), unit)}")
    if item.get("share") is not None:
        verdict = f": {item['verdict']}" if item.get("verdict") else ""
        lines.append(f"Material in {_share(item)}{_ends(item)}{verdict}.")
    return lines


def _share(item: Mapping[str, Any]) -> str:
    """In what share of the ranges a test holds; what unknown and few members leave open."""
    words = f"{percent(float(item['share']))} of the ranges"
    notes: list[str] = []
    if item.get("unknown"):
        notes.append(f"{percent(float(item['unknown']))} of them have no value and do not count")
    if item.get("more_members_may_change_it"):
        low, high = (percent(float(item[f"share_{end}"])) for end in ("low", "high"))
        notes.append(f"so few members leave {low} to {high}")
    return f"{words} ({'; '.join(notes)})" if notes else words


def _ends(item: Mapping[str, Any]) -> str:
    """At how many ends of assumptions a test holds; "" where none was tried."""
    tried = int(item.get("ends_tried") or 0)
    left = len(item.get("ends_failing") or ()) + len(item.get("ends_unknown") or ())
    if not tried:
        return ""
    if not left:
        return f" and at all {tried:,} ends of assumptions"
    return f", but only at {tried - left:,} of {tried:,} ends of assumptions"


def _failing(item: Mapping[str, Any]) -> list[dict[str, str]]:
    """The first of the ends at which a test fails or has no value, and how many more there are."""
    fails = [(end, "fails") for end in item.get("ends_failing") or ()]
    every = fails + [(end, "has no value") for end in item.get("ends_unknown") or ()]
    told = [
        {"path": str(end["quantity"]), "words": f"{word} at its {end['end']} end"}
        for end, word in every[:MOST_ENDS]
    ]
    if len(every) > MOST_ENDS:
        told.append({"path": "", "words": f"and {len(every) - MOST_ENDS} more, in claims.json"})
    return told


def _needed(item: Mapping[str, Any]) -> float:
    """What a threshold asks for, the material difference included."""
    material = float(item.get("material") or 0.0)
    threshold = float(item["threshold"])
    size = material if item.get("absolute") else material * abs(threshold)
    return threshold - size if item.get("direction") == "lower" else threshold + size


def _side(view: View, item: Mapping[str, Any], side: str, alike: Sequence[str], unit: str) -> str:
    """One side of a test with its range, called by what tells it from the other side."""
    low, middle, high = (item.get(f"{side}_{name}") for name in ("low", "median", "high"))
    if middle is None:
        return ""
    term = item[side]
    unit = unit if is_share(unit) else ""
    own = ", ".join(_where(view, term, [key for key in WHERE if key not in alike]))
    what_if = str(term.get("what_if") or "")
    called = own[:1].upper() + own[1:] if own and not what_if else view.names.what_if(what_if)
    called = f"{called}, {own}" if own and what_if else called
    where = {str(key): str(word) for key, word in term.items()}
    found = view.book.one(where.pop("measure", ""), where.pop("what_if", ""), **where)
    coarse = found is not None and view.coarse(found)
    return f"{called}: {phrase(low, middle, high, unit, coarse)}"


def _about(view: View, term: Mapping[str, Any], alike: Sequence[str]) -> str:
    """What a test measures: the measure, and of what both sides of it are."""
    words = names.measure(str(term.get("measure") or ""))
    where = _where(view, term, alike)
    words = f"{words} ({', '.join(where)})" if where else words
    return words[:1].upper() + words[1:]


def _where(view: View, term: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Of which channel, act, category, group, place a term is."""
    named: Mapping[str, Callable[[str], str]] = {
        "channel": lambda name: view.names.channel(name).lower(),
        "act": lambda name: view.names.act(name).lower(),
        "category": lambda name: names.cause(name).lower(),
        "group": lambda name: names.group(name).lower(),
        "area": view.names.area,
    }
    return [named[key](str(term[key])) for key in keys if term.get(key)]

"""The first page: what this is and is not, what it rests on, what was changed, the headlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sousveil.ensemble.headlines import few_members
from sousveil.quantity import KINDS, Quantity
from sousveil.report.layout import Section
from sousveil.report.numbers import is_share, phrase, spread
from sousveil.report.quantities import range_of
from sousveil.report.view import View

NEVER = (
    "Never evidence about one person, place or event: not for judging an asylum claim, not for "
    "policing, not for targeting anyone."
)
WHAT_IT_IS = (
    "A model of a surveillance system, rebuilt from published sources and run over synthetic "
    "people drawn from published statistics. It says what such a system does to a population: what "
    "it sees, whom it wrongs, where it fails, and what would curb it. No real person is in it."
)
ACCURATE = (
    "Accurate repression is not success: where an act is a human right, a founded flag is a harm "
    "as an unfounded one is."
)
KIND_WORDS = {
    "documented": "stand in a source",
    "derived": "follow from documented ones",
    "inferred": "are read out of sources that say it indirectly",
    "assumed": "are assumed, with a reason, because no source says",
}


def front(view: View) -> dict[str, Any]:
    """Context of the first page."""
    quantities = list(view.scenario.quantities.values())
    counts = Counter(item.kind for item in quantities)
    changed = [item for item in quantities if item.by_user]
    return {
        "what": WHAT_IT_IS,
        "never": NEVER,
        "accurate": ACCURATE,
        "total": len(quantities),
        "uncertain": sum(not item.certain for item in quantities),
        "kinds": [(kind, counts[kind], KIND_WORDS[kind]) for kind in KINDS],
        "overrides": [_override(view, item) for item in changed],
        "warnings": view.scenario.warnings,
    }


def _override(view: View, item: Quantity) -> dict[str, str]:
    meaning = view.names.quantity(item.path)
    return {"path": item.path, "value": range_of(item), "meaning": meaning}


def headlines(view: View) -> Section | None:
    """The headlines as cards: a sentence, the mark, what it hangs on."""
    cards = [_card(view, item) for item in view.headlines]
    cards = [card for card in cards if card["sentence"]]
    if not cards:
        return None
    return Section(
        "headlines",
        "In short",
        (
            "Each range is what the stated ranges of the quantities imply: 95 of 100 members of "
            "the ensemble fall inside. It is not a confidence interval.",
            few_members(int(view.manifest.get("members") or 0)),
        ),
        template="headlines.html",
        context={"cards": cards},
    )


def _card(view: View, item: Mapping[str, Any]) -> dict[str, Any]:
    driven = bool(item.get("assumption_driven"))
    driver = str(item.get("driver") or "")
    return {
        "sentence": sentence(item),
        "driven": driven,
        "driver": driver,
        "meaning": view.names.quantity(driver) if driver else "",
        "what_if": view.names.what_if(str(item["what_if"])) if item.get("what_if") else "",
    }


def sentence(item: Mapping[str, Any]) -> str:
    """The sentence of a headline with its range filled in, the range alone when assumed."""
    text = str(item.get("sentence") or item.get("text") or "")
    if "{range}" not in text:
        return text
    low, middle, high = (item.get(name) for name in ("low", "median", "high"))
    if low is None or high is None:
        return ""
    # The sentence says of what; only a percentage carries its sign.
    unit = "1" if is_share(str(item.get("unit") or "")) else ""
    driven = bool(item.get("assumption_driven"))
    words = spread(low, high, unit, coarse=True) if driven else phrase(low, middle, high, unit)
    text = text.replace("{range}", words)
    return text[:1].upper() + text[1:]

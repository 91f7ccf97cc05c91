"""What two manifests say differently, as far as it can move a number, in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

COMPARED = (
    *("unit", "kind", "grade", "form", "values", "readings", "series", "interpolation"),
    "by_user",
)
RECORDED = ("settings", "what_if_changes", "content")
"""What the manifest of an older version lacks."""
EXPECTED = "expected"
Pair = tuple[str, str]
Document = Mapping[str, Any]
ABSENT = "not there"
NOT_RUN = "not run"
DEFAULT = "left out"
"""A setting of which a scenario says nothing; the reference of channels has what holds then."""


def quantities(first: Document, second: Document) -> dict[str, Pair]:
    """Quantities whose value, range, unit, kind or grade differs: path -> in both, in words."""
    a, b = _by_path(first), _by_path(second)
    found: dict[str, Pair] = {}
    for path in dict.fromkeys([*a, *b]):
        one, other = a.get(path), b.get(path)
        if one is None or other is None or _told(one) != _told(other):
            words = _worded(one), _worded(other)
            # The same range on other grounds: say the grounds.
            found[path] = words if words[0] != words[1] else (_grounds(one), _grounds(other))
    return found


def others(first: Document, second: Document) -> dict[str, Pair]:
    """Whatever else differs that can move a number: its name -> in both, in words."""
    found: dict[str, Pair] = {}
    for name, words in (
        ("scenario", "scenario"),
        ("country", "country"),
        ("seed", "seed"),
        ("method", "design of the members"),
        ("engine", "engine of the members"),
    ):
        _note(found, words, _plain(first.get(name)), _plain(second.get(name)))
    _note(found, "base", _base(first), _base(second))
    if {first.get("engine"), second.get("engine")} != {EXPECTED}:
        _note(found, "scale", _plain(first.get("scale")), _plain(second.get("scale")))
    if all(name in document for document in (first, second) for name in RECORDED):
        _mapped(found, "", first["settings"], second["settings"], DEFAULT)
        shared = [name for name in _branches(first) if name in _branches(second)]
        changes = _changes(first, shared), _changes(second, shared)
        _mapped(found, "what-if ", *changes, absent=NOT_RUN)
        _mapped(found, "content of ", _short(first["content"]), _short(second["content"]))
    _mapped(found, "correlation of ", _correlations(first), _correlations(second))
    _mapped(found, "version of ", first.get("versions") or {}, second.get("versions") or {})
    _note(found, "machine", _machine(first), _machine(second))
    return found


def notes(first: Document, second: Document, differing: bool) -> tuple[str, ...]:
    """Sentences that a reader of the differences needs. differing: whether an input was named."""
    found: list[str] = []
    engines = [str(document.get("engine")) for document in (first, second)]
    sampled = [engine for engine in engines if engine != EXPECTED]
    if engines[0] != engines[1] and len(sampled) == 1:
        found.append(
            f"members of one run are by {sampled[0]}, so its values include chance; those of the "
            "other are by expectation and do not: some of each difference is chance"
        )
    elif engines[0] != engines[1]:
        found.append("the engines draw chance of their own: some of each difference is chance")
    if alone := sorted(set(_branches(first)) ^ set(_branches(second))):
        found.append(f"what-ifs that one run alone has are not compared: {', '.join(alone)}")
    if not all(name in document for document in (first, second) for name in RECORDED):
        found.append(
            "a run of an older version recorded no settings, tables or contents of what-ifs: what "
            "differs there cannot be named; run it again to know"
        )
    elif first.get("scenario_hash") != second.get("scenario_hash") and not differing:
        found.append("the scenario's files differ in words, sources, claims or order alone")
    return tuple(found)


def why_not_paired(first: Document, second: Document) -> str:
    """Members are pairs where scenario, seed and method are the same; "" where they are.

    A quantity's draws follow from its path, so that to fix or add one moves no other. Sobol
    points follow the places of the quantities.
    """
    for name, words in (
        ("scenario", "the scenarios differ"),
        ("seed", "the seeds differ"),
        ("method", "the designs differ"),
    ):
        if first.get(name) != second.get(name):
            return words
    if first.get("method") == "sobol" and _dimensions(first) != _dimensions(second):
        return "Sobol points follow the list of drawn quantities, and the lists differ"
    return ""


def _note(found: dict[str, Pair], name: str, one: str, other: str) -> None:
    if one != other:
        found[name] = one, other


def _mapped(
    found: dict[str, Pair], kind: str, one: Document, other: Document, absent: str = ABSENT
) -> None:
    """Note every entry of two mappings that differs. absent: what one is called that is missing."""
    for name in dict.fromkeys([*one, *other]):
        before, after = (_plain(d[name]) if name in d else absent for d in (one, other))
        _note(found, f"{kind}{name}", before, after)


def _plain(value: Any) -> str:
    """A value of the manifest as a reader would write it."""
    if value is None:
        return ABSENT
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _base(document: Document) -> str:
    """The year or the what-ifs that the base stands on."""
    base = [str(name) for name in document.get("base") or ()]
    return " + ".join(base) or f"{document.get('year')}, as declared"


def _branches(document: Document) -> list[str]:
    return [str(name) for name in document.get("what_ifs") or ()]


def _changes(document: Document, branches: Iterable[str]) -> dict[str, str]:
    """What the what-ifs of these branches and of the base change, what they inherit with them."""
    every: Mapping[str, Mapping[str, Any]] = document["what_if_changes"]
    wanted = [part for name in branches for part in name.split("+")]
    wanted += [str(name) for name in document.get("base") or ()]
    found: dict[str, str] = {}
    while wanted:
        name = wanted.pop(0)
        if name not in found and name in every:
            found[name] = _change(every[name])
            wanted += every[name].get("inherit") or []
    return found


def _change(change: Mapping[str, Any]) -> str:
    """A what-if's patches on one line."""
    words: list[str] = []
    for name in ("year", "inherit", "remove", "set", "scale"):
        value = change.get(name)
        if isinstance(value, Mapping):
            told: Mapping[str, Any] = value
            words += [f"{name} {path} {_plain(item)}" for path, item in told.items()]
        elif value:
            some: Iterable[Any] = value if isinstance(value, list) else [value]
            words.append(f"{name} {', '.join(map(str, some))}")
    return "; ".join(words) or "no change"


def _short(digests: Mapping[str, str]) -> dict[str, str]:
    return {name: digest[:12] for name, digest in digests.items()}


def _correlations(document: Document) -> dict[str, str]:
    entries: list[dict[str, Any]] = document.get("correlations") or []
    return {" and ".join(sorted(item["between"])): f"{item['rank']:g}" for item in entries}


def _machine(document: Document) -> str:
    """The class of machine: it moves last digits alone."""
    about: Mapping[str, Any] = document.get("machine") or {}
    return " ".join(str(about.get(name) or "") for name in ("system", "processor")).strip()


def _by_path(document: Document) -> dict[str, dict[str, Any]]:
    return {item["path"]: item for item in document.get("quantities") or ()}


def _dimensions(document: Document) -> list[tuple[str, bool]]:
    """The quantities that are drawn, in order, and whether a reading is drawn with them."""
    return [
        (path, bool(item.get("readings")))
        for path, item in _by_path(document).items()
        if item.get("readings") or not all(map(_certain, item.get("series") or [item]))
    ]


def _certain(part: Mapping[str, Any]) -> bool:
    values = part.get("values") or (0.0,)
    return part.get("form") == "fixed" or values[0] == values[-1]


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item.get(name) for name in COMPARED}


def _grounds(item: Mapping[str, Any] | None) -> str:
    """A quantity with what it rests on."""
    if item is None:
        return ABSENT
    weights = [f"{part['weight']:g}" for part in item.get("readings") or ()]
    words = [_worded(item), str(item.get("kind") or ""), str(item.get("grade") or "")]
    words += [str(item.get("interpolation") or ""), f"weights {', '.join(weights)}" * bool(weights)]
    return ", ".join(word for word in words if word)


def _worded(item: Mapping[str, Any] | None) -> str:
    """A quantity as it stands in a scenario, short."""
    if item is None:
        return ABSENT
    some: list[str] = []
    for part in item.get("readings") or item.get("series") or [item]:
        head = str(part.get("label") or part.get("year") or "")
        values = ", ".join(f"{value:g}" for value in part.get("values") or ())
        some.append(" ".join(word for word in (head, str(part.get("form") or ""), values) if word))
    unit = str(item.get("unit") or "")
    end = "" if unit in {"", "1"} else f" {unit}"
    return "; ".join(some) + end + (", by the user" if item.get("by_user") else "")

"""The JSON Schema of scenario.yaml, generated from the declarations that the loader itself reads.

Editors complete and explain by it. It says less than the loader: what hangs on other files, on
units or on the order of numbers is left to `sousveil check`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from sousveil.distributions import COUNTS
from sousveil.quantity import FORMS, KINDS, ROLES
from sousveil.scenario.claims import DIMENSIONS, STATES, VERDICTS
from sousveil.scenario.declaration import DEFAULTS, NAME
from sousveil.scenario.load import FORMAT, HEAD
from sousveil.scenario.quantities import DEFAULTED
from sousveil.scenario.sections import Declared, Section, Slot, declared, describe
from sousveil.scenario.values import INTERPOLATIONS
from sousveil.sources import GRADE

Schema = dict[str, Any]
_TEXT: Schema = {"type": ["string", "number"]}
_NUMBER: Schema = {"type": "number"}
_TRUTH: Schema = {"type": "boolean"}
_NAME: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_LIST: Schema = {"oneOf": [{"type": "array", "items": _TEXT}, {"type": "string"}]}


def schema(classes: Declared | None = None) -> Schema:
    """Return the JSON Schema (2020-12) of scenario.yaml."""
    known = classes or declared()
    head: Schema = {
        "format": {"const": FORMAT, "description": "Version of this format."},
        "name": {**_NAME, "description": "Name of the scenario."},
        "title": {"type": "string"},
        "country": {
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "description": "ISO 3166-1 alpha-3; a country that is not listed as open is closed.",
        },
        "place": {"type": "string"},
        "year": {"type": "integer", "description": "The year that the scenario stands in."},
    }
    sections: Schema = {
        "world": _section(describe(known.world)),
        "acts": _named(_NAME, _section(describe(known.act))),
        "channels": _object(
            {name: _section(describe(cls)) for name, cls in known.channels.items()}, defaults=True
        ),
        "procedure": _section(describe(known.procedure)),
        "chilling": _section(describe(known.chilling)),
        **({"arrivals": _section(describe(known.arrivals))} if known.arrivals else {}),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scenario.yaml of Sousveil",
        "$defs": {"quantity": _quantity(), "term": _term(), "distribution": _forms()},
        **_object({**head, **sections, **_others()}),
        "required": [key for key in (*HEAD, "world") if key != "country"],
    }


def _object(properties: Schema, *, defaults: bool = False) -> Schema:
    extra: Schema = {DEFAULTS: _defaults()} if defaults else {}
    return {
        "type": ["object", "null"],
        "properties": {**properties, **extra},
        "additionalProperties": False,
    }


def _named(names: Schema, item: Schema) -> Schema:
    return {
        "type": ["object", "null"],
        "properties": {DEFAULTS: _defaults()},
        "propertyNames": {"anyOf": [names, {"const": DEFAULTS}]},
        "additionalProperties": item,
    }


def _defaults() -> Schema:
    words = {"kind": {"enum": list(KINDS)}, "role": {"enum": list(ROLES)}}
    return {
        "type": "object",
        "description": "Given to the quantities below.",
        "properties": {key: words.get(key, _TEXT) for key in DEFAULTED},
        "additionalProperties": False,
    }


def _section(section: Section) -> Schema:
    properties = {
        name: _section(item) if isinstance(item, Section) else _slot(item)
        for name, item in section.members.items()
    }
    required = [item.name for item in section.slots if item.required]
    words = (section.cls.__doc__ or "").split("\n")[0]
    result: Schema = {**_object(properties, defaults=True), "description": words}
    return {**result, "required": required} if required else result


def _slot(slot: Slot) -> Schema:
    spec = slot.spec
    if spec.form == "setting":
        return _setting(slot)
    words = f"{spec.doc} In {spec.unit}." if spec.unit != "1" else spec.doc
    if spec.absent is not None:
        words += f" Left out: {spec.absent:g}."
    one: Schema = {"$ref": "#/$defs/quantity"}
    if spec.form == "quantity":
        return {**one, "description": words}
    return {**_named({"type": "string"}, one), "description": f"{words} One for each {spec.by}."}


def _setting(slot: Slot) -> Schema:
    result: Schema = {"description": slot.spec.doc}
    kinds: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", tuple: "array"}
    hint = typing.get_origin(slot.hint) or slot.hint
    if slot.spec.choices:
        return {**result, "enum": list(slot.spec.choices)}
    if hint is str:
        return {**result, **_TEXT}
    return {**result, "type": kinds[hint]} if hint in kinds else result


def _forms() -> Schema:
    numbers = {
        form: _NUMBER
        if form == "fixed"
        else {"type": "array", "items": _NUMBER, "minItems": COUNTS[form], "maxItems": COUNTS[form]}
        for form in FORMS
    }
    return {"type": "object", "properties": numbers}


def _quantity() -> Schema:
    form, grade = _forms()["properties"], {"type": "string", "pattern": f"^{GRADE.pattern}$"}
    cited: Schema = {"sources": _LIST, "grade": grade, "note": _TEXT}
    weight: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    reading = _object({"label": _TEXT, "weight": weight, **cited, **form})
    point: Schema = {"anyOf": [_NUMBER, _object({"sources": _LIST, **form})]}
    values: Schema = {
        **form,
        "readings": {"type": "array", "minItems": 2, "items": reading},
        "series": {
            "type": "object",
            "propertyNames": {"pattern": "^[0-9]{4}$"},
            "additionalProperties": point,
        },
    }
    properties: Schema = {
        **values,
        "interpolation": {"enum": list(INTERPOLATIONS)},
        "unit": _TEXT,
        "kind": {"enum": list(KINDS)},
        "role": {"enum": list(ROLES)},
        "resolution": _TEXT,
        "because": _TEXT,
        **cited,
    }
    return {
        **_object(properties),
        "type": "object",
        "required": ["unit"],
        "oneOf": [{"required": [name]} for name in values],
    }


def _term() -> Schema:
    where = _object({name: _TEXT for name in DIMENSIONS})
    return {
        **_object({"measure": _TEXT, "what_if": _TEXT, "where": where}),
        "required": ["measure"],
    }


def _others() -> Schema:
    term: Schema = {"$ref": "#/$defs/term"}
    patch: Schema = {"type": "object", "additionalProperties": {}}
    factors: Schema = {"type": "object", "additionalProperties": {**_NUMBER, "minimum": 0}}
    what_if = _object(
        {
            **{"title": _TEXT, "reason": _TEXT, "sources": _LIST, "set": patch, "scale": factors},
            **{"remove": _LIST, "inherit": _LIST, "year": {"type": "integer"}},
            **{"safeguard": _TRUTH, "sharpens_only": _TRUTH},
        }
    )
    test = _object(
        {
            **{"left": term, "right": term, "threshold": _NUMBER, "material": _NUMBER},
            **{"direction": {"enum": ["higher", "lower"]}, "absolute": _TRUTH},
        }
    )
    claim = _object(
        {
            **{"claim": _TEXT, "test": _TEXT, "verdict": {"enum": list(VERDICTS)}},
            **{"tests": {"type": "array", "items": test}, "evidence": _LIST, "contrary": _TEXT},
            **{"on_evidence": _TEXT, "because": _TEXT},
        }
    )
    check = _object({"output": _TEXT, "quantity": {"$ref": "#/$defs/quantity"}})
    state: Schema = {"enum": list(STATES)}
    cell: Schema = {"anyOf": [state, _object({"state": state, "note": _TEXT})]}
    headline = _object({**_term()["properties"], "id": _TEXT, "sentence": _TEXT})
    every: Schema = {"type": "object"}
    rank: Schema = {"type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": 1}
    pair: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    cited: Schema = {"sources": _LIST, "grade": _TEXT, "because": _TEXT}
    correlation = {
        **_object({"between": pair, "rank": rank, **cited}),
        "required": ["between", "rank"],
    }
    return {
        "correlations": {"type": ["array", "null"], "items": correlation},
        "what_ifs": {**every, "additionalProperties": {**what_if, "required": ["reason"]}},
        "claims": {**every, "additionalProperties": {**claim, "required": ["claim"]}},
        "checks": {**every, "additionalProperties": check},
        "matrix": {**every, "additionalProperties": {**every, "additionalProperties": cell}},
        "headlines": {"type": "array", "items": headline},
    }

"""What looks like the position of something, by its name or by its digits."""

from __future__ import annotations

import re

from sousveil.scenario.findings import Findings
from sousveil.scenario.tree import Node

_WORDS = frozenset(
    "lat lon lng latitude longitude easting northing coord coords coordinate coordinates geom "
    "geometry wkt wkb geohash h3 mgrs utm geocode gps".split()
)
_NAMES = frozenset("x y z long location position positions point site_position address".split())
_NUMBER = r"-?\d{1,3}\.\d{3,}"
_BETWEEN = r"(?:[\s°,;/|:=&]|[NSEW](?![a-z])|lat(?:itude)?|lon(?:gitude|g)?|lng)+"
_PAIR = re.compile(rf"(?<![\d.])({_NUMBER}){_BETWEEN}({_NUMBER})(?!\.?\d)")
_MINUTES = r"\d{1,3}\s*°\s*\d{1,2}(?:\.\d+)?\s*['′’][^\d°]{0,3}(?:\d{1,2}(?:\.\d+)?\s*[\"″”])?"
_IN_WORDS = r"\d{1,3}\s*deg(?:rees?)?\.?\s*\d{1,2}(?:\.\d+)?\s*(?:min(?:utes?)?\b|['′’])"
_DEGREES = r"-?\d{1,3}[.,]\d{2,}\s*°?"
_OTHER_WAYS = (
    # Degrees and minutes twice; degrees with the name or letter of what they are; with commas.
    re.compile(rf"{_MINUTES}[^\d°]{{0,12}}{_MINUTES}"),
    re.compile(rf"{_IN_WORDS}\D{{0,24}}{_IN_WORDS}", re.IGNORECASE),
    re.compile(rf"\blat(?:itude)?\W{{0,9}}{_DEGREES}.{{0,24}}?\blon", re.IGNORECASE),
    re.compile(rf"{_DEGREES}\s*[NS]\b.{{0,12}}?{_DEGREES}\s*[EW]\b"),
    re.compile(rf"\b[NS]\s?{_DEGREES}.{{0,12}}?\b[EW]\s?{_DEGREES}"),
    re.compile(r"(?<![\d.,])-?\d{1,3},\d{4,}\s*[;/|\s]\s*-?\d{1,3},\d{4,}(?!\d)"),
    # The grid of metres, the military grid, open location codes, geohashes, three words.
    re.compile(r"\bUTM\b.{0,12}?\b\d{6}\D{1,9}\d{7}\b"),
    re.compile(
        r"\b\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{3}\s?\d{3}|\d{4}\s?\d{4}|\d{5}\s?\d{5})\b"
    ),
    re.compile(r"\b[2-9CFGHJMPQRVWX]{8}\+[2-9CFGHJMPQRVWX]{2,}\b"),
    re.compile(r"\bgeohash\W{1,3}(?=\w*\d)[0-9b-hjkmnp-z]{5,}\b", re.IGNORECASE),
    re.compile(r"///\w+\.\w+\.\w+"),
)
_AT_LEAST = 2.0


def is_position(name: str) -> bool:
    """Whether a column or key is named like a position."""
    plain = name.strip().lower()
    return plain in _NAMES or bool(set(re.split(r"[^a-z0-9]+", plain)) & _WORDS)


def pair_of_degrees(text: str) -> str:
    """Return what of a text is fine enough to be a place, "" when there is none.

    Pairs of small shares (0.012, 0.034) are none: one number must be of the size of degrees.
    """
    for match in _PAIR.finditer(text):
        if max(abs(float(number)) for number in match.groups()) >= _AT_LEAST:
            return match.group()
    found = (pattern.search(text) for pattern in _OTHER_WAYS)
    return next((match.group() for match in found if match), "")


def refuse_positions(root: Node, findings: Findings) -> None:
    """Note every text of a tree that holds a pair of coordinates."""
    for node in root.scalars():
        if node.is_text and (pair := pair_of_degrees(node.text)):
            findings.position(node.location, "", pair)

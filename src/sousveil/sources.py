"""Sources and grades: CSL-JSON records, citations such as 'S056 p. 2', and how they are printed.

A grade follows the Admiralty code: a letter for the source (A reliable to F cannot be judged), a
digit for the information (1 confirmed to 6 cannot be judged).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

GRADE = re.compile(r"[A-F][1-6]")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]*")
RELIABILITY = MappingProxyType(
    {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "reliability cannot be judged",
    }
)
CREDIBILITY = MappingProxyType(
    {
        "1": "confirmed by other sources",
        "2": "probably true",
        "3": "possibly true",
        "4": "doubtful",
        "5": "improbable, or our number beside words",
        "6": "truth cannot be judged",
    }
)
CSL_TYPES = frozenset(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter "
    "dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing "
    "interview legal_case legislation manuscript map motion_picture pamphlet paper-conference "
    "patent performance periodical personal_communication post post-weblog regulation report "
    "review review-book software song speech standard thesis treaty webpage".split()
)
_BIBTEX = MappingProxyType(
    {
        "article": "article",
        "article-journal": "article",
        "article-magazine": "article",
        "article-newspaper": "article",
        "book": "book",
        "chapter": "incollection",
        "paper-conference": "inproceedings",
        "report": "techreport",
        "thesis": "phdthesis",
    }
)


def split_citation(text: str) -> tuple[str, str]:
    """Return key and locator of a citation: 'S056 p. 2' is ('S056', 'p. 2')."""
    key, _, locator = text.strip().partition(" ")
    return key, locator.strip()


def grade_in_words(grade: str) -> str:
    """What a grade says, e.g. 'B2: usually reliable source, probably true'."""
    return f"{grade}: {RELIABILITY[grade[0]]} source, {CREDIBILITY[grade[1]]}"


def authors(csl: Mapping[str, Any]) -> str:
    """Names of the authors of a CSL record, 'Family, Given' or the literal name, joined by '; '."""
    names: list[str] = []
    for person in csl.get("author", ()):
        parts = [str(person.get(part, "")) for part in ("family", "given")]
        names.append(str(person.get("literal", "")) or ", ".join(filter(None, parts)))
    return "; ".join(filter(None, names))


def date(csl: Mapping[str, Any]) -> str:
    """Date of issue as far as it is known: '2024-04-16', '2024-04', '2024' or ''."""
    issued = csl.get("issued", {})
    parts = issued.get("date-parts") or [[]]
    numbers = [str(number) for number in parts[0]]
    if numbers:
        return "-".join([numbers[0], *(number.zfill(2) for number in numbers[1:])])
    return str(issued.get("raw", "") or issued.get("literal", ""))


def as_text(csl: Mapping[str, Any]) -> str:
    """One record as a line of a list of references."""
    publisher = str(csl.get("container-title", "") or csl.get("publisher", ""))
    parts = [authors(csl), date(csl), str(csl.get("title", "")), publisher, str(csl.get("URL", ""))]
    return ". ".join(part.rstrip(".") for part in parts if part)


def as_bibtex(csl: Mapping[str, Any]) -> str:
    """One record in BibTeX."""
    fields = {
        "title": str(csl.get("title", "")),
        "author": authors(csl).replace("; ", " and "),
        "year": date(csl)[:4],
        "journal": str(csl.get("container-title", "")),
        "publisher": str(csl.get("publisher", "")),
        "url": str(csl.get("URL", "")),
        "note": str(csl.get("note", "")),
    }
    lines = [f"  {name} = {{{_escaped(value)}}}" for name, value in fields.items() if value]
    kind = _BIBTEX.get(str(csl.get("type", "")), "misc")
    return f"@{kind}{{{csl['id']},\n" + ",\n".join(lines) + "\n}"


def _escaped(value: str) -> str:
    plain = value.replace("\\", r"\textbackslash ")
    return re.sub(r"([&%$#_{}])", r"\\\1", plain) if "://" not in value else plain

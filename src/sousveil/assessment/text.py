"""Text from a file made safe to write anywhere: no steering character, no half of a letter."""

from __future__ import annotations

import unicodedata

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: they could show another number than the one there."""
_MEND = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """The same text without what Word, HTML or a reader's eye would trip over."""
    return "".join(_letter(letter) for letter in text)


def line(text: str, most: int = 300) -> str:
    """A text on one line, cleaned, and cut with dots where it is longer than `most`."""
    words = clean(" ".join(text.split()))
    return words if len(words) <= most else f"{words[: most - 1]}\u2026"


def _letter(letter: str) -> str:
    if letter in "\n\t":
        return letter
    if letter in _TURNING:
        return ""
    odd = unicodedata.category(letter) in {"Cc", "Cs"} or letter in "\ufffe\uffff"
    return _MEND if odd else letter

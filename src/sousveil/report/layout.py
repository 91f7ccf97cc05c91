"""What a page is made of: sections of paragraphs, figures and grids; templates draw them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Grid:
    """A table: column titles, rows of text, which columns hold numbers (set to the right)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Drawing:
    """One SVG in two widths: `wide` for desktop and print, `narrow` for phones (empty: same)."""

    wide: str
    narrow: str = ""


@dataclass(frozen=True)
class Figure:
    """Drawings with a title that says the finding, a caption, and the table behind them."""

    id: str
    title: str
    caption: str
    drawings: tuple[Drawing, ...]
    grid: Grid
    beside: bool = False


@dataclass(frozen=True)
class Note:
    """A short set-off text: a warning, a label, what a figure cannot show."""

    text: str
    kind: str = "note"


Block = Figure | Grid | Note


@dataclass(frozen=True)
class Section:
    """One section of the page.

    lead: paragraphs before the blocks. template: a partial of its own for what is no figure or
    grid, given `context`.
    """

    id: str
    title: str
    lead: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])

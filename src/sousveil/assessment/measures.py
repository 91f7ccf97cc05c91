"""Field `measures`: what each safeguard would change, before and after, in pairs."""

from __future__ import annotations

from dataclasses import dataclass

from sousveil.assessment.filled import Filled, ignorance, share, what_if_name
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid, Note
from sousveil.report.numbers import GAP, amount, digits_for, is_share, spread
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import MARK, Entry, Plot, figure, sentence
from sousveil.report.sections.safeguards import BEFORE_AFTER, ERRORS_ONLY, SHARPER, paired

TOLD = ("harm", "false_flags", "persons_wronged")
"""Measures that each safeguard is told by."""
NONE = (
    "The scenario declares no safeguard: a what-if with `safeguard: true` is told here, before and "
    "after."
)
NOT_RUN = (
    "No number of this run tells of a safeguard: run the scenario again with members, and without "
    "--what-if none."
)


@dataclass(frozen=True)
class Safeguard:
    """A what-if that claims to lessen a harm, or several at once."""

    name: str
    title: str
    reason: str
    sharpens_only: bool

    @property
    def label(self) -> str:
        """Its title, with what it is not."""
        return f"{self.title} ({SHARPER})" if self.sharpens_only else self.title


def safeguards(run: FinishedRun) -> list[Safeguard]:
    """The safeguards that were run; several at once count where all of them are safeguards."""
    texts = run.about.what_if_texts
    found = list[Safeguard]()
    for name in run.about.what_ifs:
        parts = [texts[part] for part in name.split("+") if part in texts]
        if not name or len(parts) < len(name.split("+")):
            continue
        if all(part.safeguard for part in parts):
            reason = " ".join(_said(part.reason) for part in parts)
            sharpens = all(part.sharpens_only for part in parts)
            found.append(Safeguard(name, what_if_name(run, name), reason, sharpens))
    return found


def _said(text: str) -> str:
    """A reason as a sentence; a question keeps its mark."""
    return sentence(text) if not text.endswith("?") else text[:1].upper() + text[1:]


def measures(run: FinishedRun) -> Filled:
    """Each safeguard before and after, by harm, unfounded flags and people wronged."""
    chosen = safeguards(run)
    if not chosen:
        declared = any(item.safeguard for item in run.about.what_if_texts.values())
        return Filled(missing=NOT_RUN if declared else NONE)
    blocks: list[Block] = []
    drawn = _drawn(run, chosen)
    blocks += [drawn] if drawn is not None else []
    for measure in TOLD:
        grid = _grid(run, chosen, measure)
        blocks += [grid] if grid is not None else []
    if not blocks:
        return Filled(missing=NOT_RUN)
    blocks += [
        Note(f"{item.title}: {SHARPER}. {ERRORS_ONLY}", "sharp")
        for item in chosen
        if item.sharpens_only
    ]
    reasons = tuple((item.label, item.reason) for item in chosen)
    blocks.append(Grid(("Safeguard", "Why it is asked"), reasons, (), "The safeguards"))
    return Filled(
        (
            "Each member is run with and without the safeguard on the same people and the same "
            "chance, so that the difference is known better than either number. The order is that "
            "of the scenario, never one of size.",
            "Whether a measure can be taken, and at what cost to whom, the model does not know.",
        ),
        tuple(blocks),
    )


def _drawn(run: FinishedRun, chosen: list[Safeguard]) -> Block | None:
    base = run.book.one("harm")
    if base is None:
        return None
    entries = list[Entry]()
    for item in chosen:
        after = run.book.one("harm", item.name)
        if after is not None:
            entries += [Entry(item.label, base, "before"), Entry(item.label, after, "after")]
    title = "Harm before and after each safeguard"
    plot = Plot("measures-harm", title, names.measure("harm"), "Safeguard", key=BEFORE_AFTER)
    return figure(run.ground, plot, entries) if entries else None


def _grid(run: FinishedRun, chosen: list[Safeguard], measure: str) -> Grid | None:
    base = run.book.one(measure)
    if base is None:
        return None
    rows = list[tuple[str, ...]]()
    for item in chosen:
        after = run.book.one(measure, item.name)
        if after is not None:
            rows.append((item.label, *_pair(run, base, after)))
    words = names.measure(measure)
    columns = ("Safeguard", "Before", "After", "Difference, in pairs", "Less in")
    mark = f" ({MARK})" if run.ground.coarse(base) else ""
    caption = f"{words[:1].upper()}{words[1:]}, before and after{mark}"
    return Grid(columns, tuple(rows), (1, 2, 3, 4), caption) if rows else None


def _pair(run: FinishedRun, before: Estimate, after: Estimate) -> tuple[str, str, str, str]:
    difference = paired(after)
    # Both with the same digits, else a reader sees a change where there is none.
    coarse = run.ground.coarse(before) or run.ground.coarse(after)
    ends = GAP
    if difference is not None:
        unit = _unit(difference)
        ends = spread(difference.low, difference.high, unit, coarse, signed=True)
    return _told(before, coarse), _told(after, coarse), ends, share(_lower(after))


def _lower(item: Estimate) -> float | None:
    """Share of the members in which the value is lower than without the what-if."""
    return item.get("paired", "share_lower")


def _told(item: Estimate, coarse: bool) -> str:
    """Range and middle of a value; its unit stands in the title of the table."""
    low, high = ignorance(item)
    middle = amount(item.middle, _unit(item), digits_for(low, high, coarse))
    if low is None:
        return middle
    return f"{spread(low, high, _unit(item), coarse)} (middle {middle})"


def _unit(item: Estimate) -> str:
    return item.unit if is_share(item.unit) else ""

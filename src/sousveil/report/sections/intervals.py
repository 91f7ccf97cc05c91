"""How to read a range: its four parts, shown on a number of this run, never merged unsaid."""

from __future__ import annotations

from sousveil.measures import measures
from sousveil.report import names
from sousveil.report.figures.ranges import Axis, Span, ranges
from sousveil.report.layout import Figure, Grid, Note, Section
from sousveil.report.numbers import amount, is_share, spread, telling
from sousveil.report.rows import DIMENSIONS, PARTS, Estimate
from sousveil.report.sections.common import is_nothing
from sousveil.report.svg import drawing
from sousveil.report.view import View

WORDS = {
    "ignorance": ("Ignorance", "what is not known about the system: over all members"),
    "environment": ("Environment", "power and season, with everything else at its middle"),
    "chance": ("Chance", "what would differ from one year to the next, all else equal"),
    "monte_carlo": ("Monte Carlo error", "the error of the simulation in the printed digits"),
}
PREFERRED = ("harm", "false_flags", "persons_wronged", "noticed_per_person_day")


def intervals(view: View) -> Section | None:
    """The four parts in words, and on one number of this run."""
    figure = _figure(view)
    return Section(
        "intervals",
        "How to read a range",
        (
            "The centre is the median of the members. A range has four parts, and they are told "
            "apart: ignorance, what is not known about the system, which is a range under stated "
            "ranges and no confidence interval; environment, the power and the season; chance, "
            "what would differ between two years alike in everything else; and the error of the "
            "simulation itself, which only says how many printed digits to trust.",
            "Numbers are written with few digits on purpose. Where more than half of the variance "
            "comes from assumed quantities a number is marked assumption-driven: its range stands "
            "first, with one digit when it spans more than a factor of three, and the quantity "
            "that it hangs on is named. Values under a what-if are judged as those of the scenario "
            "as declared; the quantity named is their own.",
        ),
        (*((figure,) if figure else ()), *_without_chance(view)),
    )


def _without_chance(view: View) -> tuple[Note, ...]:
    """Measures of this run whose intervals have no chance part, and why."""
    reasons: dict[str, list[str]] = {}
    for name, measure in measures().items():
        if measure.no_chance and name in view.book:
            reasons.setdefault(measure.no_chance, []).append(names.measure(name))
    told = [f"{', '.join(words)} ({reason})" for reason, words in reasons.items()]
    words = f"Without a part for chance are: {'; '.join(told)}. Every other number has one."
    return (Note(words),) if told else ()


def _figure(view: View) -> Figure | None:
    item = _example(view)
    if item is None:
        return None
    parts = [(part, item.get(part, "low"), item.get(part, "high")) for part in PARTS]
    known = [(part, low, high) for part, low, high in parts if low is not None and high is not None]
    spans = [
        Span(WORDS[part][0], low, min(max(_middle(item, part), low), high), high)
        for part, low, high in known
    ]
    title = f"The parts of one range: {names.measure(item.measure)}"
    rows = tuple(
        (WORDS[part][0], WORDS[part][1], spread(low, high, item.unit, digits=telling(low, high)))
        for part, low, high in known
    )
    grid = Grid(("Part", "What it is", "Range"), rows, (2,))
    told = "; ".join(f"{row[0]}: {row[2]}" for row in rows)
    words = names.measure(item.measure)
    axis = Axis(words[:1].upper() + words[1:], percent=is_share(item.unit))
    caption = (
        f"The middle is {amount(item.middle, item.unit)}, from {item.members} members. Environment "
        "and chance lie about the run with every quantity at its middle."
    )
    drawn = drawing("intervals", title, f"{told}.", lambda w: ranges(spans, axis, w))
    return Figure("intervals-parts", title, caption, (drawn,), grid)


def _middle(item: Estimate, part: str) -> float:
    """The middle that a part lies about: the median, or the run with every quantity central."""
    central = item.get("central", "mean")
    around = central if part in {"environment", "chance"} and central is not None else item.middle
    return float(around or 0.0)


def _example(view: View) -> Estimate | None:
    """The harm, or else the headline, of whose interval most parts are known; at least two."""
    candidates = [view.book.one(measure) for measure in PREFERRED]
    for line in view.headlines:
        where = {k: str(v) for k, v in dict(line.get("where") or {}).items() if k in DIMENSIONS}
        candidates.append(
            view.book.one(str(line.get("measure")), str(line.get("what_if") or ""), **where)
        )
    # Where nothing is flagged a number of harms is nought in every part, and shows nothing.
    known = [item for item in candidates if item is not None and not is_nothing(item)]
    best = max(known, key=_parts, default=None)
    return best if best is not None and _parts(best) > 1 else None


def _parts(item: Estimate) -> int:
    """How many parts of its interval are known."""
    return sum(item.get(part, "low") is not None for part in PARTS)

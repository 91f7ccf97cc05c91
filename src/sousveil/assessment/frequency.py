"""Field `frequency`: how often and for how long people come under the system."""

from __future__ import annotations

from sousveil.assessment.filled import Filled, Row, channel_name, something, table
from sousveil.assessment.manifest import Number
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid
from sousveil.report.numbers import number, spread, unit_words
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import times
from sousveil.report.sections.layers import PER_YEAR, YEARLY

USES = (
    ("share_viewed_daily", ""),
    ("encounters_per_person_day", "category"),
    ("identifiable_views_per_person_day", ""),
    ("named_per_person_day", ""),
    ("days_to_first_named", "category"),
    ("noticed_per_person_day", ""),
    ("time_in_view_share", ""),
    ("reach_share", ""),
    ("observable_household_share", "channel"),
    ("faces_searched", ""),
    ("search_alerts", ""),
    ("named_reports", ""),
)
"""Measures of use with the dimension that they are told by."""
SPECIAL = {
    ("days_to_first_named", "share_30"): "Listed people named by a search within 30 days",
    ("days_to_first_named", "share_365"): "Listed people named by a search within a year",
    (
        "days_to_first_named",
        "median",
    ): "Days until half of the listed people were named by a search",
    ("encounters_per_person_day", "face"): "Faces taken to be searched, per person and day",
}
RARE = 1e-4
"""What happens to a person less often in a day is told of 100,000 people in a year."""
LEVELS = ("detect", "observe", "recognise", "identify", "face")
"""Levels of a camera's view, from the widest; other categories split the widest one."""
_TIMES = ("/day", "/week", "/month", "/year")
_BORDER = ("border", "cross", "guard", "brib")


def frequency(run: FinishedRun) -> Filled:
    """Exposure of people, the hours with power, and what the scenario states of use."""
    rows = something(_rows(run))
    power = something(_power(run))
    stated = _stated(run)
    if not rows and not stated:
        return Filled(missing="This run has no number for how often people come under the system.")
    blocks: list[Block] = []
    if rows:
        blocks.append(table(run, "What happens to people", rows, "How often, in the model"))
    if power:
        blocks.append(table(run, "Power line", power, "Share of hours with power"))
    if stated is not None:
        blocks.append(stated)
    return Filled(
        (
            f"The model runs the year {run.about.as_of} hour by hour, and every number below is of "
            "the whole of it. An identifiable view is not a name, and a name is not yet somebody's "
            "notice: the words are kept apart.",
        ),
        tuple(blocks),
    )


def _rows(run: FinishedRun) -> list[Row]:
    found = list[Row]()
    for measure, split in USES:
        items = run.book.across(measure, *([split] if split else []))
        if measure == "encounters_per_person_day":
            known = [item for item in items if item.category in LEVELS]
            items = sorted(known, key=lambda item: LEVELS.index(item.category))
        found += [_row(measure, item, split) for item in items]
    return found


def _row(measure: str, item: Estimate, split: str) -> Row:
    """A value of use; of a person and day, unless that is too rare a thing to be read."""
    label, daily = _label(measure, item, split), ", per person and day"
    if label.endswith(daily) and 0.0 < (item.high or 0.0) < RARE:
        return Row(
            f"{label.removesuffix(daily)}, {unit_words(PER_YEAR)}", times(item, YEARLY, PER_YEAR)
        )
    return Row(label, item)


def _label(measure: str, item: Estimate, split: str) -> str:
    part = item.at(split) if split else ""
    if (measure, part) in SPECIAL:
        return SPECIAL[measure, part]
    words = names.measure(measure)
    title = words[:1].upper() + words[1:]
    if split == "channel":
        return f"Share of households whose viewing could be recorded: {channel_name(part)}"
    return f"{title}: enough to {names.plain(part).lower()}" if part else title


def _power(run: FinishedRun) -> list[Row]:
    return [
        Row(names.plain(item.category), item)
        for item in run.book.across("availability", "category")
        if not _at_border(item.category) and item.category not in run.about.scene.border_words
    ]


def _at_border(word: str) -> bool:
    """Whether a word speaks of a border, of which nothing but a contrast is told."""
    return any(part in word.lower() for part in _BORDER)


def _stated(run: FinishedRun) -> Grid | None:
    """Rates and hours that the scenario itself states of what the operator does."""
    chosen = [item for item in run.about.quantities if _is_use(item)]
    if not chosen:
        return None
    scene = run.about.scene
    rows = tuple(
        (
            names.meaning(item.path, tuple(scene.acts), scene.channels) or names.path(item.path),
            _range(item),
            "set by the user" if item.by_user else item.kind,
            item.grade,
        )
        for item in chosen
    )
    columns = ("What the scenario states", "Range", "How it is known", "Grade")
    return Grid(columns, rows, (1,), "Use, as the scenario states it")


def _is_use(item: Number) -> bool:
    timed = item.unit.endswith(_TIMES) and bool(item.values)
    by_operator = item.path.startswith("channels.") and item.role in {"state_lever", "safeguard"}
    return timed and by_operator and not _at_border(item.path)


def _range(item: Number) -> str:
    low, high = min(item.values), max(item.values)
    words = unit_words(item.unit)
    return f"{number(low, 3)} {words}" if low == high else spread(low, high, item.unit)

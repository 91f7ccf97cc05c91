"""Field `harms`: how often each harm is done, to how many, and how surely that is known."""

from __future__ import annotations

from sousveil.assessment.filled import (
    Filled,
    Row,
    act_name,
    channel_name,
    hangs_on,
    present,
    something,
    table,
)
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block
from sousveil.report.rows import Estimate
from sousveil.report.sections.common import Entry, Plot, figure
from sousveil.report.sections.front import ACCURATE
from sousveil.report.sections.wronged import PARTS

NO_FLAGS = (
    "No flag is modelled in this scenario, so that no harm is counted. That is not the same as no "
    "harm."
)
LISTED = "Founded flags (alerts on people who are on a list)"
SEARCHES = (
    ("Wrong alerts in a year", "search_alerts", "wrong"),
    ("Of the faces that are compared, share that gives a wrong alert", "false_alerts_per_face", ""),
    ("Of the alerts, share that is wrong", "false_share_of_alerts", ""),
)


def harms(run: FinishedRun) -> Filled:
    """Harm and its parts, people, searches, acts with their rights, channels."""
    rates = something(_rates(run))
    if not rates:
        return Filled(missing=NO_FLAGS)
    people = present(
        (_title(name), run.book.one(name)) for name in ("persons_wronged", "affected_persons")
    )
    forgone = present([(_title("acts_forgone_share"), run.book.one("acts_forgone_share"))])
    blocks: list[Block] = [table(run, "Harm", rates, "Likelihood: how often each harm is done")]
    drawn = _drawn(run, rates)
    blocks += [drawn] if drawn is not None else []
    if people:
        blocks.append(table(run, "Who", people, "Scale: people in a year"))
    if something(forgone):
        title = "Chilling: what people no longer do for fear of being found out"
        blocks.append(table(run, "What", forgone, title))
    searches = [row for row in _searches(run) if row.item.known]
    if something(searches):
        title = "Searches: the same errors by face and by alert tell opposite stories"
        blocks.append(table(run, "Error", searches, title))
    acts = something(_acts(run))
    if acts:
        title = "Harm by act, with the right that the act exercises"
        blocks.append(table(run, "Act", acts, title))
    channels = something(_channels(run))
    if len(channels) > 1:
        blocks.append(table(run, "Channel", channels, "Harm by channel"))
    blocks += hangs_on(run, [*rates, *people, *searches, *acts, *channels], "harms")
    return Filled((ACCURATE,), tuple(blocks))


def _title(measure: str) -> str:
    words = names.measure(measure)
    return words[:1].upper() + words[1:]


def _rates(run: FinishedRun) -> list[Row]:
    """Harm in all, and its parts, per 100,000 people and year."""
    found = present([("All harms", run.book.one("harm"))])
    rights = any(act.right for act in run.about.scene.acts.values())
    words = PARTS if rights else {**PARTS, "founded": LISTED}
    parts = [Row(words.get(i.category, names.plain(i.category)), i) for i in _of_harm(run)]
    found += something(parts)
    coincident = ("Of the unfounded, coincident", run.book.one("coincident_flags"))
    return found + something(present([coincident]))


def _of_harm(run: FinishedRun) -> list[Estimate]:
    items = run.book.across("harm", "category")
    order = list(PARTS)
    return sorted(items, key=lambda i: order.index(i.category) if i.category in order else 9)


def _drawn(run: FinishedRun, rows: list[Row]) -> Block | None:
    plot = Plot("harms-rates", "Harms, by part", names.measure("harm"), "Harm")
    entries = [Entry(row.label, row.item) for row in rows]
    return figure(run.ground, plot, entries) if len(something(rows)) > 1 else None


def _searches(run: FinishedRun) -> list[Row]:
    found = [(label, run.book.one(name, category=category)) for label, name, category in SEARCHES]
    return present(found)


def _acts(run: FinishedRun) -> list[Row]:
    known = run.about.scene.acts
    rows = list[Row]()
    for item in run.book.across("harm", "act"):
        act = known.get(item.act)
        about = (act.right or act.legitimate_aim) if act is not None else ""
        rows.append(Row(f"{act_name(run, item.act)}{f' ({about})' if about else ''}", item))
    return rows


def _channels(run: FinishedRun) -> list[Row]:
    return [Row(channel_name(i.channel), i) for i in run.book.across("harm", "channel")]

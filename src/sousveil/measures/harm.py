"""Harm: what the system does to people, whether or not it finds what it looks for.

For an act that is a right every flag is a harm: harm = founded + unfounded flags + extortions +
acts forgone. Where punishing an act has a legitimate aim, its founded flags are not counted. A
flag settled by a payment counts as flag and as extortion: it is both. Acts of class border are
left out (they leave as contrasts only).
"""

from __future__ import annotations

from collections.abc import Iterable

from sousveil.measuring.base import (
    AIMED,
    PER_100_000,
    Context,
    Count,
    Item,
    Measure,
    Result,
    allegation,
)
from sousveil.processes import Process, Sensitivity

COMPONENTS = ("founded", "unfounded", "extortions", "forgone")


def components(context: Context, processes: Iterable[Process]) -> dict[str, Count]:
    """The parts of harm that come from flags of these processes."""
    aims = AIMED | {act.name for act in context.acts if act.sensitivity is Sensitivity.OPEN}
    flags = list(processes)
    wrong_to_flag = [process for process in flags if allegation(process) not in aims]
    bribes = [(p.name, outcome) for p in flags for outcome in ("reporter_bribed", "extorted")]
    return {
        "founded": context.total((process.name, "founded") for process in wrong_to_flag),
        "unfounded": context.total((process.name, "unfounded") for process in flags),
        "extortions": context.total(bribes),
    }


def _harm(context: Context) -> list[Result]:
    """Harm per 100,000 resident-years: in all, by channel, by act, and its components."""
    protected = [a for a in context.acts if a.sensitivity is Sensitivity.PROTECTED]
    results: list[Result] = []
    for (channel, act), processes in context.by_channel_and_act.items():
        parts = components(context, processes)
        if not channel:
            about = [a for a in protected if act in ("", a.name)]
            parts["forgone"] = context.total((a.name, "forgone") for a in about)
        split = "country" if channel and act else "margins"
        results.append(_item(context, parts.values(), channel, act, "", split))
        if not (channel and act):
            results += [
                _item(context, [part], channel, act, name, "country")
                for name, part in parts.items()
            ]
    everything = results[0]
    if isinstance(everything, Item):
        results[0] = Item(everything.numerator, everything.denominator, split="crossed")
    return results


def _item(
    context: Context, parts: Iterable[Count], channel: str, act: str, category: str, split: str
) -> Item:
    first, *others = parts
    total = sum(others, first).times(PER_100_000)
    return Item(total, context.residents, channel, act, category, split=split)


def _forgone(context: Context) -> list[Result]:
    """Share of acts not done for fear of being found out, by act; the base rate is the ceiling."""
    results: list[Result] = []
    for act in context.acts:
        forgone = context.count(act.name, "forgone")
        results.append(Item(forgone, forgone + context.count(act.name, "done"), act=act.name))
    return results


MEASURES = (
    Measure(
        "harm",
        "Founded and unfounded flags, extortions and acts forgone",
        "1/100,000 person-years",
        ("channel", "act", "category", "area", "group"),
        _harm,
        category="component of the harm",
        crossed=True,
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Lines",
    ),
    Measure(
        "acts_forgone_share",
        "Share of acts not done for fear of being found out",
        "1",
        ("act", "area", "group"),
        _forgone,
        harm=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Chilling",
    ),
)

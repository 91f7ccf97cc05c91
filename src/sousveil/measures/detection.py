"""Detection: which acts are noticed, by whom, and which become a flag.

Acts of class border are left out.

Noticed is not reported. Numbers over several acts weigh every act alike: by count the most
frequent trivial act would decide.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sousveil.measuring.base import (
    Change,
    Context,
    Item,
    Mean,
    Measure,
    Ratio,
    Result,
    Value,
)
from sousveil.measuring.made import acts_flagged
from sousveil.processes import Act, Detection, Inspection, Layer


def withheld(context: Context, act: Act) -> bool:
    """Whether a channel is documented for the act but not modelled: who saw it is unknown."""
    return "not_modelled" in context.matrix.get(act.name, {}).values()


def _reported(context: Context) -> list[Result]:
    """Share of acts that become a flag, by act and channel.

    Jointly as if channels were independent.

    One channel's processes are taken as independent as well, given the area and group.
    """
    watching: dict[str, list[Detection | Inspection]] = {act.name: [] for act in context.acts}
    for process in context.model.processes:
        if isinstance(process, (Detection, Inspection)) and process.act in watching:
            watching[process.act].append(process)
    items: list[Item] = []
    for act, processes in watching.items():
        done = context.count(act, "done")
        for channel in dict.fromkeys(name for p in processes for name in (p.channel, "")):
            some = [process for process in processes if channel in ("", process.channel)]
            flagged = acts_flagged(context, act, some)
            items.append(Item(flagged, done, channel=channel, act=act))
    channels = dict.fromkeys(item.channel for item in items)
    means = [Mean(tuple(i for i in items if i.channel == name), name) for name in channels]
    return [*items, *means]


def _unobserved(context: Context) -> list[Result]:
    """Share of acts that no modelled channel noticed; withheld where a known channel is missing."""
    results: list[Result] = []
    known: list[Item] = []
    for act in context.acts:
        if withheld(context, act):
            results.append(Value(None, act=act.name, label="withheld"))
            continue
        done = context.count(act.name, "done")
        known.append(Item(context.patterns[act.name].by_nobody, done, act=act.name))
    return [*results, *known, *([Mean(tuple(known))] if known else [])]


def _noticed(context: Context) -> list[Result]:
    """Share of acts noticed by each channel and by each layer; by any, where none is missing."""
    results: list[Result] = []
    for act in context.acts:
        done = context.count(act.name, "done")
        patterns = context.patterns[act.name]
        watchers = patterns.watchers
        for channel in watchers:
            results.append(Item(patterns.noticed_by([channel]), done, channel, act.name))
        for layer in Layer:
            inside = [name for name in watchers if context.layer(name) is layer]
            results.append(
                Item(patterns.noticed_by(inside), done, act=act.name, category=layer.value)
            )
        if not withheld(context, act):
            results.append(Item(patterns.noticed_by(watchers), done, act=act.name))
    return results


def _noticed_change(context: Context) -> list[Result]:
    """Change of the share noticed against the base, as a share of the base, by act and channel."""
    if context.base is None:
        return []
    results: list[Result] = []
    for act in context.acts:
        before = {item.name: item for item in context.base.acts}.get(act.name)
        if before is None:
            continue
        watchers = context.base.patterns[act.name].watchers
        for channel in ("", *watchers):
            chosen = watchers if channel == "" else (channel,)
            now_chosen = context.patterns[act.name].watchers if channel == "" else (channel,)
            results.append(
                Change(
                    _share_noticed(context, act, now_chosen, channel),
                    _share_noticed(context.base, before, chosen, channel),
                )
            )
    return results


def _share_noticed(context: Context, act: Act, channels: Iterable[str], told: str) -> Ratio:
    noticed = context.patterns[act.name].noticed_by(channels)
    return Ratio(noticed, context.count(act.name, "done"), told, act.name)


def _shapley(context: Context) -> list[Result]:
    """Each channel's and layer's fair share of what is noticed of an act, over all orders.

    The worth of a set S of channels is P(act noticed by S). An act that k channels notice adds 1
    / k to each of them: for worths of this kind that is the Shapley value, exactly.
    """
    results: list[Result] = []
    layers: dict[str, list[Ratio]] = {layer.value: [] for layer in Layer}
    for act in context.acts:
        patterns = context.patterns[act.name]
        watchers = patterns.watchers
        if not watchers:
            continue
        every = patterns.noticed_by(watchers)
        # An act seen by k channels counts 1 / k for each of them; one seen by none, nothing.
        part = patterns.seen / np.maximum(patterns.seen.sum(axis=1), 1.0)[:, None]
        for place, name in enumerate(watchers):
            results.append(Ratio(patterns.weighed(part[:, place]), every, name, act.name))
        for layer in Layer:
            inside = [context.layer(name) is layer for name in watchers]
            worth = patterns.weighed(part[:, inside].sum(axis=1))
            ratio = Ratio(worth, every, "", act.name, layer.value)
            results.append(ratio)
            layers[layer.value].append(ratio)
    results += [Mean(tuple(of), "", category) for category, of in layers.items() if of]
    return results


BY = ("channel", "act", "group")
"""Never by area: where acts go unnoticed would be a map of blind spots."""
MEASURES = (
    Measure(
        "act_detection_probability",
        "Share of acts that become a flag",
        "1",
        BY,
        _reported,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "act_noticed_share",
        "Share of acts that somebody noticed",
        "1",
        (*BY, "category"),
        _noticed,
        category="who notices: people, machines, mixed",
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "unobserved_acts_share",
        "Share of acts not noticed by the channels modelled",
        "1",
        ("act", "group"),
        _unobserved,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Four stages",
    ),
    Measure(
        "noticed_change_share",
        "Change of the share of acts noticed, against the base",
        "1",
        ("channel", "act"),
        _noticed_change,
        contrast=True,
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
    Measure(
        "shapley_share",
        "Fair share of what is noticed, over all orders of the channels",
        "1",
        ("channel", "act", "category"),
        _shapley,
        category="who notices: people, machines, mixed",
        names_alone=True,
        source="docs/explanation/how_it_counts.md, Ratios and shares",
    ),
)

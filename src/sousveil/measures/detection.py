"""Detection: which acts are noticed, by whom, and which become a flag.

Acts of class border are left out.

Noticed is not reported. Numbers over several acts weigh every act alike: by count the most
frequent trivial act would decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import (
    Change,
    Context,
    Count,
    Item,
    Mean,
    Measure,
    Ratio,
    Result,
    Splits,
    Value,
)
from sousveil.measuring.chance import Acts
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
    results: list[Result] = []
    means: dict[str, list[tuple[float, float]]] = {}
    for act, processes in watching.items():
        acts = Acts.of(context, act)
        joint = None if acts is None else acts.joint
        done = context.count(act, "done")
        reported = [context.count(process.name, "reported") for process in processes]
        channels = tuple(process.channel for process in processes)
        pairs = list(zip(channels, reported, strict=True))
        work = partial(_of_act, context.splits, act, done, pairs, acts)
        inputs = [context.splits, done, joint, *reported]
        for item, share, spread in context.kept((act, channels), inputs, work):
            results.append(item)
            means.setdefault(item.channel, []).append((share, spread))
    return [*results, *_equal_weights(means)]


def _of_act(
    splits: Splits,
    act: str,
    done: Count,
    reported: Sequence[tuple[str, Count]],
    acts: Acts | None,
) -> list[tuple[Item, float, float]]:
    """Share of one act that becomes a flag, by channel and jointly.

    With that of the country, and its variance (nan where that is not known).
    """
    if not reported:
        return []
    shape = (len(reported), *done.values.shape)
    flagged = np.concatenate([count.values for _, count in reported]).reshape(shape)
    shares = np.divide(flagged, done.values, out=np.zeros(shape), where=done.values > 0)
    escapes = 1.0 - np.clip(shares, 0.0, 1.0)
    names = list(dict.fromkeys(name for channel, _ in reported for name in (channel, "")))
    missed = np.ones((len(names), *done.values.shape))
    for (channel, _), escape in zip(reported, escapes, strict=True):
        missed[names.index(channel)] *= escape
    jointly = names.index("")
    missed[jointly] = np.delete(missed, jointly, axis=0).prod(axis=0)
    label = "sampled" if done.label == "sampled" else "mean_field"
    whole = splits.of_country(done)
    parts = done.values * (1.0 - missed)
    sums = parts.reshape(len(names), -1) @ splits.cells.country
    totals = dict(zip(names, sums.tolist(), strict=True))
    found: list[tuple[Item, float, float]] = []
    for channel, part in zip(names, parts, strict=True):
        share = totals[channel] / whole if whole > 0 else np.nan
        spread = np.nan if acts is None else acts.thinned(_kept(acts, totals, channel))
        count = Count(part, spread * whole**2, label)
        found.append((Item(count, done, channel=channel, act=act), share, spread))
    return found


def _kept(acts: Acts, flagged: Mapping[str, float], told: str) -> Floats:
    """(P,) chance that an act becomes a flag of one channel, "" of any, given who noticed it.

    flagged: acts that each channel flags, in the country.
    """
    bits = np.arange(len(acts.totals))
    lost = np.ones(len(bits))
    for place, channel in enumerate(acts.joint.channels):
        if told not in ("", channel):
            continue
        hit = (bits >> place & 1) == 1
        noticed = float(acts.totals[hit].sum())
        chance = min(flagged[channel] / noticed, 1.0) if noticed > 0.0 else 0.0
        lost *= np.where(hit, 1.0 - chance, 1.0)
    return 1.0 - lost


def _equal_weights(shares: Mapping[str, list[tuple[float, float]]]) -> list[Value]:
    """Mean over acts, each weighing alike, of (share, variance); acts are taken as independent."""
    found: list[Value] = []
    for channel, pairs in shares.items():
        mean = sum(share for share, _ in pairs) / len(pairs)
        chance = math.sqrt(max(sum(variance for _, variance in pairs), 0.0)) / len(pairs)
        chance_sd = chance if math.isfinite(chance) else None
        found.append(Value(mean if math.isfinite(mean) else None, channel, chance_sd=chance_sd))
    return found


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

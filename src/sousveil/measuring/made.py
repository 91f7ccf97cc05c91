"""Counts that are worked out of others, cell by cell: acts that become a flag, persons affected.

A run's plan says of which counts each is made; `adding` makes them. What stands here is what a
measure asks for, the same in plain arrays, and how such a count varies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from sousveil.arrays import Floats
from sousveil.measuring.base import Context, Count, of_country
from sousveil.measuring.chance import Acts
from sousveil.measuring.names import Made, Named, Names
from sousveil.processes import Detection, Inspection

Parts: TypeAlias = tuple[tuple[str, str], ...]


def acts_flagged(context: Context, act: str, processes: Iterable[Detection | Inspection]) -> Count:
    """Acts of which at least one process makes a flag, as if these were independent in a cell."""
    reported = ((process.name, "reported") for process in processes)
    return _made(context, "flagged", ((act, "done"), *reported))


def persons_affected(context: Context, events: Iterable[tuple[str, str]]) -> Count:
    """Residents with at least one of some events, if these fall independently in a cell."""
    return _made(context, "affected", tuple(events))


def _made(context: Context, rule: str, of: Parts) -> Count:
    if isinstance(context, Names):
        return Named(names=(Made(rule, of, context.of_base),))
    values = _flagged(context, of) if rule == "flagged" else _affected(context, of)
    label = context.count(*of[0]).label if rule == "flagged" else ""
    variance = variance_of(context, Made(rule, of))
    return Count(values, variance, label if label == "sampled" else "mean_field")


def variance_of(context: Context, made: Made) -> float:
    """Variance of the total of such a count in a run; nan where variances are not known."""
    if context.joints is None:
        return np.nan
    how = _variance_of_flagged if made.rule == "flagged" else _variance_of_affected
    return how(context, made.of)


def _flagged(context: Context, of: Parts) -> Floats:
    """(A, G) done * (1 - product of 1 - share reported)."""
    done, *reported = (context.count(*part).values for part in of)
    missed = np.ones_like(done)
    for each in reported:
        share = np.divide(each, done, out=np.zeros_like(done), where=done > 0.0)
        missed *= 1.0 - np.clip(share, 0.0, 1.0)
    return done * (1.0 - missed)


def _variance_of_flagged(context: Context, of: Parts) -> float:
    (act, _), *reported = of
    acts = Acts.of(context, act)
    if acts is None:
        return np.nan
    channels = {
        process.name: getattr(process, "channel", "") for process in context.model.processes
    }
    by_channel: dict[str, list[tuple[str, str]]] = {}
    for part in reported:
        by_channel.setdefault(channels[part[0]], []).append(part)
    totals = {
        channel: of_country(context, Count(_flagged(context, (of[0], *parts))))
        for channel, parts in by_channel.items()
    }
    whole = of_country(context, context.count(*of[0]))
    return acts.thinned(_kept(acts, totals)) * whole**2


def _kept(acts: Acts, flagged: Mapping[str, float]) -> Floats:
    """(P,) chance that an act becomes a flag of some channels, given who noticed it.

    flagged: acts that each of these channels flags, in the country.
    """
    bits = np.arange(len(acts.totals))
    lost = np.ones(len(bits))
    for place, channel in enumerate(acts.joint.channels):
        if channel not in flagged:
            continue
        hit = (bits >> place & 1) == 1
        noticed = float(acts.totals[hit].sum())
        chance = min(flagged[channel] / noticed, 1.0) if noticed > 0.0 else 0.0
        lost *= np.where(hit, 1.0 - chance, 1.0)
    return 1.0 - lost


def _rate(context: Context, of: Sequence[tuple[str, str]]) -> Floats:
    """(A, G) events of each resident."""
    residents = context.residents
    total = sum((context.count(*part).values for part in of), np.zeros_like(residents))
    return np.divide(total, residents, out=np.zeros_like(residents), where=residents > 0.0)


def _affected(context: Context, of: Parts) -> Floats:
    """(A, G) residents with at least one event."""
    return context.residents * -np.expm1(-_rate(context, of))


def _variance_of_affected(context: Context, of: Parts) -> float:
    """Variance of the persons affected.

    A person counts once, so that what a person's events have in common adds nothing. What persons
    share is taken from those wronged, where nothing else affects them.
    """
    residents = context.residents
    spared = np.exp(-_rate(context, of))
    own = float((residents * spared * (1.0 - spared)).sum())
    wronged = context.count("", "persons_wronged")
    civil = np.where(residents > 0.0, wronged.values, 0.0)
    share = np.divide(civil, residents, out=np.zeros_like(civil), where=residents > 0)
    everybody, hurt = float(residents.sum()), float(civil.sum())
    apart = float((residents * spared).sum()) / max(everybody - hurt, 1e-300)
    shared = max(wronged.variance - float((civil * (1.0 - share)).sum()), 0.0)
    return own + shared * min(apart, 1.0) ** 2

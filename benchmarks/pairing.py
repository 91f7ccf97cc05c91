"""What common random numbers gain: the spread of an effect, paired and with other seeds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.engine.sampled.events import sample
from sousveil.procedure import BaseReports, assemble, base_reports
from sousveil.scenario.load import load
from sousveil.scenario.model import CENTRAL, Scenario
from sousveil.scenario.parameters import resolve
from sousveil.tallies import Key
from sousveil.world.build import build

SCALE, SEEDS = 0.002, 24
WHAT_IFS = (
    "reliable_power",
    "no_cameras",
    "no_neighbourhood_units",
    "ignore_absence_without_power",
    "human_review",
    "stricter_threshold",
    "smaller_gallery",
    "independent_reports",
)
COUNTS = {"flags": "reported", "unfounded flags": "unfounded"}


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """The national scenario."""
    return load("north_korea")


@lru_cache(maxsize=1)
def anchor() -> BaseReports:
    """The reports of the base, which all what-ifs keep."""
    parameters = resolve(scenario(), CENTRAL, ())
    world = build(scenario().tables, parameters.world, parameters.year, 1, 0)
    free = assemble(parameters, world, None)
    return base_reports(free, expect(free, persons=False, variances=False), parameters)


def model_of(what_ifs: tuple[str, ...]) -> Model:
    """A what-if at central values, on the power path of the first member."""
    parameters = resolve(scenario(), CENTRAL, what_ifs)
    world = build(scenario().tables, parameters.world, parameters.year, 1, 0)
    return assemble(parameters, world, anchor())


def totals(model: Model) -> np.ndarray:
    """(seeds, counts) totals of some units of the country."""
    rows: list[list[int]] = []
    for seed in range(SEEDS):
        counts = sample(model, seed, 0, SCALE).tallies.counts
        by_name = [
            sum(int(v.sum()) for k, v in counts.items() if k.outcome == outcome)
            for outcome in COUNTS.values()
        ]
        rows.append([*by_name, int(counts[Key("", "persons_wronged")].sum())])
    return np.array(rows, dtype=np.float64)


def main() -> None:
    """Print the gain of every what-if and count."""
    base = totals(model_of(()))
    names = [*COUNTS, "persons wronged"]
    print(f"{SEEDS} seeds, {SCALE:.1%} of the units; gain: variance with other seeds by paired.\n")
    print("| what-if | count | base | change | paired variance | other seeds | gain |")
    print("|---|---|---|---|---|---|---|")
    for name in WHAT_IFS:
        other = totals(model_of((name,)))
        paired = (other - base).var(axis=0, ddof=1)
        apart = other.var(axis=0, ddof=1) + base.var(axis=0, ddof=1)
        for n, count in enumerate(names):
            change = float((other - base)[:, n].mean())
            gain = f"{apart[n] / paired[n]:,.0f}" if paired[n] > 0.0 else "all"
            print(
                f"| `{name}` | {count} | {base[:, n].mean():,.0f} | {change:+,.0f} "
                f"| {paired[n]:,.0f} | {apart[n]:,.0f} | {gain} |"
            )

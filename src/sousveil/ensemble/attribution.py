"""Which channel the harm comes from, over all orders in which channels could be added.

The worth of a set of channels is the harm that it does at central quantities, with chilling off: a
channel would else be credited with the acts that people forgo for fear of another one. All sets
share the central forcings and the reports that the whole is anchored to. A channel's share is its
Shapley value: one number, without a range, as a range would need all sets again for each member.
Only harms are attributed: nothing here asks which channel finds most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sousveil.counts import worst
from sousveil.ensemble.execute import Progress, Workers
from sousveil.ensemble.orders import shapley, subsets
from sousveil.ensemble.study import Study, Task
from sousveil.release import IDENTITY, Released, Rules, release

MOST_CHANNELS = 10
HARM = "harm"


def harm_shares(crew: Workers, study: Study, rules: Rules, progress: Progress) -> Released | None:
    """Each channel's Shapley value of harm, released; None for more channels than can be run."""
    players = study.scenario.channels
    if len(players) > MOST_CHANNELS:
        progress.say(f"attribution is left out: more than {MOST_CHANNELS} channels")
        return None
    every = subsets(players)
    tasks = [
        Task("attribution", number, 0, only=some, measures=(HARM,), chilling=False)
        for number, some in enumerate(every, start=1)
    ]
    progress.stage("attribution", len(tasks))
    worth: dict[frozenset[str], float] = {}
    unit, people, labels = "", 0.0, list[str]()
    for receipt in crew.run(tasks):
        if receipt.frame is not None:
            row = _harm(receipt.frame)
            worth[frozenset(every[receipt.task.number - 1])] = float(row["value"] or 0.0)
            unit, people = str(row["unit"]), float(row["stands_for"])
            labels.append(str(row["label"]))
        progress.advance()
    values = shapley(players, lambda some: worth[some])
    return release(_table(values, unit, people, worst(labels)), rules)


def _harm(frame: pl.DataFrame) -> dict[str, Any]:
    whole = [pl.col(name) == (HARM if name == "measure" else "") for name in IDENTITY]
    return frame.filter(pl.all_horizontal(whole)).row(0, named=True)


def _table(values: Mapping[str, float], unit: str, people: float, label: str) -> pl.DataFrame:
    rows = [
        dict.fromkeys(IDENTITY, "")
        | {"measure": HARM, "channel": name, "statistic": "shapley", "part": "central"}
        | {"label": label, "value": value, "unit": unit, "members": 1, "stands_for": people}
        for name, value in values.items()
    ]
    return pl.DataFrame(rows)

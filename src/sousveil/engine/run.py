"""Choose an engine by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sousveil.counts import Count
from sousveil.engine.model import Model
from sousveil.engine.sampled.blocks import Progress, Sampled
from sousveil.tallies import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES = ("events", "hourly", "expected")
DRAWN = {
    "events": {
        "encounters": "counts of the year, by person and level; probes, too",
        "encounters with two searches, or one that does not look at the nearest level": "probes "
        "singly, all other views as counts",
        "acts": "numbers of the year, by person; hours of those that something may notice",
        "acts with marks, chilled or in need of power": "singly",
        "visits": "numbers of the year, by whom they go to, and a word of each for its hour",
        "roll calls that can flag nobody": "counts of the year, by household; singly where box or "
        "link can fail, or events differ in their chance of power",
        "every other process": "singly",
    },
    "hourly": {"every process": "singly, hour by hour"},
    "expected": {"every process": "not at all"},
}
"""What an engine draws singly, and what as counts."""


def run_engine(
    name: str,
    model: Model,
    seed: int,
    member: int,
    scale: float = 1.0,
    threads: int = 1,
    progress: Progress | None = None,
    device: str = "cpu",
) -> Sampled | Mapping[Key, Count]:
    """Run a model: a sampled run, or expectations where the engine is `expected`.

    device: "cpu", or "gpu" for `events`; the result is the same to the bit. Raises ValueError, in
    one line, for an engine that does not exist; NoCard where a card fails.
    """
    if name == "hourly":
        from sousveil.engine.sampled.hourly import sample

        return sample(model, seed, member, scale, threads, progress)
    if name == "expected":
        from sousveil.engine.expected import expect

        return expect(model)
    if name == "events" and device == "gpu":
        from sousveil.engine.sampled.gpu import sample

        return sample(model, seed, member, scale, threads, progress)
    if name == "events":
        from sousveil.engine.sampled.events import sample

        return sample(model, seed, member, scale, threads, progress)
    raise ValueError(f"engine {name}: expected one of {', '.join(ENGINES)}")

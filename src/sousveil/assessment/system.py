"""Field `system`: what was modelled, over whom, and what it looks for."""

from __future__ import annotations

from sousveil.assessment.filled import Filled, act_name, channel_name
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid
from sousveil.report.names import LAYERS
from sousveil.report.numbers import number
from sousveil.report.sections.front import WHAT_IT_IS


def system(run: FinishedRun) -> Filled:
    """Channels and acts of the scenario, and how many people it stands for."""
    about, scene = run.about, run.about.scene
    place = scene.place or about.title
    blocks: list[Block] = []
    if scene.channels:
        rows = tuple((channel_name(name), _watcher(name)) for name in scene.channels)
        blocks.append(Grid(("Channel", "Who watches"), rows, (), "Channels"))
    if scene.acts:
        rows = tuple((act_name(run, name), _why(run, name)) for name in scene.acts)
        title = "The right that it exercises, or the aim of punishing it"
        blocks.append(Grid(("Act", title), rows, (), "Acts that it looks for"))
    return Filled(
        (
            f"{about.title}: {number(about.persons, 3)} synthetic people stand for the residents "
            f"of {place} in {about.as_of}. {WHAT_IT_IS}",
            "It describes the system of the scenario, not a system that is planned: where the two "
            "differ, change the scenario and run it again.",
        ),
        tuple(blocks),
    )


def _watcher(name: str) -> str:
    found = names.declared_channels().get(name)
    layer = str(found.layer) if found is not None else ""
    return LAYERS.get(layer, names.plain(layer))


def _why(run: FinishedRun, name: str) -> str:
    act = run.about.scene.acts[name]
    return act.right or act.legitimate_aim or "not stated"

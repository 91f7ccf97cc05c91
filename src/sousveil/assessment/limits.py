"""Field `limits`: what the model leaves out, and what no run of it can say."""

from __future__ import annotations

from sousveil.assessment.filled import Filled, act_name, channel_name
from sousveil.assessment.run_folder import FinishedRun
from sousveil.report import names
from sousveil.report.layout import Block, Grid
from sousveil.report.sections.front import NEVER
from sousveil.report.sections.limits import MODEL

FEW = 64
"""With fewer members the ends of a range are those of a handful of draws."""
NOT_SAID = (
    "It gives no rating and sets no threshold: whether the processing may go ahead is no number. "
    "It counts flags and those whom they fall on; it does not say how grave a harm is, what the "
    "law allows, or what people would say who were asked.",
    "It speaks of a system as a scenario describes it. A range is what the stated ranges imply; it "
    "is not a confidence interval.",
    "Nothing is told of any one place inside the whole, and crossings of a border are left out "
    "altogether.",
)


def limits(run: FinishedRun) -> Filled:
    """Limits of the model, of each channel, and what is documented and not modelled."""
    scene = run.about.scene
    few = (
        (
            f"Only {run.about.members} members were drawn: the ends of the ranges are those of a "
            "handful of draws. Run with more before any number is quoted.",
        )
        if run.about.members < FEW
        else ()
    )
    blocks: list[Block] = [
        Grid(("It leaves out",), tuple((text,) for text in MODEL), (), "Limits of the model")
    ]
    channels = tuple((channel_name(name), text) for name in scene.channels for text in _of(name))
    if channels:
        blocks.append(Grid(("Channel", "What it cannot show"), channels, (), "Limits by channel"))
    missing = tuple(
        (act_name(run, item.act), channel_name(item.channel), item.note or "documented")
        for item in scene.not_modelled
    )
    if missing:
        title = "Documented, but not modelled"
        blocks.append(Grid(("Act", "Channel", "What is documented"), missing, (), title))
    return Filled((NEVER, *NOT_SAID, *few, *run.about.warnings), tuple(blocks))


def _of(name: str) -> tuple[str, ...]:
    found = names.declared_channels().get(name)
    return tuple(text.replace("`", "") for text in found.limits) if found is not None else ()

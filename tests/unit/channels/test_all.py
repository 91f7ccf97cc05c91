"""What holds for every channel: found by its file, declared fields, limits, no chance."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import sousveil.channels as package
from sousveil.channels import channels
from sousveil.channels.base import Channel
from sousveil.procedure import assemble
from sousveil.processes import Detection, Layer
from sousveil.scenario.sections import describe, walk
from unit.channels.village import site
from unit.test_procedure import parameters as full

ROOT = Path(__file__).resolve().parents[3]


def test_the_folder_is_the_list() -> None:
    assert list(channels()) == sorted(channels())
    assert {"street_camera", "iptv", "neighbourhood_unit", "phone"} <= set(channels())


def test_every_field_is_declared_with_a_sentence() -> None:
    for name, channel in channels().items():
        for path, slot in walk(describe(channel.parameters), name):
            assert slot.spec.doc.endswith("."), path


def test_every_channel_says_what_it_cannot_show() -> None:
    for name, channel in channels().items():
        assert channel.limits, name
        assert all(limit.endswith(".") for limit in channel.limits), name


def test_people_and_machines_are_told_apart() -> None:
    layers = {name: channel.layer for name, channel in channels().items()}
    assert layers["neighbourhood_unit"] is Layer.PEOPLE
    assert layers["border_guard"] is Layer.PEOPLE
    assert layers["border_camera"] is Layer.MACHINES
    assert layers["phone"] is Layer.MIXED


@pytest.fixture
def channel_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """The channel that the documentation shows, as a file beside the others."""
    page = (ROOT / "docs/how-to/add_a_channel.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    (tmp_path / "checkpoint.py").write_text(found.group(1), encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    channels.cache_clear()
    yield channels()["checkpoint"]
    channels.cache_clear()
    sys.modules.pop("sousveil.channels.checkpoint", None)


def test_a_new_channel_is_one_file(channel_of_the_page: Channel) -> None:
    place = site()
    parameters = channel_of_the_page.parameters(blocks=3.0, notice={"trade": 0.2})
    base = replace(full(), channels={**full().channels, "checkpoint": parameters})
    model = assemble(base, place.world)
    (found,) = (p for p in model.of(Detection) if p.channel == "checkpoint")
    assert found.notice[0, 0] == pytest.approx(1 - 0.8**3)
    assert "checkpoint" in model.watchers("trade")
    assert "checkpoint" in model.handling


def test_a_channel_may_not_go_by_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zz_other.py").write_text("from sousveil.channels.iptv import CHANNEL\n")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    channels.cache_clear()
    with pytest.raises(ValueError, match="declares the name 'iptv'"):
        channels()
    channels.cache_clear()
    sys.modules.pop("sousveil.channels.zz_other", None)

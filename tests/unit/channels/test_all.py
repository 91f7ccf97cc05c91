"""What holds for every channel: found by its file, declared fields, limits, no chance."""

from __future__ import annotations

import dataclasses

from sousveil.channels import channels
from sousveil.processes import Layer
from sousveil.quantity import FIELD, FieldSpec


def test_the_folder_is_the_list() -> None:
    assert list(channels()) == sorted(channels())
    assert {"street_camera", "iptv", "neighbourhood_unit", "phone"} <= set(channels())


def test_every_field_is_declared_with_a_sentence() -> None:
    for name, channel in channels().items():
        for item in dataclasses.fields(channel.parameters):
            spec = item.metadata[FIELD]
            assert isinstance(spec, FieldSpec)
            assert spec.doc.endswith("."), f"{name}.{item.name}"


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

"""Pairs of patterns vary as the ledger says of each alone, and weights of one change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.engine.expected import know
from sousveil.engine.expected.joint import joint_of
from sousveil.tallies import Key
from support.models import (
    ZEAL,
    everything,
    make_act,
    make_detection,
    make_inspections,
    make_model,
    make_world,
)

WORLD = make_world(scale=4)


def test_a_pattern_beside_itself_has_its_variance() -> None:
    sister = make_detection("sister", "cell", effect=replace(ZEAL, spread=1.0))
    items = (make_act(), *make_inspections(), make_detection("informant", "unit"), sister)
    world = replace(WORLD, areas=tuple(replace(area, civil=True) for area in WORLD.areas))
    known = know(make_model(world, items))
    joint = joint_of(known, "media")
    covariance = joint.shared(joint) + np.diag(joint.totals)
    for number, found in enumerate(np.diag(covariance)):
        assert found == pytest.approx(known.values[Key("media", f"pattern:{number}")].variance)
    assert covariance == pytest.approx(covariance.T)
    # All patterns together are the acts: what their watchers share cancels, but for interactions.
    assert covariance.sum() == pytest.approx(known.values[Key("media", "done")].variance, rel=0.03)


def test_every_value_with_weights_of_one_has_its_variance() -> None:
    known = know(make_model(WORLD, everything(WORLD)))
    ones = np.ones((1, *WORLD.people.by_group().shape))
    judged = 0
    for key, value in known.values.items():
        if value.weighed is not None and value.variance > 0.0:
            whole = value.weighed(ones, False)  # noqa: FBT003
            assert whole == pytest.approx([value.variance], rel=1e-9), key
            judged += 1
    assert judged > 100

"""Which unknown to research: what chance alone would show among many is not shown."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.ensemble.matrix import ranks
from sousveil.report.sections.unknowns import chance_level, interval_of


def test_chance_passes_the_level_once_in_twenty_tries() -> None:
    members, quantities, tries = 60, 40, 600
    rng = np.random.default_rng(3)
    passed = 0
    for _ in range(tries):
        x, y = rng.random((members, quantities)), rng.random((members, 1))
        passed += bool(np.abs(ranks(x).T @ ranks(y)).max() > chance_level(members, quantities))
    assert passed / tries == pytest.approx(0.05, abs=0.03)


def test_few_members_show_nothing() -> None:
    assert chance_level(4, 10) == 1.0
    assert interval_of(0.5, 4) == (-1.0, 1.0)
    assert chance_level(1024, 231) < chance_level(128, 231)

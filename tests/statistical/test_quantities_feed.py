"""Every quantity of the flagship scenario moves a published number, or its README says why not.

Each is set to its ends, one at a time, in the base run and, where nothing moves there, beside what
the border and the reviewers do under a few what-ifs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sousveil import load
from sousveil.ensemble.design import at_ends
from sousveil.ensemble.study import Study, Task, branches_of
from sousveil.ensemble.work import do
from sousveil.scenario.model import CENTRAL, Draw

pytestmark = [pytest.mark.slow, pytest.mark.statistical]

ELSEWHERE = {
    "arrivals.direct_share",
    "arrivals.stay_years",
    "arrivals.arrival_share",
    "channels.neighbourhood_unit.zeal_concentration",
    "channels.organisation.zeal_concentration",
}
"""The division of arrivals, and the part for chance: both are worked out apart."""
QUIET = {
    "world.people.guards",
    "world.people.unit_households.border_guards",
    "acts.overnight_guest.spell_hours",
    "acts.missed_event.spell_hours",
    "acts.private_talk.spell_hours",
    "acts.trade.spell_hours",
    "acts.cross_border.spell_hours",
    "channels.street_camera.room_in_view.work",
    "channels.street_camera.room_in_view.school",
    "channels.border_camera.report_local.take_bribe",
    "channels.border_camera.report_central.take_bribe",
    "procedure.retention_days.other",
}
WHAT_IFS = ("no_border_cameras", "human_review", "chilling")


def test_every_quantity_moves_a_number_or_says_why_not(tmp_path: Path) -> None:
    scenario = load("north_korea")
    names = [name for name in WHAT_IFS if name in scenario.what_ifs]
    assert len(names) == len(WHAT_IFS)
    study = Study(scenario, 1, 0, branches_of(scenario, names))

    def run(draw: Draw, branches: tuple[str, ...]) -> np.ndarray:
        frame = do(study, tmp_path, Task("end", 1, 0, draw, branches)).frame
        assert frame is not None
        return frame.select(pl.col("value").fill_null(-9.0)).to_series().to_numpy()

    def moves(path: str, branches: tuple[str, ...], before: np.ndarray) -> bool:
        ends = (run(draw, branches) for draw in at_ends(scenario.quantities[path]))
        return any(not np.array_equal(before, found) for found in ends)

    base, every = ("",), ("", *names)
    alone, beside = run(CENTRAL, base), run(CENTRAL, every)
    left = [path for path in scenario.uncertain if not moves(path, base, alone)]
    quiet = {path for path in left if not moves(path, every, beside)}
    assert quiet == QUIET | ELSEWHERE
    about = Path(scenario.folder, "README.md").read_text(encoding="utf-8")
    assert not [path for path in sorted(QUIET) if f"`{path}`" not in about]

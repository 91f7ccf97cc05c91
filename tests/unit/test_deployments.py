"""Counted passers: the expected total is the count, whoever passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sousveil.arrays import HOURS_PER_YEAR
from sousveil.channels.street_camera import StreetCameraParameters, lower
from sousveil.deployments import FACE, DeploymentParameters, counted
from sousveil.processes import Encounter
from unit.channels.village import site


def faces(encounter: Encounter) -> np.ndarray:
    """(A, G) expected views in a year."""
    hours = encounter.profile @ site().slot_weights * HOURS_PER_YEAR
    return site().persons() * encounter.rate * hours[None, :]


def deployments(**changes: Any) -> DeploymentParameters:
    return DeploymentParameters(**{"per_year": 200.0, "faces": 1500.0, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hours": (12, 18)},
        {"hours": (17.5, 9)},
        {"spread": 1.5},
        {"residents": {"city": 3.0, "other": 1.0}},
    ],
)
def test_the_total_is_the_published_count(changes: dict[str, Any]) -> None:
    (encounter,) = counted(deployments(**changes), "street_camera", site())
    assert faces(encounter).sum() == pytest.approx(300_000)
    assert [level.name for level in encounter.levels] == ["detect", FACE]
    assert (encounter.effect is not None) == ("spread" in changes)


def test_who_passes_more_is_seen_more_and_the_total_stays() -> None:
    groups = site().world.groups
    margin, category = groups[0].categories[0]
    key = f"{margin}.{category}"
    (even,) = counted(deployments(), "street_camera", site())
    (more,) = counted(deployments(passing={key: 4.0}), "street_camera", site())
    chosen = [(margin, category) in group.categories for group in groups]
    assert faces(more)[:, chosen].sum() > faces(even)[:, chosen].sum()
    assert faces(more).sum() == pytest.approx(faces(even).sum())


def test_without_deployments_nothing_is_counted() -> None:
    assert counted(DeploymentParameters(), "street_camera", site()) == ()
    assert lower(StreetCameraParameters(), site()) == ()


def test_deployments_need_no_camera_that_stands() -> None:
    (encounter,) = lower(StreetCameraParameters(deployments=deployments()), site())
    assert encounter.name == "street_camera.deployments"


def test_half_a_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="give people_per_built_km2, street_space_share"):
        lower(StreetCameraParameters(density_weight={"city": 1.0}), site())


def test_hours_at_which_nobody_passes_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody is in the setting street"):
        counted(deployments(hours=(1, 3)), "street_camera", site())


def test_a_setting_that_the_world_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody is in the setting market"):
        counted(deployments(where="market"), "street_camera", site())

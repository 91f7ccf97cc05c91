"""Border cameras and guards read the marks of a crossing, and cameras watch the guards too."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sousveil.channels import border_camera, border_guard
from sousveil.channels.border_camera import BorderCameraParameters
from sousveil.channels.border_guard import BorderGuardParameters
from unit.channels.village import site


def cameras(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "watched_local": 0.4,
        "watched_central": 0.2,
        "attention": 0.5,
        "report_local": {"take_bribe": 0.1},
    }
    parameters = BorderCameraParameters(**{**values, **changes})
    return {process.name: process for process in border_camera.lower(parameters, site())}


def test_crossings_and_bribes_are_seen_by_footage() -> None:
    assert set(cameras()) == {
        f"border_camera.{act}.{footage}"
        for act in ("cross_border", "take_bribe")
        for footage in ("local", "central")
    }


def test_only_covered_undeleted_footage_counts() -> None:
    crossing = cameras()["border_camera.cross_border.central"]
    assert crossing.when == {
        "covered": ("yes",),
        "footage": ("central",),
        "path": ("helped", "alone"),
        "deleted": ("no",),
    }
    assert "path" not in cameras()["border_camera.take_bribe.local"].when


def test_attention_and_stored_footage_make_the_notice() -> None:
    assert cameras()["border_camera.cross_border.local"].notice == pytest.approx(0.2)
    kept = cameras(review_share=0.1, review_delay_days=2.0, retention_days=14.0)
    stored = 0.1 * math.exp(-2 / 14)
    found = kept["border_camera.cross_border.central"].notice
    assert found == pytest.approx(0.1 + 0.9 * stored)
    shorter = cameras(review_share=0.1, review_delay_days=2.0, retention_days=1.0)
    assert (shorter["border_camera.cross_border.central"].notice < found).all()


def test_guards_seldom_report_themselves() -> None:
    assert (cameras()["border_camera.take_bribe.local"].report == 0.1).all()
    assert (cameras()["border_camera.take_bribe.central"].report == 1.0).all()


def test_power_is_in_the_mark_and_not_counted_twice() -> None:
    crossing = cameras()["border_camera.cross_border.local"]
    assert crossing.gate.line == ""
    assert crossing.gate.on == crossing.gate.off == 1.0
    covered = site().acts["cross_border"].marks[0]
    assert covered.line == "border"
    assert (covered.table_off[:, 0] < covered.table_on[:, 0]).all()


def test_a_guard_sees_those_who_cross_alone() -> None:
    parameters = BorderGuardParameters(notice=0.4, night_factor=0.5, report=0.8, bribed_share=0.2)
    seen: Any = border_guard.lower(parameters, site())[0]
    assert len(border_guard.lower(parameters, site())) == 1
    assert (seen.act, seen.when) == ("cross_border", {"path": ("alone",)})
    assert seen.by_slot[12] == 1.0
    assert seen.by_slot[0] == 0.5
    assert (seen.notice == 0.4).all()
    assert (seen.bribed == 0.2).all()

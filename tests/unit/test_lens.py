"""Ranges from the data sheet of a camera, and what many of them cover at random."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sousveil.optics import DORI, lens_range, random_cover, view_angle


def test_the_range_of_a_lens_is_focal_length_times_pixels_over_width() -> None:
    assert lens_range(4.0, 5.6, 1920, DORI["detect"]) == pytest.approx(4 * 1920 / (5.6 * 25))
    assert view_angle(2.8, 5.6) == pytest.approx(math.radians(90))


def test_a_longer_lens_sees_farther_and_less_wide() -> None:
    assert lens_range(8, 5.6, 1920, 250) == pytest.approx(2 * lens_range(4, 5.6, 1920, 250))
    assert view_angle(8, 5.6) < view_angle(4, 5.6)


def test_random_places_overlap() -> None:
    claimed, together = random_cover(50, 0.1, 1.0)
    assert together < claimed
    rng = np.random.default_rng(1)
    points = rng.uniform(size=(2000, 1, 2))
    # On a torus, so that no circle is cut by an edge.
    apart = np.abs(points - rng.uniform(size=(1, 50, 2)))
    apart = np.minimum(apart, 1 - apart)
    shares = [(np.hypot(*apart[i : i + 1000].T) < 0.1).any(axis=0).mean() for i in (0, 1000)]
    assert np.mean(shares) == pytest.approx(together, abs=0.06)
    assert random_cover(0, 5, 1) == (0, 0)

"""Groups that are alike, and classes of an effect that are the same."""

from __future__ import annotations

import numpy as np

from sousveil.engine.expected.alike import distinct_classes, merged


def test_groups_are_alike_where_every_array_is() -> None:
    rate = np.array([[0.1, 0.2, 0.1, 0.1, 0.2], [0.3, 0.4, 0.3, 0.3, 0.4]])
    profile = np.ones((5, 48))
    profile[3, 47] = 2.0
    first, inverse = merged(rate, profile.T)
    assert first.tolist() == [0, 1, 3]
    assert inverse.tolist() == [0, 1, 0, 2, 1]
    assert merged(rate)[1].tolist() == [0, 1, 0, 0, 1]
    for array in (rate, profile.T):
        assert np.array_equal(array[:, first][:, inverse], array)


def test_distinct_classes_are_counted_and_ascend() -> None:
    rows = np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 1.0], [1.0, 2.0]])
    classes, counts = distinct_classes(rows)
    assert classes.tolist() == [[1.0, 2.0], [1.0, 3.0], [2.0, 1.0]]
    assert counts.tolist() == [1, 1, 2]
    assert distinct_classes(rows.T)[0].tolist() == [[1.0, 3.0, 1.0, 2.0], [2.0, 1.0, 2.0, 1.0]]

"""Members side by side: the same numbers whether they lie in memory or in a file."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.ensemble import matrix
from sousveil.ensemble.matrix import Rows, columns_of, mean_ranks, quantiles

GENERATOR = np.random.default_rng(5)
MEMBERS, WIDTH = 23, 57


def values() -> np.ndarray:
    found = GENERATOR.normal(size=(MEMBERS, WIDTH))
    found[GENERATOR.random(found.shape) < 0.1] = np.nan
    found[:, 3] = np.nan
    return found


@pytest.mark.parametrize("held", [1, 8 * WIDTH * 5, 2**26])
def test_rows_come_back_in_order_from_memory_and_from_a_file(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "HELD_BYTES", held)
    given, rows = values(), Rows()
    for row in given:
        rows.append(row)
    whole = rows.whole(WIDTH)
    assert isinstance(whole, np.memmap) == (held < given.nbytes)
    assert np.array_equal(whole, given, equal_nan=True)


@pytest.mark.parametrize("held", [1, 2**26])
def test_columns_are_the_same_from_memory_and_from_a_file(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "HELD_BYTES", held)
    monkeypatch.setattr(matrix, "MEMBERS_AT_ONCE", 5)
    given, rows = values(), Rows()
    for row in given:
        rows.append(row)
    places = np.array([40, 3, 3, 0])
    whole = rows.whole(WIDTH)
    assert np.array_equal(columns_of(whole, places), given[:, places], equal_nan=True)
    assert columns_of(whole, places[:0]).shape == (MEMBERS, 0)


def test_no_rows_have_a_width() -> None:
    assert Rows().whole(WIDTH).shape == (0, WIDTH)


@pytest.mark.parametrize("at_once", [1, 100, 2**22])
def test_quantiles_do_not_depend_on_how_many_are_sorted_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "AT_ONCE", at_once)
    given, levels = values(), (0.025, 0.5, 0.975)
    found, count = quantiles(given, levels)
    known = np.isfinite(given).sum(axis=0)
    assert np.array_equal(count, known)
    some = known > 0
    assert np.allclose(found[:, some], np.nanquantile(given[:, some], levels, axis=0))
    assert np.isnan(found[:, ~some]).all()


def test_ranks_are_those_of_the_library_ties_and_gaps_included() -> None:
    from scipy.stats import rankdata

    few = GENERATOR.integers(0, 4, size=(MEMBERS, WIDTH)).astype(np.float64)
    signs = np.array([[0.0, np.inf], [-0.0, 1.0], [1.0, -np.inf]])
    near = np.array([[1.0, -1e-300], [1.0 + 1e-11, 1e-300], [2.0, 0.0]])
    for given in (values(), few, signs, near, few[:1], few[:, :0], np.ones((MEMBERS, 2))):
        assert np.array_equal(mean_ranks(given), rankdata(given, axis=0), equal_nan=True)


def test_what_rounding_alone_tells_apart_shares_a_rank() -> None:
    # 0.7 and 0.3, summed one way or the other.
    noise = GENERATOR.integers(-3, 4, size=(MEMBERS, 2)) * 2.0**-53
    step = np.repeat([0.0, 1.0], [10, MEMBERS - 10])
    alike, risen = 0.7 + noise[:, 0], -0.3 * (1 + step) + noise[:, 1]
    ranks = mean_ranks(np.stack([alike, risen], axis=1).astype(np.float64))
    assert set(ranks[:, 0]) == {(MEMBERS + 1) / 2}
    assert np.array_equal(ranks[:, 1], np.where(step, (MEMBERS - 9) / 2, MEMBERS - 4.5))

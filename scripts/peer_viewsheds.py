"""Writes what xarray-spatial sees over two synthetic hills, as a fixture of the tests of terrain.

    pip install xarray-spatial==0.5.3
    python scripts/peer_viewsheds.py

xarray-spatial (MIT licence) ports r.viewshed of GRASS: a line sweeps over cells. Its answers are
kept, so that nobody needs it to run the tests. Heights are rounded to centimetres.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray
from xrspatial import viewshed

OUT = Path(__file__).parents[1] / "tests/unit/terrain/peer.npz"
SIDE, CELL_M = 61, 30.0
HILLS = {"smooth": 3.0, "rough": 1.8}
"""How steeply the waves of each fall off with their number."""
EYES_M = (2.0, 10.0, 50.0)


def hills(fall: float, seed: int = 3) -> np.ndarray:
    """(SIDE, SIDE) heights in metres, 0 to 100, of waves with random phases."""
    waves = np.fft.rfft2(np.random.default_rng(seed).normal(size=(SIDE, SIDE)))
    number = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :])
    number[0, 0] = np.inf
    heights = np.fft.irfft2(waves * number**-fall, s=(SIDE, SIDE))
    return np.round(100 * (heights - heights.min()) / np.ptp(heights), 2)


def main() -> None:
    """Look from the middle of each, at three heights."""
    axis = np.arange(SIDE) * CELL_M
    middle = axis[SIDE // 2]
    found: dict[str, np.ndarray] = {"cell_m": np.array(CELL_M), "eyes_m": np.array(EYES_M)}
    for name, fall in HILLS.items():
        heights = hills(fall)
        model = xarray.DataArray(heights, coords={"y": axis, "x": axis}, dims=("y", "x"))
        found[name] = np.round(heights * 100).astype(np.int16)
        for eye in EYES_M:
            angles = viewshed(model, x=middle, y=middle, observer_elev=eye)
            found[f"{name}_{eye:g}"] = np.packbits(np.asarray(angles) >= 0)
    np.savez_compressed(OUT, peer=f"xarray-spatial {version('xarray-spatial')}", **found)


if __name__ == "__main__":
    main()

"""Lines of sight on synthetic terrain: cells a second and core, beside peers where they are.

`gdal_viewshed` (Debian: `apt install gdal-bin`) is timed as a process of its own for each observer,
as its users run it; xarray-spatial (`pip install xarray-spatial`) is compared cell by cell. Times
are CPU time unless said: it does not count who else uses the machine. The aims are 50 million cells
a second and core, and 30 times a process of gdal_viewshed for an observer of small radius.
"""

from __future__ import annotations

import importlib.util
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from sousveil.terrain.grid import SYNTHETIC, Terrain
from sousveil.terrain.kernels import Sight, seen
from sousveil.terrain.viewshed import (
    EARTH_DIAMETER_M,
    LIGHT,
    Look,
    Observer,
    agreement,
    cover,
    view,
)

CELL_M = 30.0
RADIUS_M = 5_000.0
SMALL_M = (1_000.0, 2_000.0, RADIUS_M)
"""Radii of an observer, all small beside the terrain of 120 km."""
EYE_M = 10.0
LOOK = Look(radius_m=RADIUS_M)


def fractal(side: int, seed: int = 1) -> np.ndarray:
    """(side, side) float32 heights with a spectral slope of 1.8 in amplitude, 0 to 1,000 m."""
    waves = np.fft.rfft2(np.random.default_rng(seed).normal(size=(side, side)))
    up = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    up[0, 0] = np.inf
    rough = np.fft.irfft2(waves * up**-1.8, s=(side, side))
    return (1000.0 * (rough - rough.min()) / np.ptp(rough)).astype(np.float32)


def observers(side: int, count: int) -> list[Observer]:
    """Observers at random, a radius away from the edge."""
    edge = int(RADIUS_M / CELL_M) + 1
    places = np.random.default_rng(2).integers(edge, side - edge, size=(count, 2))
    return [Observer(int(row), int(column), EYE_M) for row, column in places]


def sight(heights: np.ndarray, row: int, column: int, radius_m: float, above: float) -> Sight:
    """What the kernel knows of an observer some metres above a cell."""
    eye = float(heights[row, column]) + above
    return Sight(eye, 0.0, CELL_M**2, CELL_M**2, LIGHT / EARTH_DIAMETER_M, radius_m**2)


def kernel(heights: np.ndarray, repeats: int) -> float:
    """Million cells a second of one thread without a radius, median of repeats."""
    row, column = (side // 2 for side in heights.shape)
    what = sight(heights, row, column, np.inf, EYE_M)
    seen(heights, row, column, what)
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        seen(heights, row, column, what)
        times.append(time.thread_time() - start)
    return heights.size / float(np.median(times)) / 1e6


def each(terrain: Terrain, eyes: list[Observer], radius_m: float = RADIUS_M) -> float:
    """CPU seconds an observer: the window cut out, seen, counted."""
    look = Look(radius_m=radius_m)
    view(terrain, eyes[0], look)
    start = time.thread_time()
    for eye in eyes:
        view(terrain, eye, look)
    return (time.thread_time() - start) / len(eyes)


def together(terrain: Terrain, eyes: list[Observer], threads: int) -> float:
    """Seconds by the clock for what all observers see together."""
    start = time.perf_counter()
    cover(terrain, eyes, LOOK, threads)
    return time.perf_counter() - start


def beside_gdal(terrain: Terrain, eyes: list[Observer]) -> None:
    """Time a process of gdal_viewshed for each observer, at several radii."""
    program = shutil.which("gdal_viewshed")
    if program is None:
        print("gdal_viewshed is NOT INSTALLED (Debian: apt install gdal-bin): nothing is compared")
        return
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    print(f"beside {version.partition(',')[0]}, a process for each observer:")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terrain.bil"
        terrain.heights.tofile(path)
        rows, columns = terrain.heights.shape
        header = f"nrows {rows}\nncols {columns}\nnbits 32\npixeltype float\nbyteorder I\n"
        header += f"xdim {CELL_M}\nydim {CELL_M}\nulxmap 0\nulymap {rows * CELL_M}\n"
        path.with_suffix(".hdr").write_text(header)
        for radius in SMALL_M:
            ours = each(terrain, eyes, radius)
            used, clock = processes(program, path, eyes, radius)
            print(
                f"  to {radius / 1000:g} km: {1e3 * used:.1f} ms of CPU ({1e3 * clock:.1f} by the "
                f"clock), ours {1e3 * ours:.2f} ms: {used / ours:.0f} times in CPU time, "
                f"{clock / ours:.0f} by its clock"
            )


def processes(
    program: str, path: Path, eyes: list[Observer], radius_m: float
) -> tuple[float, float]:
    """Seconds an observer of a process each: of CPU, and by the clock."""
    rows = int(path.with_suffix(".hdr").read_text().split()[1])
    start, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for eye in eyes:
        x, y = eye.column * CELL_M, (rows - eye.row) * CELL_M
        options = f"-md {radius_m} -ox {x} -oy {y} -oz {EYE_M} -tz 0 -q".split()
        subprocess.run(
            [program, *options, str(path), str(path.with_name("out.tif"))],
            check=True,
            capture_output=True,
        )
    clock = time.perf_counter() - clock
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    return used / len(eyes), clock / len(eyes)


def beside_xarray_spatial(above: float, side: int = 300) -> None:
    """Compare cell by cell, on the cells that either sees."""
    import xarray
    from xrspatial import viewshed

    heights = fractal(side, 3)
    middle = side // 2
    axis = np.arange(side) * CELL_M
    model = xarray.DataArray(heights.astype(float), coords={"y": axis, "x": axis}, dims=("y", "x"))
    place = {"x": axis[middle], "y": axis[middle], "observer_elev": above}
    viewshed(model, **place)
    start = time.thread_time()
    peer = np.asarray(viewshed(model, **place)) >= 0
    cells_a_second = heights.size / (time.thread_time() - start) / 1e6
    what = sight(heights, middle, middle, np.inf, above)._replace(drop=0.0)
    mine = seen(heights, middle, middle, what).astype(bool)
    alike, either = (peer == mine).mean(), (peer | mine).sum()
    print(
        f"xarray-spatial, eye {above:g} m up: {cells_a_second:.2f} M cells/s; alike on "
        f"{100 * alike:.2f} % of the cells, on {100 * (peer & mine).sum() / either:.1f} % of those "
        f"that either sees ({mine.sum()} ours, {peer.sum()} theirs)"
    )


def main() -> None:
    """Print every figure."""
    big = fractal(4_000)
    window = np.ascontiguousarray(big[2_000 - 167 : 2_000 + 168, 2_000 - 167 : 2_000 + 168])
    print(f"kernel, 335 x 335: {kernel(window, 200):.0f} M cells/s a core")
    print(f"kernel, 1,000 x 1,000: {kernel(big[:1000, :1000].copy(), 20):.0f} M")
    print(f"kernel, 4,000 x 4,000: {kernel(big, 5):.0f} M")
    terrain, eyes = Terrain(big, (CELL_M, CELL_M), SYNTHETIC), observers(4_000, 100)
    ours = each(terrain, eyes)
    print(f"an observer to 5 km: {1e3 * ours:.2f} ms, window and count included")
    together(terrain, eyes[:2], 1)
    for threads in (1, 2):
        clock = together(terrain, eyes, threads)
        print(f"union of 100 observers to 5 km, {threads} threads: {clock:.2f} s by the clock")
    small = Terrain(window, (CELL_M, CELL_M), SYNTHETIC)
    judged = agreement(small, Observer(167, 167, EYE_M))
    print(f"alike to the judge, 335 x 335: {100 * judged:.2f} % of the cells")
    beside_gdal(terrain, eyes[:20])
    if importlib.util.find_spec("xrspatial") is None:
        print("xarray-spatial is NOT INSTALLED (pip install xarray-spatial): nothing is compared")
        return
    for above in (10.0, 100.0, 500.0):
        beside_xarray_spatial(above)

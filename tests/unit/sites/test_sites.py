"""Published sites: what is read, one clear line for what is not, and aggregates only."""

from __future__ import annotations

import json
import math
import struct
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sousveil.errors import Problems
from sousveil.scenario.boxes import boxes
from sousveil.scenario.countries import open_countries
from sousveil.sites.cover import coarse_counts, covered, per_thousand, union_m2
from sousveil.sites.model import Operator, Sites
from sousveil.sites.read import read_sites

COUNCIL = Operator("GBR", "https://council.example/cctv", "2024-03")
HEADER = "camera_id,location,area_name,lon,lat\n"
ROWS = "1,High Street,West,-2.284,53.464\n2,Mill Lane,West,-2.289,53.466\n3,Quay,East,-2.30,53.47\n"


def read(folder: Path, text: str | bytes = HEADER + ROWS, name: str = "cctv.csv") -> Sites:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sites(path, COUNCIL)


def problems(folder: Path, text: str | bytes, name: str = "cctv.csv") -> list[str]:
    with pytest.raises(Problems) as found:
        read(folder, text, name)
    return [str(problem) for problem in found.value.problems]


def test_published_sites_are_read_and_their_places_kept_back(tmp_path: Path) -> None:
    sites = read(tmp_path)
    assert sites.count == 3
    assert dict(sites.by_area) == {"West": 2, "East": 1}
    for text in (repr(sites), str(sites)):
        assert "53" not in text
        assert "High Street" not in text


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        (Operator("PRK", "https://a.example", "2024"), "the country PRK"),
        (Operator("", "https://a.example", "2024"), "not stated"),
        (Operator("GBR", "", "2024"), "no address"),
        (Operator("GBR", "http://a.example", "2024"), "https://"),
        (Operator("GBR", "https://a.example", ""), "no date"),
        (Operator("GBR", "https://a.example", "2024-13"), "2024-13"),
        (Operator("GBR", "https://a.example", "2999"), "a day that has been"),
    ],
)
def test_who_published_it_must_be_stated(tmp_path: Path, operator: Operator, words: str) -> None:
    path = tmp_path / "never_read.csv"
    with pytest.raises(Problems, match=words):
        read_sites(path, operator)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an empty file"),
        (HEADER, "no row"),
        ("camera_id,location\n1,High Street\n", "no longitude"),
        (HEADER.replace("area_name", "owner_name") + ROWS, "column owner_name"),
        (HEADER.replace("area_name", "registration_plate") + ROWS, "column registration_plate"),
        (HEADER.replace("location", "lat_2") + ROWS, "column lat_2"),
        ("id,camera_id,lon,lat\n1,2,-2,53\n", "a second id"),
        (HEADER + ROWS + "4,Nowhere,West,-2.28,153.4\n", "found 153.4, expected degrees from -90"),
        (HEADER + ROWS + "4,Nowhere,West,-2.28,\n", "found nothing"),
        (HEADER + ROWS + "4,Nowhere,West,-2.28,north\n", "found north"),
        (HEADER + ROWS + "4,Nowhere,West,-2.28,nan\n", "found nan"),
        (HEADER + ROWS + '4,Nowhere,West,"-2,28",53.4\n', "one decimal sign"),
        (HEADER + ROWS + "3,Quay,East,-2.30,53.47\n", "each site once"),
        (HEADER + ROWS + "4,Nowhere,West,0,0\n", "positions in GBR"),
        (HEADER + ROWS + "4,Nowhere,West,127.5,40.2\n", "positions in GBR"),
        (HEADER + ROWS + "4,Far,North,-1.5,60.2\n", "within 400 km"),
        (HEADER + "1,High Street,West,385000,395000\n", "national grid"),
        ("id,lon,lat\n1,53.46,-2.28\n2,53.47,-2.29\n", "a latitude, not a longitude"),
        (HEADER + ROWS + "4,a,b,c,d,e,f,g\n", "csv"),
        (b"\x00\xff\xfe\x00", "no row"),
    ],
)
def test_what_is_wrong_has_one_clear_line(tmp_path: Path, text: str | bytes, words: str) -> None:
    lines = problems(tmp_path, text)
    assert len(lines) == (2 if "grid" in words else 1), lines
    assert words in lines[0], lines
    assert lines[0].startswith("cctv.csv:")
    assert "\n" not in lines[0]


def test_many_bad_cells_of_a_column_are_one_line_with_their_count(tmp_path: Path) -> None:
    bad = "".join(f"{n},x,West,-2.2,none\n" for n in range(10, 2010))
    (line,) = problems(tmp_path, HEADER + ROWS + bad)
    assert "none, none, none and 1,997 more" in line
    assert line.startswith("cctv.csv:5:5 ")


def test_decimal_commas_of_a_whole_column_are_read_and_said(tmp_path: Path) -> None:
    text = "id;lon;lat\n1;-2,284;53,464\n2;-2,289;53,466\n"
    sites = read(tmp_path, text)
    assert sites.count == 2
    assert len(sites.notes) == 2
    plain = read(tmp_path, text.replace(",", "."))
    assert np.allclose(plain.east_m, sites.east_m)


def test_a_million_rows_are_read_in_seconds_and_none_is_lost(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = tmp_path / "cctv.csv"
    pl.DataFrame(
        {
            "id": np.arange(1_000_000),
            "lon": rng.uniform(-2.5, -2.0, 1_000_000).round(6),
            "lat": rng.uniform(53.3, 53.6, 1_000_000).round(6),
        }
    ).write_csv(path)
    start = time.process_time()
    sites = read_sites(path, COUNCIL)
    assert sites.count == 1_000_000
    assert covered(sites, 50.0, 1000.0).together < 1.2
    assert time.process_time() - start < 60


def test_geojson_points_are_read(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"id": 1, "ward": "West"},
        "geometry": {"type": "Point", "coordinates": [-2.28, 53.46]},
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    sites = read(tmp_path, json.dumps(document), "cctv.geojson")
    assert dict(sites.by_area) == {"West": 1}
    feature["geometry"] = {"type": "Polygon", "coordinates": []}
    (line,) = problems(tmp_path, json.dumps(document), "cctv.geojson")
    assert "feature 1 is no point" in line
    (line,) = problems(tmp_path, "[1, 2", "cctv.geojson")
    assert "syntax" in line
    feature["geometry"] = {"type": "Point", "coordinates": [-2.28, 53.46]}
    feature["properties"] = {"plate": "AB12"}
    (line,) = problems(tmp_path, json.dumps(document), "cctv.geojson")
    assert "column plate" in line


def test_geoparquet_points_are_read(tmp_path: Path) -> None:
    points = [struct.pack("<BIdd", 1, 1, -2.28, 53.46), struct.pack(">BIdd", 0, 1, -2.29, 53.47)]
    path = tmp_path / "cctv.parquet"
    pl.DataFrame({"id": ["1", "2"], "geometry": points}).write_parquet(path)
    assert read_sites(path, COUNCIL).count == 2
    line = [struct.pack("<BIdd", 1, 2, 0.0, 0.0)]
    pl.DataFrame({"id": ["1"], "geometry": line}).write_parquet(path)
    with pytest.raises(Problems, match="no point"):
        read_sites(path, COUNCIL)
    (said,) = problems(tmp_path, "no parquet", "cctv.parquet")
    assert "syntax" in said
    (said,) = problems(tmp_path, "x", "cctv.xlsx")
    assert "one of .csv" in said


@pytest.mark.parametrize("binary", [True, False])
def test_geoparquet_is_read_as_geopandas_writes_it(tmp_path: Path, binary: bool) -> None:
    """Its geometry is marked as one (an Arrow extension), and may have another name."""
    places = [(-2.28, 53.46), (-2.29, 53.47)]
    if binary:
        points = pl.Series("geom", [struct.pack("<BIdd", 1, 1, *place) for place in places])
    else:
        points = pl.Series("geom", [{"x": x, "y": y} for x, y in places])
    name = "geoarrow.wkb" if binary else "geoarrow.point"
    marked = points.ext.to(pl.Extension(name, points.dtype, '{"crs": "OGC:CRS84"}'))
    frame = pl.DataFrame([pl.Series("id", ["1", "2"]), marked])
    path = tmp_path / "cctv.parquet"
    about = json.dumps({"version": "1.1.0", "primary_column": "geom", "columns": {"geom": {}}})
    frame.write_parquet(path, metadata={"geo": about})
    assert isinstance(pl.read_parquet(path)["geom"].dtype, pl.BaseExtension)
    sites = read_sites(path, COUNCIL)
    plain = read(tmp_path, "id,lon,lat\n1,-2.28,53.46\n2,-2.29,53.47\n")
    assert sites.count == 2
    assert np.allclose(plain.east_m, sites.east_m)
    assert np.allclose(plain.north_m, sites.north_m)
    frame.with_columns(geom=pl.Series([1, 2])).write_parquet(path, metadata={"geo": about})
    with pytest.raises(Problems, match="the column geom holds no points"):
        read_sites(path, COUNCIL)


def test_no_plate_is_told_to_call_itself_a_place(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "id,plate,lon,lat\n1,AB12 CDE,-2.28,53.46\n")
    assert "column plate" in line
    assert "did you mean" not in line
    (line,) = problems(tmp_path, "id,latitud,lon,lat\n1,53.46,-2.28,53.46\n")
    assert "did you mean latitude" in line


def test_a_file_that_is_not_there_has_one_line(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="absent-file"):
        read_sites(tmp_path / "none.csv", COUNCIL)


def test_every_open_country_has_a_box() -> None:
    assert set(boxes()) == set(open_countries())
    for west, south, east, north in boxes().values():
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90


def test_one_circle_and_two_that_overlap() -> None:
    one = union_m2(np.zeros(1), np.zeros(1), 100.0)
    assert one == pytest.approx(math.pi * 1e4, rel=0.01)
    same = union_m2(np.zeros(5), np.zeros(5), 100.0)
    assert same == one
    apart = union_m2(np.array([0.0, 100.0]), np.zeros(2), 100.0)
    # Two circles a radius apart share a lens of r2 (2 pi / 3 - sqrt(3) / 2).
    lens = 1e4 * (2 * math.pi / 3 - math.sqrt(3) / 2)
    assert apart == pytest.approx(2 * math.pi * 1e4 - lens, rel=0.01)


def test_random_sites_cover_what_random_sites_cover() -> None:
    rng = np.random.default_rng(2)
    places = rng.uniform(0, 10_000, size=(2, 800))
    union = union_m2(places[0], places[1], 150.0)
    # Circles that reach over the edge are counted in full.
    assert union / 1e8 == pytest.approx(1 - math.exp(-800 * math.pi * 150**2 / 1e8), rel=0.08)
    # However far apart: only tiles that a circle touches are looked at.
    far = union_m2(np.array([0.0, 4e6]), np.array([0.0, 4e6]), 10.0)
    assert far == pytest.approx(2 * math.pi * 100, rel=0.02)


def test_only_coarse_cells_and_large_areas_leave(tmp_path: Path) -> None:
    sites = read(tmp_path)
    assert coarse_counts(sites, 1000.0).sum() == 3
    with pytest.raises(ValueError, match="are positions"):
        coarse_counts(sites, 200.0)
    assert dict(per_thousand(sites, {"West": 4000, "East": 2000})) == {"West": 0.5, "East": 0.5}
    with pytest.raises(ValueError, match=r"fewer than 1,000 .* East"):
        per_thousand(sites, {"West": 4000, "East": 500})
    together = covered(sites, 100.0, 10.0)
    assert together.together <= together.added
    with pytest.raises(ValueError, match="above 0"):
        covered(sites, 0.0, 10.0)

"""Finds the folder of a scenario and reads its files: small, in UTF-8, of known names."""

from __future__ import annotations

from pathlib import Path

from sousveil.errors import Problem, Problems, close_to, listed, shown
from sousveil.quantity import Location
from sousveil.scenario.findings import Findings

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios"
DECLARATION = "scenario.yaml"
SOURCES = "sources.json"
SHAPES = "areas.geojson"
TABLES = ("areas", "presence", "series")
NAMES = (DECLARATION, SOURCES, SHAPES, *(f"{name}.csv" for name in TABLES))
SCHEMA = "schema.json"
"""Written beside a scenario for editors; no part of it."""
LARGEST = 5_000_000
_DATA = frozenset(
    ".csv .tsv .json .geojson .yaml .yml .parquet .xlsx .xls .ods .gpkg .shp .kml .kmz .gpx .db "
    ".sqlite .jpg .jpeg .png .tif .tiff .mp4 .avi .wav .mp3 .npy .npz".split()
)


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped scenarios."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob(f"*/{DECLARATION}")))


def folder_of(path_or_name: str | Path) -> Path:
    """Return the folder of a scenario: itself, that of its scenario.yaml, or a shipped one."""
    path = Path(path_or_name)
    try:
        if path.is_dir():
            return path
        if path.is_file() and path.name == DECLARATION:
            return path.parent
    except (OSError, ValueError):
        path = Path("?")
    name = str(path_or_name)
    if name in shipped():
        return SHIPPED / name
    found = "no folder and no shipped scenario of that name"
    expected = f"a folder, or one of {listed(shipped())}"
    raise Problems(
        [
            Problem(
                "absent-file",
                Location(shown(name, 300) or ".", 1, 1),
                "",
                found,
                expected,
                "",
                close_to(name, shipped()),
            )
        ]
    )


def read_files(folder: Path, findings: Findings) -> dict[str, str]:
    """Return the text of every file of a scenario by name; what cannot be read is noted."""
    texts: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.name in NAMES:
            text = _read(path, findings)
            if text is not None:
                texts[path.name] = text
        elif path.suffix.lower() in _DATA and path.name != SCHEMA and not path.name.startswith("."):
            _unknown(path, findings)
    for name in (DECLARATION, SOURCES, "areas.csv", "presence.csv"):
        if not (folder / name).exists():
            place = Location(name, 1, 1)
            mend = "`sousveil new DIR` writes a small scenario that runs"
            expected = "a file that every scenario has"
            findings.add("absent-file", place, "", "no such file", expected, mend)
    return texts


def _unknown(path: Path, findings: Findings) -> None:
    hint = close_to(path.name, NAMES)
    mend = "delete it, or put what it says into one of them with its sources"
    place = Location(path.name, 1, 1)
    expected = f"only {', '.join(NAMES)}"
    findings.add("unknown-table", place, "", f"the file {path.name}", expected, mend, hint)


def _read(path: Path, findings: Findings) -> str | None:
    place = Location(path.name, 1, 1)
    try:
        if not path.is_file():
            findings.add("absent-file", place, "", "no regular file", "a text file")
            return None
        size = path.stat().st_size
        if size > LARGEST:
            expected = f"at most {LARGEST:,}"
            findings.add("size", place, "", f"{size:,} bytes", expected, "shorten it")
            return None
        raw = path.read_bytes()
    except OSError as error:
        findings.add(
            "absent-file", place, "", error.strerror or "an unreadable file", "a text file"
        )
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        found, expected = f"the byte 0x{raw[error.start]:02x}", "text in UTF-8"
        place = Location(path.name, line, column)
        findings.add("encoding", place, "", found, expected, "save it as UTF-8")
        return None

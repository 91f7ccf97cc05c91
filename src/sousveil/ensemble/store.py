"""The folder of a run: one checksummed Parquet file a member, so that a kill loses none.

A file's name holds its number and the hash of its bytes, so that each file proves itself. It is
written under another name, synced with its folder, then renamed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import polars as pl
import polars.selectors as cs

from sousveil.ensemble.study import Refused, RunFailure, Study
from sousveil.ensemble.versions import other_versions, versions
from sousveil.errors import shown
from sousveil.release import Released

MEMBERS = "members"
IDENTITY_FILE = "run.json"
MANIFEST = "manifest.json"
LOCK = ".lock"
OWN_FILES = (
    IDENTITY_FILE,
    MANIFEST,
    LOCK,
    "report.html",
    "measures.parquet",
    "measures.csv",
    "drivers.csv",
    "attribution.csv",
    "claims.json",
    "arrivals.csv",
    "arrivals.json",
    "sensitivity.parquet",
    "sensitivity.csv",
    "unknowns.json",
    "discovery.csv",
    "discovery_outcomes.csv",
    "discovery_experiments.csv",
    "discovery_notes.json",
)
"""What a run writes beside its members; any other file of a folder is somebody else's."""
PARTIAL = ".partial"
"""How the name of a file ends while it is written."""
PACKAGE = Path(__file__).resolve().parents[1]
NAME = re.compile(r"^(\d{6})-([0-9a-f]{16})\.parquet$")
HASH_DIGITS = 16
_SCHEMA = "ARROW:schema"
"""Where a Parquet file tells of what type its columns are."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""A disk without room: a run that failed, not a folder that was chosen badly."""


@dataclass(frozen=True)
class Stored:
    """A member on disk. damaged: in words what is wrong with it, "" for nothing."""

    number: int
    path: Path
    damaged: str = ""


# --- Writing


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary name, sync, rename, sync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        # A full disk: what is half written would only keep it full.
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # Windows opens no folder; there the rename itself is what there is.
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, document: Any) -> None:
    """Write a document as JSON, readable by people, without NaN."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, f"{text}\n".encode())


def write_table(path: Path, table: Released) -> None:
    """Write a released table as Parquet or CSV, by the ending of the name."""
    frame = table.frame
    buffer = io.BytesIO()
    if path.suffix == ".csv":
        # Six digits are more than any of these numbers holds, and people read this file.
        frame.with_columns(cs.float().round_sig_figs(6)).write_csv(buffer)
    else:
        frame.write_parquet(buffer, compression="zstd")
    write_bytes(path, buffer.getvalue())


def put_member(folder: Path, number: int, table: Released, pre_gate: str) -> Path:
    """Write one member; it carries the hash of what it was before the gate."""
    buffer, coded = io.BytesIO(), table.coded
    about = {"sousveil_member": str(number), "sousveil_pre_gate": pre_gate}
    about[_SCHEMA] = _text_schema(tuple(coded.schema.items()))
    # Statistics tell a reader which parts to pass over; here there is one.
    coded.write_parquet(buffer, compression="zstd", statistics=False, metadata=about)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
    path = folder / MEMBERS / f"{number:06d}-{digest}.parquet"
    write_bytes(path, content)
    for other in sorted(path.parent.glob(f"{number:06d}-*.parquet")):
        if other != path:
            other.unlink()
    return path


@lru_cache(maxsize=8)
def _text_schema(schema: tuple[tuple[str, pl.DataType], ...]) -> str:
    """What a file says of its columns where all words are text.

    A file holds each word of a column once, however it was given; readers are told of text.
    """
    buffer = io.BytesIO()
    pl.DataFrame(schema=dict(schema)).cast({cs.enum(): pl.String}).write_parquet(buffer)
    buffer.seek(0)
    return pl.read_parquet_metadata(buffer)[_SCHEMA]


# --- Reading


def members_of(folder: Path) -> list[Stored]:
    """Every member in the folder, in order, each checked against its name."""
    found: list[Stored] = []
    for path in sorted((folder / MEMBERS).glob("*.parquet")):
        match = NAME.match(path.name)
        if match and path.is_file():
            found.append(Stored(int(match[1]), path, _damage(path, match[2])))
    return found


def _damage(path: Path, digest: str) -> str:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:HASH_DIGITS] == digest:
        return ""
    if not content.endswith(b"PAR1"):
        return f"{path.name} is cut short"
    return f"{path.name} is not what was written: its hash does not match its name"


def read_member(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """One member's table. Raises RunFailure naming the file when it is damaged."""
    match = NAME.match(path.name)
    damage = _damage(path, match[2]) if match else f"{path.name} is no member"
    if damage:
        raise RunFailure(f"{path.parent}/{damage}: delete it and run again with --resume")
    return pl.read_parquet(path, columns=columns)


def pre_gate_of(path: Path) -> str:
    """The hash that a member's numbers had before the gate."""
    return pl.read_parquet_metadata(path).get("sousveil_pre_gate", "")


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON document of a run, or None where there is none to read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


# --- The folder


def prepare(folder: Path, study: Study, resume: bool) -> tuple[list[Stored], list[str]]:
    """Make the folder ready: what is finished and can be kept, and sentences about what is not.

    Raises Refused, in one line, for a folder of another run, or of one that stopped half way
    unless `resume`.
    """
    _refuse_odd(folder)
    _refuse_strangers(folder)
    before = read_json(folder / IDENTITY_FILE) or read_json(folder / MANIFEST)
    if before is not None:
        _refuse_other_run(folder, study, before)
    finished = (folder / MANIFEST).exists()
    (folder / MEMBERS).mkdir(parents=True, exist_ok=True)
    kept = members_of(folder)
    same = before is not None and before.get("digest") == study.digest
    if before is not None and not finished and not resume and kept:
        raise Refused(
            f"{folder} holds a run that stopped after {len(kept)} members: add --resume to go on, "
            "or give another --out"
        )
    if resume and before is not None and not same:
        raise Refused(
            f"{folder} holds a run with other options ({_differences(study, before)}): "
            "repeat its options to resume, or give another --out"
        )
    if resume and before is not None:
        _refuse_other_versions(folder, before)
    notes = [f"{item.damaged}: computed again" for item in kept if item.damaged]
    if kept and not resume:
        notes = [f"{len(kept)} members of the run before are done anew: --resume keeps them"]
    for item in kept:
        if item.damaged or not resume:
            item.path.unlink()
    for name in OWN_FILES:
        if name not in (LOCK, IDENTITY_FILE):
            (folder / name).unlink(missing_ok=True)
    for partial in list(folder.glob(f"**/.*{PARTIAL}")):
        if partial.is_dir() and not partial.is_symlink():
            shutil.rmtree(partial)
        else:
            partial.unlink()
    about = {"digest": study.digest, "versions": versions()}
    write_json(folder / IDENTITY_FILE, study.identity | about)
    return [item for item in kept if not item.damaged and resume], notes


def _refuse_odd(folder: Path) -> None:
    """Refuse what has a name of ours and is nothing that we write: a folder, a pipe, a loop."""
    files = [folder / name for name in OWN_FILES]
    files += [p for p in (folder / MEMBERS).glob("*.parquet") if NAME.match(p.name)]
    odd = [path for path in files if os.path.lexists(path) and not path.is_file()]
    members = folder / MEMBERS
    odd += [members] if os.path.lexists(members) and not members.is_dir() else []
    if odd:
        what = "folder" if odd[0] == members else "file"
        raise Refused(f"{odd[0]} is no {what}: move it away, or give another --out")


def _refuse_strangers(folder: Path) -> None:
    if folder.resolve().is_relative_to(PACKAGE):
        raise Refused(f"{folder} lies inside the program itself: give another --out")
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file: give a folder as --out")
    if not folder.exists() or (folder / IDENTITY_FILE).exists() or (folder / MANIFEST).exists():
        return
    # A run that was killed at its first file leaves that file's beginning.
    names = (item.name for item in folder.iterdir() if not item.name.endswith(PARTIAL))
    if any(name not in {*OWN_FILES, MEMBERS} for name in names):
        raise Refused(f"{folder} holds other files: give an empty or a new folder as --out")


def _refuse_other_run(folder: Path, study: Study, before: Mapping[str, Any]) -> None:
    for name, what in (("scenario_hash", "scenario"), ("seed", "seed")):
        if before.get(name) != study.identity[name]:
            raise Refused(
                f"{folder} holds a run of another {what} ({_short(before.get(name))}, now "
                f"{_short(study.identity[name])}): give another --out, or delete it"
            )


def _refuse_other_versions(folder: Path, before: Mapping[str, Any]) -> None:
    """Members of one run are of one make: other versions may differ in the last digits, or more."""
    if others := other_versions(before.get("versions")):
        raise Refused(
            f"{folder} holds a run by other versions ({others}): go on with those, or give another "
            "--out"
        )


def _differences(study: Study, before: Mapping[str, Any]) -> str:
    return ", ".join(n for n, value in study.identity.items() if before.get(n) != value) or "?"


def _short(value: object) -> str:
    return str(value)[:12]


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the folder for one run; a second one is refused at once.

    The lock dies with its process.
    """
    try:
        _refuse_strangers(folder)
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+b")
    except (OSError, RuntimeError) as problem:
        if isinstance(problem, OSError) and problem.errno in FULL:
            raise
        why = getattr(problem, "strerror", "") or "its links go in a circle"
        raise Refused(
            f"{shown(folder, 300)} cannot be written ({why}): give another --out"
        ) from problem
    with lock as file:
        if not _take(file):
            raise Refused(f"{folder} is in use by another run: wait for it, or give another --out")
        yield


def _take(file: IO[bytes]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        lock: Any = msvcrt
        try:
            lock.locking(file.fileno(), lock.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

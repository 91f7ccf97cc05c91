"""A disk without room: told in one line, and the run goes on when there is room again."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from failures import tell, tries
from support.runs import Image, Whole, arguments, finished, results

pytestmark = pytest.mark.slow
ROOMY = 64_000_000
PAGE = 4096


def mounted(folder: Path, what: str) -> bool:
    """Mount a small file system, or change it; False where that is not permitted."""
    words = ["mount", "-t", "tmpfs", "-o", what, "sousveil-test", str(folder)]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on which something may be mounted; nothing is left of it."""
    folder = tmp_path / "small"
    folder.mkdir()
    yield folder
    while subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
        pass


def used(folder: Path) -> int:
    """Bytes of pages that a folder fills."""
    return sum(-(-path.stat().st_size // PAGE) * PAGE for path in folder.rglob("*"))


def test_a_full_disk_is_told_in_one_line_and_the_run_goes_on_later(
    small: Path, whole: Whole, image: Image
) -> None:
    room = used(whole.folder)
    files = 2 + len(list(whole.folder.rglob("*")))
    largest = max(path.stat().st_size for path in whole.folder.rglob("*"))
    for number in tries("disks"):
        lots = random.Random(f"disks {number}")
        # Small ones more often: there the members are.
        size = int(PAGE * 2 + lots.random() ** 3 * (room - 8 * PAGE))
        few = number % 5 == 4  # of files, not of bytes
        limits = f"size={ROOMY},nr_inodes={lots.randrange(2, files)}" if few else f"size={size}"
        mount = mounted(small, limits)
        here = small / "run"
        limit = 0 if mount else max(size % largest, PAGE)
        done = image.run(arguments(here), **({"limit": limit} if limit else {}))
        told = (number, limits, limit, done.said)
        said = done.said.strip().splitlines()
        assert done.code == 1, told
        assert "Traceback" not in done.said, told
        assert "No space left" in said[-1] or "too large" in said[-1], told
        assert not (here / "manifest.json").exists(), told
        kept = finished(here) if here.exists() else {}
        if mount:
            mounted(small, f"remount,size={ROOMY},nr_inodes=1000")
        again = image.run(arguments(here, "--resume"))
        assert again.code == 0, (told, again.said)
        after = finished(here)
        assert {name: after.get(name) for name in kept} == kept, told
        assert results(here) == whole.results, told
        shutil.rmtree(here)
        if mount:
            subprocess.run(["umount", str(small)], check=True)
        how = "file-size limit" if limit else "files" if few else "small file system"
        tell("disks", number, how=how, end=f"{len(kept)} members kept")

"""A run on a simulated card: the same files as on the processor, and a manifest that says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def manifest_of(folder: Path, device: str, simulator: str) -> dict[str, Any]:
    """What a small run of the example says of itself."""
    words = f"run example --members 0 --what-if none --scale 0.01 --device {device} --out {folder}"
    done = subprocess.run(
        [sys.executable, "-m", "sousveil", *words.split()],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": simulator},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_device_changes_no_result_and_is_told(tmp_path: Path) -> None:
    card = manifest_of(tmp_path / "card", "gpu", "1")
    processor = manifest_of(tmp_path / "processor", "cpu", "0")
    assert card["device"] == "gpu"
    assert processor["device"] == "cpu"
    for name in ("tallies_sha256", "results_sha256", "digest"):
        assert card[name] == processor[name]
    for table in ("measures.csv", "drivers.csv", "claims.json"):
        written = (tmp_path / name / table for name in ("card", "processor"))
        assert len({path.read_bytes() for path in written}) == 1

"""The import contracts bite: planted breaches are found in a house of stubs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STUBS = (
    "cli web/app report/page validate/runner ensemble/api measures/harm measures/border "
    "measuring/base release engine/run engine/expected engine/sampled/events "
    "engine/sampled/hourly engine/sampled/plan engine/sampled/kernels procedure chilling "
    "channels/base channels/iptv channels/phone acts world/build scenario/load quantity sources "
    "errors processes tallies rng"
).split()


def build(folder: Path, imports: dict[str, str]) -> Path:
    for stub in STUBS:
        path = folder / "sousveil" / f"{stub}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text("".join(f"import sousveil.{imports[stub]}\n" if stub in imports else ""))
    return folder


def contracts_kept(root: Path, folder: Path) -> bool:
    (folder / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    run = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command;"
    done = subprocess.run(
        [sys.executable, "-c", f"{run} lint_imports_command(['--no-cache'])"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_water_may_flow_down(root: Path, tmp_path: Path) -> None:
    allowed = {
        "cli": "web.app",
        "web/app": "report.page",
        "report/page": "ensemble.api",
        "ensemble/api": "engine.run",
        "measures/harm": "measuring.base",
        "engine/run": "engine.sampled.events",
        "engine/sampled/events": "engine.sampled.kernels",
        "engine/sampled/plan": "channels.base",
        "channels/iptv": "channels.base",
        "channels/phone": "world.build",
        "world/build": "rng",
    }
    assert contracts_kept(root, build(tmp_path, allowed))


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("channels/iptv", "channels.phone"),
        ("measures/harm", "measures.border"),
        ("measuring/base", "measures.harm"),
        ("world/build", "channels.base"),
        ("engine/sampled/kernels", "engine.run"),
        ("engine/sampled/events", "engine.sampled.hourly"),
        ("engine/sampled/plan", "engine.expected"),
        ("engine/expected", "engine.sampled.plan"),
        ("engine/sampled/kernels", "engine.sampled.plan"),
        ("channels/iptv", "engine.sampled.plan"),
        ("release", "report.page"),
        ("quantity", "scenario.load"),
        ("rng", "tallies"),
    ],
)
def test_a_breach_is_found(root: Path, tmp_path: Path, upper: str, lower: str) -> None:
    assert not contracts_kept(root, build(tmp_path, {upper: lower}))

"""What the package may never import, and what a quick `--help` may not."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sousveil

# Recognition is an error model: nothing that reads a camera, an image, a video, a voice or a body.
SENSOR_LIBRARIES: set[str] = set(
    "cv2 PIL Pillow imageio imageio_ffmpeg skimage mahotas simplecv kornia torchvision timm "
    "face_recognition face_recognition_models dlib mediapipe deepface insightface facenet_pytorch "
    "mtcnn retinaface onnxruntime openface ultralytics detectron2 mmdet supervision norfair "
    "torch tensorflow keras jax pytesseract easyocr paddleocr openalpr fast_alpr pyzbar "
    "av moviepy decord ffmpeg vidgear picamera picamera2 pypylon pyrealsense2 onvif "
    "librosa soundfile sounddevice pyaudio torchaudio speech_recognition whisper pyannote "
    "speechbrain resemblyzer pyfingerprint bob scapy".split()
)
# Nothing searches for better control. (scipy.optimize is judged by its dotted name.)
OPTIMISERS: set[str] = set(
    "skopt optuna nevergrad pyomo cvxpy ortools pulp deap pymoo hyperopt bayes_opt ax botorch "
    "cma pyswarm pyswarms mip gurobipy cplex highspy platypus".split()
)
NUMERIC_STACK: set[str] = set("numpy numba scipy polars pydantic altair pint rich".split())
# A kernel touches integers: no file, no clock, no table.
KERNEL_MAY_IMPORT: set[str] = set(
    "__future__ typing collections math numba llvmlite numpy sousveil".split()
)


def dotted_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported name with its line, `from a import b` as a.b; import_module('a') too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in {"import_module", "__import__"} and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


def offenders(modules: dict[Path, ast.Module], banned: set[str]) -> list[str]:
    return [
        f"{path}:{line} {name}"
        for path, tree in modules.items()
        for line, name in dotted_imports(tree)
        if name.split(".")[0] in banned
    ]


def test_no_library_that_reads_sensors(modules: dict[Path, ast.Module]) -> None:
    assert not offenders(modules, SENSOR_LIBRARIES)


def test_no_sensor_library_is_a_dependency(root: Path) -> None:
    core = (root / "lock-core.txt").read_text(encoding="utf-8")
    names = {line.split("==")[0].lower() for line in core.splitlines() if "==" in line}
    assert not names & {name.lower() for name in SENSOR_LIBRARIES}


def test_no_optimiser(modules: dict[Path, ast.Module]) -> None:
    found = offenders(modules, OPTIMISERS)
    for path, tree in modules.items():
        for line, name in dotted_imports(tree):
            if name == "scipy.optimize" or name.startswith("scipy.optimize."):
                found.append(f"{path}:{line} {name}")
        found += [
            f"{path}:{node.lineno} .optimize"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr == "optimize"
        ]
    assert not found, "nothing searches for better control"


def test_kernels_import_no_files_clocks_or_tables(source: Path) -> None:
    kernels = [*sorted(source.glob("engine/sampled/kernels/*.py")), source / "philox.py"]
    assert len(kernels) > 1
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in kernels}
    found = [
        f"{path}:{line} {name}"
        for path, tree in trees.items()
        for line, name in dotted_imports(tree)
        if name.split(".")[0] not in KERNEL_MAY_IMPORT
    ]
    assert not found


def test_the_public_names_are_these() -> None:
    assert set(sousveil.__all__) == {
        "Result",
        "Scenario",
        "__version__",
        "compare",
        "expected",
        "load",
        "run",
    }
    assert set(dir(sousveil)) == set(sousveil.__all__)
    with pytest.raises(AttributeError, match="no attribute 'track'"):
        _ = sousveil.track  # pyright: ignore[reportAttributeAccessIssue]


HELP = """
import sys
sys.argv = ["sousveil", "--help"]
from sousveil.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_help_imports_none_of_the_numeric_stack() -> None:
    if importlib.util.find_spec("sousveil.cli") is None:
        pytest.skip("cli.py does not exist yet")
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "sousveil" in loaded
    assert not loaded & NUMERIC_STACK

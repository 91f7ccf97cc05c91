"""The notebooks run, from first cell to last, and hold no output of anybody's run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

nbformat: Any = pytest.importorskip("nbformat", reason="needs the extra: notebook")
nbclient: Any = pytest.importorskip("nbclient", reason="needs the extra: notebook")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_something_in_every_cell(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    kernel = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where)
    kernel.execute(env=os.environ | {"IPYTHONDIR": str(tmp_path)})
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    silent = [cell.source for cell in code if not cell.outputs and "result = " not in cell.source]
    assert not silent
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    last = code[-1].outputs[-1]
    assert "text" in last or "text/plain" in last["data"]


def test_the_tutorial_leads_to_every_notebook() -> None:
    page = (FOLDER / "index.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) >= 3
    for path in NOTEBOOKS:
        assert path.name in page
    tutorial = (ROOT / "docs" / "tutorial" / "index.md").read_text(encoding="utf-8")
    assert "notebooks/index.md" in tutorial

"""One file holds one idea; a function fits on a screen."""

from __future__ import annotations

import ast
from pathlib import Path

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60


def test_no_module_is_longer_than_400_lines(modules: dict[Path, ast.Module]) -> None:
    long = {
        str(path): lines
        for path in modules
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES_OF_A_FILE
    }
    assert not long, f"split at the second idea: {long}"


def test_no_function_is_longer_than_60_lines(modules: dict[Path, ast.Module]) -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, f"a step of these deserves a name of its own: {long}"


def test_every_folder_with_code_is_a_package(source: Path) -> None:
    # The import contracts see packages only: a folder without __init__ would escape them.
    folders = {path.parent for path in source.rglob("*.py")}
    bare = [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()]
    assert not bare, f"add an __init__.py: {bare}"

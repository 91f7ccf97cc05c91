"""One finished run of the example, and copies of it to be edited."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import vl_convert

import sousveil
from sousveil.ensemble.manifest import results_digest

Edit = Callable[..., Path]


@pytest.fixture(autouse=True, scope="session")
def pictures() -> Iterator[None]:
    """Draw each picture once: most tests show the same run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("vegalite_to_svg", "svg_to_png"):
            patch.setattr(vl_convert, name, _once(getattr(vl_convert, name)))
        yield


def _once(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Draw each text once; a picture that is no text, as other tests draw, every time."""
    drawn = lru_cache(maxsize=None)(draw)

    def answer(text: Any, **options: Any) -> Any:
        if not isinstance(text, str):
            return draw(text, **options)
        options = {key: tuple(v) if isinstance(v, list) else v for key, v in options.items()}
        return drawn(text, **options)

    return answer


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assessment") / "run"
    sousveil.run("example", members=4, scale=0.05, out=folder)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may edit."""
    target = tmp_path / "copy"
    shutil.copytree(finished, target, ignore=shutil.ignore_patterns("members"))
    return target


@pytest.fixture
def edited(copy: Path) -> Edit:
    """Edit the manifest of the copy, and its table, so that the hash fits again."""

    def edit(rows: list[dict[str, Any]] | None = None, **words: Any) -> Path:
        path = copy / "manifest.json"
        document = json.loads(path.read_text(encoding="utf-8")) | words
        if rows is not None:
            table = pl.read_parquet(copy / "measures.parquet")
            blank = dict.fromkeys(table.columns, "")
            blank |= {"statistic": "median", "part": "ignorance", "label": "exact", "unit": "1"}
            added = [blank | {"value": 0.123456, "members": 4} | row for row in rows]
            table = pl.concat([table, pl.DataFrame(added, schema=table.schema)])
            table.write_parquet(copy / "measures.parquet")
            document["results_sha256"] = results_digest(table)
        path.write_text(json.dumps(document), encoding="utf-8")
        return copy

    return edit

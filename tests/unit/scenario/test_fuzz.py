"""Whatever is done to the files of a scenario, loading either succeeds or raises Problems."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sousveil.errors import Problem, Problems
from sousveil.scenario.findings import Findings
from sousveil.scenario.json_files import read_shapes, read_sources
from sousveil.scenario.load import load
from sousveil.scenario.tables import read_table
from sousveil.scenario.tree import read_yaml
from sousveil.units import UnitError, factor, split_value
from unit.scenario.bad import BASE, FOLDER

FILES = (
    "scenario.yaml",
    "areas.csv",
    "presence.csv",
    "series.csv",
    "sources.json",
    "areas.geojson",
)
TEXTS = {name: (BASE / name).read_text(encoding="utf-8") for name in FILES}
TOKENS = (
    "{ } [ ] : - , ' \" # & * ! | > % @ ` ~ null true NO 22:30 .nan .inf 1e999 -1 0 1.5 9**9 "
    "&a *a <<: !!int _defaults: kind: fixed: unit: series: readings: inherit: set: \n \n\n  \t"
).split(" ")


def outcome(texts: dict[str, str]) -> tuple[Problem, ...]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "town"
        folder.mkdir()
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            load(folder)
        except Problems as told:
            problems = told.problems
        else:
            return ()
    assert problems
    assert all("\n" not in str(problem) for problem in problems)
    return problems


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, str]:
    """The files of the scenario without fault, with a few cuts, insertions and exchanges."""
    texts = dict(TEXTS)
    for _ in range(draw(st.integers(1, 3))):
        file = draw(st.sampled_from(FILES))
        text = texts[file]
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from((0, 0, 1, 3, 10, 80))))
        put = draw(st.one_of(st.sampled_from(TOKENS), st.text(max_size=8)))
        texts[file] = text[:start] + put + text[end:]
    return texts


@given(mutated())
def test_a_mutated_scenario_loads_or_raises_problems(texts: dict[str, str]) -> None:
    outcome(texts)


@st.composite
def shuffled(draw: st.DrawFn) -> dict[str, str]:
    """Lines of the declaration moved, doubled, or moved in by a step."""
    lines = TEXTS["scenario.yaml"].splitlines()
    for _ in range(draw(st.integers(1, 4))):
        index = draw(st.integers(0, len(lines) - 1))
        line = lines[index]
        kind = draw(st.sampled_from(("drop", "twice", "in", "out", "swap")))
        if kind == "drop":
            del lines[index]
        elif kind == "twice":
            lines.insert(index, line)
        elif kind == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], line
        else:
            lines[index] = "  " + line if kind == "in" else line[2:]
    return {**TEXTS, "scenario.yaml": "\n".join(lines) + "\n"}


@given(shuffled())
def test_shuffled_lines_load_or_raise_problems(texts: dict[str, str]) -> None:
    outcome(texts)


@given(st.text(max_size=200))
@example("\x00")
@example("\ud800")
@example("a: " + "9" * 5000)
@example("'\\U00FFFFFF'")
@example("? [a: {b: ]")
@example("[" * 3000)
@example("a: &a [*a]")
@example("%YAML 9.9\n---\na")
@example("- - - - ? : ? :")
def test_any_text_is_read_or_refused(text: str) -> None:
    findings = Findings()
    root = read_yaml(text, "x.yaml", findings)
    assert (
        root is not None
        or findings.problems
        or not text.strip()
        or text.lstrip()[0] in "#\ufeff%-."
    )


@given(st.text(max_size=120))
@example("[" * 100_000)
@example('[{"id": "A", "author": 3, "title": "t", "type": "book"}]')
@example('[{"id": "A", "issued": [], "title": 5, "type": []}]')
@example('[{"id": "A", "author": ["x"], "title": "t", "type": "book"}]')
@example('[{"id": "A", "issued": {"date-parts": [5]}, "title": "t", "type": "book"}]')
@example('[NaN, Infinity, {"a": 1, "a": 2}]')
def test_any_json_is_read_or_refused(text: str) -> None:
    findings = Findings()
    read_sources(text, findings)
    read_shapes(text, findings)


@given(st.sampled_from(("areas", "presence", "series")), st.text(max_size=200))
@example("series", '"')
@example("series", "series,year,value,unit,source,note\n\x00,\x1c")
def test_any_table_is_read_or_refused(name: str, text: str) -> None:
    read_table(name, text, Findings())


@given(st.text(max_size=70))
@example("9" * 60)
@example("h" + "/h" * 29)
@example("1/(h h h h)")
def test_any_unit_is_read_or_refused(text: str) -> None:
    split_value(text)
    try:
        factor(text, "h/day")
    except UnitError as error:
        code = error.code
    else:
        code = "dimension"
    assert code in {"bad-unit", "dimension"}


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_is_refused_by_its_name(name: str) -> None:
    problems = outcome({**TEXTS, name: ""})
    assert name in {problem.location.file for problem in problems}


def test_the_malformed_folder_is_no_scenario_itself(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "base", tmp_path / "x")
    with pytest.raises(Problems, match="absent-file"):
        load(tmp_path)

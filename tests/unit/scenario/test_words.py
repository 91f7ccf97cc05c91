"""What a reader asks of a scenario: explain, cite, schema, new."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from sousveil.errors import CODES, Problems
from sousveil.scenario.cite import cite, source_grades
from sousveil.scenario.create import create, name_of
from sousveil.scenario.explain import explain
from sousveil.scenario.files import shipped
from sousveil.scenario.findings import Findings
from sousveil.scenario.load import load
from sousveil.scenario.overrides import with_overrides
from sousveil.scenario.schema import schema
from sousveil.scenario.sections import declared, describe, every, walk
from sousveil.scenario.tree import read_yaml
from sousveil.units import factor
from unit.scenario.bad import BASE


def told(path: str, name: str = "example") -> str:
    return "\n".join(explain(load(name), path))


def test_a_quantity_is_explained_whole() -> None:
    text = told("acts.private_talk.rate_per_year")
    for words in (
        "Times a year that the act is done",
        "triangular: minimum 6, mode 12, maximum 18",
        "1/year",
        "assumed",
        "nobody counts talks",
        "behaviour",
        "scenario.yaml:",
        "the act private_talk, as rate_per_year",
    ):
        assert words in text


def test_readings_and_series_are_all_shown() -> None:
    text = told("world.power.home_hours.valley")
    assert text.count("  reading ") == 2
    assert "survey (weight 0.75, C3, E3)" in text
    assert "reliable_power sets it to 24" in text
    text = told("channels.iptv.share_of_households.village")
    assert text.count("  in 20") == 3


def test_settings_fields_sections_and_what_ifs_are_explained() -> None:
    assert "{sunday: {days: sunday" in told("channels.iptv.roll_calls")
    assert "left out: its declared value 0" in told("channels.iptv.battery_share")
    assert told("world.power.home_hours").count("world.power.home_hours.") == 2
    assert "world.people.population_total" in told("world.people")
    assert "more accurate, not less harmful" in told("excuse_outages")
    assert "2018" in told("what_ifs.as_of_2018")


def test_the_users_own_number_is_named_so() -> None:
    scenario = with_overrides(load("example"), ["channels.iptv.watch_share=0.5"])
    assert "assumed, by the user" in "\n".join(explain(scenario, "channels.iptv.watch_share"))


@pytest.mark.parametrize("name", shipped())
def test_every_path_of_a_shipped_scenario_can_be_explained(name: str) -> None:
    scenario = load(name)
    for path in (*scenario.quantities, *scenario.settings, *scenario.what_ifs):
        assert explain(scenario, path)[0].removeprefix("what_ifs.").startswith(path)


def test_an_unknown_path_has_a_suggestion() -> None:
    with pytest.raises(Problems, match=r"did you mean channels\.iptv\.watch_share\?"):
        told("iptv.watch_share")
    with pytest.raises(Problems, match=r"did you mean reliable_power\?|what_ifs\.reliable_power"):
        told("what_ifs.reliable_pwer")


def test_every_code_is_a_sentence() -> None:
    for code, words in CODES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert words.endswith(".")


def test_sources_are_cited_by_grade() -> None:
    text = cite(load("example"))
    assert text.index("A1: completely reliable") < text.index("E1:") < text.index("C2:")
    assert "19 quantities: 4 assumed, 2 derived, 12 documented, 1 inferred" in text
    assert source_grades(load("example")) == {"E1": "A1", "E2": "C2", "E3": "C3", "E4": "C3"}


@pytest.mark.parametrize("name", shipped())
def test_citations_are_bibtex_and_csl(name: str) -> None:
    scenario = load(name)
    records = json.loads(cite(scenario, "csl"))
    assert {record["id"] for record in records} == set(source_grades(scenario))
    bibtex = cite(scenario, "bibtex")
    assert bibtex.count("\n@") == len(records) - 1
    plain = re.sub(r"\\[{}]", "", bibtex)
    assert plain.count("{") == plain.count("}")


def plain(value: object) -> object:
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}  # pyright: ignore
    return value


def declaration(folder: Path) -> object:
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    root = read_yaml(text, "scenario.yaml", Findings())
    assert root is not None
    return plain(root.plain())


@pytest.mark.parametrize("name", [*shipped(), str(BASE)])
def test_the_schema_fits_what_the_loader_accepts(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(declaration(load(name).folder), schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("world.people.household_sise", {"fixed": 1, "unit": "person"}),
        ("world.people.household_size", 4),
        ("channels.iptv.watch_share.kind", "estimated"),
        ("channels.iptv.watch_share.beta", [1, 2]),
        ("channels.radio", {}),
        ("acts.private_talk.who", "adult"),
        ("what_ifs.halved.reason", None),
        ("matrix.private_talk.iptv", "blind"),
    ],
)
def test_the_schema_refuses_what_an_editor_should_underline(path: str, value: object) -> None:
    tree = declaration(BASE)
    *parents, last = path.split(".")
    node = tree
    for name in parents:
        node = node[name]  # pyright: ignore[reportIndexIssue]
    node[last] = value  # pyright: ignore[reportIndexIssue]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, schema())


def test_every_declared_unit_can_be_read() -> None:
    known = declared()
    sections = known.sections(("act",), tuple(known.channels))
    assert list(every(sections))
    for start, section in sections.items():
        for path, slot in walk(section, start):
            if slot.spec.form != "setting":
                assert factor(f"{slot.spec.unit} ", slot.spec.unit) == 1, path


def test_every_declared_field_has_a_sentence() -> None:
    known = declared()
    for cls in (known.world, known.act, known.procedure, known.chilling, *known.channels.values()):
        for path, slot in walk(describe(cls), cls.__name__):
            assert slot.spec.doc.endswith("."), path


def test_a_new_scenario_has_no_problem(tmp_path: Path) -> None:
    folder = tmp_path / "My city 2"
    written = create(folder)
    scenario = load(folder)
    assert (scenario.name, scenario.title) == ("my_city_2", "My city 2")
    assert {path.name for path in written} >= {"scenario.yaml", "README.md", "schema.json"}
    first = (folder / "scenario.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=schema.json"
    assert json.loads((folder / "schema.json").read_text(encoding="utf-8")) == schema()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Problems, match="something is there already"):
        create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_names_of_folders_become_names_of_scenarios(tmp_path: Path) -> None:
    assert name_of(tmp_path / "São Paulo") == "s_o_paulo"
    assert name_of(tmp_path / "2024") == "scenario_2024"
    assert name_of(tmp_path / "---") == "scenario"

"""The doors of a scenario: units, countries, sources, messages."""

from __future__ import annotations

import json

import pytest

from sousveil.errors import Problem, Problems, close_to, listed, printable, shown
from sousveil.quantity import Location
from sousveil.scenario.countries import is_open, open_countries
from sousveil.scenario.findings import Findings
from sousveil.scenario.json_files import read_sources
from sousveil.scenario.positions import is_position, pair_of_degrees
from sousveil.sources import as_bibtex, as_text, date, grade_in_words, split_citation
from sousveil.units import UnitError, factor, is_known, split_value


@pytest.mark.parametrize(
    ("unit", "canonical", "expected"),
    [
        ("percent", "1", 0.01),
        ("%", "1", 0.01),
        ("1/week", "1/year", 365 / 7),
        ("1/month", "1/year", 12),
        ("day/year", "h/year", 24),
        ("km2", "m**2", 1e6),
        ("km^2", "km**2", 1),
        ("households", "household", 1),
        ("camera / km2", "camera/km**2", 1),
        ("1/(person year)", "1/person/year", 1),
        ("m/s", "km/h", 3.6),
        ("min", "h", 1 / 60),
        ("hours per day", "h/day", 1),
    ],
)
def test_units_are_converted(unit: str, canonical: str, expected: float) -> None:
    assert factor(unit, canonical) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("h", "dimension"),
        ("person", "dimension"),
        ("h/day/day", "dimension"),
        ("2 h/day", "bad-unit"),
        ("h/day/", "bad-unit"),
        ("furlong", "bad-unit"),
        ("__import__('os')", "bad-unit"),
        ("9**9**9", "bad-unit"),
        ("", "bad-unit"),
    ],
)
def test_other_units_are_refused(unit: str, code: str) -> None:
    with pytest.raises(UnitError) as told:
        factor(unit, "h/day")
    assert told.value.code == code


def test_a_value_may_carry_its_unit() -> None:
    assert split_value("24 h/day") == (24.0, "h/day")
    assert split_value(" -1.5e-3 ") == (-0.0015, "")
    assert split_value("all day") is None
    assert is_known("h/day")
    assert not is_known("furlong")


def test_a_country_is_closed_unless_listed() -> None:
    assert is_open("GBR")
    for country in ("PRK", "XXX", "", "gbr", "CHN"):
        assert not is_open(country)
    assert all(len(code) == 3 and name for code, name in open_countries().items())


def test_what_looks_like_a_position() -> None:
    for name in ("lat", "Site_Lon", "x", "position", "GPS", "geo.coordinates", "h3"):
        assert is_position(name)
    for name in ("latent", "plate", "length", "relative", "share_of_households"):
        assert not is_position(name)
    assert pair_of_degrees("at 39.0392, 125.7625") == "39.0392, 125.7625"
    assert pair_of_degrees("from 0.012, 0.034") == ""
    assert pair_of_degrees("39.03, 125.76") == ""


RECORD = {
    "id": "S1",
    "type": "report",
    "title": "On {curly} & 100 %",
    "author": [{"family": "Kim", "given": "A."}, {"literal": "A Ministry"}],
    "issued": {"date-parts": [[2024, 4, 6]]},
    "publisher": "House",
    "URL": "https://example.org/a_b",
}


def test_records_are_printed() -> None:
    assert as_text(RECORD) == (
        "Kim, A.; A Ministry. 2024-04-06. On {curly} & 100 %. House. https://example.org/a_b"
    )
    bibtex = as_bibtex(RECORD)
    assert bibtex.startswith("@techreport{S1,\n")
    assert r"title = {On \{curly\} \& 100 \%}" in bibtex
    assert "author = {Kim, A. and A Ministry}" in bibtex
    assert "url = {https://example.org/a_b}" in bibtex
    assert date({"issued": {"raw": "spring 2020"}}) == "spring 2020"
    assert date({}) == ""


def test_citations_and_grades() -> None:
    assert split_citation("S056 p. 2") == ("S056", "p. 2")
    assert split_citation("S056") == ("S056", "")
    assert grade_in_words("B2") == "B2: usually reliable source, probably true"


def test_titles_of_every_script_are_read() -> None:
    titles = [
        "조선민주주의인민공화국",
        "Une\u202finsécurité\u00a0?",
        "می\u200cخواهم",
        "two\nlines",
    ]
    records = [{**RECORD, "id": f"S{n}", "title": title} for n, title in enumerate(titles)]
    findings = Findings()
    assert read_sources(json.dumps(records), findings) is not None
    assert findings.problems == []


def problem(line: int, code: str = "missing", **more: str) -> Problem:
    return Problem(code, Location("scenario.yaml", line, 1), "a.b", "nothing", "a number", **more)


def test_a_problem_is_one_line() -> None:
    assert str(problem(3)) == "scenario.yaml:3:1 missing a.b: found nothing, expected a number"
    whole = problem(3, mend="give one", suggestion="c")
    assert str(whole).endswith("expected a number, give one (did you mean c?)")


def test_problems_are_sorted_and_said_once() -> None:
    several = Problems([problem(9), problem(2), problem(9), problem(2, "because")])
    lines = [(item.location.line, item.code) for item in several.problems]
    assert lines == [(2, "because"), (2, "missing"), (9, "missing")]
    assert str(several.under("town")).startswith("town/scenario.yaml:2:1 ")


def test_words_of_messages() -> None:
    assert close_to("houshold", ("household", "person")) == "household"
    assert close_to("zzz", ("household",)) == ""
    assert listed("abc", 2) == "a, b and 1 more"
    assert shown("a\n\x1b[31m b") == "a \N{REPLACEMENT CHARACTER}[31m b"
    assert len(shown("x" * 999)) == 60
    assert printable("\ud800") == "\N{REPLACEMENT CHARACTER}"

"""Sobol indices against closed forms, against scipy, and over the scenario; what is not allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, sobol_indices, uniform

from sousveil.ensemble.api import study_of
from sousveil.ensemble.copula import correlate, redrawn
from sousveil.ensemble.copula import tied as tied_sets
from sousveil.ensemble.design import SECOND, draws, points
from sousveil.ensemble.execute import Here, Silent
from sousveil.ensemble.groups import entering, sections, singles
from sousveil.ensemble.narrowing import narrowing
from sousveil.ensemble.rules import scenario_rules
from sousveil.ensemble.sensitivity import (
    REFUSED,
    bank_of,
    chosen,
    in_turn,
    pick_freeze,
    sensitivity,
)
from sousveil.ensemble.sobol import indices, ranked
from sousveil.ensemble.study import Study, Task
from sousveil.ensemble.targets import left_out, outputs, targets_of
from sousveil.ensemble.work import Receipt
from sousveil.measures import measures
from sousveil.scenario.load import load
from sousveil.scenario.model import Correlation, Scenario, Term

pytestmark = pytest.mark.statistical
N = 16_384
G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])


def ishigami(x: np.ndarray) -> np.ndarray:
    """(points, 3) in (0, 1)."""
    a, b, c = (np.pi * (2 * x - 1)).T
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def ishigami_truth() -> tuple[np.ndarray, np.ndarray]:
    first = np.array([(1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0.0])
    joint = 0.01 * np.pi**8 * 8 / 225
    whole = first.sum() + joint
    return first / whole, (first + np.array([joint, 0, joint])) / whole


def sobol_g(x: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4 * x - 2) + G) / (1 + G), axis=1)


def g_truth() -> tuple[np.ndarray, np.ndarray]:
    part = 1 / (3 * (1 + G) ** 2)
    whole = np.prod(1 + part) - 1
    return part / whole, part * np.prod(1 + part) / (1 + part) / whole


def frozen(model: Callable[[np.ndarray], np.ndarray], size: int, n: int = N, seed: int = 1) -> Any:
    a, b = (points(size, n, seed, "sobol", stream) for stream in (0, SECOND))
    mixed = []
    for column in range(size):
        one = a.copy()
        one[:, column] = b[:, column]
        mixed.append(model(one)[:, None])
    return model(a)[:, None], model(b)[:, None], np.stack(mixed)


@pytest.mark.parametrize(
    ("model", "truth"), [(ishigami, ishigami_truth()), (sobol_g, g_truth())], ids=["ishigami", "g"]
)
def test_indices_are_within_a_hundredth(model: Any, truth: Any) -> None:
    found = indices(*frozen(model, len(truth[0])), resamples=50)
    assert np.abs(found.first.value[:, 0] - truth[0]).max() < 0.01
    assert np.abs(found.total.value[:, 0] - truth[1]).max() < 0.01
    assert (found.first.low <= found.first.value).all()
    assert (found.first.value <= found.first.high).all()


def test_indices_equal_those_of_scipy_on_the_same_runs() -> None:
    a, b, ab = frozen(ishigami, 3, 1024)
    ours = indices(a, b, ab, resamples=0)
    runs = {"f_A": a.T.copy(), "f_B": b.T.copy(), "f_AB": np.swapaxes(ab, 1, 2).copy()}
    theirs = sobol_indices(func=runs, n=1024)
    assert ours.first.value[:, 0] == pytest.approx(theirs.first_order.ravel(), abs=2e-3)
    assert ours.total.value[:, 0] == pytest.approx(theirs.total_order.ravel(), abs=2e-3)
    own = sobol_indices(
        func=lambda x: ishigami(x.T), n=N, dists=[uniform()] * 3, rng=np.random.default_rng(1)
    )
    assert own.total_order.ravel() == pytest.approx(ishigami_truth()[1], abs=0.01)


def test_indices_equal_those_of_salib() -> None:
    word = "analy" + "ze"  # its own spelling
    salib = pytest.importorskip(f"SALib.{word}.sobol", reason="comes with lock-dev.txt")
    a, b, ab = frozen(ishigami, 3, 1024)
    rows = np.concatenate([a[None], ab, b[None]])[:, :, 0].T.ravel()
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = getattr(salib, word)(problem, rows, calc_second_order=False, seed=1)
    ours = indices(a, b, ab, resamples=0)
    assert ours.total.value[:, 0] == pytest.approx(theirs["ST"], abs=0.01)
    assert ours.first.value[:, 0] == pytest.approx(theirs["S1"], abs=0.01)


def test_bootstrap_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    truth = ishigami_truth()[1]
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a, b = rng.random((2, 256, 3))
        mixed = []
        for column in range(3):
            one = a.copy()
            one[:, column] = b[:, column]
            mixed.append(ishigami(one)[:, None])
        found = indices(ishigami(a)[:, None], ishigami(b)[:, None], np.stack(mixed), seed=seed)
        held.append((found.total.low[:, 0] <= truth) & (truth <= found.total.high[:, 0]))
    assert 0.85 <= np.mean(held) <= 1.0


def test_a_linear_model_with_correlated_inputs_is_in_closed_form() -> None:
    # z1 and z2 hang together (0.6), z3 is alone: the set {1, 2} and {3} are independent groups.
    scores = np.array([[1.0, 0.6], [0.6, 1.0]])
    w = np.array([1.0, 2.0, 1.5])

    def model(x: np.ndarray) -> np.ndarray:
        joint = np.column_stack([correlate(x[:, :2], scores), x[:, 2]])
        return (norm.ppf(joint) @ w)[:, None]

    a, b = (points(3, N, 1, "sobol", stream) for stream in (0, SECOND))
    mixed = []
    for columns in ([0, 1], [2]):
        one = a.copy()
        one[:, columns] = b[:, columns]
        mixed.append(model(one))
    found = indices(model(a), model(b), np.stack(mixed), resamples=0)
    together = w[:2] @ scores @ w[:2]
    truth = np.array([together, w[2] ** 2]) / (together + w[2] ** 2)
    assert found.first.value[:, 0] == pytest.approx(truth, abs=0.01)
    assert found.total.value[:, 0] == pytest.approx(truth, abs=0.01)
    # To know z1 is to know part of z2 as well: Var(y | z1) = w2^2 (1 - r^2) + w3^2.
    y, z1 = model(a)[:, 0], correlate(a[:, :2], scores)[:, 0]
    left = np.sqrt((w[1] ** 2 * (1 - 0.36) + w[2] ** 2) / (together + w[2] ** 2))
    assert narrowing(z1, y[:, None]).value == pytest.approx(1 - left, abs=0.02)


def test_ranks_do_not_follow_a_few_extremes() -> None:
    a, b, ab = frozen(lambda x: np.exp(8 * norm.ppf(x[:, 0])) + 0 * x[:, 1], 2, 1024)
    found = indices(*ranked(a, b, ab), resamples=0)
    assert found.total.value[:, 0] == pytest.approx([1.0, 0.0], abs=0.01)


# --- Over a scenario


@dataclass
class Told(Silent):
    """Workers that run a plain function, and progress that remembers."""

    model: Callable[[dict[str, float]], Any]
    done: int = 0
    said: list[str] = field(default_factory=list)

    def run(self, tasks: Iterable[Task]) -> Iterator[Receipt]:
        for task in tasks:
            self.done += 1
            value = float(self.model(dict(task.draw.levels)))
            names = dict.fromkeys("what_if channel act category area group period".split(), "")
            rows = [
                names
                | {"measure": name, "value": value, "chance_sd": 0.0, "label": "exact"}
                | {"unit": "1", "stands_for": 1e6}
                for name in task.measures or ()
            ]
            yield Receipt(task, persons=1e6, frame=pl.DataFrame(rows))

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def close(self) -> None:
        """Nothing was taken."""


def made(scenario: Scenario, folder: Path, crew: Any) -> Any:
    study: Study = study_of(scenario, members=0, what_ifs=["none"], engine="expected")
    rules = scenario_rules(study_of(load("example"), members=0, what_ifs=["none"]))
    progress = crew if isinstance(crew, Told) else Silent()
    return bank_of(study, rules, folder=folder, crew=crew, progress=progress)


NOTICE = "channels.neighbourhood_unit.notice_per_reporter.private_talk"
REPORT = "channels.neighbourhood_unit.report_probability"
RATE = "acts.private_talk.rate_per_year"
OUTSIDE = "arrivals.stay_years"


def test_a_study_over_a_known_function_finds_its_shares(tmp_path: Path) -> None:
    crew = Told(lambda level: 100 + 2 * norm.ppf(level[NOTICE]) + norm.ppf(level[RATE]))
    bank, targets = made(load("example"), tmp_path, crew)
    table = sensitivity(bank, targets, 256).table.frame.filter(target="harm", statistic="first")
    found = dict(table.select("quantity", "value").iter_rows())
    assert found[NOTICE] == pytest.approx(0.8, abs=0.03)
    assert found[RATE] == pytest.approx(0.2, abs=0.03)
    assert found[REPORT] == pytest.approx(0.0, abs=0.03)
    assert crew.done == 256 * (6 + 2)


def test_a_study_resumes_and_names_what_was_damaged(tmp_path: Path) -> None:
    crew = Told(lambda level: 100 + level[NOTICE])
    bank, targets = made(load("example"), tmp_path, crew)
    whole = sensitivity(bank, targets, 128).table.frame
    assert crew.done == 1024
    assert sensitivity(bank, targets, 128).table.frame.equals(whole)
    assert crew.done == 1024, "nothing is done twice"
    path = sorted((tmp_path / "studies").glob("*.parquet"))[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert sensitivity(bank, targets, 128).table.frame.equals(whole)
    assert crew.done == 1024 + 256
    assert any(path.name in line for line in crew.said)


def test_inputs_that_move_together_are_refused_with_the_reason(tmp_path: Path) -> None:
    bound = replace(load("example"), correlations=(Correlation((NOTICE, REPORT), 0.7),))
    crew = Told(lambda level: 100 + norm.ppf(level[NOTICE]) + norm.ppf(level[RATE]))
    bank, targets = made(bound, tmp_path, crew)
    found = sensitivity(bank, targets, 256)
    table = found.table.frame.filter(target="harm")
    refused = table.filter(pl.col("quantity").is_in([NOTICE, REPORT]), statistic="first")
    assert refused["label"].to_list() == [REFUSED] * 2
    assert refused["value"].null_count() == 2
    joint = table.filter(quantity=f"{NOTICE} + {REPORT}", statistic="first")
    assert joint["value"].item() == pytest.approx(0.5, abs=0.04)
    told = {item.about: item.note for item in found.notes}
    assert f"{NOTICE} + {REPORT}" in told[NOTICE]
    assert "no share of the variance is its own" in told[REPORT]


def test_only_harms_and_verdicts_are_looked_at() -> None:
    study = study_of(load("north_korea"), members=0)
    known = measures()
    targets = {target.name: target for target in targets_of(study)}
    for target in targets.values():
        assert known[target.term.measure].harm or target.test is not None
        assert target.test is not None or not target.term.what_if
    assert {"harm", "persons_wronged"} <= set(targets)
    verdicts = {name for name in targets if name.startswith("margin of")}
    assert {f"margin of C{n}, test 1" for n in (1, 3, 4, 6)} <= verdicts
    # A what-if with another supply of power would cost as much as a base: said, not done.
    why = {note.about: note.note for note in left_out(study)}
    dear = {name for name, reason in why.items() if "power supply of its own" in reason}
    assert {"margin of C7, test 1", "margin of C8, test 1", "margin of C9, test 1"} <= dear
    assert not why.keys() & verdicts
    # A fact rests on a series and not on members: nothing about it is to be researched.
    assert "matter of record" in why["margin of C5, test 1"]
    alone = study_of(load("north_korea"), members=0, what_ifs=["none"])
    assert not {t.term.what_if for t in targets_of(alone)} - {""}
    reasons = {note.about: note.note for note in left_out(alone)}
    assert reasons["margin of C3, test 1"] == "it needs a what-if that was not run"


def test_the_what_if_of_a_verdict_is_run_beside_its_base(tmp_path: Path) -> None:
    """Wrong flags with the excuse of outages against those without, on the same draw."""
    example = load("example")
    claim = example.claims[0]
    where = {"channel": "iptv"}
    left = Term("false_flags", "excuse_outages", where)
    test = replace(claim.tests[0], left=left, right=Term("false_flags", "", where))
    changed = replace(example, claims=(replace(claim, tests=(test,)),))
    study = study_of(changed, members=0, what_ifs=["excuse_outages"], engine="expected")
    rules, crew = scenario_rules(study), Here(study, tmp_path)
    bank, targets = bank_of(study, rules, folder=tmp_path, crew=crew, progress=Silent())
    (margin,) = [target for target in targets if target.test is not None]
    drawn = draws(changed, 3, 1)
    found = outputs([margin], bank.terms, bank.values("paired", drawn))[:, 0]
    both = [{t.what_if: t for t in margin.terms}[name] for name in ("excuse_outages", "")]
    places = [bank.terms.index(term) for term in both]
    values = bank.values("again", drawn)[:, places]
    assert (values[:, 0] < values[:, 1]).all()
    assert found == pytest.approx(values[:, 1] - values[:, 0] - 0.5 * values[:, 1])


def test_what_tells_nothing_narrows_nothing_though_runs_share_their_draws(tmp_path: Path) -> None:
    crew = Told(lambda level: 100 + 3 * norm.ppf(level[NOTICE]))
    bank, targets = made(load("example"), tmp_path, crew)
    table = sensitivity(bank, targets, 512).table.frame.filter(target="harm", statistic="narrowing")
    found = {row["quantity"]: row for row in table.iter_rows(named=True)}
    assert found[NOTICE]["value"] > 0.85
    others = [row["value"] for path, row in found.items() if path != NOTICE]
    assert len(others) > 3
    assert max(others) < 0.06


def unknown_at(numbers: range, model: Callable[[dict[str, float]], Any]) -> Any:
    """A model without a value in the runs of these numbers."""
    count = iter(range(10**9))
    return lambda level: float("nan") if next(count) in numbers else model(level)


def test_a_run_without_a_value_costs_its_base_point_alone(tmp_path: Path) -> None:
    crew = Told(unknown_at(range(76, 77), lambda level: 100 + norm.ppf(level[NOTICE])))
    bank, targets = made(load("example"), tmp_path, crew)
    found = sensitivity(bank, targets, 256)
    assert set(found.table.frame["target"]) == {target.name for target in targets}
    harm = found.table.frame.filter(target="harm", quantity=NOTICE)
    by_name = {row["statistic"]: row for row in harm.iter_rows(named=True)}
    assert by_name["first"]["value"] == pytest.approx(1.0, abs=0.03)
    assert by_name["first"]["members"] == 255 * 8
    assert by_name["narrowing"]["value"] > 0.8
    assert by_name["narrowing"]["members"] == 510
    (note,) = (item.note for item in found.notes if item.about == "harm")
    assert note == "1 of 256 base points left out: a run of each has no value"
    assert any("harm" in line and note in line for line in crew.said)


def test_a_target_that_is_often_unknown_is_refused_by_name(tmp_path: Path) -> None:
    crew = Told(unknown_at(range(64, 77), lambda level: 100 + norm.ppf(level[NOTICE])))
    bank, targets = made(load("example"), tmp_path, crew)
    found = sensitivity(bank, targets, 64)
    rows = found.table.frame.filter(target="harm")
    assert rows["label"].to_list() == ["refused: unknown at 20% of the base points"]
    assert rows["value"].to_list() == [None]
    told = {item.about: item.note for item in found.notes}
    assert all(told[target.name] == rows["label"][0] for target in targets)


@pytest.mark.parametrize("name", ["example", "north_korea"])
def test_targets_that_nobody_knows_are_no_traceback(name: str, tmp_path: Path) -> None:
    crew = Told(lambda _: float("nan"))
    bank, targets = made(load(name), tmp_path, crew)
    found = sensitivity(bank, targets, 8)
    assert found.table.frame["target"].to_list() == [target.name for target in targets]
    assert found.table.frame["value"].null_count() == len(targets)
    about = {item.about for item in found.notes if "no run has a value" in item.note}
    assert about == {target.name for target in targets}


def test_the_screen_does_without_what_is_unknown(tmp_path: Path) -> None:
    model = unknown_at(range(5, 6), lambda level: 100 + level[NOTICE])
    bank, targets = made(load("example"), tmp_path, Told(model))
    screened = pick_freeze(bank, targets, sections(bank.study.scenario, 3), 64, "screen")
    assert NOTICE in chosen(bank.study.scenario, screened, 2)


def test_few_points_and_what_does_not_vary_are_said(tmp_path: Path) -> None:
    bank, targets = made(load("example"), tmp_path, Told(lambda _: 100.0))
    found = sensitivity(bank, targets, 64)
    told = {item.about: item.note for item in found.notes}
    assert "64 base points are too few" in told["narrowing"]
    assert told["harm"] == "the same in every run: there is no range to narrow"
    assert found.table.frame.filter(statistic="narrowing")["value"].null_count() > 0


def test_every_second_place_is_for_harm_itself() -> None:
    """Of harm and another target (columns), unknown by unknown (rows)."""
    score = np.array([[0.0, 0.9], [0.1, 0.8], [0.2, 0.0], [0.0, 0.7]])
    good = np.array([True, True])
    assert in_turn(score, ["harm", "margin"], good)[:3] == [2, 0, 1]
    assert in_turn(score, ["a", "b"], good) == [0, 1, 3, 2]


def test_groups_are_about_a_dozen_and_hold_everything_once() -> None:
    scenario = load("north_korea")
    groups = sections(scenario)
    paths = [path for group in groups for path in group.paths]
    assert len(groups) == 12
    assert sorted(paths) == sorted(entering(scenario))
    # What no engine reads could only take a place away.
    assert {p for p in scenario.uncertain if p not in paths} == {
        *("arrivals.direct_share", "arrivals.stay_years", "arrivals.arrival_share")
    }
    ends = replace(scenario, correlations=(Correlation((paths[0], paths[-1]), 0.5),))
    tied = next(group for group in sections(ends) if paths[0] in group.paths)
    assert paths[-1] in tied.paths


def test_state_levers_are_sampled_as_ignorance() -> None:
    scenario = load("example")
    roles = {
        scenario.quantities[p].role for g in singles(scenario, scenario.uncertain) for p in g.paths
    }
    assert "state_lever" in roles


def test_the_screen_picks_what_moves_the_target(tmp_path: Path) -> None:
    crew = Told(lambda level: 100 + 3 * level[NOTICE] + level[RATE])
    bank, targets = made(load("example"), tmp_path, crew)
    scenario = bank.study.scenario
    screened = pick_freeze(bank, targets, sections(scenario, 3), 64, "screen")
    assert set(chosen(scenario, screened, 2)) == {NOTICE, RATE}


def test_the_screen_passes_over_what_no_engine_reads(tmp_path: Path) -> None:
    crew = Told(lambda level: 100 + level["channels.phone.false_find"] + level[OUTSIDE])
    bank, targets = made(load("north_korea"), tmp_path, crew)
    scenario = bank.study.scenario
    screened = pick_freeze(bank, targets, sections(scenario), 32, "screen")
    picked = chosen(scenario, screened, targets=targets)
    assert "channels.phone.false_find" in picked
    assert OUTSIDE not in picked


@pytest.mark.slow
def test_the_example_is_researched_end_to_end(tmp_path: Path) -> None:
    study = study_of(load("example"), members=0, what_ifs=["none"], engine="expected")
    crew = Here(study, tmp_path)
    bank, targets = bank_of(
        study, scenario_rules(study), folder=tmp_path, crew=crew, progress=Silent()
    )
    table = sensitivity(bank, targets, 32).table.frame
    harm = table.filter(target="harm", statistic="total_of_ranks").sort("value")
    # Two sources disagree about the hours of power, and wrong flags hang on them.
    assert harm["quantity"].to_list()[-1] == "world.power.home_hours.valley"
    assert harm["value"].sum() > 0.9
    nothing = set(table.filter(statistic="")["target"].to_list())
    # It searches no faces, forgoes no acts, and a ratio of groups has no value of the whole.
    searched = {"false_alerts_per_face", "false_share_of_alerts"}
    assert nothing == searched | {"acts_forgone_share", "disparity_ratio"}
    assert set(table["statistic"]) - {""} == {
        *("first", "total", "first_of_ranks", "total_of_ranks", "narrowing")
    }


def test_a_redraw_of_a_scenario_respects_what_moves_together() -> None:
    bound = replace(load("example"), correlations=(Correlation((NOTICE, REPORT), 0.9),))
    one, two = draws(bound, 4, 1), draws(bound, 4, 1, stream=SECOND)
    moved = redrawn(one[0], two[0], [REPORT], tied_sets(bound))
    assert moved.levels[NOTICE] == one[0].levels[NOTICE]
    assert moved.levels[REPORT] not in {one[0].levels[REPORT], two[0].levels[REPORT]}

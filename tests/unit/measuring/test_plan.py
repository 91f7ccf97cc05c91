"""Measures of names alone: planned once, summed together, equal to what each gives by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sousveil.measures import measures
from sousveil.measuring.base import Context, Count, Item, Mean, Measure, Ratio, of_country
from sousveil.measuring.plan import plan_of
from sousveil.measuring.results import Change, Result, split_of
from sousveil.measuring.table import tabulate
from sousveil.tallies import Key
from unit.measures.place import ONES, context

PLANNED = [measure for measure in measures().values() if measure.names_alone]
BY_ONE = ("channel", "act", "category", "area", "group", "period")


def drawn(seed: int, **words: Any) -> Context:
    """A context with other numbers for every seed, and the same names."""
    rng = np.random.default_rng(seed)
    plain = context({}, **words)
    beside = [Key(act.name, name) for act in plain.acts for name in ("reach", "base")]
    beside += [Key("", "viewed_person_days"), Key("", "viewed_person_days:identify")]
    counts = {
        key: Count(rng.gamma(2.0, size=ONES.shape), float(rng.gamma(2.0)), "exact")
        for key in (*plain.counts, *beside)
    }
    return replace(plain, counts=counts)


def ratio(given: Context, item: Item | Ratio) -> float:
    top = item.numerator if isinstance(item, Item) else item.top
    bottom = item.denominator if isinstance(item, Item) else item.bottom
    assert isinstance(bottom, Count)
    return of_country(given, top) / of_country(given, bottom)


def by_hand(given: Context, measure: Measure) -> dict[tuple[str, ...], float | None]:
    """Every row of a measure, item by item."""
    found: dict[tuple[str, ...], float | None] = {}
    for item in measure.compute(given):
        if isinstance(item, Item):
            bottom = item.denominator
            below = bottom.values if isinstance(bottom, Count) else bottom
            for cell in given.splits.chosen(measure, split_of(item, given.base is not None)):
                inside = given.splits.member[:, cell]
                value = float(item.numerator.values.reshape(-1) @ inside)
                if item.split == "others":
                    value /= of_country(given, item.numerator) - value
                    people = given.splits.stands_for
                    value *= float((people[0] - people[cell]) / people[cell])
                elif below is not None:
                    value /= float(below.reshape(-1) @ inside)
                area, group = given.splits.labels[cell]
                label = (item.channel, item.act, item.category, area, group, item.period)
                found[label] = value
        else:
            found[single_label(item)] = single(given, item)
    return found


def single_label(item: Result) -> tuple[str, ...]:
    about = item.now if isinstance(item, Change) else item
    act = "" if isinstance(about, Mean) else about.act
    return (about.channel, act, about.category, "", "", "")


def single(given: Context, item: Result) -> float | None:
    if isinstance(item, Mean):
        return float(np.mean([ratio(given, each) for each in item.of]))
    if isinstance(item, Change):
        assert given.base is not None
        return ratio(given, item.now) / ratio(given.base, item.then) - 1.0
    assert isinstance(item, Ratio)
    return ratio(given, item)


@pytest.mark.parametrize("measure", PLANNED, ids=lambda item: item.identifier)
@pytest.mark.parametrize("contrast", [False, True])
def test_a_plan_made_for_one_run_serves_another_with_other_numbers(
    measure: Measure, contrast: bool
) -> None:
    for seed in (1, 2):
        given = drawn(seed, base=drawn(10 + seed) if contrast else None)
        columns = tabulate([measure], given)
        keys = zip(*(columns[name] for name in BY_ONE), strict=True)
        values = dict(zip(keys, columns["value"], strict=True))
        expected = by_hand(given, measure)
        assert set(values) == set(expected)
        for label, value in expected.items():
            assert values[label] == pytest.approx(value, rel=1e-12), label


def test_one_plan_is_made_for_runs_of_the_same_names_and_another_for_others() -> None:
    first, second = drawn(1), drawn(2)
    assert plan_of(PLANNED, first) is plan_of(PLANNED, second)
    assert plan_of(PLANNED, first) is not plan_of(PLANNED, drawn(1, base=second))
    fewer = replace(first.model, processes=first.model.processes[:-1])
    assert plan_of(PLANNED, first) is not plan_of(PLANNED, replace(first, model=fewer))
    renamed = {"media": {"cameras": "not_modelled"}}
    assert plan_of(PLANNED, first) is not plan_of(PLANNED, replace(first, matrix=renamed))


def test_what_the_base_counted_is_not_summed_again_and_moves_nothing() -> None:
    base = drawn(1)
    tabulate(PLANNED, base)
    unmoved = replace(base, base=base)
    columns = tabulate([measures()["noticed_change_share"]], unmoved)
    assert set(columns["value"]) == {0.0}


@pytest.mark.parametrize("name", ["act_detection_probability", "affected_persons"])
@pytest.mark.parametrize("moved", ["reported", "unfounded"])
def test_what_is_made_of_other_counts_is_made_anew_where_one_of_them_moved(
    name: str, moved: str
) -> None:
    base, measure = drawn(1), measures()[name]
    tabulate([measure], base)
    counts = {
        key: replace(count, values=count.values * 2.0) if key.outcome == moved else count
        for key, count in base.counts.items()
    }
    given = replace(base, counts=counts, base=base)
    columns = tabulate([measure], given)
    keys = zip(*(columns[word] for word in BY_ONE), strict=True)
    values = dict(zip(keys, columns["value"], strict=True))
    for label, value in by_hand(given, measure).items():
        assert values[label] == pytest.approx(value, rel=1e-12), label


def test_a_measure_of_names_alone_may_look_at_no_number() -> None:
    def compute(given: Context) -> list[Result]:
        return [Item(Count(given.residents), None)]

    looks = replace(measures()["true_flags"], identifier="looks", compute=compute)
    with pytest.raises(TypeError, match="looked at a number"):
        tabulate([looks], drawn(1))


def test_an_item_of_numbers_is_not_held_against_others() -> None:
    def compute(given: Context) -> list[Result]:
        return [Item(given.nothing, given.nothing, split="others")]

    against = replace(measures()["true_flags"], identifier="against", compute=compute)
    assert tabulate([against], drawn(1)).height > 0
    with pytest.raises(TypeError, match="only names alone"):
        tabulate([replace(against, identifier="told", names_alone=False)], drawn(1))


def test_variances_add_up_and_a_sum_is_as_good_as_its_worst_part() -> None:
    given = drawn(1)
    key = Key("neighbours.denounced", "unfounded")
    counts = dict(given.counts)
    counts[key] = replace(counts[key], label="mean_field")
    given = replace(given, counts=counts)
    columns = tabulate([measures()["false_flags"]], given)
    item = measures()["false_flags"].compute(given)[0]
    assert isinstance(item, Item)
    people = float(given.splits.stands_for[0])
    row = list(zip(*(columns[name] for name in BY_ONE), strict=True)).index(("",) * len(BY_ONE))
    assert columns["label"][row] == item.numerator.label == "mean_field"
    assert columns["chance_sd"][row] == pytest.approx(np.sqrt(item.numerator.variance) / people)


def test_a_change_that_is_the_order_of_sums_alone_is_none() -> None:
    base = drawn(1)
    counts = {
        key: replace(count, values=count.values * (1.0 + 1e-15))
        for key, count in base.counts.items()
    }
    columns = tabulate(
        [measures()["noticed_change_share"]], replace(base, counts=counts, base=base)
    )
    assert set(columns["value"]) == {0.0}

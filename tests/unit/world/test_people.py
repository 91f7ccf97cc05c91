"""Areas, groups and people: whole numbers that add up, and margins that hold."""

from __future__ import annotations

import numpy as np
import pytest

from sousveil.world.areas import BORDER_GUARDS, build_areas
from sousveil.world.groups import build_margins
from sousveil.world.model import People
from sousveil.world.parameters import PeopleParameters
from sousveil.world.people import apportion, build_people
from unit.world.country import area_rows, people_parameters


def count(parameters: PeopleParameters) -> People:
    areas, weights = build_areas(area_rows(), parameters)
    return build_people(areas, weights, build_margins(parameters), parameters)


def test_border_areas_are_split_by_the_strip_share_and_others_are_not() -> None:
    areas, weights = build_areas(area_rows(), people_parameters())
    ids = [area.id for area in areas]
    assert ids.count("p0_city") == ids.count("p0_city_strip") == 1
    assert "p2_city_strip" not in ids
    inside, outside = weights[ids.index("p0_city_strip")], weights[ids.index("p0_city")]
    assert inside / (inside + outside) == pytest.approx(0.2)
    assert [area.strip for area in areas if area.id == "p0_city_strip"] == [True]


def test_the_areas_do_not_depend_on_drawn_values() -> None:
    drawn = people_parameters(strip_share={"p0": 0.0, "p1": 0.9}, guards=1.0)
    assert build_areas(area_rows(), drawn)[0] == build_areas(area_rows(), people_parameters())[0]


def test_a_strip_where_no_area_touches_the_border_is_refused() -> None:
    with pytest.raises(ValueError, match=r"strip_share\.p2: no area of this parent touches"):
        build_areas(area_rows(), people_parameters(strip_share={"p2": 0.1}))


def test_guards_are_a_stratum_of_single_persons_who_are_no_residents() -> None:
    parameters = people_parameters()
    areas, _ = build_areas(area_rows(), parameters)
    people = count(parameters)
    assert areas[-1].id == BORDER_GUARDS
    assert not areas[-1].civil
    assert (people.persons[-1], people.households[-1], people.units[-1]) == (40_000, 40_000, 4_000)
    assert people.persons[:-1].sum() == 26_500_000
    without = people_parameters(guards=0.0)
    assert all(area.civil for area in build_areas(area_rows(), without)[0])


def test_guards_without_a_region_are_refused() -> None:
    with pytest.raises(ValueError, match="guards_region"):
        build_areas(area_rows(), people_parameters(guards_region=""))


def test_camps_are_left_out_of_the_areas() -> None:
    people = count(people_parameters(military_share=0.03))
    assert people.persons[:-1].sum() == round(26_500_000 * 0.97)


def test_households_and_units_have_their_declared_mean_size() -> None:
    people = count(people_parameters())
    civil = slice(0, -1)
    assert people.persons[civil].sum() / people.households[civil].sum() == pytest.approx(3.9, 1e-6)
    assert people.households[0] / people.units[0] == pytest.approx(30, rel=1e-3)
    assert people.households[2] / people.units[2] == pytest.approx(15, rel=1e-3)


def test_a_settlement_without_a_unit_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unit_households\.rural: missing"):
        count(people_parameters(unit_households={"city": 30.0}))


def test_margins_hold_exactly_over_all_residents() -> None:
    parameters = people_parameters()
    margins = build_margins(parameters)
    by_group = count(parameters).by_group()[:-1].sum(axis=0)
    for key, share in parameters.margins.items():
        margin, category = key.split(".")
        carried = [(margin, category) in group.categories for group in margins.groups()]
        assert by_group[carried].sum() / by_group.sum() == pytest.approx(share, rel=1e-12)


def test_the_first_person_of_a_household_is_an_adult() -> None:
    parameters = people_parameters()
    adults = np.array([group.adult for group in build_margins(parameters).groups()])
    registered = count(parameters).registered_by_group()
    assert registered[:, ~adults].sum() == 0
    assert registered.sum() == pytest.approx(count(parameters).households.sum())


def test_group_order_is_household_categories_first() -> None:
    people, groups = count(people_parameters()), build_margins(people_parameters()).groups()
    assert len(groups) == len(people.household_shares) * len(people.first_shares) == 18
    assert groups[0].id == "core.female.child"
    assert groups[6].id == "wavering.female.child"
    assert not groups[0].adult
    assert groups[1].adult


def test_margins_are_scaled_to_sum_to_one() -> None:
    margins = build_margins(
        people_parameters(
            margins={"age.child": 0.3, "age.adult": 0.9}, household_margins=[], adult_categories=[]
        )
    )
    assert margins.person.share == pytest.approx([0.25, 0.75])
    assert margins.household.share == pytest.approx([1.0])
    assert margins.adult.all()


def test_too_few_adults_for_the_households_is_a_plain_error() -> None:
    with pytest.raises(ValueError, match=r"adults are 0\.81 of all persons.*raise household_size"):
        count(people_parameters(household_size=1.1))


def test_households_of_one_adult_each() -> None:
    people = count(people_parameters(household_size=1.0, adult_categories=[]))
    assert (people.persons == people.households).all()
    assert people.other_shares == pytest.approx(people.first_shares)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"margins": {"female": 0.5}}, "expected margin.category"),
        ({"margins": {"age.child": 0.0}}, "categories of age have no people"),
        ({"household_margins": ["caste"]}, "no margin is named 'caste'"),
        ({"adult_categories": ["class.core"]}, "'class.core' is no category of persons"),
    ],
)
def test_impossible_margins_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_margins(people_parameters(**changes))


def test_a_country_of_millions_takes_no_memory() -> None:
    people = count(people_parameters())
    assert sum(array.nbytes for array in vars(people).values()) < 2_000


def test_apportionment_by_largest_remainders() -> None:
    assert apportion(10, np.array([45.0, 35.0, 20.0])).tolist() == [5, 3, 2]
    assert apportion(3, np.array([1.0, 1.0])).tolist() == [2, 1]
    with pytest.raises(ValueError, match="no people"):
        apportion(3, np.zeros(2))

"""Face recognition: error rates by a declared rule, and wrong returns that add up on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sousveil.channels.face_recognition import (
    FaceRecognitionParameters,
    false_alert,
    listed_share,
    lower,
    register_rates,
)
from sousveil.processes import Search
from unit.channels.village import site

SITE = site()


def faces(**changes: Any) -> FaceRecognitionParameters:
    values: dict[str, Any] = {
        "rule": "independent",
        "probes": ("street_camera",),
        "watchlist": 1000.0,
        "listed_present": 0.5,
        "live_share": 0.1,
        "probe_quality": 0.4,
        "miss_rate": 0.15,
        "false_match_rate": 1e-7,
        "enrolled_share": 0.6,
        "register_searches_per_day": 20.0,
    }
    return FaceRecognitionParameters(**{**values, **changes})


def search(**changes: Any) -> Search:
    return next(p for p in lower(faces(**changes), SITE) if isinstance(p, Search))


def test_the_rules_differ_in_what_a_longer_list_does() -> None:
    assert false_alert(faces(), 10_000) == pytest.approx(1 - (1 - 1e-7) ** 10_000)
    normalised = faces(rule="normalised", false_alert_rate=1e-3)
    assert false_alert(normalised, 10) == false_alert(normalised, 1e6) == 1e-3
    measured = faces(rule="measured", measured={"1000": 1 / 60_000, "10000": 1 / 6_000})
    assert false_alert(measured, 10_000) == pytest.approx(1 / 6_000)
    assert false_alert(measured, 1_000) == pytest.approx(1 / 60_000)
    assert false_alert(measured, 100_000) == pytest.approx(1 / 600)
    assert false_alert(measured, 1e12) == 1.0
    assert false_alert(faces(rule="measured", measured={"1000": 0.01}), 5) == 0.01


@pytest.mark.parametrize("rule", ["independent", "measured", "normalised"])
def test_an_empty_list_alerts_nobody(rule: str) -> None:
    assert false_alert(faces(rule=rule, false_alert_rate=0.1, measured={"10": 0.1}), 0.0) == 0.0


def test_the_list_is_spread_over_adults() -> None:
    share = listed_share(faces(), SITE)
    assert (share * SITE.persons()).sum() == pytest.approx(500)
    assert not share[:, 2].any()
    skewed = listed_share(faces(listed_factor={"sex.male": 2.0}), SITE)
    assert skewed[0, 1] == pytest.approx(2 * skewed[0, 0])
    assert listed_share(faces(watchlist=1e9), SITE).max() == 1.0


def test_a_live_search_needs_camera_and_picture() -> None:
    found = search()
    assert found.parent == "street_camera"
    assert found.probe_share == pytest.approx(0.04)
    assert found.hit == pytest.approx(0.85)
    assert found.proneness is None
    assert search(proneness_spread=0.5).proneness is not None


def test_false_matches_differ_by_group() -> None:
    factor = search(false_match_factor={"sex.female": 2.0}).factor
    assert factor is not None
    assert factor.tolist() == [2.0, 1.0, 2.0]


@settings(max_examples=40, deadline=None)
@given(
    female=st.floats(0.1, 9),
    same=st.floats(1, 50),
    enrolled=st.floats(0.01, 1),
    acted=st.floats(0, 1),
)
def test_wrong_hits_sent_are_wrong_hits_received(
    female: float, same: float, enrolled: float, acted: float
) -> None:
    parameters = faces(
        rule="normalised",
        false_alert_rate=0.02,
        enrolled_share=enrolled,
        register_acted_share=acted,
        false_match_factor={"sex.female": female},
        same_category_factor={"sex": same},
    )
    adults = SITE.persons()[:3, :2].sum(axis=0)
    chance = np.minimum(0.02 * np.array([female, 1.0]), 1.0)
    sent = 20 * 365 * acted * (adults / adults.sum() * chance).sum()
    received = 8760 * (register_rates(parameters, SITE)[:2] * adults).sum()
    assert received == pytest.approx(sent)


def test_likeness_sends_wrong_hits_to_those_who_look_alike() -> None:
    plain = register_rates(faces(), SITE)
    skewed = faces(false_match_factor={"sex.female": 3.0}, same_category_factor={"sex": 20.0})
    assert plain[0] == pytest.approx(plain[1])
    assert register_rates(skewed, SITE)[0] > 3 * register_rates(skewed, SITE)[1]


def test_nobody_enrolled_nobody_wronged() -> None:
    assert not register_rates(faces(enrolled_share=0.0), SITE).any()
    assert not register_rates(faces(register_searches_per_day=0.0), SITE).any()


def test_a_rate_of_everybody_is_their_mean_whatever_the_factors() -> None:
    key = ".".join(SITE.world.groups[0].categories[0])
    rates = {}
    for whose in ("reference", "everybody"):
        (search, *_) = lower(faces(false_match_factor={key: 5.0}, rate_of=whose), SITE)
        assert isinstance(search, Search)
        assert search.factor is not None
        people = SITE.persons().sum(axis=0)
        rates[whose] = float(search.factor @ people / people.sum())
        assert search.factor.max() / search.factor.min() == pytest.approx(5)
    assert rates["everybody"] == pytest.approx(1)
    assert rates["reference"] > 1


def test_a_list_with_a_legitimate_aim_alleges_something_else() -> None:
    assert search().allegation == "listed"
    assert search(legitimate_aim="warrants of courts").allegation == "wanted"

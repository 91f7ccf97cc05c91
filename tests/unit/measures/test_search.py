"""Wrong alerts per face and per alert, side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sousveil.engine.expected import expect
from sousveil.engine.model import Model
from sousveil.measures.harm import components
from sousveil.measures.search import MEASURES
from sousveil.measuring.base import Context, Count, Item
from sousveil.processes import Encounter, Entity, Layer, Level, Search, Trait
from sousveil.validate.bench import plain_site

SITE = plain_site(50_000)


def context(fpir: float, listed: float = 0.001, allegation: str = "listed") -> Context:
    passage = Encounter(
        name="passage",
        channel="passage",
        rate=SITE.full(1e-4),
        profile=np.ones((1, 48)),
        levels=(Level("face", 1.0, 1.0),),
    )
    search = Search(
        name="live",
        channel="face_recognition",
        parent="passage",
        level="face",
        probe_share=0.5,
        listed=Trait("listed", Entity.PERSON, SITE.full(listed)),
        hit=0.8,
        wrong=fpir,
        allegation=allegation,
    )
    layers = {"passage": Layer.MACHINES, "face_recognition": Layer.MACHINES}
    model = Model(SITE.world, (passage, search), {}, layers)
    found = expect(model, persons=False, variances=False)
    return Context("", model, found, SITE.persons())


def value(of: Context, identifier: str, category: str = "") -> float:
    (measure,) = (item for item in MEASURES if item.identifier == identifier)
    (item,) = (
        result
        for result in measure.compute(of)
        if isinstance(result, Item) and (result.channel, result.category) == ("", category)
    )
    top = item.numerator.values.sum()
    if item.denominator is None:
        return float(top)
    bottom = item.denominator.values if isinstance(item.denominator, Count) else item.denominator
    return float(top / bottom.sum())


def test_one_error_tells_two_stories() -> None:
    found = context(1e-4)
    faces = 50_000 * 1e-4 * 8760 * 0.5
    assert value(found, "faces_searched") == pytest.approx(faces)
    assert value(found, "false_alerts_per_face") == pytest.approx(1e-4 * 0.999)
    right, wrong = (value(found, "search_alerts", word) for word in ("right", "wrong"))
    assert right == pytest.approx(faces * 0.001 * 0.8)
    assert value(found, "search_alerts") == pytest.approx(right + wrong)
    assert value(found, "false_share_of_alerts") == pytest.approx(wrong / (right + wrong))
    assert value(found, "false_share_of_alerts") > 100 * value(found, "false_alerts_per_face")


def test_a_list_that_alleges_a_protected_act_has_no_precision() -> None:
    for measure in MEASURES:
        assert measure.compute(context(1e-4, allegation="foreign_media")) == []


def test_where_nobody_searches_there_is_nothing_to_say() -> None:
    found = context(1e-4)
    bare = replace(found, model=replace(found.model, processes=found.model.processes[:1]))
    for measure in MEASURES:
        assert measure.compute(bare) == []


def test_a_right_alert_is_a_harm_unless_the_list_has_a_legitimate_aim() -> None:
    for allegation, share in (("listed", 1.0), ("wanted", 0.0)):
        of = context(1e-4, allegation=allegation)
        found = components(of, of.flaggers)
        right = value(of, "search_alerts", "right")
        assert found["founded"].values.sum() == pytest.approx(share * right)
        assert found["unfounded"].values.sum() > 0
        assert value(of, "false_share_of_alerts") > 0

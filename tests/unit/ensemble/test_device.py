"""The device of a run: what is asked for, what there is, and that no result is named by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import sousveil
from sousveil.engine.sampled.card import NoCard
from sousveil.ensemble import api
from sousveil.ensemble.api import device_of, study_of
from sousveil.ensemble.study import Refused
from sousveil.ensemble.work import packed, unpacked


@pytest.fixture(params=[True, False])
def card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a card answers."""

    def opened() -> object:
        if not request.param:
            raise NoCard("no card answers: look for one")
        return object()

    monkeypatch.setattr(api, "open_card", opened)
    return request.param


def test_auto_takes_a_card_that_works_where_it_is_of_use(card: bool) -> None:
    assert device_of("auto") == ("gpu" if card else "cpu")
    assert device_of("cpu") == "cpu"
    assert device_of("auto", "hourly") == device_of("auto", "expected") == "cpu"


def test_a_card_that_is_asked_for_is_there_or_told_to_be_missing(card: bool) -> None:
    if card:
        assert device_of("gpu") == "gpu"
    else:
        with pytest.raises(Refused) as caught:
            device_of("gpu")
        assert str(caught.value) == (
            "--device gpu: no card answers: look for one; or use --device cpu"
        )
    for engine in ("hourly", "expected"):
        with pytest.raises(Refused, match=rf"^--device gpu: the engine {engine} uses none"):
            device_of("gpu", engine)
    with pytest.raises(Refused, match=r"^--device tpu: expected one of auto, cpu, gpu$"):
        device_of("tpu")


def test_the_device_is_no_part_of_a_result_and_stays_at_home() -> None:
    study = study_of(sousveil.load("example"))
    with_card = replace(study, device="gpu")
    assert with_card.identity == study.identity
    assert with_card.digest == study.digest
    assert unpacked(packed(with_card)) == study

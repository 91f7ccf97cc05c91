import numpy as np
import pytest

from sousveil.arrays import EFFECT_CLASSES
from sousveil.effects import class_means
from sousveil.processes import Effect, Entity


def share(spread):
    return Effect("zeal", Entity.UNIT, "share", spread)


def rate(spread):
    return Effect("routes", Entity.PERSON, "rate", spread)


@pytest.mark.parametrize("spread", [0.0, 1e-4, 0.01, 0.5, 3.0, 100.0, np.inf])
@pytest.mark.parametrize("mean", [0.0, 1e-6, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0])
def test_share_classes_ascend_inside_the_unit_interval_and_average_to_the_mean(spread, mean):
    values = class_means(share(spread), mean)
    assert values.shape == (EFFECT_CLASSES,)
    assert values.min() >= 0.0
    assert values.max() <= 1.0
    assert np.all(np.diff(values) >= -1e-9)
    assert values.mean() == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize("spread", [0.0, 0.01, 2.0])
def test_share_classes_of_the_complement_are_the_mirror_image(spread):
    assert class_means(share(spread), 0.2) == pytest.approx(
        1.0 - class_means(share(spread), 0.8)[::-1], abs=1e-9
    )


def test_concentration_two_at_one_half_is_the_uniform_distribution():
    middles = (np.arange(EFFECT_CLASSES) + 0.5) / EFFECT_CLASSES
    assert class_means(share(2.0), 0.5) == pytest.approx(middles, abs=1e-12)


def test_zero_concentration_is_yes_or_no_with_one_class_between():
    values = class_means(share(0.0), 0.3)
    assert values == pytest.approx([0.0] * 11 + [0.8] + [1.0] * 4)


def test_a_tiny_concentration_comes_close_to_yes_or_no():
    assert class_means(share(1e-7), 0.3) == pytest.approx(class_means(share(0.0), 0.3), abs=1e-5)


def test_an_infinite_concentration_is_no_effect():
    assert class_means(share(np.inf), 0.3) == pytest.approx([0.3] * EFFECT_CLASSES)


def test_rate_classes_are_the_conditional_means_of_a_lognormal():
    values = class_means(rate(1.0), 2.0)
    assert values.mean() == pytest.approx(2.0, abs=1e-14)
    sample = np.sort(np.exp(np.random.default_rng(5).normal(-0.5, 1.0, 160_000)))
    assert values[:15] == pytest.approx(2.0 * sample.reshape(16, -1).mean(axis=1)[:15], rel=0.02)
    assert class_means(rate(0.0), 2.0) == pytest.approx([2.0] * EFFECT_CLASSES)


def test_arrays_of_means_give_a_row_of_classes_each():
    means = np.array([[0.1, 0.4], [0.4, 0.9]])
    table = class_means(share(3.0), means)
    assert table.shape == (2, 2, EFFECT_CLASSES)
    assert table[0, 1] == pytest.approx(class_means(share(3.0), 0.4))
    assert table.mean(axis=-1) == pytest.approx(means)


def test_what_is_no_share_or_no_form_is_refused():
    with pytest.raises(ValueError, match="outside"):
        class_means(share(1.0), 1.5)
    with pytest.raises(ValueError, match="not 'rate' or 'share'"):
        class_means(Effect("x", Entity.UNIT, "odd", 1.0), 0.5)

"""Bounds of interim looks against published ones."""

import numpy as np
import pytest

from bowlby.statistics.group_sequential import bounds

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]
# Lan-DeMets bounds for five equal looks, two-sided .05, of ldbounds (Reboussin et al., 2000,
# Controlled Clinical Trials 21, 190-207, table 2) and gsDesign.
PUBLISHED = {
    "obrien_fleming": [4.877, 3.357, 2.680, 2.290, 2.031],
    "pocock": [2.438, 2.427, 2.410, 2.397, 2.386],
}


@pytest.mark.parametrize("spending", PUBLISHED)
def test_bounds_are_the_published_ones(spending):
    np.testing.assert_allclose(
        bounds(FIFTHS, spending=spending), PUBLISHED[spending], atol=6e-4
    )


@pytest.mark.parametrize("spending", PUBLISHED)
@pytest.mark.parametrize("looks", [[0.5, 1.0], [0.3, 0.4, 0.9, 1.0]])
def test_a_brownian_motion_crosses_them_as_often_as_stated(spending, looks):
    rng = np.random.default_rng(5)
    steps = np.sqrt(np.diff([0.0, *looks])) * rng.normal(size=(200_000, len(looks)))
    z = np.cumsum(steps, 1) / np.sqrt(looks)
    crossed = (np.abs(z) >= bounds(looks, spending=spending)).any(1).mean()
    assert abs(crossed - 0.05) < 0.002


def test_one_look_is_the_usual_test():
    np.testing.assert_allclose(bounds([1.0]), [1.959964], atol=1e-6)

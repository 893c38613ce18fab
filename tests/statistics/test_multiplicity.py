"""Holm's correction, worked by hand."""

import numpy as np
import pytest

from bowlby.statistics.multiplicity import holm

NAN = float("nan")


@pytest.mark.parametrize(
    ("p", "corrected"),
    [
        ([0.01], [0.01]),
        ([0.04, 0.01, 0.03], [0.06, 0.03, 0.06]),
        ([0.9, 0.5, 0.5, 0.001], [1.0, 1.0, 1.0, 0.004]),
        ([0.2, 0.2], [0.4, 0.4]),
        ([0.04, NAN, 0.01], [0.04, NAN, 0.02]),
        ([NAN, NAN], [NAN, NAN]),
    ],
)
def test_it_is_what_the_step_down_gives(p, corrected):
    np.testing.assert_allclose(holm(p), corrected, rtol=1e-12)

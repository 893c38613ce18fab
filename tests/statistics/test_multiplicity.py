"""Holm's correction against statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from bowlby.statistics.multiplicity import holm


@pytest.mark.parametrize("p", [[0.01], [0.04, 0.01, 0.03], [0.9, 0.5, 0.5, 0.001], [0.2, 0.2]])
def test_it_equals_that_of_statsmodels(p):
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)

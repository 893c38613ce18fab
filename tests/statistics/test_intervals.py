import numpy as np
from statsmodels.stats.proportion import proportion_confint

from bowlby.statistics.intervals import share_interval


def test_the_interval_of_a_share_is_wilsons_of_statsmodels():
    theirs = proportion_confint(7, 40, alpha=0.1, method="wilson")
    np.testing.assert_allclose(share_interval(7, 40, alpha=0.1), theirs)


def test_the_interval_of_a_share_is_as_published():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 15 of 148, score method.
    np.testing.assert_allclose(share_interval(15, 148), (0.0624, 0.1605), atol=5e-5)


def test_the_share_of_nobody_is_unknown():
    assert np.isnan(share_interval(0, 0)).all()

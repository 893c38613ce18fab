import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from bowlby.statistics.survival import survival

TIME = np.array([1, 2, 2, 4, 6, 6, 6, 3])
LEFT = np.array([1, 1, 0, 1, 0, 0, 0, 1], bool)


def theirs():
    return SurvfuncRight(TIME, LEFT)


def test_survival_is_that_of_statsmodels():
    found = survival(TIME, LEFT, 6, alpha=0.05)
    np.testing.assert_allclose(found.share[theirs().surv_times], theirs().surv_prob)


def test_the_interval_is_greenwoods_on_the_log_log_scale():
    share, error = theirs().surv_prob, theirs().surv_prob_se
    # Delta method: d log(-log s) = ds / (s log s).
    half = 1.959964 * error / (share * np.abs(np.log(share)))
    found = survival(TIME, LEFT, 6, alpha=0.05)
    at = theirs().surv_times
    np.testing.assert_allclose(found.low[at], share ** np.exp(half), rtol=1e-6)
    np.testing.assert_allclose(found.high[at], share ** np.exp(-half), rtol=1e-6)


@pytest.mark.parametrize(("left", "share"), [(False, 1.0), (True, 0.0)])
def test_where_nobody_or_everybody_left_the_interval_is_the_estimate(left, share):
    found = survival(np.full(4, 3), np.full(4, left), 5, alpha=0.05)
    assert (found.share[3:] == share).all()
    assert (found.low[3:] == share).all()
    assert (found.high[3:] == share).all()


def test_everybody_is_there_before_the_first_leaves():
    assert survival(TIME, LEFT, 6, alpha=0.05).low[0] == 1.0

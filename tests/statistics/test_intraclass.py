import numpy as np
import pytest

from bowlby.statistics.intraclass import intraclass_correlation, intraclass_interval
from bowlby.statistics.mixed import fit_model

# Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428, table 2: 6 targets, 4 judges.
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
TARGET = np.repeat(np.arange(6), 4)


def grouped(share, groups=400, size=20, seed=1):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    shared = np.sqrt(share) * rng.normal(size=groups)
    return shared[group] + np.sqrt(1 - share) * rng.normal(size=len(group)), group


def test_it_is_the_icc_1_of_shrout_and_fleiss():
    assert intraclass_correlation(RATINGS.ravel(), TARGET) == pytest.approx(0.17, abs=0.005)


def test_balanced_data_agree_with_the_mixed_model():
    values, group = grouped(0.2)
    fit = fit_model(values, np.ones((len(values), 1)), group)
    assert intraclass_correlation(values, group) == pytest.approx(fit.icc, abs=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_the_share_of_variance_between_groups_is_recovered(share):
    assert intraclass_correlation(*grouped(share)) == pytest.approx(share, abs=0.03)


def test_one_group_or_groups_of_one_have_no_icc():
    assert np.isnan(intraclass_correlation([1.0, 2.0], [1, 1]))
    assert np.isnan(intraclass_correlation([1.0, 2.0], [1, 2]))


def test_the_interval_is_shrout_and_fleiss_s_where_it_is_above_zero():
    # From F = 1.79 with 5 and 18 degrees of freedom: upper end .72 (R's psych::ICC).
    low, high = intraclass_interval(RATINGS.ravel(), TARGET, np.zeros(24), alpha=0.05)
    assert low == 0.0
    assert high == pytest.approx(0.72, abs=0.005)


def test_what_strata_differ_by_is_no_variance_between_groups():
    values, group = grouped(0.2, groups=40)
    stratum = group % 2
    shifted = values + 5.0 * stratum
    np.testing.assert_allclose(
        intraclass_interval(shifted, group, stratum, alpha=0.05),
        intraclass_interval(values, group, stratum, alpha=0.05),
    )


def test_the_interval_holds_the_true_share_as_often_as_stated():
    held = 0
    for seed in range(1000):
        values, group = grouped(0.3, groups=20, size=6, seed=seed)
        low, high = intraclass_interval(values, group, group % 2, alpha=0.1)
        held += low <= 0.3 <= high
    # Within which 99.9 % of samples with a true rate of .9 lie.
    assert abs(held / 1000 - 0.9) < 0.031


def test_one_group_in_each_stratum_has_no_interval():
    assert np.isnan(intraclass_interval(RATINGS.ravel(), TARGET, TARGET, alpha=0.05)).all()

"""Slopes within clusters against t-tests, regression and how often they find nothing."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from bowlby.statistics.within_clusters import slopes_within


def sessions(seed=1, *, dyads=12, sizes=(8,), slope_sd=0.5, x_of=lambda m: np.arange(m) % 2):
    """Dyads that differ in level and slope, with no slope on average."""
    rng = np.random.default_rng(seed)
    size = rng.choice(sizes, dyads)
    dyad = np.repeat(np.arange(dyads), size)
    x = np.concatenate([x_of(m) for m in size]).astype(float)
    level, slope = rng.normal(size=dyads), rng.normal(0.0, slope_sd, dyads)
    return level[dyad] + slope[dyad] * x + rng.normal(size=len(x)), x, dyad


def test_a_condition_is_tested_by_the_t_test_of_contrasts():
    y, x, dyad = sessions()
    cells = y.reshape(12, 4, 2).mean(axis=1)
    theirs = stats.ttest_rel(cells[:, 1], cells[:, 0])
    found = slopes_within(y, x, dyad).mean()
    np.testing.assert_allclose([found.estimate / found.error, found.p], theirs, rtol=1e-9)


def test_the_slope_of_each_cluster_is_its_regression():
    y, x, dyad = sessions(sizes=(4, 9), x_of=np.arange)
    expected = [stats.linregress(x[dyad == d], y[dyad == d]).slope for d in range(12)]
    np.testing.assert_allclose(slopes_within(y, x, dyad).slope, expected)


def test_unequal_clusters_are_weighted_as_statsmodels_combines_effects():
    y, x, dyad = sessions(sizes=(4, 9), x_of=np.arange)
    fits = [stats.linregress(x[dyad == d], y[dyad == d]) for d in range(12)]
    spread = np.array([np.sum((x[dyad == d] - x[dyad == d].mean()) ** 2) for d in range(12)])
    free = np.bincount(dyad) - 2
    # What each line leaves, pooled: its own standard error rests on its own few sessions.
    rest = sum(fit.stderr**2 * s * f for fit, s, f in zip(fits, spread, free, strict=True))
    slope = np.array([fit.slope for fit in fits])
    theirs = combine_effects(slope, rest / free.sum() / spread, method_re="dl", use_t=True)
    found = slopes_within(y, x, dyad).mean()
    np.testing.assert_allclose(found.estimate, theirs.mean_effect_re)
    np.testing.assert_allclose(found.error**2, theirs.var_hksj_re)


def test_levels_of_clusters_do_not_matter():
    y, x, dyad = sessions()
    found, shifted = (slopes_within(v, x, dyad).mean().p for v in (y, y + 100.0 * dyad))
    assert found == pytest.approx(shifted, rel=1e-6)


def test_clusters_without_change_take_no_part():
    y, x, dyad = sessions()
    x[dyad == 3] = 1.0
    assert len(slopes_within(y, x, dyad).slope) == 11


def test_two_sessions_each_are_enough():
    y, x, dyad = sessions(sizes=(2,))
    theirs = stats.ttest_rel(y[x == 1], y[x == 0])
    assert slopes_within(y, x, dyad).mean().p == pytest.approx(theirs.pvalue)


def test_turning_slopes_round_finds_what_all_share():
    y, x, dyad = sessions()
    found = slopes_within(y + 2.0 * x, x, dyad)
    assert found.sign_flip_p(np.random.default_rng(1), 999) < 0.01


@pytest.mark.parametrize("x_of", [lambda m: np.arange(m) % 2, np.arange])
@pytest.mark.parametrize("dyads", [6, 12])
def test_false_positives_are_as_many_as_stated(dyads, x_of):
    p = [
        slopes_within(*sessions(s, dyads=dyads, sizes=(3, 5, 8), x_of=x_of)).mean().p
        for s in range(1000)
    ]
    # Within which 99.9 % of samples with a true rate of .05 lie.
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 0.023

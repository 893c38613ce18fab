"""The mixed model, against other implementations and exact solutions."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from bowlby.statistics.mixed import Reason, fit_model

ARMS, THERAPISTS, CLIENTS = 2, 10, 8


def nested(seed, *, between=0.5, waiting=0):
    """Balanced clients in therapists in arms, some waiting; outcome without effects of arms."""
    rng = np.random.default_rng(seed)
    therapist = np.repeat(np.arange(ARMS * THERAPISTS), CLIENTS)
    arm = np.repeat(np.arange(ARMS), THERAPISTS * CLIENTS)
    therapist = np.concatenate([therapist, np.full(waiting, -1)])
    arm = np.concatenate([arm, np.full(waiting, ARMS)])
    shared = np.append(between * rng.normal(size=ARMS * THERAPISTS), 0.0)
    y = rng.normal(size=len(arm)) + shared[therapist]
    x = (arm[:, None] == np.unique(arm)).astype(float)
    return y, x, therapist


def anova(y):
    """Mean squares between therapists of an arm and within therapists, of balanced data."""
    cells = y.reshape(ARMS, THERAPISTS, CLIENTS)
    means = cells.mean(2)
    between = CLIENTS * ((means - means.mean(1, keepdims=True)) ** 2).sum()
    within = ((cells - means[:, :, None]) ** 2).sum()
    return between / (ARMS * (THERAPISTS - 1)), within / (ARMS * THERAPISTS * (CLIENTS - 1))


def test_variances_of_balanced_data_are_those_of_analysis_of_variance():
    y, x, therapist = nested(1)
    between, within = anova(y)
    fit = fit_model(y, x, therapist)
    np.testing.assert_allclose(fit.within, within, rtol=1e-5)
    np.testing.assert_allclose(fit.between, (between - within) / CLIENTS, rtol=1e-4)


def test_degrees_of_freedom_of_balanced_data_are_those_of_therapists():
    found = fit_model(*nested(1)).contrast(np.array([1.0, -1.0]))
    np.testing.assert_allclose(found.df, ARMS * (THERAPISTS - 1), rtol=1e-3)


def test_the_test_of_balanced_data_is_the_t_test_of_therapists_means():
    y, x, therapist = nested(1)
    found = fit_model(y, x, therapist).contrast(np.array([1.0, -1.0]))
    error = np.sqrt(2.0 * anova(y)[0] / (THERAPISTS * CLIENTS))
    np.testing.assert_allclose(found.error, error, rtol=1e-5)


def test_a_partially_nested_design_agrees_with_statsmodels():
    y, x, therapist = nested(0, between=0.7, waiting=80)
    x = np.column_stack([x, np.random.default_rng(5).normal(size=len(y))])
    has_one = therapist >= 0
    groups = np.where(has_one, therapist, 1000 + np.arange(len(y)))
    theirs = MixedLM(y, x, groups, exog_re=has_one[:, None].astype(float)).fit(reml=True)
    assert theirs.converged
    ours = fit_model(y, x, therapist)
    # statsmodels stops its search at a tolerance of its own.
    np.testing.assert_allclose(ours.coefficients, theirs.fe_params, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)), theirs.bse_fe, rtol=1e-3)
    np.testing.assert_allclose(ours.between, theirs.cov_re.item(), rtol=2e-3)


def test_without_variance_between_therapists_it_is_least_squares_and_says_so():
    y, x, therapist = nested(1)
    cells = y.reshape(-1, CLIENTS)
    y = (cells - cells.mean(1, keepdims=True)).ravel()
    fit = fit_model(y, x, therapist)
    assert fit.kind == "ols"
    assert fit.reason == Reason.SINGULAR


def test_one_therapist_in_each_arm_is_least_squares_and_says_so():
    y, x, _ = nested(1)
    fit = fit_model(y, x, x[:, 1].astype(int))
    assert fit.kind == "ols"
    assert fit.reason == Reason.CONFOUNDED


@pytest.mark.parametrize("waiting", [0, 80])
@pytest.mark.parametrize(
    ("trials", "within"),
    # Within which 99.9 % of samples with a true rate of .05 lie.
    [(300, 0.041), pytest.param(4000, 0.0113, marks=pytest.mark.slow)],
)
def test_false_positives_are_as_many_as_stated(waiting, trials, within):
    weights = np.array([1.0, 0.0, -1.0]) if waiting else np.array([1.0, -1.0])
    p = [
        fit_model(*nested(seed, between=0.4, waiting=waiting)).contrast(weights).p
        for seed in range(trials)
    ]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < within


@pytest.mark.parametrize("therapists", [2, 3])
def test_without_a_bound_few_therapists_give_the_t_test_of_their_means(therapists):
    """Exactly, in balanced data, also where the variance between them comes out below 0."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        therapist = np.repeat(np.arange(2 * therapists), CLIENTS)
        y = rng.normal(size=len(therapist))
        x = (np.repeat([0, 1], therapists * CLIENTS)[:, None] == [0, 1]).astype(float)
        found = fit_model(y, x, therapist, is_bounded=False).contrast(np.array([1.0, -1.0]))
        means = y.reshape(2, therapists, CLIENTS).mean(2)
        theirs = stats.ttest_ind(*means)
        np.testing.assert_allclose(found.p, theirs.pvalue, rtol=1e-4)
        np.testing.assert_allclose(found.df, 2 * (therapists - 1), rtol=1e-3)

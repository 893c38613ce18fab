import numpy as np
import pytest
from scipy.signal import lfilter

from bowlby.synchrony.coregulation import coregulation

TRUTH = np.array([[0.7, 0.0], [0.25, 0.6]])


def system(seed, n=600, error=0.5):
    """The first moves the second; both are measured with error."""
    rng = np.random.default_rng(seed)
    state, seen = np.zeros(2), np.empty((n, 2))
    for t in range(n):
        state = TRUTH @ state + rng.normal(size=2) * 0.6
        seen[t] = state + error * rng.normal(size=2)
    return seen.T


def test_the_likelihood_is_that_of_the_normal_distribution_of_all_values():
    from scipy.stats import multivariate_normal

    from bowlby.synchrony._kalman_kernels import log_likelihood

    a, noise, error = np.array([[0.5, 0.2], [0.1, 0.4]]), 0.3 * np.eye(2), np.array([0.2, 0.4])
    seen = np.random.default_rng(1).normal(size=(4, 2))
    spread, blocks = [np.eye(2)], {}
    for _ in range(4):
        spread.append(a @ spread[-1] @ a.T + noise)
    for s in range(4):
        for t in range(s, 4):
            blocks[t, s] = np.linalg.matrix_power(a, t - s) @ spread[s + 1]
            blocks[s, t] = blocks[t, s].T
    whole = np.block([[blocks[i, j] for j in range(4)] for i in range(4)])
    whole += np.diag(np.tile(error, 4))
    expected = multivariate_normal(np.zeros(8), whole).logpdf(seen.ravel())
    np.testing.assert_allclose(log_likelihood(seen, a, noise, error), expected)


def test_planted_effects_are_recovered_with_intervals_that_cover():
    found = [coregulation(*system(s), rate_hz=1.0) for s in range(20)]
    scale = [np.std(system(s), axis=1) for s in range(20)]
    estimates = np.array([[e.estimate for e in f.effects] for f in found])
    # Series are standardised: an effect of one on the other is in the ratio of their spreads.
    truth = np.array([[0.7, 0.0, 0.25 * a / b, 0.6] for a, b in scale])
    covers = [
        [e.low <= t <= e.high for e, t in zip(f.effects, row, strict=True)]
        for f, row in zip(found, truth, strict=True)
    ]
    error = estimates.std(axis=0) / np.sqrt(20)
    assert (np.abs((estimates - truth).mean(axis=0)) < 3.3 * error + 0.02).all()
    assert np.mean(covers) >= 0.85
    assert np.mean([f.effects[2].p <= 0.05 for f in found]) >= 0.6


def test_gaps_cost_precision_and_no_bias():
    x, y = system(3, n=1200)
    x[200:400] = np.nan
    effect = coregulation(x, y, rate_hz=1.0).effects[2]
    assert effect.low <= 0.25 * np.nanstd(x) / y.std() <= effect.high


def test_too_few_steps_are_refused():
    with pytest.raises(ValueError, match="Use a shorter step"):
        coregulation(*system(1, n=40), rate_hz=1.0)


def test_nobody_follows_a_stranger_whose_level_falls_alike():
    # A partner effect is ranked among shifts, whatever the signals' memory and course.
    p = []
    for seed in range(10):
        rng = np.random.default_rng([seed, 8])
        noise = lfilter([1], [1, -0.8], rng.normal(size=(2, 400)))
        x, y = noise + np.linspace(8, 0, 400)
        effects = coregulation(x, y, rate_hz=1.0, surrogates=19, seed=seed).effects
        p += [e.p for e in effects if e.effect == "partner"]
    assert np.mean(np.array(p) <= 0.05) <= 0.15

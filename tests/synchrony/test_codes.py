"""Categories of two people."""

import numpy as np
import pytest

from bowlby.synchrony.codes import code_agreement
from bowlby.synchrony.recurrence import categorical_recurrence


def _states(rng, n, codes=3, stay=0.97):
    states = [0]
    for _ in range(n - 1):
        states.append(states[-1] if rng.random() < stay else int(rng.integers(codes)))
    return np.array(states, dtype=float)


def test_the_profile_is_that_of_cross_recurrence():
    rng = np.random.default_rng(1)
    x, y = _states(rng, 500), _states(rng, 500)
    x[40:60] = np.nan
    found = code_agreement(x, y, rate_hz=10.0, max_lag_s=3.0, surrogates=0)
    other = categorical_recurrence(x, y, rate_hz=10.0, max_lag_s=3.0).profile
    np.testing.assert_allclose(found.lag_s, other.lag_s)
    np.testing.assert_allclose(found.profile, other.rate, atol=1e-12)


def test_kappa_and_counts_are_those_of_the_textbook():
    x = np.repeat([0.0, 0.0, 1.0, 1.0], [20, 5, 10, 15])
    y = np.repeat([0.0, 1.0, 0.0, 1.0], [20, 5, 10, 15])
    found = code_agreement(x, y, rate_hz=1.0, surrogates=0)
    assert found.agreement.estimate == pytest.approx(0.7)
    assert found.kappa.estimate == pytest.approx(0.4)
    assert found.table.tolist() == [[20, 5], [10, 15]]


def test_a_follower_is_found_at_the_lag():
    rng = np.random.default_rng(2)
    x = _states(rng, 4000)
    y = np.r_[x[:15], x[:-15]]
    y[rng.random(4000) < 0.3] = 2
    found = code_agreement(x, y, rate_hz=10.0, surrogates=99)
    assert found.peak_lag_s == pytest.approx(1.5, abs=0.1)
    assert found.peak.p == 0.01
    assert np.trace(found.changes) > found.changes.sum() / 2


def test_strangers_are_called_at_the_level_of_the_test():
    p = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        x, y = _states(rng, 800), _states(rng, 800)
        p.append(
            code_agreement(x, y, rate_hz=5.0, max_lag_s=3, surrogates=59, seed=seed).peak.p
        )
    assert np.sum(np.array(p) <= 0.05) <= 7


def test_ignored_codes_match_nothing():
    x = np.zeros(100)
    y = np.zeros(100)
    y[:50] = 1
    found = code_agreement(x, y, rate_hz=1.0, max_lag_s=2, ignored=(0.0,), surrogates=0)
    assert found.agreement.estimate == 0.0


def test_too_little_is_refused():
    with pytest.raises(ValueError, match="20 are needed"):
        code_agreement(np.full(50, np.nan), np.zeros(50), rate_hz=1.0)
    with pytest.raises(ValueError, match="too short to shift"):
        code_agreement(np.zeros(40), np.arange(40.0) % 2, rate_hz=1.0, max_lag_s=10.0)

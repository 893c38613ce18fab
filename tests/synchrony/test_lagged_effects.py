"""Actor-partner effects with lags: planted truth comes back, with intervals that cover it."""

import numpy as np
import pytest

from bowlby.synchrony.lagged_effects import lagged_effects

LAGS = 3


def two_steps_later(seed, n=600):
    """The second follows the first's value two steps before by .25."""
    rng = np.random.default_rng(seed)
    x, y = np.zeros((2, n + 50))
    for t in range(2, n + 50):
        x[t] = 0.5 * x[t - 1] + rng.normal()
        y[t] = 0.4 * y[t - 1] + 0.25 * x[t - 2] + rng.normal()
    return x[50:], y[50:]


def truth(x, y):
    """Each person's actor effects, partner effects and their sum, in standard deviations."""
    follows = 0.25 * np.nanstd(x) / np.nanstd(y)
    first = [0.5, 0, 0, 0, 0, 0, 0]
    return [*first, 0.4, 0, 0, 0, follows, 0, follows]


@pytest.mark.parametrize("has_gap", [False, True])
def test_ten_minutes_give_back_what_was_planted(has_gap):
    estimates, planted, covers = [], [], []
    for seed in range(40):
        x, y = two_steps_later(seed)
        if has_gap:
            x[100:220] = np.nan
        found = lagged_effects(x, y, rate_hz=1.0, lags=LAGS)
        expected = truth(x, y)
        estimates.append([e.estimate for e in found])
        planted.append(expected)
        covers.append([e.low <= t <= e.high for e, t in zip(found, expected, strict=True)])
    bias = np.mean(np.array(estimates) - planted, axis=0)
    assert np.abs(bias).max() < 0.04
    assert np.mean(covers) >= 0.9


def test_rows_say_whose_effect_they_are_and_at_which_lag():
    found = lagged_effects(*two_steps_later(1), rate_hz=1.0, lags=2)
    assert [(e.outcome, e.effect) for e in found] == [
        (who, what)
        for who in ("first", "second")
        for what in ("actor", "actor", "partner", "partner", "partner")
    ]
    np.testing.assert_array_equal([e.lag_s for e in found], [1, 2, 1, 2, np.nan] * 2)
    assert found[-1].estimate == pytest.approx(found[-2].estimate + found[-3].estimate)


def test_who_is_called_first_does_not_matter():
    x, y = two_steps_later(2)
    one, other = (lagged_effects(*p, rate_hz=1.0, lags=LAGS) for p in ((x, y), (y, x)))
    half = len(one) // 2
    np.testing.assert_allclose(
        [e.estimate for e in one], [e.estimate for e in (*other[half:], *other[:half])]
    )


def test_shifts_tell_a_follower_from_a_stranger():
    found = lagged_effects(*two_steps_later(3), rate_hz=1.0, lags=LAGS, surrogates=99)
    assert (found[-1].p, found[6].p > 0.05) == (0.01, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"step_s": 20.0}, "shorter step or fewer lags"), ({"lags": 0}, "must be 1 or more")],
)
def test_what_cannot_be_fitted_is_told(given, message):
    with pytest.raises(ValueError, match=message):
        lagged_effects(*two_steps_later(1), rate_hz=1.0, **given)


def test_intervals_are_at_least_as_wide_as_unrelated_people_spread():
    """A few spikes: the model's own errors left out 0 in a quarter of unrelated pairs."""
    covers = []
    for seed in range(40):
        rng = np.random.default_rng([6, seed])
        spikes = (rng.random((2, 2400)) < 0.005) * rng.pareto(2.0, (2, 2400))
        x, y = (np.convolve(s, np.exp(-np.arange(12) / 4.0))[:2400] for s in spikes)
        found = lagged_effects(x, y, rate_hz=4.0, surrogates=39, seed=seed)
        covers += [e.low <= 0 <= e.high for e in found if np.isnan(e.lag_s)]
    assert np.mean(covers) >= 0.87

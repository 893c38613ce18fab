"""Directed influence against statsmodels and known processes."""

import numpy as np
import pytest
from statsmodels.tsa.api import VAR
from statsmodels.tsa.stattools import grangercausalitytests

from bowlby.synchrony.directed_influence import DirectedInfluence, directed_influence

RATE = 2.0


def led_pair(seed, *, n=1000, strength=0.5):
    """A series x on its own past, and y on its own and on x's of two samples ago."""
    noise = np.random.default_rng(seed).normal(size=(2, n))
    x, y = noise.copy()
    for t in range(2, n):
        x[t] += 0.6 * x[t - 1] - 0.2 * x[t - 2]
        y[t] += 0.4 * y[t - 1] + strength * x[t - 2]
    return x, y


def granger(effect, cause, order):
    """Logarithm of statsmodels' residual sums of squares, restricted over full."""
    tests = grangercausalitytests(np.column_stack([effect, cause]), [order])
    restricted, full = tests[order][1][:2]
    return np.log(restricted.ssr / full.ssr)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_both_directions_equal_statsmodels(order):
    x, y = led_pair(1)
    found = directed_influence(x, y, rate_hz=RATE, order=order)
    np.testing.assert_allclose(found.x_to_y, granger(y, x, order), rtol=1e-9)
    np.testing.assert_allclose(found.y_to_x, granger(x, y, order), rtol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_order_is_the_one_statsmodels_finds_by_bic(seed):
    x, y = led_pair(seed)
    found = directed_influence(x, y, rate_hz=RATE, past_s=4.0)
    assert found.order == VAR(np.column_stack([x, y])).select_order(8).bic


def test_the_leader_s_past_foretells_the_follower_only():
    found = directed_influence(*led_pair(2), rate_hz=RATE)
    assert found.x_to_y > 0.1
    assert found.y_to_x < 0.02


def test_influence_has_its_theoretical_size():
    # y = 0.5 x[t-2] + white noise, x white: ln((0.25 + 1) / 1).
    x, e = np.random.default_rng(3).normal(size=(2, 40_000))
    y = e + 0.5 * np.roll(x, 2)
    found = directed_influence(x, y, rate_hz=RATE)
    np.testing.assert_allclose(found.x_to_y, np.log(1.25), atol=0.01)


def test_no_row_reaches_over_a_gap():
    x, y = led_pair(4)
    x[300:400] = np.nan
    parts = [(x[:300], y[:300]), (x[400:], y[400:])]
    found = directed_influence(x, y, rate_hz=RATE, order=2)
    assert found.rows == sum(len(a) - 2 for a, _ in parts)
    now = np.concatenate([b[2:] for _, b in parts])
    own = np.concatenate([np.column_stack([b[1:-1], b[:-2]]) for _, b in parts])
    other = np.concatenate([np.column_stack([a[1:-1], a[:-2]]) for a, _ in parts])
    one = np.ones((len(now), 1))
    alone = np.linalg.lstsq(np.hstack([one, own]), now)[1]
    both = np.linalg.lstsq(np.hstack([one, own, other]), now)[1]
    np.testing.assert_allclose(found.x_to_y, np.log(alone / both)[0], rtol=1e-9)


def test_identical_series_have_nothing_to_foretell_in_each_other():
    x, _ = led_pair(5)
    assert DirectedInfluence().estimate(x, x, rate_hz=RATE).value == pytest.approx(0, abs=1e-9)


def test_a_smooth_series_keeps_its_digits():
    # Second-order smooth series make past samples nearly collinear.
    x, y = np.cumsum(np.cumsum(np.random.default_rng(6).normal(size=(2, 600)), 1), 1)
    found = directed_influence(x, y, rate_hz=RATE, order=3)
    np.testing.assert_allclose(found.x_to_y, granger(y, x, 3), atol=1e-6)


def test_a_recording_too_short_for_regression_has_no_influence():
    x, y = np.random.default_rng(7).normal(size=(2, 10))
    assert np.isnan(directed_influence(x, y, rate_hz=RATE).x_to_y)


def test_an_order_of_nothing_is_refused():
    with pytest.raises(ValueError, match="order=0 at least 1"):
        directed_influence(np.zeros(9), np.zeros(9), rate_hz=RATE, order=0)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.synchrony.lagged_correlation import lagged_correlation
from bowlby.synchrony.segment_table import Scale, n_blocks, null_averages
from bowlby.synchrony.windowed import mean_over
from bowlby.synchrony.windows import Windows, plan_windows

PLAN = plan_windows(800, Windows(12, 4, 2), rate_hz=10.0)


def pair(seed, *, has_gap=False):
    x, y = np.random.default_rng(seed).normal(size=(2, 800)).cumsum(axis=1)
    if has_gap:
        x[200:260] = np.nan
        y[230:300] = np.nan
    return x, y


def plain_surrogate(x, y, order, scale, min_coverage=0.5):
    """Window by window: gather each block and what follows it, then numpy.corrcoef."""
    block, length = PLAN.block, PLAN.length
    values = np.full((len(PLAN.starts), len(PLAN.lags)), np.nan)
    for w, start in enumerate(PLAN.starts):
        blocks = range(start // block, (start + length) // block)
        for j, lag in enumerate(PLAN.lags):
            u = np.concatenate([x[b * block + max(-lag, 0) :][:block] for b in blocks])
            v = np.concatenate([y[order[b] * block + max(lag, 0) :][:block] for b in blocks])
            valid = np.isfinite(u) & np.isfinite(v)
            if valid.sum() >= min_coverage * length:
                values[w, j] = np.corrcoef(u[valid], v[valid])[0, 1]
    return scale(values)


@pytest.mark.parametrize("has_gap", [False, True])
@pytest.mark.parametrize("scale", [Scale(), Scale(is_absolute=False, is_fisher=False)])
def test_a_look_up_equals_a_surrogate_computed_by_hand(has_gap, scale):
    x, y = pair(1, has_gap=has_gap)
    order = np.random.default_rng(2).permutation(n_blocks(800, PLAN))
    found = null_averages(x, y, PLAN, order[None], scale)
    expected = plain_surrogate(x, y, order, scale)
    np.testing.assert_allclose(found.profile[0], mean_over(expected, 0), rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.window[0], mean_over(expected, 1), rtol=0, atol=1e-11)


@given(seed=st.integers(0, 2**16), has_gap=st.booleans(), is_absolute=st.booleans())
@settings(max_examples=20)
def test_the_order_as_recorded_gives_the_recording_itself(seed, has_gap, is_absolute):
    x, y = pair(seed, has_gap=has_gap)
    scale = Scale(is_absolute=is_absolute)
    own = np.arange(n_blocks(800, PLAN))[None]
    found = null_averages(x, y, PLAN, own, scale).profile[0]
    expected = mean_over(scale(lagged_correlation(x, y, PLAN).r), 0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_each_surrogate_is_its_own_whatever_the_batch():
    x, y = pair(3)
    orders = np.stack(
        [np.random.default_rng(i).permutation(n_blocks(800, PLAN)) for i in range(5)]
    )
    together = null_averages(x, y, PLAN, orders, Scale()).profile
    alone = null_averages(x, y, PLAN, orders[3:4], Scale()).profile[0]
    np.testing.assert_array_equal(together[3], alone)

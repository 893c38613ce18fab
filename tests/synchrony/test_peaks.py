import numpy as np
import pytest
from scipy.signal import argrelmax

from bowlby.synchrony.peaks import pick_peaks

LAG_S = np.linspace(-5, 5, 251)


def bump(at_s, height=1.0):
    return height * np.exp(-(((LAG_S - at_s) / 0.5) ** 2))


def test_the_peak_nearest_to_lag_zero_is_chosen():
    lag, height = pick_peaks((bump(1.2) + bump(-3.2, 2.0))[None], LAG_S)
    np.testing.assert_allclose([lag[0], height[0]], [1.2, 1.0], atol=1e-3)


def test_the_edge_of_the_lag_axis_is_no_peak():
    lag, _ = pick_peaks(LAG_S[None].copy(), LAG_S)
    assert np.isnan(lag[0])


def test_a_window_without_values_has_no_peak():
    lag, _ = pick_peaks(np.full((1, 251), np.nan), LAG_S)
    assert np.isnan(lag[0])


def test_mirrored_lags_give_mirrored_peaks():
    lag, _ = pick_peaks(np.stack([bump(1.2), bump(1.2)[::-1]]), LAG_S)
    np.testing.assert_allclose(lag[0], -lag[1])


@pytest.mark.parametrize("reach", [1, 2, 6, 30])
def test_peaks_are_those_of_scipy(reach):
    rng = np.random.default_rng(reach)
    values = np.round(rng.normal(size=(60, 41)), 1).cumsum(axis=1)
    values[rng.random(values.shape) < 0.02] = np.nan
    lag_s = np.arange(-20.0, 21.0)
    rows, columns = argrelmax(values, axis=1, order=reach, mode="clip")
    inside = (columns >= reach) & (columns < 41 - reach)
    expected = np.full(60, np.nan)
    for row, column in zip(rows[inside], columns[inside], strict=True):
        if not abs(lag_s[column]) >= abs(expected[row]):
            expected[row] = lag_s[column]
    found, height = pick_peaks(values, lag_s, reach_s=float(reach))
    np.testing.assert_array_equal(np.abs(found), np.abs(expected))
    seen = np.isfinite(found)
    np.testing.assert_array_equal(height[seen], values[seen, (found[seen] + 20).astype(int)])

"""Wavelet coherence against direct sums, known phases and the rules for gaps."""

import numpy as np
import pytest
from scipy.signal import lfilter

from bowlby.synchrony.wavelet_coherence import WaveletCoherence, wavelet_coherence

RATE = 4.0
PERIOD_PER_SCALE = 4 * np.pi / (6 + np.sqrt(38))


def wander(seed, n=640):
    return lfilter([1], [1, -0.8], np.random.default_rng(seed).normal(size=(2, n)))


def plain_coherence(x, y, period_s, step):
    """Squared coherence by direct sums in the time domain, at every `step`-th sample."""
    t = np.arange(len(x)) / RATE
    at = t[::step]
    powers = []
    for period in period_s:
        s = period / PERIOD_PER_SCALE
        u = (t[None, :] - at[:, None]) / s
        wavelet = np.exp(-1j * 6 * u - u**2 / 2) / np.sqrt(s)
        a, b = wavelet @ (x - x.mean()), wavelet @ (y - y.mean())
        smooth = np.exp(-((at[:, None] - at) ** 2) / (2 * s**2))
        smooth /= np.sqrt(2 * np.pi) * s
        powers.append([smooth @ z / s for z in (abs(a) ** 2, abs(b) ** 2, a * b.conj())])
    powers = np.array(powers)
    octave = np.log2(period_s)
    width = octave[1] - octave[0]
    near, far = octave[:, None] - 0.3, octave[:, None] + 0.3
    low, high = octave - width / 2, octave + width / 2
    share = np.clip(np.minimum(far, high) - np.maximum(near, low), 0, None) / width
    xx, yy, xy = np.einsum("ij,jkt->kit", share, powers)
    return np.abs(xy) ** 2 / (xx.real * yy.real), np.angle(xy)


@pytest.fixture(scope="module")
def pair():
    x, e = wander(1)
    return x, np.roll(x, 2) + 0.7 * e


def test_coherence_and_phase_equal_direct_sums_of_the_definition(pair):
    found = wavelet_coherence(*pair, rate_hz=RATE, periods_s=(2, 16))
    coherence, phase = plain_coherence(*pair, found.period_s, step=4)
    trusted = found.is_trusted
    # The ends meet over a padding of 2 sqrt(2) scales, where a wavelet has exp(-4) left; of it
    # smoothing carries about 1e-5 into trusted cells.
    np.testing.assert_allclose(found.coherence[trusted], coherence[trusted], atol=1e-4)
    apart = np.angle(np.exp(1j * (found.phase_rad - phase)[trusted]))
    np.testing.assert_allclose(apart, 0.0, atol=1e-3)


def test_a_rhythm_that_follows_two_seconds_later_has_a_lag_of_two_seconds():
    t = np.arange(1200) / RATE
    noise = 0.1 * np.random.default_rng(2).normal(size=(2, 1200))
    x, y = np.sin(2 * np.pi * t / 10) + noise[0], np.sin(2 * np.pi * (t - 2) / 10) + noise[1]
    found = WaveletCoherence().estimate(x, y, rate_hz=RATE)
    np.testing.assert_allclose(found.peak_lag_s, 2.0, atol=0.15)


def test_coherence_is_high_only_at_the_shared_rhythm():
    t = np.arange(2400) / RATE
    noise = np.random.default_rng(3).normal(size=(2, 2400))
    x, y = np.sin(2 * np.pi * t / 10) + noise
    found = wavelet_coherence(x, y, rate_hz=RATE)
    mean = np.nanmean(np.where(found.is_trusted, found.coherence, np.nan), axis=1)
    at_rhythm = np.argmin(abs(found.period_s - 10))
    assert mean[at_rhythm] > 0.9
    assert mean[found.period_s < 5].max() < 0.5


def test_a_stretch_between_gaps_is_transformed_as_if_recorded_alone(pair):
    x, y = (z.copy() for z in pair)
    x[:200] = np.nan
    y[520:] = np.nan
    whole = wavelet_coherence(x, y, rate_hz=RATE, periods_s=(2, 16))
    alone = wavelet_coherence(x[200:520], y[200:520], rate_hz=RATE, periods_s=(2, 16))
    rows = len(alone.period_s)
    np.testing.assert_allclose(whole.coherence[:rows, 50:130], alone.coherence, atol=1e-9)
    np.testing.assert_allclose(whole.cone_s[50:130], alone.cone_s)


def test_gaps_have_no_coherence_and_no_trusted_period(pair):
    x, y = pair[0].copy(), pair[1]
    x[300:340] = np.nan
    found = wavelet_coherence(x, y, rate_hz=RATE)
    in_gap = (found.time_s > 75) & (found.time_s < 85)
    assert np.isnan(found.coherence[:, in_gap]).all()
    assert (found.cone_s[in_gap] == 0).all()


def test_where_a_series_stands_still_there_is_no_coherence(pair):
    x, y = (z.copy() for z in pair)
    y[200:500] = 0.0
    found = wavelet_coherence(x, y, rate_hz=RATE, periods_s=(2, 4))
    still = (found.time_s > 85) & (found.time_s < 91)  # far from 50 and 125 s
    assert np.isnan(found.coherence[:, still]).all()
    assert not found.is_trusted[:, still].any()


def test_the_cone_is_the_e_folding_time_of_torrence_and_compo(pair):
    found = wavelet_coherence(*pair, rate_hz=RATE)
    # Torrence & Compo (1998), table 1: sqrt(2) s; period 1.033 s for omega 6.
    middle = np.argmin(abs(found.time_s - 40))
    np.testing.assert_allclose(found.cone_s[middle], 40 * 1.033 / np.sqrt(2), rtol=0.01)


def test_no_period_outlasts_what_the_recording_can_show(pair):
    found = wavelet_coherence(*pair, rate_hz=RATE, periods_s=(2, 10_000))
    assert found.period_s[-1] <= found.cone_s.max() * 1.01


def test_periods_the_wrong_way_round_are_named():
    with pytest.raises(ValueError, match="shorter and a longer period"):
        wavelet_coherence(np.zeros(9), np.zeros(9), rate_hz=1.0, periods_s=(64.0, 2.0))

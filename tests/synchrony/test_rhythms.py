import numpy as np
import pytest
from scipy.signal import lfilter

from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.rhythms import shared_rhythm_s

RATE = 4.0


def rhythm(rng, hz, memory_s, n=2400):
    """AR(2): a rhythm that forgets its phase."""
    r = np.exp(-1.0 / (RATE * memory_s))
    a = [1.0, -2.0 * r * np.cos(2 * np.pi * hz / RATE), r * r]
    return lfilter([1.0], a, rng.standard_normal(n + 2000))[2000:]


def breathing(*series):
    return SignalPair("respiration", "respiration", *series, RATE, 0.0, "", ("a", "b"))


def lasts(*series):
    return shared_rhythm_s(*series, rate_hz=RATE, window_s=30.0)


def test_a_rhythm_lasts_as_long_as_its_autocorrelation_says():
    # Each falls as exp(-t / memory): their product is .05 after 1.5 times the memory.
    found = [
        lasts(*(rhythm(np.random.default_rng([s, k]), 0.25, 10.0, 20000) for k in range(2)))
        for s in range(8)
    ]
    np.testing.assert_allclose(np.median(found), -np.log(0.05) / 2 * 10.0, rtol=0.25)


def test_unlike_rhythms_slow_drift_and_noise_are_no_shared_rhythm():
    rng = np.random.default_rng(3)
    assert lasts(rhythm(rng, 0.2, 20.0), rhythm(rng, 0.3, 20.0)) == 0.0
    assert lasts(*rng.normal(size=(2, 2400)).cumsum(axis=1)) == 0.0
    assert lasts(*rng.normal(size=(2, 2400))) == 0.0
    assert lasts(np.ones(2400), rng.normal(size=2400)) == 0.0


def test_a_shared_rhythm_lengthens_the_segments_and_says_so():
    rng = np.random.default_rng(4)
    both = breathing(*(rhythm(rng, 0.25, 20.0) for _ in range(2)))
    told = measure_pair(both, Settings(surrogates=19)).attrs["steps"][-1]
    assert "keeps one rhythm" in told
    assert "instead of 60 s" in told


def test_one_metronome_for_both_is_not_tested_within_the_session():
    t = np.arange(2400) / RATE
    rng = np.random.default_rng(5)
    x, y = (np.sin(0.2 * np.pi * t + at) + 0.3 * rng.normal(size=2400) for at in (0.0, 1.0))
    found = measure_pair(breathing(x, y), Settings(surrogates=19))
    assert np.isnan(found.p[0])
    assert "compare with pseudo-dyads" in found.attrs["notes"][0]


@pytest.mark.slow
def test_unrelated_rhythms_keep_the_level():
    p = []
    for seed in range(150):
        rng = np.random.default_rng([6, seed])
        both = breathing(*(rhythm(rng, 0.25, 25.0) for _ in range(2)))
        p.append(float(measure_pair(both, Settings(surrogates=59, seed=seed)).p[0]))
    tested = np.array(p)[np.isfinite(p)]
    assert len(tested) > 120
    # 7 expected of 150; the exact 99.9 % interval ends at 18.
    assert np.sum(tested <= 0.05) <= 18

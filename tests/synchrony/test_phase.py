"""Phase measures against laws, and against the saved outputs of hypyp, multiSyncPy, NeuroKit2.

Columns without a counterpart here: multiSyncPy's `symbolic_entropy` (entropy of tercile
patterns; it depends on each person's own course as much as on the pair), `sync_index_lag10`
and `sync_coef_1from2_lag10` (its driver and empath regressions; see `directed_influence` for
the definition used here).
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import hilbert

from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.phase import (
    CircularCorrelation,
    PhaseLocking,
    cluster_phase,
    momentary_agreement,
    phase_indices,
)
from bowlby.synchrony.spectral_coherence import spectral_coherence
from bowlby.synchrony.windowed import correlation_matrix
from bowlby.synchrony.windows import Windows

SESSIONS = ["normal_200_1", "normal_201_1", "dropout_100_1", "dropout_101_1"]
HYPYP = {
    "plv": "phase_locking",
    "ccorr": "circular_correlation",
    "coh": "coherence",
    "imaginary_coh": "imaginary_coherence",
    "envelope_corr": "envelope_correlation",
    "pow_corr": "power_correlation",
    "pli": "phase_lag_index",
    "wpli": "weighted_phase_lag_index",
}


def motion(folder, name):
    group, number, _ = name.split("_")
    path = folder / "rmea_psychotherapy_mea" / group / f"{number}_01.txt"
    return pd.read_csv(path, sep=r"\s+").to_numpy(float).T


def z_scored(series):
    return (series - series.mean(axis=-1, keepdims=True)) / series.std(axis=-1, keepdims=True)


def rhythm(period_s, *, lag_s=0.0, seconds=300, rate_hz=10.0):
    return np.sin(2 * np.pi * (np.arange(seconds * rate_hz) / rate_hz - lag_s) / period_s)


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("column", HYPYP)
def test_the_mean_over_epochs_is_hypyp_s(shared_data, name, column):
    file = shared_data / "reference" / "hypyp_broadbandHilbert_10x60s.csv"
    expected = pd.read_csv(file).set_index("session").loc[name, column]
    found = phase_indices(*motion(shared_data, name), rate_hz=25.0, epoch_s=60.0)
    # Same formulas in double precision; the phase lag index counts signs, one sample is 7e-5.
    np.testing.assert_allclose(getattr(found, HYPYP[column]).mean(), expected, atol=1e-12)


@pytest.mark.parametrize("name", SESSIONS)
def test_cluster_phase_is_multisyncpy_s_rho(shared_data, name):
    file = shared_data / "reference" / "multisyncpy_4sessions.csv"
    expected = pd.read_csv(file).set_index("session").rho_group[name]
    phases = np.angle(hilbert(z_scored(motion(shared_data, name))))
    np.testing.assert_allclose(cluster_phase(*phases), expected, atol=1e-12)


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize(
    ("column", "attribute"), [("coherence_team", "mean"), ("sum_normalized_csd", "pooled")]
)
def test_spectral_coherence_is_multisyncpy_s(shared_data, name, column, attribute):
    file = shared_data / "reference" / "multisyncpy_4sessions.csv"
    expected = pd.read_csv(file).set_index("session")[column][name]
    found = spectral_coherence(*motion(shared_data, name), rate_hz=25.0, segment_s=10.24)
    # Bin 0 of a segment around its mean is small, which costs it a few digits.
    np.testing.assert_allclose(getattr(found, attribute), expected, atol=1e-11)


def test_momentary_agreement_is_neurokit_s_hilbert_synchrony(shared_data):
    expected = pd.read_csv(shared_data / "reference" / "neurokit2_normal_200_1.csv.gz")
    # NeuroKit2 does not centre; its phases are those of the raw series.
    phases = np.angle(hilbert(motion(shared_data, "normal_200_1")))
    np.testing.assert_allclose(momentary_agreement(*phases), expected.nk_hilbert, atol=1e-12)


def test_the_windowed_correlation_at_lag_0_is_neurokit_s_rolling_correlation(shared_data):
    expected = pd.read_csv(shared_data / "reference" / "neurokit2_normal_200_1.csv.gz")
    found = correlation_matrix(
        *motion(shared_data, "normal_200_1"), rate_hz=25.0,
        windows=Windows(60.0, 0.04, 0.0), convention=CONVENTIONS["bowlby"],
    )  # fmt: skip
    # NeuroKit2 labels a window one sample after its middle and pads with the mean.
    inside = expected.nk_corr_w1500.to_numpy()[749 : 749 + len(found.r)]
    np.testing.assert_allclose(found.r[:, 0], inside, atol=1e-9)


def test_a_steady_lag_is_locked_and_its_lag_found():
    x, y = rhythm(8.0), rhythm(8.0, lag_s=1.5)
    found = PhaseLocking().estimate(x, y, rate_hz=10.0)
    np.testing.assert_allclose([found.value, found.peak_lag_s], [1.0, 1.5], atol=0.02)


def test_two_different_rhythms_are_not_locked():
    found = PhaseLocking().estimate(rhythm(8.0), rhythm(6.0), rate_hz=10.0)
    assert found.value < 0.05


def test_a_steady_lag_does_not_lower_the_circular_correlation():
    x, y = rhythm(8.0), rhythm(8.0, lag_s=3.0)
    np.testing.assert_allclose(
        CircularCorrelation().estimate(x, y, rate_hz=10.0).value, 1.0, atol=0.01
    )


def test_phases_that_turn_against_each_other_correlate_negatively():
    # Both phases swing about the carrier, in opposite directions.
    t = np.arange(3000) / 10.0
    swing = 2 * np.sin(2 * np.pi * t / 100)
    x = np.cos(2 * np.pi * t / 8 + swing)
    y = np.cos(2 * np.pi * t / 8 - swing)
    together = PhaseLocking().estimate(x, x, rate_hz=10.0).value
    assert PhaseLocking().estimate(x, y, rate_hz=10.0).value < 0.5 < together


def test_a_rhythm_outside_the_band_does_not_count():
    noise = 0.01 * np.random.default_rng(4).normal(size=(2, 3000))
    x, y = rhythm(60.0) + noise
    assert PhaseLocking().estimate(x, y, rate_hz=10.0).value < 0.3
    broadband = PhaseLocking(periods_s=None).estimate(x, y, rate_hz=10.0)
    np.testing.assert_allclose(broadband.value, 1.0, atol=0.01)


def test_an_epoch_with_a_gap_has_no_indices():
    x, y = np.random.default_rng(5).normal(size=(2, 600))
    x[250] = np.nan
    found = phase_indices(x, y, rate_hz=10.0, epoch_s=10.0)
    np.testing.assert_array_equal(np.isnan(found.coherence), [0, 0, 1, 0, 0, 0])


def test_an_epoch_longer_than_the_recording_says_so():
    with pytest.raises(ValueError, match="at most the recording's 50"):
        phase_indices(np.zeros(50), np.zeros(50), rate_hz=1.0, epoch_s=60.0)


@given(seed=st.integers(0, 2**16))
def test_every_index_keeps_its_bounds(seed):
    x, y = np.random.default_rng(seed).normal(size=(2, 200))
    found = phase_indices(x, y, rate_hz=10.0, epoch_s=5.0)
    values = np.array([getattr(found, name) for name in HYPYP.values()])
    assert (np.abs(values) <= 1 + 1e-12).all()


def test_coherence_without_two_whole_segments_says_what_to_change():
    with pytest.raises(ValueError, match="Use shorter segments"):
        spectral_coherence(np.zeros(100), np.zeros(100), rate_hz=10.0, segment_s=8.0)


def test_a_segment_that_touches_a_gap_is_left_out_of_coherence():
    x, y = np.random.default_rng(6).normal(size=(2, 400))
    whole = spectral_coherence(x[:300], y[:300], rate_hz=1.0, segment_s=20.0)
    x[300:] = np.nan
    with_gap = spectral_coherence(x, y, rate_hz=1.0, segment_s=20.0)
    np.testing.assert_allclose(with_gap.coherence, whole.coherence, rtol=1e-12)

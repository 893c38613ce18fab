"""Phase measures against laws, and against the saved outputs of hypyp, multiSyncPy, NeuroKit2.

Columns without a counterpart here: multiSyncPy's `symbolic_entropy` (entropy of tercile
patterns; it depends on each person's own course as much as on the pair), `sync_index_lag10`
and `sync_coef_1from2_lag10` (its driver and empath regressions; see `directed_influence` for
the definition used here).
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import hilbert

from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.phase import (
    CircularCorrelation,
    PhaseLocking,
    cluster_phase,
)
from bowlby.synchrony.windowed import correlation_matrix
from bowlby.synchrony.windows import Windows

SESSIONS = ["normal_200_1", "normal_201_1", "dropout_100_1", "dropout_101_1"]


def motion(folder, name):
    group, number, _ = name.split("_")
    path = folder / "rmea_psychotherapy_mea" / group / f"{number}_01.txt"
    return pd.read_csv(path, sep=r"\s+").to_numpy(float).T


def z_scored(series):
    return (series - series.mean(axis=-1, keepdims=True)) / series.std(axis=-1, keepdims=True)


def rhythm(period_s, *, lag_s=0.0, seconds=300, rate_hz=10.0):
    return np.sin(2 * np.pi * (np.arange(seconds * rate_hz) / rate_hz - lag_s) / period_s)


@pytest.mark.parametrize("name", SESSIONS)
def test_cluster_phase_is_multisyncpy_s_rho(shared_data, name):
    file = shared_data / "reference" / "multisyncpy_4sessions.csv"
    expected = pd.read_csv(file).set_index("session").rho_group[name]
    phases = np.angle(hilbert(z_scored(motion(shared_data, name))))
    np.testing.assert_allclose(cluster_phase(phases), expected, atol=1e-12)


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


def test_broadband_phase_locking_is_that_of_scipys_analytic_signal():
    x, y = np.random.default_rng(5).normal(size=(2, 600)).cumsum(axis=1)
    phases = np.angle(hilbert(z_scored(np.stack([x, y]))))[:, 25:-25]  # Without 2.5 s each end.
    expected = abs(np.exp(1j * (phases[0] - phases[1])).mean())
    found = PhaseLocking(periods_s=None, rate_hz_max=10.0).estimate(x, y, rate_hz=10.0)
    np.testing.assert_allclose(found.value, expected, rtol=1e-10)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**16), people=st.integers(2, 6))
def test_people_at_steady_distances_are_one_cluster(seed, people):
    rng = np.random.default_rng(seed)
    # Less than a quarter turn, so that their common phase is always one of theirs or between.
    distances, carrier = rng.uniform(0, 1.5, (people, 1)), rng.uniform(0, 6, 200).cumsum()
    np.testing.assert_allclose(cluster_phase(carrier + distances), 1.0, rtol=1e-9)


@pytest.mark.parametrize("people", [3, 6])
def test_unrelated_people_are_as_far_as_a_random_walk_of_as_many_steps(people):
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, (people, 20_000))
    walk = abs(
        np.exp(1j * np.random.default_rng(2).uniform(0, 2 * np.pi, phases.shape)).mean(0)
    )
    np.testing.assert_allclose(cluster_phase(phases), walk.mean(), atol=0.01)


def test_one_person_is_no_cluster():
    with pytest.raises(ValueError, match="two people or more"):
        cluster_phase(np.zeros((1, 10)))


def test_missing_phases_are_refused():
    with pytest.raises(ValueError, match="cut all people"):
        cluster_phase(np.array([[0.0, np.nan], [0.0, 1.0]]))

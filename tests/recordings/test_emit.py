"""Simulated bodies: what is planted can be found again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.recordings.emit import (
    coupled_states,
    emit_dyad,
    motion_energy,
    planted_follower,
    skin_conductance,
    with_artefacts,
    with_gap,
    write_mea,
    write_tidy,
)
from bowlby.recordings.emit.bodies import bateman
from bowlby.recordings.emit.states import bursting, latent_state
from bowlby.recordings.preparation import prepare
from bowlby.recordings.recording import Beats, RecordingError, Signal

# Kind emitted, pair it is found in, largest error of the lag (s): the slower the signal and
# the coarser its clock, the wider the peak.
FOUND_IN = [
    ("ibi", "ibi", 0.5),
    ("ecg", "ibi", 0.5),
    ("eda", "eda_phasic", 0.5),
    ("motion", "motion", 0.2),
    ("dial", "dial", 1.0),
    ("respiration", "respiration", 0.25),
]


def correlations(x, y, *, rate_hz, max_lag_s):
    """Pearson correlation of x(t) with y(t + lag) at every lag: the plain reference."""
    lags = np.arange(-round(max_lag_s * rate_hz), round(max_lag_s * rate_hz) + 1)
    r = []
    for lag in lags:
        first = x[max(-lag, 0) : len(x) - max(lag, 0)]
        second = y[max(lag, 0) : len(y) - max(-lag, 0)]
        is_there = np.isfinite(first) & np.isfinite(second)
        r.append(np.corrcoef(first[is_there], second[is_there])[0, 1])
    return lags / rate_hz, np.array(r)


def autocorrelation(values, lags):
    centred = values - values.mean()
    return np.array([np.mean(centred[:-lag] * centred[lag:]) for lag in lags]) / values.var()


def found(kind, name, *, lag_s, correlation=0.8, gap=None, duration_s=1200.0):
    recording = emit_dyad(
        duration_s=duration_s,
        lag_s=lag_s,
        correlation=correlation,
        kinds=(kind,),
        gap=gap,
        rng=np.random.default_rng(11),
    )
    (pair,) = prepare(recording, signals=[name])
    return correlations(pair.x, pair.y, rate_hz=pair.rate_hz, max_lag_s=6.0)


@pytest.mark.parametrize(("kind", "name", "error_s"), FOUND_IN)
def test_a_first_person_who_leads_is_found_at_a_positive_lag(kind, name, error_s):
    lags_s, r = found(kind, name, lag_s=2.0)
    assert abs(lags_s[r.argmax()] - 2.0) <= error_s


@pytest.mark.parametrize(("kind", "name", "error_s"), FOUND_IN)
def test_a_second_person_who_leads_is_found_at_a_negative_lag(kind, name, error_s):
    lags_s, r = found(kind, name, lag_s=-2.0)
    assert abs(lags_s[r.argmax()] + 2.0) <= error_s


@pytest.mark.parametrize(("kind", "name", "error_s"), FOUND_IN)
def test_a_pause_does_not_move_the_lag(kind, name, error_s):
    lags_s, r = found(kind, name, lag_s=2.0, gap=(500.0, 666.0))
    assert abs(lags_s[r.argmax()] - 2.0) <= error_s


@pytest.mark.parametrize(("kind", "name", "error_s"), FOUND_IN)
def test_bodies_weaken_the_planted_correlation_a_little(kind, name, error_s):
    lags_s, r = found(kind, name, lag_s=2.0)
    assert 0.55 < r[np.abs(lags_s - 2.0) <= error_s].max() < 0.9


@pytest.mark.parametrize(("kind", "name", "error_s"), FOUND_IN)
def test_without_coupling_there_is_little_correlation(kind, name, error_s):
    lags_s, r = found(kind, name, lag_s=0.0, correlation=0.0)
    assert np.abs(r[np.abs(lags_s) <= error_s]).max() < 0.25


def test_latent_states_have_variance_one_and_the_planted_correlation():
    x, y = coupled_states(
        20_000.0, 4.0, lag_s=3.0, correlation=-0.6, rng=np.random.default_rng(1)
    )
    # 20 000 s hold some 3000 independent values: standard error about 0.02.
    np.testing.assert_allclose([x.std(), y.std()], 1.0, atol=0.06)
    assert np.corrcoef(x[:-12], y[12:])[0, 1] == pytest.approx(-0.6, abs=0.06)


def test_a_perfect_follower_is_the_leader_later():
    x, y = coupled_states(600.0, 4.0, lag_s=1.5, correlation=1.0, rng=np.random.default_rng(1))
    np.testing.assert_allclose(y[6:], x[:-6], atol=1e-9)


def test_a_lag_need_not_be_a_whole_number_of_samples():
    options = {"correlation": 1.0, "spectrum": None}
    whole = coupled_states(600.0, 4.0, lag_s=1.0, rng=np.random.default_rng(1), **options)
    between = coupled_states(600.0, 4.0, lag_s=1.125, rng=np.random.default_rng(1), **options)
    np.testing.assert_allclose(whole[0][8:-8].std(), between[1][8:-8].std(), rtol=0.05)
    middle = 0.5 * (whole[1][8:-8] + whole[1][7:-9])
    assert np.corrcoef(between[1][8:-8], middle)[0, 1] > 0.999


def test_a_correlation_above_one_is_refused():
    with pytest.raises(ValueError, match=r"correlation=1\.2"):
        coupled_states(60.0, 4.0, lag_s=1.0, correlation=1.2, rng=np.random.default_rng(1))


def test_a_lag_longer_than_the_series_is_refused():
    with pytest.raises(ValueError, match=r"lag_s=80\.0"):
        coupled_states(60.0, 4.0, lag_s=80.0, correlation=0.2, rng=np.random.default_rng(1))


def test_the_same_seed_gives_the_same_dyad():
    options = {"duration_s": 60.0, "lag_s": 1.0, "correlation": 0.5}
    first, second = (emit_dyad(**options, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(
        first.second.signals["motion"].values, second.second.signals["motion"].values
    )
    np.testing.assert_array_equal(
        first.first.signals["ibi"].times_s, second.first.signals["ibi"].times_s
    )


def test_a_simulated_dyad_says_that_it_is_simulated():
    recording = emit_dyad(
        duration_s=60.0, lag_s=1.0, correlation=0.5, rng=np.random.default_rng(3)
    )
    assert recording.labels["origin"] == "simulated by bowlby"


def test_each_kind_can_have_its_own_lag():
    recording = emit_dyad(
        duration_s=1200.0,
        lag_s={"motion": 1.0, "respiration": -1.0},
        correlation=0.9,
        kinds=("motion", "respiration"),
        rng=np.random.default_rng(3),
    )
    motion, breath = prepare(recording)
    lags_s, r = correlations(motion.x, motion.y, rate_hz=25.0, max_lag_s=3.0)
    assert lags_s[r.argmax()] == pytest.approx(1.0, abs=0.2)
    lags_s, r = correlations(breath.x, breath.y, rate_hz=4.0, max_lag_s=3.0)
    assert lags_s[r.argmax()] == pytest.approx(-1.0, abs=0.25)


def test_an_unknown_kind_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"Cannot emit 'gaze'.*motion"):
        emit_dyad(
            duration_s=60.0,
            lag_s=1.0,
            correlation=0.5,
            kinds=("gaze",),
            rng=np.random.default_rng(3),
        )


def test_a_kind_without_a_lag_is_refused():
    with pytest.raises(ValueError, match="lag_s names no 'motion'"):
        emit_dyad(
            duration_s=60.0,
            lag_s={"dial": 1.0},
            correlation=0.5,
            kinds=("motion",),
            rng=np.random.default_rng(3),
        )


@pytest.fixture(scope="module")
def real_energy(shared_data):
    files = sorted((shared_data / "rmea_psychotherapy_mea").glob("*/*.txt"))
    return np.concatenate([np.loadtxt(file, skiprows=1).T for file in files])


@pytest.fixture(scope="module")
def simulated_energy():
    rng = np.random.default_rng(5)
    activation = latent_state(2400.0, 25.0, spectrum=bursting(), rng=rng)
    return motion_energy(activation, rate_hz=25.0, rng=rng).values


def test_motion_energy_is_whole_and_never_negative(simulated_energy):
    assert simulated_energy.min() == 0.0
    np.testing.assert_array_equal(simulated_energy, np.rint(simulated_energy))


@pytest.mark.parametrize("level", [0.5, 0.75, 0.9, 0.99, 0.999])
def test_motion_energy_has_quantiles_as_real_people(simulated_energy, real_energy, level):
    real = np.quantile(real_energy, level, axis=1)
    assert real.min() <= np.quantile(simulated_energy, level) <= real.max()


@pytest.mark.parametrize("lag", [1, 5, 12, 25, 50, 125])
def test_motion_energy_forgets_as_fast_as_real_people(simulated_energy, real_energy, lag):
    real = [autocorrelation(person, [lag])[0] for person in real_energy]
    assert min(real) <= autocorrelation(simulated_energy, [lag])[0] <= max(real)


def test_a_follower_has_the_leaders_values_in_another_order(simulated_energy):
    x = simulated_energy[:15_000]
    y = planted_follower(
        x, rate_hz=25.0, lag_s=1.0, correlation=0.4, rng=np.random.default_rng(2)
    )
    np.testing.assert_array_equal(np.sort(y), np.sort(x))


@pytest.mark.parametrize("lag_s", [-1.2, 0.0, 2.0])
@pytest.mark.parametrize("correlation", [0.1, 0.5])
def test_a_follower_has_the_planted_correlation(simulated_energy, lag_s, correlation):
    x = simulated_energy[:15_000]
    y = planted_follower(
        x, rate_hz=25.0, lag_s=lag_s, correlation=correlation, rng=np.random.default_rng(2)
    )
    lags_s, r = correlations(x, y, rate_hz=25.0, max_lag_s=3.0)
    assert r[np.abs(lags_s - lag_s).argmin()] == pytest.approx(correlation, abs=0.01)


def test_a_follower_follows(simulated_energy):
    x = simulated_energy[:15_000]
    y = planted_follower(
        x, rate_hz=25.0, lag_s=2.0, correlation=0.6, rng=np.random.default_rng(2)
    )
    lags_s, r = correlations(x, y, rate_hz=25.0, max_lag_s=4.0)
    assert lags_s[r.argmax()] == pytest.approx(2.0, abs=0.2)


def test_a_follower_of_a_real_person_is_as_persistent(real_energy):
    x = real_energy[0]
    y = planted_follower(
        x, rate_hz=25.0, lag_s=2.0, correlation=0.3, rng=np.random.default_rng(2)
    )
    lags = [1, 5, 12, 25]
    np.testing.assert_allclose(autocorrelation(y, lags), autocorrelation(x, lags), atol=0.15)


def test_a_follower_is_missing_where_the_leader_is(simulated_energy):
    x = simulated_energy[:15_000].copy()
    x[3000:4000] = np.nan
    y = planted_follower(
        x, rate_hz=25.0, lag_s=1.0, correlation=0.4, rng=np.random.default_rng(2)
    )
    np.testing.assert_array_equal(np.isnan(y), np.isnan(x))


def test_a_correlation_out_of_reach_names_what_is_within(simulated_energy):
    with pytest.raises(ValueError, match=r"correlation=-0\.9 cannot be reached"):
        planted_follower(
            simulated_energy[:5000],
            rate_hz=25.0,
            lag_s=1.0,
            correlation=-0.9,
            rng=np.random.default_rng(2),
        )


def test_nobody_can_follow_a_constant():
    with pytest.raises(ValueError, match="series that varies"):
        planted_follower(
            np.ones(100), rate_hz=25.0, lag_s=1.0, correlation=0.1, rng=np.random.default_rng(2)
        )


def test_a_response_rises_and_decays_as_the_bateman_function():
    # The maximum of exp(-t/2) - exp(-t/0.75) lies at ln(2/0.75) / (1/0.75 - 1/2) s.
    peak_s = np.log(2.0 / 0.75) / (1.0 / 0.75 - 1.0 / 2.0)
    assert bateman(1000.0).argmax() / 1000.0 == pytest.approx(peak_s, abs=0.001)


def test_arousal_raises_skin_conductance_afterwards():
    arousal = np.zeros(400)
    arousal[100:104] = 3.0
    options = {"rate_hz": 4.0, "drift_us": 0.0, "noise_us": 0.0}
    eda = skin_conductance(arousal, rng=np.random.default_rng(1), **options)
    assert 0.5 <= eda.values.argmax() / 4.0 - 25.0 <= 3.0


@given(start_s=st.floats(0.0, 50.0), length_s=st.floats(0.1, 40.0))
def test_a_gap_leaves_no_sample_inside_and_all_outside(start_s, length_s):
    signal = with_gap(Signal("dial", np.ones(400), 4.0), start_s, start_s + length_s)
    times_s = np.arange(400) / 4.0
    is_inside = (times_s >= start_s) & (times_s < start_s + length_s)
    np.testing.assert_array_equal(np.isnan(signal.values), is_inside)


def test_a_gap_leaves_no_interval_that_reaches_into_it():
    beats = Beats(np.arange(1.0, 100.0), np.full(99, 1000.0))
    times_s = with_gap(beats, 20.5, 30.5).times_s
    np.testing.assert_array_equal(times_s, np.r_[np.arange(1.0, 21.0), np.arange(32.0, 100.0)])


def test_artefacts_are_spikes():
    signal = Signal("motion", np.random.default_rng(1).normal(size=10_000), 25.0)
    spoilt = with_artefacts(signal, share=0.01, rng=np.random.default_rng(2))
    assert 60 <= np.sum(spoilt.values > 10.0) <= 140


def test_missed_beats_join_intervals():
    beats = Beats(np.arange(1.0, 1001.0), np.full(1000, 1000.0))
    spoilt = with_artefacts(beats, share=0.05, rng=np.random.default_rng(2))
    np.testing.assert_allclose(np.diff(spoilt.times_s) * 1000.0, spoilt.ibi_ms[1:])
    assert spoilt.ibi_ms.max() >= 2000.0


def test_a_tidy_table_holds_every_sample(tmp_path):
    recording = emit_dyad(
        duration_s=60.0,
        lag_s=1.0,
        correlation=0.5,
        gap=(20.0, 30.0),
        rng=np.random.default_rng(3),
    )
    table = pd.read_csv(write_tidy(recording, tmp_path / "dyad.csv"))
    assert list(table.columns) == ["person", "time", "signal", "value"]
    rows = table[(table.person == "therapist") & (table.signal == "eda")]
    values = recording.second.signals["eda"].values
    np.testing.assert_allclose(rows.value, values, rtol=1e-5)
    np.testing.assert_allclose(rows.time, np.arange(240) / 4.0, atol=1e-9)


def test_a_tidy_table_holds_each_interval_at_its_beat(tmp_path):
    recording = emit_dyad(
        duration_s=60.0,
        lag_s=1.0,
        correlation=0.5,
        kinds=("ibi",),
        rng=np.random.default_rng(3),
    )
    table = pd.read_csv(write_tidy(recording, tmp_path / "dyad.csv"))
    rows = table[table.person == "client"]
    beats = recording.first.signals["ibi"]
    np.testing.assert_allclose(rows.time, beats.times_s, atol=1e-6)
    np.testing.assert_allclose(rows.value, beats.ibi_ms, rtol=1e-5)


def test_a_motion_file_has_two_columns_under_the_roles(tmp_path):
    recording = emit_dyad(
        duration_s=60.0,
        lag_s=1.0,
        correlation=0.5,
        kinds=("motion",),
        gap=(20.0, 30.0),
        rng=np.random.default_rng(3),
    )
    path = write_mea(recording, tmp_path / "dyad.txt")
    table = pd.read_csv(path, sep=" ")
    assert list(table.columns) == ["client", "therapist"]
    np.testing.assert_array_equal(table.client, recording.first.signals["motion"].values)


def test_a_recording_without_motion_makes_no_motion_file(tmp_path):
    recording = emit_dyad(
        duration_s=60.0,
        lag_s=1.0,
        correlation=0.5,
        kinds=("ibi",),
        rng=np.random.default_rng(3),
    )
    with pytest.raises(RecordingError, match=r"need samples named 'motion'.*share ibi"):
        write_mea(recording, tmp_path / "dyad.txt")

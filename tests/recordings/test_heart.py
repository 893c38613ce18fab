"""Beats found, corrected, put on a clock; RSA."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.recordings.emit import ecg, emit_dyad, inter_beat_intervals, with_gap
from bowlby.recordings.emit.heart import beat_times
from bowlby.recordings.preparation import prepare
from bowlby.recordings.preparation.heart import (
    INFANT_BAND_HZ,
    correct_beats,
    find_beats,
    heart_pairs,
    ibi_at,
    interval_between_beats,
    respiratory_sinus_arrhythmia,
)
from bowlby.recordings.recording import Beats, RecordingError, Signal

ROLES = ("client", "therapist")


def steady_beats(count=400, wave_ms=40.0):
    ibi = 850.0 + wave_ms * np.sin(np.arange(count) * 0.4)
    return Beats(np.cumsum(ibi) / 1000.0, ibi)


def emitted(duration_s=120.0, seed=1):
    rng = np.random.default_rng(seed)
    return inter_beat_intervals(np.zeros(round(duration_s * 20)), rate_hz=20.0, rng=rng)


def without_beats(beats, indices):
    """Beats a detector overlooked: their interval joins the next."""
    times = np.delete(beats.times_s, indices)
    return Beats(times, np.diff(times, prepend=beats.times_s[0] - beats.ibi_ms[0] / 1e3) * 1e3)


def pairs(first, second, **options):
    options = {"roles": ROLES, "where": "dyad, ecg", "names": ("ibi", "rsa")} | options
    return heart_pairs(first, second, **options)


@pytest.mark.parametrize("rate_hz", [125.0, 250.0, 499.7])
def test_beats_of_an_ecg_stand_where_they_were_put(rate_hz):
    beats = emitted()
    wave = ecg(beats, duration_s=120.0, rate_hz=rate_hz, rng=np.random.default_rng(2))
    found = find_beats(wave)
    planted = beat_times(beats)
    planted = planted[(planted > 1.0) & (planted < 119.0)]
    error_s = np.abs(found.times_s[:, None] - planted).min(axis=0)
    assert np.mean(error_s < 0.02) > 0.99


def test_refined_peaks_are_finer_than_the_samples():
    beats = emitted()
    wave = ecg(beats, duration_s=120.0, rate_hz=125.0, rng=np.random.default_rng(2))
    found = find_beats(wave)
    error_s = (found.times_s[:, None] - beat_times(beats))[
        np.arange(len(found.times_s)),
        np.abs(found.times_s[:, None] - beat_times(beats)).argmin(axis=1),
    ]
    # Rounding to 8 ms samples alone would leave 2.3 ms.
    assert np.std(error_s) < 0.0015


def test_a_pause_in_an_ecg_is_never_an_interval():
    wave = ecg(emitted(), duration_s=120.0, rate_hz=250.0, rng=np.random.default_rng(2))
    found = find_beats(with_gap(wave, 50.0, 70.0))
    assert found.ibi_ms.max() < 1200.0
    assert not np.any((found.times_s > 50.0) & (found.times_s < 70.0))


def test_the_pulse_wave_gives_beats_as_well():
    beats = emitted()
    time_s = np.arange(120 * 64) / 64.0
    wave = sum(np.exp(-0.5 * ((time_s - at - 0.25) / 0.1) ** 2) for at in beat_times(beats))
    found = find_beats(Signal("ppg", wave, 64.0))
    middle = found.ibi_ms[5:-5]
    assert np.median(middle) == pytest.approx(np.median(beats.ibi_ms), rel=0.02)


def test_a_flat_ecg_says_what_to_check():
    flat = Signal("ecg", np.zeros(30_000), 250.0)
    with pytest.raises(RecordingError, match=r"no heartbeats were found in client.*electrodes"):
        pairs(flat, flat)


def test_steady_beats_are_left_alone():
    beats = steady_beats()
    fixed = correct_beats(beats)
    assert fixed.n_corrected == 0
    np.testing.assert_array_equal(fixed.beats.ibi_ms, beats.ibi_ms)
    np.testing.assert_array_equal(fixed.beats.times_s, beats.times_s)


def test_overlooked_beats_are_put_back():
    beats = steady_beats()
    fixed = correct_beats(without_beats(beats, [100, 180, 250]))
    assert len(fixed.beats.times_s) == 400
    assert fixed.n_corrected == 6
    assert fixed.beats.ibi_ms.max() < 1000.0


def test_correction_changes_no_interval_but_the_spoilt_ones():
    beats = steady_beats()
    fixed = correct_beats(without_beats(beats, [100, 180, 250]))
    is_same = np.isclose(fixed.beats.ibi_ms, beats.ibi_ms, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(np.flatnonzero(~is_same), [100, 101, 180, 181, 250, 251])


def test_correction_never_bridges_a_pause():
    beats = with_gap(steady_beats(), 100.0, 200.0)
    fixed = correct_beats(beats)
    np.testing.assert_array_equal(fixed.beats.times_s, beats.times_s)


def test_an_interval_as_long_as_a_pause_is_a_pause():
    ibi = steady_beats().ibi_ms.copy()
    ibi[200] = 166_000.0
    beats = Beats(np.cumsum(ibi) / 1000.0, ibi)
    fixed = correct_beats(beats)
    pause = beats.times_s[199] + 0.1, beats.times_s[200] - 0.1
    values = ibi_at(fixed.beats, np.linspace(*pause, 100))
    assert np.isnan(values).all()
    assert fixed.beats.ibi_ms.max() < 1000.0


def test_too_few_beats_to_judge_are_left_as_recorded():
    fixed = correct_beats(steady_beats(6))
    assert (fixed.n_unchecked, fixed.n_corrected) == (6, 0)


def test_many_corrections_ask_to_check_the_recording():
    ibi = steady_beats().ibi_ms.copy()
    ibi[20:380:4] -= 250.0
    ibi[21:380:4] += 250.0
    spoilt = Beats(np.cumsum(ibi) / 1000.0, ibi)
    made, _ = pairs(spoilt, steady_beats())
    assert any("intervals of client had to be corrected: check" in step for step in made.steps)
    assert not any("intervals of therapist had" in step for step in made.steps)


def test_the_number_of_corrections_is_told():
    made, _ = pairs(without_beats(steady_beats(), [100]), steady_beats())
    assert made.steps[0].startswith("2 of 399 intervals corrected in client (Lipponen")


def test_intervals_between_beats_follow_the_curve():
    beats = steady_beats(wave_ms=0.0)
    middle_s = beats.times_s - 0.425
    slow = Beats(beats.times_s, 850.0 + 50.0 * np.sin(2 * np.pi * 0.05 * middle_s))
    times_s = np.arange(20.0, 300.0, 0.25)
    expected = 850.0 + 50.0 * np.sin(2 * np.pi * 0.05 * times_s)
    # The monotone cubic cuts crests by up to half a millisecond at this slope.
    np.testing.assert_allclose(ibi_at(slow, times_s), expected, atol=1.0)


@pytest.mark.parametrize("means_ms", [(800.0, 800.0), (1000.0, 600.0), (450.0, 850.0)])
def test_two_hearts_modulated_at_the_same_moment_meet_at_lag_0(means_ms):
    rng = np.random.default_rng(4)
    fs, n = 200, 600 * 200
    common = np.convolve(rng.standard_normal(n + 599), np.hanning(600), "valid")
    common *= 0.06 / common.std()

    def beats(mean_ms):
        phase = np.cumsum((1 + common) / (mean_ms / 1e3)) / fs
        at = np.interp(np.arange(1, int(phase[-1])), phase, np.arange(n) / fs)
        return Beats(at[1:], np.diff(at) * 1e3)

    times_s = np.arange(5.0, 590.0, 0.05)
    x, y = (ibi_at(beats(mean), times_s) for mean in means_ms)
    lags = np.arange(-20, 21)
    r = [np.corrcoef(x[50:-50], np.roll(y, -k)[50:-50])[0, 1] for k in lags]
    assert abs(lags[np.argmax(r)] * 0.05) <= 0.05


@given(start_s=st.floats(20.0, 200.0), length_s=st.floats(5.0, 100.0))
def test_nothing_is_invented_inside_a_pause(start_s, length_s):
    beats = with_gap(steady_beats(), start_s, start_s + length_s)
    inside = np.linspace(start_s, start_s + length_s, 50)
    last = beats.times_s[beats.times_s < start_s][-1]
    first = beats.times_s[beats.times_s > start_s][0]
    inside = inside[(inside > last) & (inside < first)]
    assert np.isnan(ibi_at(beats, inside)).all()


def test_a_single_spoilt_interval_is_bridged():
    ibi = steady_beats().ibi_ms.copy()
    ibi[100] = np.nan
    beats = Beats(steady_beats().times_s, ibi)
    times_s = np.arange(beats.times_s[98], beats.times_s[103], 0.25)
    assert np.isfinite(ibi_at(beats, times_s)).all()


def test_a_pause_of_both_recorders_does_not_raise_the_correlation():
    rng_options = {"duration_s": 900.0, "lag_s": 0.0, "correlation": 0.6, "kinds": ("ibi",)}
    whole = emit_dyad(**rng_options, rng=np.random.default_rng(5))
    paused = emit_dyad(**rng_options, gap=(300.0, 466.0), rng=np.random.default_rng(5))
    (reference,) = prepare(whole, signals=["ibi"])
    (made,) = prepare(paused, signals=["ibi"])
    is_there = np.isfinite(made.x) & np.isfinite(made.y)
    times_s = made.start_s + np.arange(len(made.x)) / made.rate_hz
    assert not is_there[(times_s > 300.0) & (times_s < 466.0)].any()
    shift = round((made.start_s - reference.start_s) * 4.0)
    count = len(made.x)
    expected = np.corrcoef(
        reference.x[shift : shift + count][is_there],
        reference.y[shift : shift + count][is_there],
    )[0, 1]
    # Beats next to the pause may be corrected differently.
    assert np.corrcoef(made.x[is_there], made.y[is_there])[0, 1] == pytest.approx(
        expected, abs=0.01
    )


def test_rsa_of_a_breathing_wave_is_the_log_of_its_variance():
    time_s = np.arange(2400) / 4.0
    ibi = 850.0 + 30.0 * np.sin(2 * np.pi * 0.25 * time_s)
    rsa = respiratory_sinus_arrhythmia(ibi, rate_hz=4.0)
    np.testing.assert_allclose(rsa[200:-200], np.log(30.0**2 / 2.0), atol=0.05)


@pytest.mark.parametrize("mean_ms", [600.0, 900.0, 1100.0])
@pytest.mark.parametrize("breaths_hz", [0.2, 0.3])
def test_a_slow_heart_shows_as_much_rsa_as_a_fast_one(mean_ms, breaths_hz):
    # Integral pulse frequency model; intervals by themselves lose up to .86.
    time_s = np.arange(300 * 500) / 500.0
    rate = (1 + 0.04 * np.cos(2 * np.pi * breaths_hz * time_s)) * 1000.0 / mean_ms
    count = np.cumsum(rate) / 500.0
    at_s = np.interp(np.arange(1, int(count[-1])), count, time_s)
    beats = Beats(at_s[1:], np.diff(at_s) * 1000.0)
    interval = interval_between_beats(beats, np.arange(10.0, 280.0, 0.25))
    rsa = respiratory_sinus_arrhythmia(interval, rate_hz=4.0)
    assert np.nanmean(rsa) == pytest.approx(np.log((0.04 * mean_ms) ** 2 / 2), abs=0.15)


@pytest.mark.parametrize("edge_hz", [0.12, 0.40])
def test_half_of_the_power_passes_at_the_edges_of_the_band(edge_hz):
    ibi = 850.0 + 30.0 * np.sin(2 * np.pi * edge_hz * np.arange(4800) / 4.0)
    rsa = respiratory_sinus_arrhythmia(ibi, rate_hz=4.0)
    assert np.nanmean(rsa[400:-400]) == pytest.approx(np.log(30.0**2 / 4), abs=0.1)


def test_the_interval_is_missing_in_a_hole():
    gappy = with_gap(steady_beats(), 100.0, 130.0)
    interval = interval_between_beats(gappy, np.arange(105.0, 125.0, 0.25))
    assert np.isnan(interval).all()


def test_a_heart_too_slow_for_its_band_is_told():
    ibi = np.full(400, 1500.0) + 30 * np.sin(np.arange(400))
    slow = Beats(np.cumsum(ibi) / 1000.0, ibi)
    _, rsa = pairs(slow, slow)
    assert any("too slow to show breathing above 0.33 Hz" in step for step in rsa.steps)


def test_an_ecg_against_a_pulse_wave_tells_the_delay_and_names_no_leader():
    beats = emitted()
    wave = ecg(beats, duration_s=120.0, rate_hz=250.0, rng=np.random.default_rng(2))
    time_s = np.arange(120 * 64) / 64.0
    pulse = sum(np.exp(-0.5 * ((time_s - at - 0.25) / 0.1) ** 2) for at in beat_times(beats))
    made = pairs(wave, Signal("ppg", pulse, 64.0))
    for pair in made:
        assert pair.start_uncertainty_s > 1 / 4.0
        assert any("pulse" in step and "no leader" in step for step in pair.steps)
    assert pairs(wave, wave)[0].start_uncertainty_s == 0.0


def test_slow_changes_are_no_rsa():
    time_s = np.arange(2400) / 4.0
    ibi = 850.0 + 30.0 * np.sin(2 * np.pi * 0.03 * time_s)
    rsa = respiratory_sinus_arrhythmia(ibi, rate_hz=4.0)
    assert np.nanmax(rsa[200:-200]) < np.log(30.0**2 / 2.0) - 6.0


def test_an_infant_breathes_faster():
    time_s = np.arange(2400) / 4.0
    ibi = 430.0 + 10.0 * np.sin(2 * np.pi * 0.7 * time_s)
    rsa = respiratory_sinus_arrhythmia(ibi, rate_hz=4.0, band_hz=INFANT_BAND_HZ)
    np.testing.assert_allclose(rsa[200:-200], np.log(10.0**2 / 2.0), atol=0.05)


def test_rsa_needs_a_whole_window_on_one_side_of_a_pause():
    time_s = np.arange(2400) / 4.0
    ibi = 850.0 + 30.0 * np.sin(2 * np.pi * 0.25 * time_s)
    ibi[1200] = np.nan
    rsa = respiratory_sinus_arrhythmia(ibi, rate_hz=4.0)
    np.testing.assert_array_equal(
        np.flatnonzero(np.isnan(rsa)),
        np.concatenate((np.arange(30), np.arange(1170, 1231), np.arange(2370, 2400))),
    )


def test_the_infants_role_chooses_the_infants_band():
    _, rsa = pairs(steady_beats(), steady_beats(), roles=("infant", "mother"))
    assert "between 0.24 and 1.04 Hz in infant, 0.12 and 0.4 Hz in mother" in rsa.steps[-1]


def test_a_band_can_be_given():
    _, rsa = pairs(steady_beats(), steady_beats(), bands_hz=((0.2, 0.9), (0.2, 0.9)))
    assert "between 0.2 and 0.9 Hz in client" in rsa.steps[-1]


def test_an_ecg_can_be_compared_with_a_list_of_beats():
    beats = emitted()
    wave = ecg(beats, duration_s=120.0, rate_hz=250.0, rng=np.random.default_rng(2))
    made, _ = pairs(wave, beats)
    is_there = np.isfinite(made.x) & np.isfinite(made.y)
    assert np.corrcoef(made.x[is_there], made.y[is_there])[0, 1] > 0.97


def test_hearts_recorded_at_different_times_are_told():
    late = Beats(steady_beats().times_s + 1000.0, steady_beats().ibi_ms)
    with pytest.raises(RecordingError, match="not recorded at the same time"):
        pairs(steady_beats(), late)

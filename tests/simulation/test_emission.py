"""Emitted sessions: what is planted into simulated bodies is found by the measuring code."""

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson
from scipy.stats import binom

from bowlby.recordings.emit import coupled_states, inter_beat_intervals
from bowlby.recordings.emit.heart import beat_times
from bowlby.recordings.emit.states import drifting
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.preparation import prepare
from bowlby.recordings.reading import read_all
from bowlby.simulation import emission
from bowlby.simulation.emission import (
    KINDS,
    breaths,
    emit_session,
    fast_arousal,
    synchrony_readouts,
    write_sessions,
)
from bowlby.synchrony.measuring import Settings
from bowlby.theory.entrainment import Entrainment

SETTINGS = Settings(surrogates=49, lag_step_s=0.25)
SIGNALS = ("ibi", "eda_phasic", "respiration", "motion", "dial")


def ordinary(seconds, rng):
    """Arousal of two unrelated people: recovery in 60 s, noise 0.06 per root second."""
    kept = np.exp(-1.0 / 60.0)
    arousal = np.zeros((seconds, 2))
    for t in range(1, seconds):
        arousal[t] = kept * arousal[t - 1] + 0.06 * rng.standard_normal(2)
    return 0.5 + arousal


def session(seed, *, arousal=None, seconds=1200, **options):
    rng = np.random.default_rng(seed)
    arousal = ordinary(seconds, rng) if arousal is None else arousal
    full = np.ones(len(arousal))
    return emit_session(arousal, full, full, rng=rng, name=f"s{seed}", **options)


def constant(level, seconds=600):
    return np.full((seconds, 2), float(level))


def led(seed, *, lag_s, seconds=1800):
    """A session whose second person's slow arousal follows the first's."""
    rng = np.random.default_rng(1000 + seed)
    arousal = np.stack(
        coupled_states(
            seconds, 1.0, lag_s=lag_s, correlation=0.9, rng=rng, spectrum=drifting(4.0)
        ),
        axis=1,
    )
    return session(
        seed, arousal=arousal, fast_coupling=0.0, kinds=("ibi", "eda", "motion", "dial")
    )


# The fast part


def plain_step(own, other_before, pull, noise, *, dt_s):
    """The entrained process's exact step, as it stands in the law's docstring."""
    law = Entrainment()
    rate = 1.0 / law.forgetting_s + pull
    kept = np.exp(-rate * dt_s)
    spread = np.sqrt((1.0 - kept**2) / (rate * law.forgetting_s))
    return own * kept + pull / rate * other_before * (1.0 - kept) + spread * noise


def test_fast_arousal_is_the_law_step_by_step():
    pulls = np.random.default_rng(1).uniform(size=(12, 2))
    ours = fast_arousal(pulls, Entrainment(), rng=np.random.default_rng(2))
    noise = np.random.default_rng(2).standard_normal((121, 2))
    states = [noise[0]]
    for t in range(119):
        before = states[max(t - 4, 0)][::-1]
        states.append(plain_step(states[t], before, pulls[t // 10], noise[t + 1], dt_s=0.1))
    np.testing.assert_allclose(ours, states, rtol=0, atol=1e-12)


def cross_covariance(x, y, steps):
    return np.array([np.mean(x[: len(x) - k] * y[k:]) for k in steps])


def test_alone_fast_arousal_forgets_itself_exponentially():
    fast = fast_arousal(np.zeros((40000, 2)), Entrainment(), rng=np.random.default_rng(3))
    steps = np.arange(0, 100, 5)
    found = cross_covariance(fast[:, 0], fast[:, 0], steps)
    # 13 000 time constants: a standard error of about 0.012.
    np.testing.assert_allclose(found, np.exp(-steps / 30.0), rtol=0, atol=0.05)


def test_alone_fast_arousals_are_unrelated():
    fast = fast_arousal(np.zeros((40000, 2)), Entrainment(), rng=np.random.default_rng(4))
    found = cross_covariance(fast[:, 0], fast[:, 1], np.arange(0, 100, 5))
    np.testing.assert_allclose(found, 0.0, rtol=0, atol=0.05)


def test_a_follower_covaries_with_the_leader_as_the_law_says():
    """Response s e^(-bt), b = a + s, after the latency, to input of covariance e^(-a|t|)."""
    pulls = np.tile([0.0, 1.0], (40000, 1))
    fast = fast_arousal(pulls, Entrainment(), rng=np.random.default_rng(5))
    steps = np.arange(0, 80)
    a, s, b = 1 / 3, 1.0, 4 / 3
    after = steps / 10 - 0.4
    late = np.maximum(after, 0.0)
    expected = np.where(
        after < 0,
        s / (a + b) * np.exp(a * after),
        np.exp(-a * late) - np.exp(-b * late) + s / (a + b) * np.exp(-b * late),
    )
    found = cross_covariance(fast[:, 0], fast[:, 1], steps)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.05)
    # Its peak lies ln(2b / (2a + s)) / s after the latency, at 0.87 s.
    assert abs(steps[np.argmax(found)] / 10 - 0.87) <= 0.2


def test_breathing_has_its_rhythm_and_arousal_quickens_it():
    arousal = np.tile([0.0, 2.0], (8000, 1))
    breath = breaths(np.zeros((8000, 2)), arousal, Entrainment(), rng=np.random.default_rng(6))
    power = np.abs(np.fft.rfft(breath, axis=0)) ** 2
    hz = np.fft.rfftfreq(len(breath), 0.1)
    near = (hz > 0.15) & (hz < 0.45)
    centre_hz = (hz[near, None] * power[near]).sum(0) / power[near].sum(0)
    # The line is 0.05 Hz wide and its tails are cut unevenly.
    np.testing.assert_allclose(centre_hz, (0.25, 0.33), rtol=0, atol=0.02)
    np.testing.assert_allclose(breath.var(axis=0), 1.0, rtol=0, atol=0.12)


# Bodies


def test_beats_under_constant_arousal_come_at_the_exact_interval():
    beats = inter_beat_intervals(
        np.full(12000, 1.2), rate_hz=20.0, rng=np.random.default_rng(7),
        breath=np.zeros(12000), jitter_ms=0.0,
    )  # fmt: skip
    at_s = beat_times(beats)
    expected = at_s[0] + 0.79 * np.arange(len(at_s))
    np.testing.assert_allclose(at_s, expected, rtol=0, atol=1e-6)


def test_beats_of_a_breathing_person_come_when_the_integral_is_whole():
    """At the rate of emission, to 1 ms; the reference integrates on a clock of 1 ms."""
    rate_hz = emission.HEART_HZ
    clock_s = np.arange(0, 600, 1 / rate_hz)
    breath = np.sqrt(2) * np.sin(2 * np.pi * 0.25 * clock_s)
    beats = inter_beat_intervals(
        np.full(len(clock_s), 1.2), rate_hz=rate_hz, rng=np.random.default_rng(8),
        breath=breath, jitter_ms=0.0,
    )  # fmt: skip
    fine_s = np.arange(0, 600, 1e-3)
    rate = 1 / (0.79 + 0.02 * np.sqrt(2) * np.sin(2 * np.pi * 0.25 * fine_s))
    phase = cumulative_simpson(rate, x=fine_s, initial=0)
    at_s = beat_times(beats)
    found = np.interp(at_s, fine_s, phase)
    expected_s = np.interp(found[0] + np.arange(len(at_s)), phase, fine_s)
    np.testing.assert_allclose(at_s, expected_s, rtol=0, atol=1e-3)


def test_arousal_shortens_the_interval_by_75_ms_a_unit():
    calm, upset = (session(9, arousal=constant(level), kinds=("ibi",)) for level in (0, 2))
    means = [np.mean(r.first.signals["ibi"].ibi_ms) for r in (calm, upset)]
    # Mean of intervals, not of rate: fast arousal of 50 ms makes it up to 5 ms shorter.
    np.testing.assert_allclose(means, (850.0, 700.0), rtol=0, atol=15.0)


@pytest.mark.parametrize(
    ("kind", "direction"), [("eda", 1), ("motion", 1), ("dial", -1)], ids=str
)
def test_levels_tell_arousal_apart(kind, direction):
    calm, upset = (session(10, arousal=constant(level), kinds=(kind,)) for level in (0, 2))
    low, high = (r.first.signals[kind].values for r in (calm, upset))
    assert direction * (high.mean() - low.mean()) > low.std()


def test_hypo_arousal_feels_as_bad_as_hyper_arousal():
    low, high = (session(11, arousal=constant(level), kinds=("dial",)) for level in (-2, 2))
    np.testing.assert_array_equal(
        low.first.signals["dial"].values, high.first.signals["dial"].values
    )


def test_arousal_withdraws_the_vagal_brake():
    def rsa(level):
        recording = session(12, arousal=constant(level), kinds=("ibi",))
        return np.nanmean(prepare(recording, signals=("rsa",))[0].x)

    # ln of a variance falls by 2 * 0.35 a unit; fast arousal in the band dilutes it.
    assert rsa(0) - rsa(2) > 0.3


def test_an_ecg_shows_the_same_heart():
    recording = session(13, arousal=constant(0.5, 120), kinds=("ibi", "ecg"), noise=0.0)
    signal, beats = (recording.first.signals[kind] for kind in ("ecg", "ibi"))
    at = np.rint(beats.times_s[:-1] * signal.rate_hz).astype(int)
    # R peaks are 1 mV high; a sample may lie 2 ms beside the peak.
    np.testing.assert_allclose(signal.values[at], 1.0, rtol=0, atol=0.1)


# Requests


def test_leaving_out_a_kind_changes_no_other():
    every = session(14, seconds=300, kinds=KINDS, artefacts=0.01)
    few = session(14, seconds=300, kinds=("motion", "eda"), artefacts=0.01)
    np.testing.assert_array_equal(
        few.second.signals["eda"].values, every.second.signals["eda"].values
    )


def test_same_generator_same_session():
    first, again = (session(15, seconds=300) for _ in range(2))
    np.testing.assert_array_equal(
        first.second.signals["ibi"].ibi_ms, again.second.signals["ibi"].ibi_ms
    )


def test_contact_may_be_given_by_tick():
    arousal = constant(0.5, 300)
    by_tick = np.random.default_rng(16).uniform(size=30)
    recordings = [
        emit_session(
            arousal, contact, np.ones(300), rng=np.random.default_rng(17), kinds=("motion",)
        )
        for contact in (by_tick, np.repeat(by_tick, 10))
    ]
    x, y = (r.first.signals["motion"].values for r in recordings)
    np.testing.assert_array_equal(x, y)


def emitted(kind, contact=1.0, attention=1.0, **options):
    """A signal of both, of one hour of two people."""
    ones = np.ones(300)
    recording = emit_session(
        constant(0.5, 300), contact * ones, attention * ones[:, None] * np.ones(2),
        rng=np.random.default_rng(18), kinds=(kind,), **options,
    )  # fmt: skip
    return [person.signals[kind].values for person in (recording.first, recording.second)]


@pytest.mark.parametrize(("contact", "attention"), [(0.0, 1.0), (1.0, 0.0)])
def test_without_contact_or_attention_bodies_are_not_entrained(contact, attention):
    np.testing.assert_array_equal(
        emitted("eda", contact, attention), emitted("eda", fast_coupling=0.0)
    )


def test_movement_is_mimicked_without_attention_and_not_without_contact():
    near, off = emitted("motion"), emitted("motion", fast_coupling=0.0)
    np.testing.assert_array_equal(emitted("motion", attention=0.0), near)
    np.testing.assert_array_equal(emitted("motion", contact=0.0), off)
    assert not np.array_equal(near, off)


def test_who_attends_follows_and_who_does_not_moves_alone():
    one, other = emitted("eda", attention=np.array([0.0, 1.0]))
    alone = emitted("eda", fast_coupling=0.0)
    follower = emitted("eda", fast_coupling=(0.0, 1.0))
    np.testing.assert_array_equal(one, alone[0])
    np.testing.assert_array_equal(other, follower[1])
    assert not np.array_equal(other, alone[1])


def test_one_attention_is_that_of_both():
    ones, half = np.ones(300), np.full(300, 0.5)
    arousal = constant(0.5, 300)
    both = [
        emit_session(arousal, ones, a, rng=np.random.default_rng(3), kinds=("eda",))
        for a in (half, np.stack([half, half], axis=1))
    ]
    x, y = (recording.second.signals["eda"].values for recording in both)
    np.testing.assert_array_equal(x, y)


def test_attention_of_three_is_refused():
    with pytest.raises(ValueError, match=r"attention has shape \(300, 3\); give one column"):
        emit_session(
            constant(0.5, 300), np.ones(300), np.ones((300, 3)), rng=np.random.default_rng(4)
        )


def test_attention_beyond_full_is_refused():
    with pytest.raises(ValueError, match="attention must lie between 0 and 1"):
        emitted("eda", attention=np.array([0.5, 1.5]))


def test_a_gap_holds_no_samples_and_no_beats():
    recording = session(19, seconds=600, gap=(200.0, 260.0))
    motion, beats = (recording.first.signals[kind] for kind in ("motion", "ibi"))
    is_gap = (np.arange(15000) >= 5000) & (np.arange(15000) < 6500)
    np.testing.assert_array_equal(np.isnan(motion.values), is_gap)
    begins_s = beats.times_s - beats.ibi_ms / 1000
    assert not np.any((beats.times_s >= 200.0) & (begins_s < 260.0))


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_gap_stays_missing_in_what_is_measured(signal):
    recording = session(20, seconds=600, gap=(200.0, 260.0))
    (pair,) = prepare(recording, signals=(signal,))
    at_s = pair.start_s + np.arange(len(pair.x)) / pair.rate_hz
    assert np.isnan(pair.x[(at_s > 201.0) & (at_s < 259.0)]).all()


def test_the_gap_is_told_as_a_pause():
    (pause,) = session(21, seconds=300, gap=(100.0, 130.0)).events
    assert (pause.start_s, pause.duration_s, pause.label) == (100.0, 30.0, "pause")


def test_artefacts_spoil_their_share_of_beats():
    clean, spoilt = (session(22, artefacts=share, kinds=("ibi",)) for share in (0.0, 0.1))
    counts = [len(r.first.signals["ibi"].times_s) for r in (clean, spoilt)]
    low, high = binom.interval(0.9999, counts[0], 0.1)
    assert low <= counts[0] - counts[1] <= high


def test_artefacts_leave_ratings_alone():
    clean, spoilt = (session(23, artefacts=share, kinds=("dial",)) for share in (0.0, 0.1))
    np.testing.assert_array_equal(
        clean.first.signals["dial"].values, spoilt.first.signals["dial"].values
    )


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="Cannot emit 'pupil'; there are: ibi, ecg"):
        session(24, kinds=("pupil",))


def test_missing_arousal_is_refused():
    with pytest.raises(ValueError, match="Emit only sessions that were attended"):
        session(25, arousal=np.full((60, 2), np.nan))


def test_contact_that_does_not_fit_the_seconds_is_refused():
    with pytest.raises(ValueError, match=r"contact has shape \(7,\) for 60 s"):
        emit_session(np.zeros((60, 2)), np.ones(7), np.ones(60), rng=np.random.default_rng(26))


def test_contact_beyond_full_is_refused():
    with pytest.raises(ValueError, match="contact must lie between 0 and 1"):
        emit_session(
            np.zeros((60, 2)), np.full(60, 1.5), np.ones(60), rng=np.random.default_rng(27)
        )


# Files


@pytest.fixture
def study(tmp_path):
    labels = {"dyad": "d1", "session": "2", "arm": "support", "group": "secure"}
    recordings = [
        session(seed, seconds=120, kinds=("ibi", "eda"), labels={**labels, "dyad": f"d{seed}"})
        for seed in (28, 29)
    ]
    return tmp_path, recordings, write_sessions(recordings, tmp_path)


def test_a_written_study_is_found_with_its_labels(study):
    folder, _, _ = study
    found, skipped = find_recordings(folder)
    assert skipped == ()
    assert [dict(files.labels) for files in found] == [
        {"dyad": dyad, "session": "2", "arm": "support", "group": "secure"}
        for dyad in ("d28", "d29")
    ]


def test_written_sessions_are_read_as_they_were(study):
    _, recordings, paths = study
    (back,) = read_all((paths[0],), ReadOptions())
    np.testing.assert_allclose(
        back.second.signals["ibi"].ibi_ms, recordings[0].second.signals["ibi"].ibi_ms, rtol=1e-5
    )


def test_what_is_not_known_of_a_session_is_not_available(tmp_path):
    write_sessions([session(30, seconds=60, kinds=("dial",))], tmp_path)
    lines = (tmp_path / "participants.tsv").read_text(encoding="utf-8").splitlines()
    assert lines == ["recording\tdyad\tsession\tarm\tgroup", "s30\tn/a\tn/a\tn/a\tn/a"]


def test_two_sessions_of_one_name_are_refused(tmp_path):
    twice = [session(31, seconds=60, kinds=("dial",))] * 2
    with pytest.raises(ValueError, match="Two recordings are named 's31'"):
        write_sessions(twice, tmp_path)


# Recovery


@pytest.fixture(scope="module", params=[2.0, -2.0], ids=["first leads", "second leads"])
def slowly_led(request):
    recordings = [led(seed, lag_s=request.param) for seed in range(4)]
    readouts = synchrony_readouts(recordings, SETTINGS, signals=("ibi", "eda_phasic", "dial"))
    return request.param, readouts


# Sampled each 0.25 s the heart is off by one sample; skin's own responses rise in about 1 s.
@pytest.mark.parametrize(
    ("signal", "error_s"), [("ibi", 0.5), ("eda_phasic", 1.0), ("dial", 1.0)]
)
def test_the_lag_of_slow_arousal_is_found(slowly_led, signal, error_s):
    lag_s, readouts = slowly_led
    np.testing.assert_allclose(readouts.lag_s[signal], lag_s, rtol=0, atol=error_s)


@pytest.mark.parametrize("signal", ["ibi", "eda_phasic", "dial"])
def test_slow_coupling_exceeds_every_surrogate(slowly_led, signal):
    _, readouts = slowly_led
    np.testing.assert_allclose(readouts.p[signal], 0.02)


@pytest.mark.parametrize("signal", ["ibi", "eda_phasic", "dial"])
def test_the_leader_of_slow_arousal_is_found(slowly_led, signal):
    lag_s, readouts = slowly_led
    assert np.all(readouts.lead[signal] * np.sign(lag_s) > 0)


@pytest.fixture(scope="module")
def quickly_led():
    recordings = [session(40 + seed, fast_coupling=(0.0, 1.0)) for seed in range(4)]
    return synchrony_readouts(recordings, SETTINGS, signals=SIGNALS[:4])


@pytest.mark.parametrize("signal", ["ibi", "eda_phasic", "motion"])
def test_a_quick_follower_follows_within_its_latency_and_response(quickly_led, signal):
    np.testing.assert_allclose(quickly_led.lag_s[signal].mean(), 0.87, rtol=0, atol=0.4)


@pytest.mark.parametrize("signal", SIGNALS[:4])
def test_a_quick_leader_is_found(quickly_led, signal):
    assert quickly_led.lead[signal].mean() > 1.0


def test_entrained_hearts_lag_each_other_by_less_than_a_second():
    on = synchrony_readouts([session(s) for s in range(50, 56)], SETTINGS, signals=("ibi",))
    assert np.all(np.abs(on.lag_s["ibi"]) < 1.0)
    np.testing.assert_allclose(on.p["ibi"], 0.02)


def test_hearts_that_are_not_entrained_have_no_lag_in_common():
    apart = [session(s, fast_coupling=0.0) for s in range(50, 56)]
    off = synchrony_readouts(apart, SETTINGS, signals=("ibi",))
    # Uniform over -5 to 5 s, six of six within 1 s happen once in 10 000.
    assert np.any(np.abs(off.lag_s["ibi"]) >= 1.0)
    assert abs(off.effect["ibi"].mean()) < 3.3 / np.sqrt(6)


def test_a_session_too_short_to_measure_stays_missing():
    recordings = [
        session(60, seconds=300, kinds=("dial",)),
        session(61, seconds=20, kinds=("dial",)),
    ]
    readouts = synchrony_readouts(recordings, SETTINGS)
    assert np.isfinite(readouts.effect["dial"][0])
    assert np.isnan(readouts.effect["dial"][1])


@pytest.fixture(scope="module")
def unrelated():
    kinds = ("ibi", "eda", "respiration", "motion", "dial")
    pairs = [session(s, seconds=480, fast_coupling=0.0, kinds=kinds) for s in range(100, 140)]
    return synchrony_readouts(pairs, SETTINGS, signals=SIGNALS)


@pytest.mark.parametrize("signal", SIGNALS)
def test_unrelated_people_are_found_in_synchrony_as_often_as_chance_allows(unrelated, signal):
    false = np.sum(unrelated.p[signal] <= 0.05)
    assert false <= binom.ppf(0.999, 40, 0.05)

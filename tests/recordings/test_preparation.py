"""From raw signals to comparable pairs."""

import numpy as np
import pytest

from bowlby.recordings.emit import emit_dyad
from bowlby.recordings.preparation import prepare
from bowlby.recordings.recording import Beats, Partner, Recording, RecordingError, Signal

ALL_KINDS = ("ibi", "eda", "motion", "dial", "respiration")


def dyad(kinds=ALL_KINDS, duration_s=120.0, gap=None):
    return emit_dyad(
        duration_s=duration_s,
        lag_s=1.0,
        correlation=0.5,
        kinds=kinds,
        gap=gap,
        rng=np.random.default_rng(7),
        name="dyad-07",
    )


def of_signals(first, second, name="other"):
    return Recording(
        "dyad-07", Partner("infant", {name: first}), Partner("mother", {name: second})
    )


def other(values, kind="other", rate_hz=4.0):
    return Signal(kind, np.asarray(values, dtype=float), rate_hz)


def noise(seed, count=400):
    return np.random.default_rng(seed).normal(size=count)


def names(pairs):
    return tuple(pair.signal for pair in pairs)


def test_every_shared_signal_becomes_what_is_compared():
    assert names(prepare(dyad())) == (
        "ibi",
        "rsa",
        "eda_tonic",
        "eda_phasic",
        "motion",
        "dial",
        "respiration",
    )


def test_an_ecg_becomes_intervals_and_rsa():
    assert names(prepare(dyad(("ecg",)))) == ("ibi", "rsa")


def test_ecg_and_beats_together_keep_their_names_apart():
    assert names(prepare(dyad(("ibi", "ecg")))) == ("ibi", "rsa", "ecg_ibi", "ecg_rsa")


def test_both_partners_have_as_many_samples():
    assert all(len(pair.x) == len(pair.y) for pair in prepare(dyad()))


def test_the_pause_is_missing_in_every_pair():
    for pair in prepare(dyad(duration_s=300.0, gap=(120.0, 160.0))):
        times_s = pair.start_s + np.arange(len(pair.x)) / pair.rate_hz
        is_pause = (times_s >= 120.0) & (times_s < 160.0)
        assert not np.isfinite(pair.x[is_pause]).any()
        assert not np.isfinite(pair.y[is_pause]).any()


def test_a_prepared_name_chooses_one_pair():
    assert names(prepare(dyad(), signals=["rsa"])) == ("rsa",)


def test_a_raw_name_chooses_all_it_becomes():
    assert names(prepare(dyad(), signals=["eda"])) == ("eda_tonic", "eda_phasic")


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"dyad-07.*no signal 'pulse'.*motion"):
        prepare(dyad(), signals=["pulse"])


def test_negative_smoothing_is_refused():
    with pytest.raises(ValueError, match=r"smooth_s=-1\.0"):
        prepare(dyad(), smooth_s=-1.0)


def test_no_smoothing_keeps_motion_as_recorded():
    recording = dyad(("motion",))
    (pair,) = prepare(recording, smooth_s=0.0)
    np.testing.assert_array_equal(pair.x, recording.first.signals["motion"].values)


def test_smoothing_applies_to_other_kinds_when_asked_for():
    impulse = np.zeros(100)
    impulse[50] = 5.0
    (pair,) = prepare(of_signals(other(impulse), other(noise(1, 100))), smooth_s=1.25)
    np.testing.assert_allclose(pair.x[48:53], 1.0, atol=1e-12)
    assert any("moving average of 1.25 s (5 samples)" in step for step in pair.steps)


def test_other_signals_are_only_put_on_the_common_clock():
    (pair,) = prepare(of_signals(other(noise(1)), other(noise(2))))
    np.testing.assert_array_equal(pair.x, noise(1))


def test_an_unknown_kind_is_treated_as_other():
    (pair,) = prepare(of_signals(other(noise(1), kind="gaze"), other(noise(2), kind="gaze")))
    assert pair.kind == "other"


def test_respiration_loses_its_drift_and_keeps_its_breaths():
    time_s = np.arange(2400) / 4.0
    breath = np.sin(2 * np.pi * 0.25 * time_s)
    recording = of_signals(
        other(breath + 0.01 * time_s, kind="respiration"),
        other(noise(2, 2400), kind="respiration"),
    )
    (pair,) = prepare(recording)
    inside = slice(100, -100)
    # 121 samples hold 7.56 breaths, so the mean leaves up to 1 % of the wave.
    np.testing.assert_allclose(pair.x[inside], breath[inside], atol=0.05)


def test_the_last_step_tells_what_is_missing():
    values = noise(1)
    values[:100] = np.nan
    (pair,) = prepare(of_signals(other(values), other(noise(2))))
    assert pair.steps[-1] == (
        "Signal: 0.0 to 99.8 s compared; 25.0% missing in infant, 0.0% in mother."
    )


def test_a_signal_mostly_missing_is_still_returned():
    values = noise(1)
    values[:300] = np.nan
    (pair,) = prepare(of_signals(other(values), other(noise(2))))
    assert np.isnan(pair.x).mean() == 0.75


def test_a_constant_signal_names_recording_person_and_remedy():
    with pytest.raises(
        RecordingError,
        match=r"dyad-07: other of mother.*all samples are the same \(3\).*sensor",
    ):
        prepare(of_signals(other(noise(1)), other(np.full(400, 3.0))))


def test_a_signal_without_samples_names_recording_person_and_remedy():
    with pytest.raises(RecordingError, match=r"dyad-07: other of infant.*nothing is left"):
        prepare(of_signals(other(np.full(400, np.nan)), other(noise(1))))


def test_a_short_recording_has_no_rsa_and_says_so():
    (pair,) = prepare(dyad(("ibi",), duration_s=14.0))
    assert pair.signal == "ibi"
    assert any(step.startswith("RSA was left out: in client") for step in pair.steps)


def test_rsa_that_was_asked_for_is_not_left_out_silently():
    with pytest.raises(RecordingError, match="rsa of client cannot be used"):
        prepare(dyad(("ibi",), duration_s=14.0), signals=["rsa"])


def test_different_kinds_under_one_name_are_refused():
    with pytest.raises(RecordingError, match="infant has eda, mother has motion"):
        prepare(of_signals(other(noise(1), "eda"), other(noise(2), "motion")))


def test_beats_are_not_compared_with_samples():
    beats = Beats(np.arange(1.0, 100.0), np.full(99, 1000.0))
    with pytest.raises(RecordingError, match="infant has beats, mother has ibi"):
        prepare(of_signals(beats, other(noise(1), "ibi"), name="ibi"))


def test_recorders_of_different_rate_and_start_meet_on_one_clock():
    first = Signal("other", noise(1, 1000), 10.0)
    second = Signal("other", noise(2, 500), 4.0, start_s=3.0)
    (pair,) = prepare(of_signals(first, second))
    assert (pair.start_s, pair.rate_hz) == (3.0, 4.0)

"""Files in the layout of exports that may not be kept, with a planted truth (`twins.py`)."""

import importlib.util
import json

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.preparation import prepare
from bowlby.recordings.reading import read, read_all
from bowlby.recordings.recording import RecordingError


@pytest.fixture(scope="module")
def twins(shared_data, tmp_path_factory):
    out = tmp_path_factory.mktemp("planted")
    spec = importlib.util.spec_from_file_location("twins", shared_data / "real" / "twins.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    makers = (made.movesense, made.family, made.frames_last, made.shimmer, made.acqknowledge,
              made.openface, made.carma, made.transcript, made.cortisol)  # fmt: skip
    for k, make in enumerate(makers):
        make(out, np.random.default_rng(100 + k))
    (out / "truth.json").write_text(json.dumps(made.TRUTH))
    return out


@pytest.fixture(scope="module")
def truth(twins):
    return json.loads((twins / "truth.json").read_text())


def _lag_s(recording, signal, reach_s=8.0):
    """Lag of the highest correlation of the prepared pair (s)."""
    (pair,) = prepare(recording, signals=[signal])
    x, y = (np.nan_to_num(v - np.nanmean(v)) for v in (pair.x, pair.y))
    reach = round(reach_s * pair.rate_hz)
    r = [
        np.dot(x[max(0, -k) : len(x) - max(0, k)], y[max(0, k) : len(y) - max(0, -k)])
        for k in range(-reach, reach + 1)
    ]
    return (int(np.argmax(r)) - reach) / pair.rate_hz


def test_two_ecgs_of_one_app_keep_rate_start_and_pause(twins, truth):
    folders = [twins / "movesense" / serial for serial in ("000000000001", "000000000002")]
    recording = read([next(f.glob("ECG*")) for f in folders])
    one, two = recording.first.signals["ecg"], recording.second.signals["ecg"]
    np.testing.assert_allclose(one.rate_hz, 198.95, rtol=1e-4)
    told = [truth[f"movesense/{f.name}"] for f in folders]
    np.testing.assert_allclose(
        two.start_s - one.start_s, told[1]["start_unix_s"] - told[0]["start_unix_s"], atol=0.01
    )
    for signal, known in zip((one, two), told, strict=True):
        assert np.isfinite(signal.values).sum() == known["samples"]


def test_folders_of_two_people_are_one_session(twins):
    folders = [twins / "movesense" / serial for serial in ("000000000001", "000000000002")]
    recording = read(folders)
    assert recording.signal_names == ("ecg",)
    assert "the ECG is better" in " ".join(recording.notes)


def test_lists_of_intervals_of_different_lengths_have_no_lag(twins):
    files = sorted((twins / "movesense").glob("*/HR*"))
    recording = read(files)
    assert recording.start_uncertainty_s == np.inf
    assert "no lag can be stated" in " ".join(recording.notes)


def test_a_family_makes_a_recording_of_every_pair_that_is_there(twins, truth):
    recordings = read_all(twins / "family_motion.csv", ReadOptions(rate_hz=25.0))
    told = truth["family_motion.csv"]
    assert [r.roles for r in recordings] == [
        ("father", "mother"), ("father", "therapist"), ("mother", "therapist"),
    ]  # fmt: skip
    assert len(recordings[0].first.signals["motion"].values) == told["samples"]
    assert abs(_lag_s(recordings[0], "motion") - told["lag_s"]["father,mother"]) < 0.35
    assert "patient" in " ".join(recordings[0].notes)


def test_a_frame_counter_is_nobody(twins, truth):
    recording = read(twins / "motion_frames_last.csv", ReadOptions(rate_hz=30.0))
    assert recording.roles == ("first", "second")
    assert abs(_lag_s(recording, "motion") - truth["motion_frames_last.csv"]["lag_s"]) < 0.35


def test_two_views_of_one_skin_sensor_are_one_signal(twins, truth):
    recording = read(sorted(twins.glob("shimmer_*.csv")))
    assert recording.signal_names == ("eda",)
    assert abs(_lag_s(recording, "eda_phasic") - truth["shimmer"]["lag_s"]) < 0.35


def test_names_units_and_rate_above_an_export_are_read(twins, truth):
    recording = read(twins / "acqknowledge_export.txt")
    assert recording.roles == ("client", "therapist")
    assert recording.signal_names == ("ecg", "eda")
    assert recording.first.signals["ecg"].rate_hz == truth["acqknowledge_export.txt"]["rate_hz"]
    assert len(recording.first.signals["eda"].values) == 75_000
    assert abs(_lag_s(recording, "eda_phasic") - 1.0) < 0.35


def test_lost_faces_are_missing_and_codes_are_no_signal(twins, truth):
    recording = read([twins / "openface_client.csv", twins / "openface_therapist.csv"])
    assert recording.signal_names == ("AU06_r", "AU12_r", "motion")
    assert np.isnan(recording.first.signals["AU12_r"].values).sum() == 150
    assert abs(_lag_s(recording, "AU12_r") - truth["openface"]["lag_s"]) < 0.35


def test_raters_of_two_files_count_from_the_same_moment(twins, truth):
    recording = read([twins / "carma_wife.csv", twins / "carma_husband.csv"])
    assert recording.signal_names == ("dial",)
    assert recording.first.signals["dial"].rate_hz == 1.0
    assert abs(_lag_s(recording, "dial") - truth["carma"]["lag_s"]) < 0.35


def test_turns_of_speech_are_no_samples(twins):
    with pytest.raises(RecordingError, match="turns or annotations, not samples"):
        read(twins / "transcript.csv")


def test_six_samples_a_person_are_no_time_series(twins):
    with pytest.raises(RecordingError, match=r"40 dyads.*no time series"):
        read(twins / "cortisol_dyads.csv")

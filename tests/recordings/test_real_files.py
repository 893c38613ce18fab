"""Real files read as `expected.json` says, which other programs wrote."""

import json

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.preparation import prepare
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

AT_30 = ReadOptions(rate_hz=30.0)


@pytest.fixture(scope="module")
def real(shared_data):
    return shared_data / "real"


@pytest.fixture(scope="module")
def expected(real):
    return json.loads((real / "expected.json").read_text())


def _one(path, **options):
    reading = format_of(path).read(path, ReadOptions(**options))
    (partner,) = reading.partners
    return reading, partner.signals


@pytest.mark.parametrize(
    ("name", "kind"),
    [("EDA", "eda"), ("BVP", "ppg"), ("TEMP", "temperature"), ("HR", "heart_rate")],
)
def test_single_files_of_an_e4_need_no_rate(real, expected, name, kind):
    reading, signals = _one(real / "e4_session" / f"{name}.csv")
    told = expected["e4_session"][name]
    assert reading.unix_start_s == told["start_unix_s"]
    assert signals[kind].rate_hz == told["rate_hz"]
    assert len(signals[kind].values) == told["n"]


def test_the_dummy_zero_that_begins_an_e4_file_is_missing(real):
    _, signals = _one(real / "e4_session" / "EDA.csv")
    assert np.flatnonzero(np.isnan(signals["eda"].values))[0] == 0


def test_an_unpacked_e4_session_is_one_person(real):
    reading, signals = _one(real / "e4_session")
    assert set(signals) == {"eda", "ppg", "temperature", "heart_rate", "motion", "ibi"}
    assert len(signals["ibi"].times_s) == 4999
    assert reading.unix_start_s == 1560279825.0
    assert signals["heart_rate"].start_s == 10.0


def test_an_e4_that_barely_touched_the_skin_is_doubted(real):
    _, signals = _one(real / "e4_session" / "EDA.csv")
    assert any("Doubtful" in note for note in signals["eda"].notes)


def test_a_straps_zeros_are_no_heart_rate(real):
    reading, signals = _one(real / "polar_sensor_logger" / "Polar_Sense_HR.txt")
    assert any("73 of 5" in note for note in signals["heart_rate"].notes)
    assert signals["heart_rate"].rate_hz == 1.0
    assert reading.zone == "local"
    assert np.nanmin(signals["heart_rate"].values) > 25


def test_blocked_intervals_of_a_strap_are_missing(real):
    reading, signals = _one(real / "polar_sensor_logger" / "Polar_Sense_PPI.txt")
    assert "21 of 442 rows" in " ".join(reading.notes)
    assert len(signals["ibi"].ibi_ms) == 442 - 21


def test_a_sensors_clock_tells_the_rate_and_the_phone_the_start(real, expected):
    reading, signals = _one(real / "polar_sensor_logger" / "Polar_Sense_ACC.txt")
    told = expected["polar_sensor_logger"]["ACC"]
    np.testing.assert_allclose(signals["motion"].rate_hz, told["rate_hz"], rtol=1e-4)
    assert set(signals) == {"motion"}
    assert signals["motion"].unit == "g"
    start = np.datetime64(told["phone_start"]).astype("datetime64[ms]").astype(float) / 1e3
    assert abs(reading.unix_start_s - start) < 0.5


def test_leds_of_one_pulse_sensor_are_one_signal(real, expected):
    _, signals = _one(real / "polar_sensor_logger" / "Polar_Sense_PPG.txt")
    told = expected["polar_sensor_logger"]["PPG"]
    assert set(signals) == {"ppg"}
    np.testing.assert_allclose(signals["ppg"].rate_hz, told["rate_hz"], rtol=1e-4)
    np.testing.assert_allclose(np.nanmean(signals["ppg"].values), 258550, rtol=1e-4)


def test_files_of_one_strap_are_one_person_with_events(real):
    reading, signals = _one(real / "polar_sensor_logger")
    assert {"heart_rate", "ibi", "motion", "ppg"} <= set(signals)
    assert [event.label for event in reading.events] == ["MARKER"]


@pytest.mark.parametrize("session", ["1080p_s11_0", "1080p_s13_0"])
def test_real_motion_of_two_people_is_read_column_by_column(real, expected, session):
    path = real / "dyads_videoconference" / "body_motion" / f"{session}.csv"
    recording = read(path, AT_30)
    told = expected[f"dyads_videoconference/body_motion/{session}"]
    x, y = (p.signals["motion"].values for p in (recording.first, recording.second))
    assert recording.roles == ("Participant_A", "Participant_B")
    np.testing.assert_allclose(np.corrcoef(x, y)[0, 1], told["r_lag0_raw"], atol=1e-5)


def test_real_smiles_are_facial_action(real, expected):
    path = real / "dyads_videoconference" / "au12_r" / "1080p_s11_0.csv"
    recording = read(path, AT_30)
    told = expected["dyads_videoconference/au12_r/1080p_s11_0"]
    x, y = (p.signals["face"].values for p in (recording.first, recording.second))
    np.testing.assert_allclose(np.corrcoef(x, y)[0, 1], told["r_lag0_raw"], atol=1e-5)


def test_gaze_targets_are_codes_and_no_correlation_is_given(real):
    path = real / "dyads_videoconference" / "gaze" / "s11_0ms_1080p.csv"
    with pytest.raises(RecordingError, match=r"codes 1, 2, 3.*same code in 0\.5587"):
        read(path, AT_30)


def test_the_example_for_two_amplifiers_names_two_hosts_and_works(real):
    path = real / "xdf_two_ecg" / "two_hosts_two_ecg.xdf"
    with pytest.raises(RecordingError, match=r'--first "ECG2 Fp1" --second "ECG1 Fp1"'):
        read(path)
    recording = read(path, ReadOptions(first=("ECG1 Fp1",), second=("ECG2 Fp1",)))
    first, second = recording.first.signals["ecg"], recording.second.signals["ecg"]
    assert (len(first.values), len(second.values)) == (55_075, 55_108)
    np.testing.assert_allclose(first.start_s - second.start_s, 0.1022, atol=1e-3)


def test_opensignals_tells_rate_start_and_sensor_in_its_header(real, expected):
    reading, signals = _one(real / "opensignals" / "OSmontage1J.txt")
    told = expected["opensignals/OSmontage1J"]
    assert (signals["ecg"].rate_hz, len(signals["ecg"].values)) == (
        told["rate_hz"],
        told["rows"],
    )
    np.testing.assert_allclose(np.nanmean(signals["ecg"].values), 511.23, atol=0.01)
    assert reading.zone == "local"
    assert reading.unix_start_s % 60 == pytest.approx(47.558)


def test_a_bare_list_of_intervals_has_no_start(real, expected):
    reading, signals = _one(real / "rr_list" / "test_nn_intervals.txt")
    assert len(signals["ibi"].ibi_ms) == expected["rr_list"]["n"]
    np.testing.assert_allclose(
        signals["ibi"].times_s[-1], expected["rr_list"]["sum_s"], atol=1e-6
    )
    assert reading.zone == "unknown"


def test_hormones_of_people_without_partners_are_refused(real):
    path = real / "cortisol_and_phases" / "cortisol_sample.csv"
    with pytest.raises(RecordingError, match=r"26 people.*no time series.*who belongs to whom"):
        read(path)


def test_an_edf_begins_at_its_fraction_of_a_second(real, expected):
    reading, signals = _one(real / "edf" / "test_subsecond.edf")
    told = expected["edf/test_subsecond"]
    (signal,) = signals.values()
    assert (signal.rate_hz, len(signal.values)) == (told["rate_hz"], told["n"])
    assert [e.label for e in reading.events[:2]] == ["XLSpike", "Clip Note"]


def test_tiers_of_an_elan_file_are_events(real, expected):
    from bowlby.recordings.annotations import read_annotations

    tiers = read_annotations(real / "elan" / "sample_2.8.eaf")
    found = {
        name: {
            "annotations": len(events),
            "seconds": round(sum(e.duration_s for e in events), 1),
        }
        for name, events in tiers.items()
    }
    assert {name: found[name] for name in expected["elan/sample_2.8"]} == expected[
        "elan/sample_2.8"
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_channels_of_an_older_biopac_file_are_read(real, expected, number):
    pytest.importorskip("bioread")
    from bowlby.recordings.acq import _loaded

    channel = _loaded(real / "acq" / "r35_test.acq").channels[number]
    told = expected["acq/r35_test"][number]
    np.testing.assert_allclose(np.mean(channel.data), told["mean"], rtol=1e-4)


def test_a_biopac_file_is_read_without_its_uncalibrated_skin_channel(real):
    pytest.importorskip("bioread")
    reading, signals = _one(real / "acq" / "r42_test.acq")
    assert signals["ecg"].rate_hz == 1000.0
    assert "eda" not in signals
    assert any("below zero" in reason for reason in reading.left_out)
    assert any("3.881" in note for note in reading.notes)


def test_a_person_given_twice_is_refused_as_a_copy(real):
    path = real / "dyads_videoconference" / "body_motion" / "1080p_s11_0.csv"
    recording = read(path, AT_30)
    twice = type(recording)("twice", recording.first, type(recording.first)(
        "copy", recording.first.signals))  # fmt: skip
    with pytest.raises(RecordingError, match="one signal twice"):
        prepare(twice)

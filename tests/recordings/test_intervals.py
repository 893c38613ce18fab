import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

read_intervals = format_of(None, "intervals").read
RR_MS = (800.0, 810.0, 790.0, 805.0, 795.0, 820.0)


@pytest.fixture
def write(tmp_path):
    def written(text, name="s01.rr"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def _beats(path):
    (partner,) = read_intervals(path, ReadOptions()).partners
    return partner.signals["ibi"]


def _stamp(second):
    return f"2024-05-31T10:{int(second // 60):02d}:{second % 60:06.3f}"


@pytest.mark.parametrize("name", ["s01.rr", "s01.ibi", "s01.hrv", "s01.txt", "s01.csv"])
def test_one_interval_a_line_is_recognised_by_its_content(write, name):
    path = write("\n".join(map(str, RR_MS)), name)
    reading = format_of(path).read(path, ReadOptions())
    np.testing.assert_allclose(reading.partners[0].signals["ibi"].ibi_ms, RR_MS)


def test_two_columns_of_motion_are_not_intervals(write):
    assert read(
        write("800 810\n790 805\n", "s01.txt"), ReadOptions(rate_hz=25.0)
    ).signal_names == ("motion",)


def test_a_bare_column_is_no_interval_list_if_its_kind_is_told(write):
    path = write("1.1\n1.2\n1.3\n", "s01.txt")
    options = ReadOptions(kind="eda", rate_hz=4.0)
    assert list(format_of(path).read(path, options).partners[0].signals) == ["eda"]


@pytest.mark.parametrize("unit", [1.0, 1000.0], ids=["ms", "s"])
def test_the_median_tells_seconds_from_milliseconds(write, unit):
    beats = _beats(write("\n".join(str(rr / unit) for rr in RR_MS)))
    np.testing.assert_allclose(beats.ibi_ms, RR_MS, rtol=1e-12)


def test_time_runs_on_by_the_sum_of_intervals(write):
    beats = _beats(write("\n".join(map(str, RR_MS))))
    np.testing.assert_allclose(beats.times_s, np.cumsum(RR_MS) / 1000, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "Phone timestamp;RR-interval [ms]\n" + "".join(f"{_stamp(0)};{r}\n" for r in RR_MS),
        "Average,RRData\n" + "".join(f"75,{r}\n" for r in RR_MS),
        "Kubios HRV\nSubject: s01\n\nRR\n" + "".join(f"{r}\n" for r in RR_MS),
        "timestamp,rr\n" + "".join(f"{i},{r}\n" for i, r in enumerate(RR_MS)),
        "time,rr_ms\n" + "".join(f"{0.8 * i},{r}\n" for i, r in enumerate(RR_MS, 1)),
        "HR;IBI (ms)\n" + "".join(f"75;{r}\n" for r in RR_MS),
    ],
    ids=["polar", "movesense", "kubios", "timestamp", "time", "heart rate beside"],
)
def test_exports_of_devices_are_read(write, text):
    path = write(text, "s01.csv")
    np.testing.assert_allclose(_beats(path).ibi_ms, RR_MS)


def test_a_table_with_other_signals_is_not_taken_for_an_interval_list(write):
    text = "time,eda,ibi\n" + "".join(f"{i},{i % 5 + 1},80{i}\n" for i in range(9))
    path = write(text, "s01.csv")
    assert list(format_of(path).read(path, ReadOptions()).partners[0].signals) == ["eda", "ibi"]


def test_a_row_that_holds_the_word_ibi_is_no_header(write):
    text = "person,time,signal,value\n" + "".join(f"client,{i},ibi,80{i}\n" for i in range(9))
    path = write(text, "s01.csv")
    assert format_of(path).read(path, ReadOptions()).partners[0].role == "client"


def test_the_files_own_beat_times_are_kept(write):
    beats = _beats(write("time,rr\n1.0,800\n1.9,900\n5.0,810\n", "s01.csv"))
    np.testing.assert_array_equal(beats.times_s, [1.0, 1.9, 5.0])


def test_beat_times_in_milliseconds_are_turned_into_seconds(write):
    beats = _beats(write("time,rr\n1000,800\n1900,900\n2710,810\n", "s01.csv"))
    np.testing.assert_allclose(beats.times_s, [1.0, 1.9, 2.71])


def test_beat_times_that_go_back_are_refused(write):
    with pytest.raises(RecordingError, match=r"s01\.csv.*Beat 3 is not later than beat 2"):
        _beats(write("time,rr\n1.0,800\n1.9,900\n1.5,810\n", "s01.csv"))


def test_time_stamps_put_two_devices_on_one_clock(write):
    def polar(begin_s, name):
        ends = begin_s + np.cumsum(RR_MS) / 1000
        rows = (f"{_stamp(end)};{rr:.0f}" for end, rr in zip(ends, RR_MS, strict=True))
        return write("\n".join(["Phone timestamp;RR-interval [ms]", *rows]), name)

    recording = read([polar(10.0, "s_client.txt"), polar(12.5, "s_therapist.txt")])
    starts = [p.signals["ibi"].times_s[0] for p in (recording.first, recording.second)]
    np.testing.assert_allclose(starts, [0.8, 3.3], atol=1e-5)  # microseconds are kept


def test_beats_that_reach_the_phone_together_keep_their_own_times(write):
    rows = (f"{_stamp(10 + 1.61 * (i // 2))};{rr}" for i, rr in enumerate(RR_MS))
    beats = _beats(write("\n".join(["Phone timestamp;RR-interval [ms]", *rows]), "s.txt"))
    np.testing.assert_allclose(np.diff(beats.times_s), np.array(RR_MS[1:]) / 1000, atol=1e-5)


def test_a_pause_of_the_device_stays_a_pause(write):
    arrivals = (10.0, 10.8, 11.6, 71.6, 72.4, 73.2)
    rows = (f"{_stamp(at)};800" for at in arrivals)
    beats = _beats(write("\n".join(["Phone timestamp;RR-interval [ms]", *rows]), "s.txt"))
    np.testing.assert_allclose(np.diff(beats.times_s), [0.8, 0.8, 60.0, 0.8, 0.8], atol=1e-5)


def test_time_stamps_that_go_back_are_refused(write):
    text = f"Phone timestamp;RR-interval [ms]\n{_stamp(100)};800\n{_stamp(4)};800\n"
    with pytest.raises(RecordingError, match="Beat 2 is not later than beat 1"):
        _beats(write(text, "s.txt"))


def test_a_few_absurd_intervals_become_missing_and_time_runs_on(write):
    beats = _beats(write("\n".join(map(str, (*RR_MS, 3500.0, 800.0)))))
    assert np.isnan(beats.ibi_ms[6])
    np.testing.assert_allclose(np.diff(beats.times_s)[-2:], [3.5, 0.8])


def test_an_interval_of_zero_is_missing_and_time_still_runs(write):
    beats = _beats(write("\n".join(map(str, (*RR_MS, 0, 800.0)))))
    assert np.isnan(beats.ibi_ms[6])
    np.testing.assert_allclose(np.diff(beats.times_s)[-2], np.median([*RR_MS, 800.0]) / 1000)


def test_many_absurd_intervals_are_refused_with_a_line_and_the_likely_cause(write):
    with pytest.raises(RecordingError, match=r"s01\.rr, line 1.*: 72 .*100%.*not heart rate"):
        _beats(write("72\n75\n74\n73\n"))


def test_a_list_without_any_interval_is_refused(write):
    with pytest.raises(RecordingError, match="RR: all values are missing"):
        _beats(write("RR\nNA\nNA\n"))


def test_several_unnamed_columns_ask_for_a_name(write):
    with pytest.raises(RecordingError, match="which of 2 columns holds the intervals"):
        _beats(write("800 1\n810 2\n"))


def test_one_list_alone_asks_for_the_other_persons(write):
    with pytest.raises(RecordingError, match=r"holds one person \(client\)"):
        read(write("\n".join(map(str, RR_MS)), "s01_client.rr"))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rr_ms=st.lists(st.floats(300, 2000), min_size=2, max_size=30).filter(
        lambda rr: len(set(rr)) > 1
    )
)
def test_written_intervals_are_read_back(write, rr_ms):
    np.testing.assert_allclose(_beats(write("\n".join(map(repr, rr_ms)))).ibi_ms, rr_ms)

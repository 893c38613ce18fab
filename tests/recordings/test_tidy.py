import contextlib
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowlby.recordings.emit import emit_dyad, write_tidy
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read, read_all
from bowlby.recordings.recording import Beats, RecordingError

RNG = np.random.default_rng(5)
CLIENT, THERAPIST = RNG.normal(5, 1, (2, 40))


@pytest.fixture
def write(tmp_path):
    def written(columns, name="s01.csv", **how):
        path = tmp_path / name
        frame = pd.DataFrame(columns)
        if name.endswith(".parquet"):
            frame.to_parquet(path)
        else:
            separator = "\t" if ".tsv" in name else ","
            frame.to_csv(path, index=False, sep=how.get("sep", separator), na_rep="NA")
        return path

    return written


def _wide(times_s=None, **more):
    times_s = np.arange(40) / 4 if times_s is None else times_s
    return {"time": times_s, "client_eda": CLIENT, "therapist_eda": THERAPIST, **more}


def _long(**more):
    return {
        "person": ["client"] * 40 + ["therapist"] * 40,
        "time": np.tile(np.arange(40) / 4, 2),
        "eda": np.concatenate([CLIENT, THERAPIST]),
        **more,
    }


def _values(recording, name="eda"):
    return [p.signals[name].values for p in (recording.first, recording.second)]


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.csv.gz", "a.tsv.gz", "a.txt", "a.parquet"]
)
@pytest.mark.parametrize("columns", [_wide(), _long()], ids=["wide", "long"])
def test_every_ending_reads_back_what_was_written(write, name, columns):
    recording = read(write(columns, name))
    assert recording.roles == ("client", "therapist")
    assert recording.first.signals["eda"].rate_hz == 4.0
    # The fast number parser does not round correctly.
    np.testing.assert_allclose(_values(recording), [CLIENT, THERAPIST], rtol=1e-12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(st.tuples(*[st.floats(0.5, 20.0)] * 2), min_size=3, max_size=15).filter(
        lambda rows: all(len({row[i] for row in rows}) > 1 for i in (0, 1))
    ),
    rate_hz=st.sampled_from([0.5, 1.0, 4.0, 25.0, 29.97, 59.94, 128.0]),
    is_long=st.booleans(),
)
def test_any_recording_is_read_back_wide_and_long(write, data, rate_hz, is_long):
    first, second = np.array(data).T
    times_s = np.arange(len(first)) / rate_hz
    wide = {"time": times_s, "anna_eda": first, "ben_eda": second}
    long = {
        "role": ["anna"] * len(first) + ["ben"] * len(first),
        "time": np.tile(times_s, 2),
        "eda": np.concatenate([first, second]),
    }
    recording = read(write(long if is_long else wide))
    assert recording.roles == ("anna", "ben")
    np.testing.assert_allclose(_values(recording), [first, second], rtol=1e-12)
    # The rate may be rounded as long as no sample moves by a fifth of a step.
    drift = len(first) * abs(recording.first.signals["eda"].rate_hz / rate_hz - 1)
    assert drift < 0.2


def test_couples_of_a_dial_study_are_read_each_with_gaps_kept(shared_data):
    path = shared_data / "rties_couples_dial" / "rties_dial_full.csv.gz"
    recordings = read_all(path, ReadOptions(rate_hz=0.5))
    table = pd.read_csv(path)
    assert len(recordings) == table.couple.nunique() == 80
    assert recordings[0].name == "2"
    assert recordings[0].roles == ("2", "502")
    assert recordings[0].labels == {"dyad": "2"}
    assert {r.first.signals["dial"].rate_hz for r in recordings} == {0.5}
    dials = [p.signals["dial"] for r in recordings for p in (r.first, r.second)]
    assert sum(np.isnan(dial.values).sum() for dial in dials) == table.dial.isna().sum() == 24
    np.testing.assert_allclose(
        dials[1].values, table.dial[(table.couple == 2) & (table.person == 502)], rtol=1e-12
    )


def test_a_file_of_several_recordings_tells_how_to_read_them(write):
    both = pd.concat([pd.DataFrame(_long(couple="c1")), pd.DataFrame(_long(couple="c2"))])
    with pytest.raises(RecordingError, match=r"holds 2 recordings \(c1, c2, .*read_all"):
        read(write(both))


def test_dyad_and_session_columns_name_and_label_a_recording(write):
    both = pd.concat([pd.DataFrame(_long(dyad=7, session=i)) for i in (1, 2)])
    recordings = read_all(write(both))
    assert [r.name for r in recordings] == ["7_1", "7_2"]
    assert recordings[1].labels == {"dyad": "7", "session": "2"}


def test_signal_and_value_columns_hold_several_signals(write):
    names = ["eda", "respiration"]
    rows = [
        (who, t, name, i + t)
        for i, who in enumerate(("client", "therapist"))
        for name in names
        for t in range(9)
    ]
    frame = pd.DataFrame(rows, columns=["person", "time", "signal", "value"])
    recording = read(write(frame))
    assert recording.signal_names == ("eda", "respiration")


def test_role_and_person_columns_are_kept_apart(write):
    frame = _long(role=["client"] * 40 + ["therapist"] * 40)
    frame["person"] = ["p07"] * 40 + ["t02"] * 40
    recording = read(write(frame))
    assert recording.roles == ("client", "therapist")
    assert (recording.first.person, recording.second.person) == ("p07", "t02")


def test_roles_that_the_table_names_only_set_the_order(write):
    options = ReadOptions(roles=("therapist", "client"))
    recording = read(write(_long()), options)
    assert recording.roles == ("therapist", "client")
    np.testing.assert_allclose(recording.first.signals["eda"].values, THERAPIST, rtol=1e-12)


def test_other_roles_replace_the_tables(write):
    frame = _long(person=["2"] * 40 + ["502"] * 40)
    recording = read(write(frame), ReadOptions(roles=("woman", "man")))
    assert recording.roles == ("woman", "man")


def test_columns_of_words_and_triggers_are_no_signals(write):
    assert read(write(_wide(trigger=0, condition="rest"))).signal_names == ("eda",)


def test_two_columns_of_any_name_are_compared(write):
    frame = {"time": np.arange(40) / 4, "pat": CLIENT, "th": THERAPIST}
    recording = read(write(frame), ReadOptions(kind="dial"))
    assert recording.roles == ("pat", "th")
    assert [s.kind for s in recording.first.signals.values()] == ["dial"]


@pytest.mark.parametrize("kind", ["ecg", "ppg", "eda", "respiration"])
def test_raw_signals_are_told_by_their_column(write, kind):
    frame = {f"infant_{kind}": CLIENT, f"parent_{kind}": THERAPIST}
    recording = read(write(frame), ReadOptions(rate_hz=250.0))
    assert recording.signal_names == (kind,)
    assert recording.first.signals[kind].rate_hz == 250.0


def test_no_time_and_no_rate_asks_for_the_rate(write):
    with pytest.raises(
        RecordingError, match=r"no column `time` and no sampling rate.*--rate 25"
    ):
        read(write({"infant_ecg": CLIENT, "parent_ecg": THERAPIST}))


def test_dates_put_both_people_on_one_clock(write):
    begin = pd.Timestamp("2024-05-31T10:00:00")
    times = [begin + pd.Timedelta(seconds=s + i / 4) for s in (0, 5) for i in range(40)]
    recording = read(write(_long(time=[t.isoformat() for t in times])))
    assert [p.signals["eda"].start_s for p in (recording.first, recording.second)] == [0.0, 5.0]


@pytest.mark.parametrize(("name", "unit"), [("timestamp", 1.0), ("timestamp", 1e3)])
def test_seconds_and_milliseconds_since_1970_are_told_apart(write, name, unit):
    frame = _wide()
    frame = {name: 1.7e9 * unit + frame.pop("time") * unit, **frame}
    signal = read(write(frame)).first.signals["eda"]
    assert (signal.rate_hz, signal.start_s) == (4.0, 0.0)


def test_a_column_may_say_that_it_is_in_milliseconds(write):
    frame = _wide()
    frame = {"time_ms": frame.pop("time") * 1000, **frame}
    assert read(write(frame)).first.signals["eda"].rate_hz == 4.0


def test_a_column_that_counts_samples_takes_the_told_rate(write):
    signal = read(write(_wide(np.arange(1, 41))), ReadOptions(rate_hz=0.5)).first.signals["eda"]
    assert (signal.rate_hz, signal.start_s) == (0.5, 2.0)


def test_a_rate_that_contradicts_the_times_is_refused(write):
    with pytest.raises(
        RecordingError, match=r"the times say 4 Hz and --rate \(or rate_hz\) says 25 Hz"
    ):
        read(write(_wide()), ReadOptions(rate_hz=25.0))


def test_jitter_of_a_fifth_of_a_step_is_snapped_to_the_clock(write):
    times_s = (np.arange(40) + RNG.uniform(-0.2, 0.2, 40)) / 4
    recording = read(write(_wide(times_s)))
    np.testing.assert_allclose(_values(recording), [CLIENT, THERAPIST], rtol=1e-12)
    assert abs(recording.first.signals["eda"].rate_hz / 4 - 1) < 0.02


def test_a_hole_in_time_is_missing_samples(write):
    times_s = np.concatenate([np.arange(20), np.arange(20) + 30]) / 4
    values = _values(read(write(_wide(times_s))))[0]
    assert len(values) == 50
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(values)), np.arange(20, 30))


def test_a_hole_between_times_rounded_to_milliseconds_keeps_its_length(write):
    samples = np.concatenate([np.arange(300), np.arange(3300, 3600)])
    times_s = np.round(samples / 29.97, 3)
    frame = {"time": times_s, "a_eda": 3 + np.sin(samples), "b_eda": 3 + np.cos(samples)}
    recording = read(write(frame))
    assert recording.first.signals["eda"].rate_hz == 29.97
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(_values(recording)[0])), samples)


def test_a_pause_of_half_a_step_does_not_confuse_the_samples_after_it(write):
    times_s = np.concatenate([np.arange(20), np.arange(20) + 30.5]) / 4
    times_s += RNG.uniform(-0.01, 0.01, 40)
    values = _values(read(write(_wide(times_s))))[0]
    np.testing.assert_allclose(values[np.isfinite(values)], CLIENT, rtol=1e-12)


def test_irregular_times_are_drawn_to_a_clock_and_told(write):
    times_s = np.cumsum(RNG.uniform(0.1, 1.9, 40))
    signal = read(write(_wide(times_s))).first.signals["eda"]
    assert "lie between two rows" in signal.notes[0]
    inside = np.isfinite(signal.values)
    grid_s = (signal.start_s + np.arange(len(signal.values)) / signal.rate_hz)[inside]
    expected = np.interp(grid_s, times_s, CLIENT)
    np.testing.assert_allclose(signal.values[inside], expected, rtol=1e-9)


@pytest.mark.parametrize(("time", "problem"), [(2.25, "repeats"), (1.5, "goes back from")])
def test_times_that_do_not_run_are_refused_with_line_and_time(write, time, problem):
    times_s = np.arange(40) / 4
    times_s[10] = time
    with pytest.raises(
        RecordingError, match=rf"s01\.csv, line 12 .*the time {time} {problem} 2"
    ):
        read(write(_wide(times_s)))


def test_a_line_is_counted_in_the_file_and_not_in_the_recording(write):
    frame = pd.DataFrame(_long())
    frame.loc[60, "time"] = 0.0
    with pytest.raises(RecordingError, match=r"line 62 .*goes back"):
        read(write(frame))


def test_a_missing_time_is_refused_with_its_line(write):
    times_s = np.arange(40) / 4
    times_s[10] = np.nan
    with pytest.raises(RecordingError, match=r"line 12 .*the time is missing"):
        read(write(_wide(times_s)))


def test_a_date_that_is_none_is_refused_with_its_line(write):
    times = [f"2024-05-31T10:00:{i:02d}" for i in range(40)]
    times[10] = "tomorrow"
    with pytest.raises(RecordingError, match="line 12, column time: 'tomorrow' is no time"):
        read(write(_wide(times)))


def test_text_in_a_signal_is_refused_with_line_and_column(write):
    values = [str(x) for x in CLIENT]
    values[0] = "off"
    with pytest.raises(RecordingError, match="line 2, column 2: 'off' is not a number"):
        read(write(_wide(client_eda=values)))


def test_missing_values_stay_missing(write):
    values = CLIENT.copy()
    values[7] = np.nan
    assert np.flatnonzero(np.isnan(_values(read(write(_wide(client_eda=values))))[0])) == [7]


@pytest.mark.parametrize("columns", [_wide(client_eda=3.0), _long()], ids=["wide", "long"])
def test_a_signal_that_never_changes_is_refused_by_name(write, columns):
    frame = pd.DataFrame(columns)
    frame.loc[:39, frame.columns[-1] if "eda" in frame else "client_eda"] = 3.0
    with pytest.raises(RecordingError, match="eda: every value is 3"):
        read(write(frame))


def test_a_signal_without_values_is_refused_by_name(write):
    with pytest.raises(RecordingError, match="therapist_eda: all values are missing"):
        read(write(_wide(therapist_eda=np.nan)))


def test_one_person_alone_asks_for_the_other(write):
    with pytest.raises(RecordingError, match=r"holds one person \(client\).*participants\.tsv"):
        read(write(pd.DataFrame(_long()).iloc[:40]))


def test_three_people_make_a_recording_of_every_pair(write):
    frame = _long(person=["a"] * 30 + ["b"] * 30 + ["c"] * 20, time=np.arange(80.0))
    assert [r.name for r in read_all(write(frame))] == ["s01_a-b", "s01_a-c", "s01_b-c"]


def test_roles_choose_a_pair_of_three_people(write):
    frame = _long(person=["a"] * 30 + ["b"] * 30 + ["c"] * 20, time=np.arange(80.0))
    assert read(write(frame), ReadOptions(roles=("c", "a"))).roles == ("c", "a")


def test_a_row_of_nobody_is_refused_with_its_line(write):
    people = ["a"] * 40 + [""] * 40
    with pytest.raises(RecordingError, match="line 42: column 'person' names no person"):
        read(write(_long(person=people)))


def test_beats_in_a_long_table_keep_their_own_times(write):
    times_s = np.cumsum(RNG.normal(0.8, 0.05, 30))
    frame = {
        "person": ["client"] * 30 + ["therapist"] * 30,
        "time": np.tile(times_s, 2),
        "ibi": np.tile(RNG.normal(800, 50, 30), 2),
    }
    beats = read(write(frame)).first.signals["ibi"]
    assert isinstance(beats, Beats)
    np.testing.assert_allclose(beats.times_s, times_s, rtol=1e-12)


def test_a_damaged_parquet_file_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(RecordingError, match="not a readable Parquet file"):
        read(path)


def test_a_damaged_gzip_file_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"time,a_eda,b_eda\n0,1,2\n" * 50)[:40])
    with pytest.raises(RecordingError, match="gzip file is damaged"):
        read(path)


def test_a_table_without_tidy_names_is_motion(write):
    path = write({"pat": CLIENT, "th": THERAPIST})
    assert read(path, ReadOptions(rate_hz=25.0)).signal_names == ("motion",)


def _emitted(kind, gap):
    return emit_dyad(
        duration_s=90.0,
        lag_s=1.0,
        correlation=0.6,
        kinds=(kind,),
        gap=gap,
        rng=np.random.default_rng(1),
    )


@pytest.mark.parametrize("gap", [None, (20.0, 15.0)], ids=["whole", "gap"])
@pytest.mark.parametrize("kind", ["ecg", "eda", "motion", "dial", "respiration"])
def test_a_simulated_signal_is_read_back(tmp_path, kind, gap):
    dyad = _emitted(kind, gap)
    recording = read(write_tidy(dyad, tmp_path / "s01.csv"))
    written, found = dyad.second.signals[kind], recording.second.signals[kind]
    assert recording.roles == dyad.roles
    assert (found.rate_hz, found.start_s) == (written.rate_hz, written.start_s)
    # The file has six significant digits.
    np.testing.assert_allclose(found.values, written.values, rtol=5e-6)


@pytest.mark.parametrize("gap", [None, (20.0, 15.0)], ids=["whole", "gap"])
def test_simulated_beats_are_read_back(tmp_path, gap):
    dyad = _emitted("ibi", gap)
    found = read(write_tidy(dyad, tmp_path / "s01.csv")).second.signals["ibi"]
    written = dyad.second.signals["ibi"]
    np.testing.assert_allclose(found.times_s, written.times_s, atol=5.1e-7)
    np.testing.assert_allclose(found.ibi_ms, written.ibi_ms, rtol=5e-6)


@pytest.mark.parametrize("rows", [slice(None), slice(5, 35)])
def test_a_time_kept_as_index_of_a_parquet_file_is_the_clock(tmp_path, rows):
    path = tmp_path / "a.parquet"
    pd.DataFrame(_wide()).set_index("time").iloc[rows].to_parquet(path)
    assert read(path).first.signals["eda"].rate_hz == 4.0


def test_row_numbers_that_pandas_keeps_in_parquet_are_no_signal(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({"a": CLIENT, "b": THERAPIST}).iloc[::2]
    frame.to_parquet(path)
    assert read(path, ReadOptions(rate_hz=2.0)).roles == ("a", "b")


@pytest.mark.parametrize("time", ["datetime64[ns]", "datetime64[ms]", "datetime64[us, UTC]"])
def test_dates_of_a_parquet_file_are_the_clock(write, time):
    dates = pd.Series(pd.date_range("2024-05-31", periods=40, freq="250ms"))
    dates = dates.dt.tz_localize("UTC") if "UTC" in time else dates
    signal = read(write(_wide(dates.astype(time)), "a.parquet")).first.signals["eda"]
    assert (signal.rate_hz, signal.start_s) == (4.0, 0.0)


def test_words_in_a_signal_of_a_parquet_file_are_refused_by_column(write):
    frame = _wide(client_eda=[str(x) for x in CLIENT])
    with pytest.raises(RecordingError, match=r"column client_eda: holds .* not numbers"):
        read(write(frame, "a.parquet"))


def test_an_empty_parquet_table_is_refused(write):
    with pytest.raises(RecordingError, match=r"a\.parquet: the table is empty"):
        read(write(pd.DataFrame(_wide()).iloc[:0], "a.parquet"))


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(write, monkeypatch):
    monkeypatch.setattr("bowlby.recordings.tables.parquet._MOST_CELLS", 100)
    with pytest.raises(RecordingError, match=r"a\.parquet: holds 120 cells"):
        read(write(_wide(), "a.parquet"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    length=st.floats(0.5, 1.0),
)
def test_a_damaged_parquet_file_is_read_or_refused_as_a_recording(write, changes, length):
    path = write(_wide(), "a.parquet")
    data = bytearray(path.read_bytes())
    for at, byte in changes:
        data[int(at * (len(data) - 1))] = byte
    path.write_bytes(data[: int(length * len(data))] if length < 0.9 else data)
    with contextlib.suppress(RecordingError):
        read(path)


def test_a_row_of_no_recording_is_refused_with_its_line(write):
    dyads = ["c1"] * 79 + [""]
    with pytest.raises(RecordingError, match="line 81: column 'dyad' names no recording"):
        read(write(_long(dyad=dyads)))


def test_columns_that_name_nobody_ask_for_columns(write):
    frame = {"time": np.arange(40) / 4, "x": CLIENT, "y": THERAPIST, "z": CLIENT + 1}
    with pytest.raises(RecordingError, match="--first and --second"):
        read(write(frame))


@pytest.mark.parametrize("rate_hz", [1e-300, 1e300])
def test_times_too_far_apart_for_their_step_are_refused(write, rate_hz):
    times_s = np.arange(40) / 4
    times_s[20:] += 1e12
    with pytest.raises(RecordingError, match=r"are mostly holes\. Check the unit"):
        read(write(_wide(times_s)), ReadOptions(rate_hz=rate_hz))

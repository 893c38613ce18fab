"""Times whose parts stand in columns of their own."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

BEGIN = datetime(2024, 6, 30, 23, 59, 50, 250_000, tzinfo=UTC)
VALUES = np.random.default_rng(5).normal(5, 1, (400, 2)).round(3)


def write(path, header, cells, *, hz=4):
    rows = [
        ",".join([*cells(BEGIN + timedelta(seconds=i / hz)), f"{a}", f"{b}"])
        for i, (a, b) in enumerate(VALUES)
    ]
    path.write_text("\n".join([f"{header},client_eda,therapist_eda", *rows]) + "\n")
    return path


def parts(t, *, has_ms):
    whole = [t.year, t.month, t.day, t.hour, t.minute]
    second = t.second + t.microsecond / 1e6
    return [
        f"{x}" for x in (*whole, *((t.second, t.microsecond // 1000) if has_ms else [second]))
    ]


@pytest.mark.parametrize(
    ("header", "has_ms"),
    [
        ("Year,Month,Day,Hour,Minute,Second", False),
        ("year,month,day,hour,minute,second,ms", True),
        ("Jahr,Monat,Tag,Stunde,Minute,Sekunde,Millisekunde", True),
        ("yyyy,mm,dd,hh,mm,ss", False),
    ],
)
def test_a_date_in_columns_is_one_time(tmp_path, header, has_ms):
    path = write(tmp_path / "s.csv", header, lambda t: parts(t, has_ms=has_ms))
    recording = read(path)
    assert recording.unix_start_s == pytest.approx(BEGIN.timestamp())
    for partner, values in zip((recording.first, recording.second), VALUES.T, strict=True):
        signal = partner.signals["eda"]
        assert signal.rate_hz == pytest.approx(4)
        np.testing.assert_array_equal(signal.values, values)
    assert any("joined to one time" in note for note in recording.notes)


def test_a_date_in_words_beside_its_hour_minute_and_second(tmp_path):
    path = write(
        tmp_path / "s.csv", "Date,Hour,Minute,Second",
        lambda t: [f"{t:%Y-%m-%d}", *parts(t, has_ms=False)[3:]],
    )  # fmt: skip
    recording = read(path)
    assert recording.unix_start_s == pytest.approx(BEGIN.timestamp())
    assert recording.first.signals["eda"].rate_hz == pytest.approx(4)


def test_hour_minute_and_second_run_over_midnight(tmp_path):
    path = write(tmp_path / "s.csv", "hour,minute,second", lambda t: parts(t, has_ms=False)[3:])
    signal = read(path).first.signals["eda"]
    assert signal.rate_hz == pytest.approx(4)
    np.testing.assert_array_equal(signal.values, VALUES[:, 0])


def test_whole_seconds_of_many_rows_are_spread(tmp_path):
    path = write(
        tmp_path / "s.csv", "year,month,day,hour,minute,second",
        lambda t: [f"{x}" for x in t.timetuple()[:6]],
    )  # fmt: skip
    signal = read(path).first.signals["eda"]
    assert (signal.rate_hz, len(signal.values)) == (pytest.approx(4), len(VALUES))


def test_a_month_13_is_refused_with_its_line(tmp_path):
    path = write(
        tmp_path / "s.csv", "Year,Month,Day,Hour,Minute,Second",
        lambda t: [f"{t.year}", "13", *parts(t, has_ms=False)[2:]],
    )  # fmt: skip
    with pytest.raises(RecordingError, match="line 2, column Month: 13 is no month"):
        read(path)

"""Dates of which day and month cannot be told apart at once, such as 05/06/2024."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from bowlby.recordings.event_files import events_for, read_event_file
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

VALUES = np.random.default_rng(6).normal(5, 1, (400, 2)).round(3)
DAYS, MONTHS = "%d/%m/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M:%S.%f"
ISO = "%Y-%m-%d %H:%M:%S.%f"


def write(path, begin, pattern, *, people=2, name="time", pause_at=None, comma=False):
    """A table at 4 Hz that begins at a moment; a pause of two days where told."""
    names = ["client_eda", "therapist_eda"] if people == 2 else ["eda"]
    sign = ";" if comma else ","
    rows = [sign.join([name, *names])]
    for i, values in enumerate(VALUES):
        t = begin + timedelta(seconds=i / 4, days=2 * (pause_at is not None and i >= pause_at))
        cells = [f"{v}" for v in values[:people]]
        rows.append(
            sign.join(
                [t.strftime(pattern), *(c.replace(".", ",") if comma else c for c in cells)]
            )
        )
    path.write_text("\n".join(rows) + "\n")
    return path


def notes(recording):
    return " ".join(recording.notes)


@pytest.mark.parametrize(("pattern", "order"), [(DAYS, "day first"), (MONTHS, "month first")])
def test_rows_that_run_on_over_midnight_tell_the_order(tmp_path, pattern, order):
    begin = datetime(2024, 6, 5, 23, 59, 10)
    recording = read(write(tmp_path / "s.csv", begin, pattern))
    signal = recording.first.signals["eda"]
    assert (signal.rate_hz, len(signal.values)) == (pytest.approx(4), 400)
    assert recording.unix_start_s == (begin - datetime(1970, 1, 1)).total_seconds()
    assert f"were read {order}: only so the rows run on over midnight" in notes(recording)


def test_a_number_above_12_in_another_row_is_told_with_its_line(tmp_path):
    begin = datetime(2024, 6, 12, 23, 59, 10)
    recording = read(write(tmp_path / "s.csv", begin, DAYS))
    assert recording.unix_start_s == (begin - datetime(1970, 1, 1)).total_seconds()
    assert "day first: line 202 has a number above 12" in notes(recording)


def test_one_date_is_assumed_and_said(tmp_path):
    recording = read(write(tmp_path / "s.csv", datetime(2024, 6, 5, 10), DAYS))
    assert "'05/06/2024' is the day is not told: read month first" in notes(recording)


@pytest.mark.parametrize("how", ["name", "commas"])
def test_the_name_or_decimal_commas_tell_the_order(tmp_path, how):
    begin = datetime(2024, 6, 5, 10)
    told = {"name": {"name": "time (dd/mm/yyyy)"}, "commas": {"comma": True}}[how]
    recording = read(write(tmp_path / "s.csv", begin, DAYS, **told))
    assert recording.unix_start_s == (begin - datetime(1970, 1, 1)).total_seconds()
    assert "not told" not in notes(recording)


def test_gaps_that_depend_on_the_order_are_asked_and_both_remedies_work(tmp_path):
    begin = datetime(2024, 6, 5, 10)
    path = write(tmp_path / "s.csv", begin, DAYS, pause_at=200)
    with pytest.raises(RecordingError, match="may be day first or month first") as told:
        read(path)
    assert "'time (dd/mm/yyyy)'" in str(told.value)
    assert 'dates = "day first"' in str(told.value)
    (tmp_path / "bowlby.toml").write_text(
        '[people.client]\nfile = "s.csv"\n[people.therapist]\nfile = "s.csv"\n'
        '[table]\ndates = "day first"\n'
    )
    renamed = write(tmp_path / "r.csv", begin, DAYS, pause_at=200, name="time (dd/mm/yyyy)")
    for recording in (read(tmp_path / "bowlby.toml"), read(renamed)):
        # Two days of nothing at 4 Hz, and the rows.
        signal = recording.second.signals["eda"]
        assert len(signal.values) == 400 + 2 * 86_400 * 4


@pytest.mark.parametrize("other", [ISO, DAYS])
def test_the_other_persons_file_tells_the_order(tmp_path, other):
    begin = datetime(2024, 6, 5, 23, 59, 10)
    a = write(tmp_path / "a.csv", begin - timedelta(minutes=1), DAYS, people=1)
    a.write_text("\n".join(a.read_text().splitlines()[:230]) + "\n")
    b = write(tmp_path / "b.csv", begin - timedelta(seconds=20), other, people=1)
    recording = read([a, b])
    apart = recording.second.signals["eda"].start_s - recording.first.signals["eda"].start_s
    assert apart == pytest.approx(40)
    assert "a.csv were read day first: only so do both people share" in notes(recording)
    assert "not told" not in notes(recording)


def test_two_files_of_one_ambiguous_date_are_aligned(tmp_path):
    begin = datetime(2024, 6, 5, 10)
    a = write(tmp_path / "a.csv", begin, DAYS, people=1)
    b = write(tmp_path / "b.csv", begin + timedelta(seconds=5), DAYS, people=1)
    recording = read([a, b])
    assert recording.second.signals["eda"].start_s == pytest.approx(5)
    assert "read month first" in notes(recording)


def test_the_other_files_of_a_persons_folder_tell_the_order(tmp_path):
    begin = datetime(2024, 6, 5, 10)
    people = []
    for person in ("anna", "ben"):
        folder = tmp_path / person
        folder.mkdir()
        write(folder / "x_EDA.csv", begin, ISO, people=1)
        lines = write(folder / "x_TEMP.csv", begin + timedelta(seconds=3), DAYS, people=1)
        text = lines.read_text().replace("eda", "temp").splitlines()
        rows = [
            f"{row.split(',')[0]},{30 + VALUES[i, 1] / 10:.4f}"
            for i, row in enumerate(text[1:])
        ]
        lines.write_text("\n".join([text[0], *rows]) + "\n")
        people.append(folder)
    recording = read(people)
    signals = recording.first.signals
    assert signals["temperature"].start_s - signals["eda"].start_s == pytest.approx(3)


def test_events_of_another_day_are_refused(tmp_path):
    recording = read(write(tmp_path / "s.csv", datetime(2024, 6, 5, 10), ISO))
    (tmp_path / "e.csv").write_text(
        "time,label\n05/06/2024 10:00:10.5,a\n05/06/2024 10:00:20,b\n"
    )
    with pytest.raises(RecordingError, match=r"e.csv are 30\.0 days from the recording"):
        events_for(read_event_file(tmp_path / "e.csv"), recording)
    (tmp_path / "e.csv").write_text(
        "time,label\n2024-06-05 10:00:10.5,a\n2024-06-05 10:00:20,b\n"
    )
    assert events_for(read_event_file(tmp_path / "e.csv"), recording)[0].start_s == 10.5

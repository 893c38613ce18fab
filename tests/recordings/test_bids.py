import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.recordings.bids import FORMAT
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError

SIDECAR = {
    "SamplingFrequency": 10.0,
    "StartTime": -2.0,
    "Columns": ["cardiac", "respiratory", "trigger"],
    "cardiac": {"Units": "mV"},
}
ROWS = "1.5\t10\t0\nn/a\t11\t1\n2.5\t12\t1\n3.5\tn/a\t0\n"


def write(folder, rows=ROWS, sidecar=SIDECAR, name="sub-07_task-rest"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}_physio.tsv.gz"
    path.write_bytes(gzip.compress(rows.encode()))
    if sidecar is not None:
        (folder / f"{name}_physio.json").write_text(json.dumps(sidecar))
    return path


def read(path, **options):
    return FORMAT.read(path, ReadOptions(**options))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("bids")


def test_columns_become_signals_of_their_kind(tmp_path):
    (partner,) = read(write(tmp_path)).partners
    np.testing.assert_array_equal(partner.signals["ppg"].values, [1.5, np.nan, 2.5, 3.5])
    np.testing.assert_array_equal(partner.signals["respiration"].values, [10, 11, 12, np.nan])


def test_rate_start_and_unit_come_from_the_sidecar(tmp_path):
    signal = read(write(tmp_path)).partners[0].signals["ppg"]
    assert (signal.rate_hz, signal.start_s, signal.unit) == (10.0, -2.0, "mV")


def test_the_subject_is_the_person_and_names_the_role(tmp_path):
    (partner,) = read(write(tmp_path)).partners
    assert (partner.role, partner.person) == ("07", "07")


def test_a_subject_named_after_a_role_has_it(tmp_path):
    (partner,) = read(write(tmp_path, name="sub-mother03_task-play")).partners
    assert (partner.role, partner.person) == ("mother", "mother03")


def test_the_trigger_becomes_events_at_its_rising_edges(tmp_path):
    (event,) = read(write(tmp_path)).events
    assert (event.start_s, event.label) == (pytest.approx(-1.9), "trigger")


def test_trigger_codes_are_told_apart(tmp_path):
    sidecar = {"SamplingFrequency": 1, "StartTime": 0, "Columns": ["trigger", "HR"]}
    rows = "".join(f"{c}\t{60 + i}\n" for i, c in enumerate((0, 1, 0, 255, 255, 0)))
    events = read(write(tmp_path, rows, sidecar)).events
    assert [(e.start_s, e.label) for e in events] == [(1.0, "trigger 1"), (3.0, "trigger 255")]


def test_two_people_by_column_names(tmp_path):
    sidecar = SIDECAR | {"Columns": ["infant_RSP", "parent_RSP", "trigger"]}
    assert [p.role for p in read(write(tmp_path, sidecar=sidecar)).partners] == [
        "infant",
        "parent",
    ]


def test_a_sidecar_is_inherited_from_the_root_of_the_data_set(tmp_path):
    (tmp_path / "task-rest_physio.json").write_text(json.dumps(SIDECAR))
    path = write(tmp_path / "sub-07" / "beh", sidecar=None)
    assert read(path).partners[0].signals["ppg"].rate_hz == 10.0


def test_a_nearer_sidecar_overrides_an_inherited_one(tmp_path):
    (tmp_path / "task-rest_physio.json").write_text(json.dumps(SIDECAR))
    path = write(tmp_path / "sub-07" / "ses-1" / "beh", sidecar={"SamplingFrequency": 25})
    assert read(path).partners[0].signals["ppg"].rate_hz == 25.0


def test_a_sidecar_of_another_task_is_not_inherited(tmp_path):
    (tmp_path / "task-play_physio.json").write_text(json.dumps(SIDECAR))
    with pytest.raises(RecordingError, match=r"sub-07_task-rest_physio\.json is missing"):
        read(write(tmp_path / "sub-07" / "beh", sidecar=None))


def test_a_sidecar_that_lacks_fields_names_all_of_them(tmp_path):
    path = write(tmp_path, sidecar={"Columns": ["cardiac"]})
    with pytest.raises(RecordingError, match="lacks SamplingFrequency, StartTime"):
        read(path)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("SamplingFrequency", "100 Hz", 'SamplingFrequency in its sidecar is "100 Hz"'),
        ("SamplingFrequency", 0, "a rate of 0.0 Hz"),
        ("StartTime", None, "StartTime in its sidecar is null"),
        ("Columns", "cardiac", "Columns in its sidecar must list"),
        ("Columns", ["a", "a", "b"], "each once"),
    ],
)
def test_a_sidecar_field_of_the_wrong_sort_is_named(tmp_path, field, value, message):
    with pytest.raises(RecordingError, match=message):
        read(write(tmp_path, sidecar=SIDECAR | {field: value}))


def test_a_sidecar_that_is_not_json_says_so(tmp_path):
    path = write(tmp_path)
    path.with_name("sub-07_task-rest_physio.json").write_text("{,}")
    with pytest.raises(RecordingError, match="not valid JSON"):
        read(path)


def test_columns_that_do_not_fit_the_table_are_an_error(tmp_path):
    path = write(tmp_path, sidecar=SIDECAR | {"Columns": ["cardiac", "trigger"]})
    with pytest.raises(RecordingError, match="line 1: 3 values where 2 belong"):
        read(path)


def test_a_short_row_is_not_padded(tmp_path):
    with pytest.raises(RecordingError, match="line 2: 2 values where 3 belong"):
        read(write(tmp_path, "1\t2\t0\n1\t2\n1\t2\t0\n"))


def test_an_empty_line_is_not_skipped(tmp_path):
    with pytest.raises(RecordingError, match="line 2: 0 values where 3 belong"):
        read(write(tmp_path, "1\t2\t0\n\n1\t2\t0\n"))


def test_a_header_line_is_named_as_what_it_is(tmp_path):
    with pytest.raises(RecordingError, match="line 1: 'cardiac' is not a number or n/a"):
        read(write(tmp_path, "cardiac\trespiratory\ttrigger\n" + ROWS))


def test_an_empty_cell_is_not_taken_for_missing(tmp_path):
    with pytest.raises(RecordingError, match="line 2: '' is not a number or n/a"):
        read(write(tmp_path, "1\t2\t0\n1\t\t0\n"))


def test_an_empty_table_says_so(tmp_path):
    with pytest.raises(RecordingError, match="table is empty"):
        read(write(tmp_path, ""))


def test_a_value_too_large_for_a_number_is_named(tmp_path):
    with pytest.raises(RecordingError, match="line 2: '1e999' is not a number"):
        read(write(tmp_path, "1\t2\t0\n1e999\t2\t0\n"))


def test_a_cut_off_table_says_so(tmp_path):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(RecordingError, match=r"cannot be unpacked.*damaged or cut off"):
        read(path)


def test_the_suffix_decides():
    assert FORMAT.recognises(Path("sub-1_physio.tsv.gz"))
    assert not FORMAT.recognises(Path("sub-1_events.tsv"))


@settings(max_examples=60)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_table_cut_off_anywhere_is_refused(scratch, cut):
    path = write(scratch)
    data = path.read_bytes()
    path.write_bytes(data[: int(cut * len(data))])
    with pytest.raises(RecordingError):
        read(path)


@settings(max_examples=60)
@given(data=st.binary(max_size=300))
def test_random_bytes_are_refused(scratch, data):
    path = write(scratch)
    path.write_bytes(data)
    with pytest.raises(RecordingError):
        read(path)


@settings(max_examples=100)
@given(rows=st.one_of(st.text(max_size=60), st.text("0123456789.\t\nen/a-", max_size=60)))
def test_any_text_is_read_or_refused_with_the_file_named(scratch, rows):
    path = write(scratch)
    path.write_bytes(gzip.compress(rows.encode("utf-8", "replace")))
    try:
        read(path)
    except RecordingError as error:
        assert path.name in str(error)  # noqa: PT017

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowlby.recordings.emit import emit_dyad, write_mea
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

read_mea = format_of(None, "mea").read
AT_25 = ReadOptions(rate_hz=25.0)


@pytest.fixture
def write(tmp_path):
    def written(text: str, name: str = "s01.txt") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_real_session_has_its_rate_roles_and_length(shared_data):
    path = shared_data / "rmea_psychotherapy_mea" / "normal" / "200_01.txt"
    recording = read(path, AT_25)
    rows = [line.split() for line in path.read_text().splitlines()[1:]]
    assert recording.roles == ("pat", "th")
    assert recording.first.signals["motion"].rate_hz == 25.0
    np.testing.assert_array_equal(
        recording.first.signals["motion"].values, [float(row[0]) for row in rows]
    )
    np.testing.assert_array_equal(
        recording.second.signals["motion"].values, [float(row[1]) for row in rows]
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(*[st.floats(-1e6, 1e6, allow_subnormal=False)] * 2), min_size=3, max_size=20
    ).filter(lambda rows: all(len({row[i] for row in rows}) > 1 for i in (0, 1))),
    delimiter=st.sampled_from([" ", "   ", "\t", ",", ", ", ";"]),
    header=st.sampled_from([(), ("pat", "th")]),
)
def test_what_is_written_with_any_delimiter_and_header_is_read_back(
    write, rows, delimiter, header
):
    lines = [delimiter.join(header)] * bool(header)
    path = write("\n".join([*lines, *(delimiter.join(map(repr, row)) for row in rows)]))
    recording = read(path, AT_25, format="mea")
    read_back = [p.signals["motion"].values for p in (recording.first, recording.second)]
    # The fast number parser does not round correctly.
    np.testing.assert_allclose(np.column_stack(read_back), rows, rtol=1e-12)
    assert recording.roles == (("pat", "th") if header else ("first", "second"))


def test_a_fractional_rate_is_kept(write):
    recording = read(write("1 5\n2 3\n"), ReadOptions(rate_hz=29.97))
    assert recording.first.signals["motion"].rate_hz == 29.97


def test_a_missing_rate_says_how_to_give_it(write):
    with pytest.raises(RecordingError, match=r"s01\.txt.*--rate 25 \(or 29\.97\)"):
        read(write("1 5\n2 3\n"))


@pytest.mark.parametrize("rate_hz", [-25.0, 0.0, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(write, rate_hz):
    with pytest.raises(RecordingError, match="must be a positive number of Hz"):
        read(write("1 5\n2 3\n"), ReadOptions(rate_hz=rate_hz))


@pytest.mark.parametrize("missing", ["NA", "NaN", "nan"])
def test_missing_values_stay_missing(write, missing):
    recording = read(write(f"1 5\n{missing} 3\n4 1\n"), AT_25)
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [1.0, np.nan, 4.0])


def test_an_empty_cell_is_missing(write):
    recording = read(write("1,5\n,3\n4,1\n"), AT_25)
    assert np.isnan(recording.first.signals["motion"].values[1])


def test_text_among_numbers_names_line_column_and_text(write):
    with pytest.raises(RecordingError, match=r"s01\.txt, line 3, column th: 'x7' is not a"):
        read(write("pat th\n1 5\n2 x7\n3 1\n"), AT_25)


@pytest.mark.parametrize("row", ["2", "2 3 4"])
def test_a_ragged_row_names_its_line(write, row):
    with pytest.raises(RecordingError, match=r"line 3: \d values where 2 belong"):
        read(write(f"pat th\n1 5\n{row}\n3 1\n"), AT_25)


def test_bars_part_columns_too(write):
    recording = read(write("1|2\n3|4\n"), AT_25)
    np.testing.assert_array_equal(recording.second.signals["motion"].values, [2.0, 4.0])


def test_a_constant_column_is_named(write):
    with pytest.raises(RecordingError, match="column th: every value is 5"):
        read(write("pat th\n1 5\n2 5\n"), AT_25)


def test_a_column_without_values_is_named(write):
    with pytest.raises(RecordingError, match="column pat: all values are missing"):
        read(write("pat th\nNA 5\nNA 4\n"), AT_25)


def test_without_a_header_the_first_half_is_the_first_person(write):
    recording = read(write("1 2 10 20\n3 4 30 40\n"), AT_25)
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [3.0, 7.0])
    np.testing.assert_array_equal(recording.second.signals["motion"].values, [30.0, 70.0])


def test_regions_in_turn_go_to_the_person_their_header_names(write):
    recording = read(write("pat_head th_head pat_body th_body\n1 10 2 20\n3 30 4 40\n"), AT_25)
    assert recording.roles == ("pat", "th")
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [3.0, 7.0])


def test_the_person_may_stand_behind_the_region(write):
    recording = read(write("head_pat head_th body_pat body_th\n1 10 2 20\n3 30 4 40\n"), AT_25)
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [3.0, 7.0])


def test_a_header_that_names_nobody_asks_for_columns(write):
    with pytest.raises(RecordingError, match="--first roi1 --second roi4"):
        read(write("roi1 roi2 roi3 roi4\n1 10 2 20\n3 30 4 40\n"), AT_25)


@pytest.mark.parametrize(("first", "second"), [(("a", "c"), ("b",)), (("1", "3"), ("2",))])
def test_columns_told_by_name_or_number_are_summed(write, first, second):
    options = ReadOptions(rate_hz=25.0, first=first, second=second)
    recording = read(write("a b c\n1 10 100\n3 30 300\n"), options)
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [101.0, 303.0])
    np.testing.assert_array_equal(recording.second.signals["motion"].values, [10.0, 30.0])


def test_a_column_cannot_be_both_peoples(write):
    options = ReadOptions(rate_hz=25.0, first=("a",), second=("a", "b"))
    with pytest.raises(RecordingError, match="column a is given to both people"):
        read(write("a b\n1 10\n3 30\n"), options)


def test_an_unknown_column_lists_the_columns(write):
    options = ReadOptions(rate_hz=25.0, first=("x",), second=("b",))
    with pytest.raises(RecordingError, match="no column 'x'; it has a, b"):
        read(write("a b\n1 10\n3 30\n"), options)


def test_three_columns_without_names_cannot_be_halved(write):
    with pytest.raises(RecordingError, match="3 columns cannot be halved"):
        read(write("1 2 3\n4 5 6\n"), AT_25)


@pytest.mark.parametrize("header", ['"","pat","th"', '"pat","th"'])
def test_row_numbers_that_r_writes_are_no_signal(write, header):
    rows = "".join(f'"{i}",{i * i},{7 - i}\n' for i in range(1, 9))
    recording = read(write(f"{header}\n{rows}", "s01.csv"), AT_25)
    assert recording.roles == ("pat", "th")
    np.testing.assert_array_equal(
        recording.first.signals["motion"].values, np.arange(1, 9) ** 2
    )


def test_one_column_is_one_person_and_asks_for_the_other(write):
    with pytest.raises(
        RecordingError, match=r"s01\.mea: holds one person.*other person's file"
    ):
        read(write("1\n2\n3\n", "s01.mea"), AT_25)


def test_two_files_of_one_column_make_a_recording(write):
    paths = write("1\n2\n3\n", "s01_client.mea"), write("9\n7\n8\n", "s01_therapist.mea")
    recording = read(paths, AT_25)
    assert recording.roles == ("client", "therapist")
    np.testing.assert_array_equal(recording.second.signals["motion"].values, [9, 7, 8])


def test_the_kind_can_be_told(write):
    options = ReadOptions(rate_hz=250.0, kind="ecg")
    assert read(write("0.1 0.5\n0.2 0.3\n"), options).signal_names == ("ecg",)


def test_roles_can_be_told(write):
    options = ReadOptions(rate_hz=25.0, roles=("client", "therapist"))
    assert read(write("pat th\n1 5\n2 3\n"), options).roles == ("client", "therapist")


def test_a_reading_holds_no_invented_clock(write):
    assert read_mea(write("1 5\n2 3\n"), AT_25).unix_start_s is None


def test_messages_do_not_name_the_folder_of_a_damaged_file(write, tmp_path):
    with pytest.raises(RecordingError, match=rf"^(?!.*{re.escape(str(tmp_path))})"):
        read(write("1 5\n2 x\n"), AT_25)


def test_columns_of_real_hand_movement_are_chosen_by_name(shared_data):
    path = shared_data / "crqa_handmovement" / "handmovement.csv"
    options = ReadOptions(rate_hz=15.0, kind="motion", first=("P1_TT_d",), second=("P2_TT_d",))
    recording = read(path, options)
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    assert recording.roles == ("P1_TT_d", "P2_TT_d")
    np.testing.assert_array_equal(recording.first.signals["motion"].values, table[:, 0])
    np.testing.assert_array_equal(recording.second.signals["motion"].values, table[:, 2])


@pytest.mark.parametrize("number", ["0", "3", "²", "-1"])
def test_a_column_number_that_does_not_exist_is_refused(write, number):
    options = ReadOptions(rate_hz=25.0, first=(number,), second=("2",))
    with pytest.raises(RecordingError, match=f"no column '{number}'; it has numbers 1 to 2"):
        read(write("1 5\n2 3\n"), options)


@pytest.mark.parametrize("gap", [None, (20.0, 15.0)])
def test_simulated_motion_is_read_back_from_a_motion_file(tmp_path, gap):
    dyad = emit_dyad(
        duration_s=60.0,
        lag_s=1.0,
        correlation=0.6,
        kinds=("motion",),
        gap=gap,
        rng=np.random.default_rng(1),
    )
    rate_hz = dyad.first.signals["motion"].rate_hz
    path = write_mea(dyad, tmp_path / "s01.txt")
    recording = read(path, ReadOptions(rate_hz=rate_hz))
    assert recording.roles == dyad.roles
    np.testing.assert_array_equal(
        recording.first.signals["motion"].values, dyad.first.signals["motion"].values
    )
    np.testing.assert_array_equal(
        recording.second.signals["motion"].values, dyad.second.signals["motion"].values
    )

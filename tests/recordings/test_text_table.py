import contextlib
import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

AT_25 = ReadOptions(rate_hz=25.0)


@pytest.fixture
def write(tmp_path):
    def written(content, name="s01.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_an_empty_line_is_a_missing_sample_and_does_not_shift_time(write):
    recording = read(write("pat th\n1 5\n\n2 3\n4 9\n"), AT_25)
    np.testing.assert_array_equal(
        recording.first.signals["motion"].values, [1.0, np.nan, 2.0, 4.0]
    )


def test_empty_lines_at_the_end_are_no_fault(write):
    assert len(read(write("1 2\n3 4\n\n \n"), AT_25).first.signals["motion"].values) == 2


def test_a_damaged_first_row_is_no_header(write):
    with pytest.raises(RecordingError, match="line 1, column 1: '12x' is not a number"):
        read(write("12x 5\n3 4\n5 6\n"), AT_25)


def test_a_file_of_blanks_only_is_empty(write):
    with pytest.raises(RecordingError, match="the file is empty"):
        read(write("\u00a0\n"), AT_25)


def test_binary_data_far_down_is_refused(write):
    with pytest.raises(RecordingError, match="holds binary data"):
        read(write(b"1 2\n3 4\n" * 20_000 + b"5 \x01\n"), AT_25)


@pytest.mark.parametrize("text", ['1,"2\n3,4\n', '"" \n""', "1," + "1" * 200_000 + "\n2,x\n"])
def test_cells_without_end_are_refused(write, text):
    with pytest.raises(RecordingError):
        read(write(text, "s01.csv"), AT_25)


def test_quoted_names_after_a_blank_lose_their_quotes(write):
    assert read(write('"pat", "th"\n1, 2\n3, 4\n'), AT_25).roles == ("pat", "th")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6).filter(lambda x: x != 0))
def test_numbers_are_read_back_to_the_last_digit(write, a, b):
    values = read(write(f"{a!r} {b!r}\n{a + 1e7!r} 0\n"), AT_25).first.signals["motion"].values
    np.testing.assert_array_equal(values, [a, a + 1e7])


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=80).map(str.encode),
        st.text(alphabet='01.,; \t\n"eNA-', max_size=120).map(str.encode),
    )
)
@pytest.mark.parametrize("name", ["f.txt", "f.csv", "f.rr", "f.csv.gz", "f.parquet", "f.mea"])
def test_any_bytes_are_read_or_refused_as_a_recording(write, content, name):
    path = write(content, name)
    with contextlib.suppress(RecordingError):
        read(path, AT_25)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet='0123456789.,;-\teENA abrp\n"', max_size=200))
@pytest.mark.parametrize("name", ["f.txt", "f.csv", "f.rr"])
def test_a_file_of_any_letters_is_read_or_refused_as_a_recording(write, text, name):
    path = write("person,time\n" + text, name)
    with contextlib.suppress(RecordingError):
        read(path, AT_25)


def test_rows_wider_than_the_header_are_refused_and_not_cut(write):
    with pytest.raises(RecordingError, match="line 1: 2 values where 4 belong"):
        read(write("pat th\n1 2 3 4\n5 6 7 8\n"), AT_25)


def test_a_single_column_of_decimal_commas_is_one_column(write):
    rows = "".join(f"{ms // 1000},{ms % 1000:03d}\n" for ms in range(700, 1100, 20))
    (partner,) = format_of(path := write("RR\n" + rows, "s01.rr")).read(path, AT_25).partners
    np.testing.assert_allclose(partner.signals["ibi"].ibi_ms, np.arange(700, 1100, 20))


def test_decimal_commas_between_semicolons_are_numbers(write):
    recording = read(write("pat;th\n1,5;2,5\n2,5;3,75\n", "s01.csv"), AT_25)
    np.testing.assert_array_equal(recording.second.signals["motion"].values, [2.5, 3.75])


def test_a_title_above_the_header_is_passed_over(write):
    recording = read(write("My session\npat,th\n1,2\n3,5\n", "s01.csv"), AT_25)
    assert recording.roles == ("pat", "th")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_line_end_and_encoding_is_read(write, newline, encoding):
    text = newline.join(["pät th", "1 5", "2 3", ""])
    recording = read(write(text.encode(encoding)), AT_25)
    assert recording.roles == ("pät", "th")
    np.testing.assert_array_equal(recording.first.signals["motion"].values, [1.0, 2.0])


def test_a_small_gzip_file_of_a_huge_text_is_recognised_without_unpacking_it(write):
    path = write(gzip.compress(b"pat th\n" + b"1 2\n" * 10_000_000, 1), "s01.txt.gz")
    tracemalloc.start()
    name = format_of(path).name
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert name == "table"
    assert peak < 5_000_000


def test_a_text_larger_than_allowed_is_refused(write, monkeypatch):
    monkeypatch.setattr("bowlby.recordings.tables.loading.MAX_BYTES", 1_000)
    path = write(gzip.compress(b"1 2\n" * 1_000), "s01.txt.gz")
    with pytest.raises(
        RecordingError, match=r"s01\.txt\.gz: holds .* GB of text or more.* Cut it into"
    ):
        read(path, AT_25)


@pytest.mark.parametrize(
    "damage", [b"1 2\n", gzip.compress(b"1 2\n", mtime=0) + b"rest"], ids=["plain", "rest"]
)
def test_what_is_not_all_gzip_is_refused(write, damage):
    with pytest.raises(RecordingError, match="the gzip file is damaged"):
        read(write(damage, "s01.txt.gz"), AT_25)

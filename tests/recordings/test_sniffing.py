"""However a table is written, its numbers come out the same or it is refused."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.parsing import read_text_table

MISSING = ("NA", "nan", "n/a", "NULL", "None", "-nan(ind)", "#N/A", "--", "")


@pytest.fixture
def write(tmp_path):
    def written(text, name="s.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def _text(values, delimiter, decimal, missing, preamble, header, trailing, newline):
    def cell(value):
        return missing if value is None else f"{value:.3f}".replace(".", decimal)

    rows = [delimiter.join(map(cell, row)) + (delimiter if trailing else "") for row in values]
    lines = [*preamble, *([delimiter.join(header)] if header else []), *rows]
    return newline.join(lines) + newline


numbers = st.integers(-999_000, 999_000).map(lambda thousandths: thousandths / 1000)
cells = st.one_of(st.none(), *[numbers] * 4)


@st.composite
def tables(draw):
    """Rows of three cells; at least four rows are full, so that no column is empty."""
    full = draw(st.lists(st.tuples(*[numbers] * 3), min_size=4, max_size=10))
    rows = [*full, *draw(st.lists(st.tuples(*[cells] * 3), min_size=2, max_size=25))]
    return draw(st.permutations(rows))


# Shrinking a failure of a table takes longer than reading it in full.
@settings(
    max_examples=150,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|", " "]),
    decimal=st.sampled_from([".", ","]),
    missing=st.sampled_from(MISSING),
    preamble=st.sampled_from([(), ("My session",), ("# device x", "# 25 Hz"), ("Title", "", "Rater: 3")]),
    header=st.sampled_from([(), ("a", "b", "c"), ("Time (s)", "left-hand", "x[1]")]),
    trailing=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip
def test_any_layout_gives_the_same_numbers_or_a_refusal(
    write, values, delimiter, decimal, missing, preamble, header, trailing, newline
):
    if delimiter == " ":
        header, missing = tuple(name.replace(" ", "") for name in header), missing or "NA"
    text = _text(values, delimiter, decimal, missing, preamble, header, trailing, newline)
    try:
        table = read_text_table(write(text))
    except RecordingError:
        return
    expected = np.array([[np.nan if v is None else round(v, 3) for v in r] for r in values])
    found = table.frame.to_numpy(dtype=float)
    assert found.shape[1] == 3
    # Rows without any value at the end are no rows.
    filled = len(expected) - np.argmax(np.isfinite(expected).any(axis=1)[::-1])
    assert filled <= len(found) <= len(expected)
    np.testing.assert_allclose(found, expected[: len(found)], rtol=1e-12)
    assert not header or tuple(table.frame.columns) == header


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_decimal_commas_are_read_where_another_mark_parts_the_columns(write, delimiter):
    rows = "".join(f"{i},5{delimiter}{i},25\n" for i in range(20))
    frame = read_text_table(write(f"a{delimiter}b\n{rows}")).frame
    np.testing.assert_allclose(frame["b"], np.arange(20) + 0.25)


def test_decimal_commas_between_commas_are_joined_by_their_leading_zeros(write):
    rows = "".join(f"{i},{i * 7 % 100:02d},{i},{i * 3 % 100:02d}\n" for i in range(60))
    frame = read_text_table(write(rows)).frame
    np.testing.assert_allclose(frame["column 1"], [i + (i * 7 % 100) / 100 for i in range(60)])


def test_whole_numbers_that_only_a_decimal_comma_explains_are_asked_about(write):
    rows = "NA,122,924,1,500\n-552,598,0,209,NA\n999,000,294,941,NA\nNA,-2,000,-306,030\n"
    with pytest.raises(RecordingError, match="decimal commas are lost"):
        read_text_table(write(rows * 2))


def test_names_with_leading_zeros_of_one_length_are_numbers(write):
    rows = "".join(f"{i:03d},{i * 7 % 100},{i}\n" for i in range(60))
    assert read_text_table(write("person_code,a,b\n" + rows)).frame.shape == (60, 3)


def test_whole_numbers_between_commas_are_not_joined(write):
    rows = "".join(f"{i * 7 % 100},{i * 3 % 90}\n" for i in range(60))
    assert read_text_table(write(rows)).frame.shape == (60, 2)


def test_the_last_row_may_lack_the_trailing_delimiter(write):
    frame = read_text_table(write("a\tb\t\n" + "1.5\t2\t\n" * 20 + "1.5\t3")).frame
    assert frame.shape == (21, 2)


def test_a_stated_delimiter_is_believed(write):
    frame = read_text_table(write('"sep=;"\na;b\n' + "1,5;2,5\n" * 9)).frame
    assert frame["b"].tolist() == [2.5] * 9


def test_units_below_the_names_are_units(write):
    table = read_text_table(write("t\tgsr\nms\tkOhms\n" + "1\t200.5\n" * 9))
    assert table.units == {"t": "ms", "gsr": "kOhms"}


def test_a_row_of_counts_below_the_header_is_no_sample(write):
    text = "sec\tCH1\tCH2\t\n\t20\t20\t\n" + "".join(
        f"{i}.0\t{i * i}\t3.5\t\n" for i in range(20)
    )
    assert len(read_text_table(write(text)).frame) == 20


def test_a_preamble_of_two_hundred_lines_is_passed_over(write):
    text = "".join(f"Setting {i}: value {i}\n" for i in range(200)) + "a,b\n" + "1.5,2.5\n" * 50
    table = read_text_table(write(text))
    assert table.frame.shape == (50, 2)
    assert table.lines[0] == 202


def test_a_cut_last_row_is_left_out_and_told(write):
    table = read_text_table(write("a,b\n" + "1.5,2.5\n" * 50 + "1.5"))
    assert len(table.frame) == 50
    assert "cut off" in table.notes[0]


def test_one_ragged_row_of_thousands_is_missing_and_told(write):
    rows = ["1.5,2.5"] * 3000
    rows[1000] = "1.5,2.5,3.5"
    table = read_text_table(write("a,b\n" + "\n".join(rows)))
    assert "line 1002" in table.notes[0]
    assert np.isnan(table.frame["a"].iloc[1000])


def test_two_tables_glued_together_are_refused_at_the_second_header(write):
    one = "time,a,b\n" + "".join(f"{i},{i * i % 7}.5,2.5\n" for i in range(50))
    with pytest.raises(RecordingError, match=r"line 52.*[Tt]wo tables stand in one file"):
        read_text_table(write(one + one))


def test_ten_thousand_columns_are_read(write):
    row = ",".join(["1.5"] * 10_000)
    assert read_text_table(write("\n".join([row] * 5))).frame.shape == (5, 10_000)


def test_names_with_umlauts_and_blanks_are_kept(write):
    table = read_text_table(write("Hautleitwert Mutter;Größe\n" + "1,5;2\n" * 9))
    assert list(table.frame.columns) == ["Hautleitwert Mutter", "Größe"]


def test_a_file_too_large_for_memory_says_what_it_would_take(write, monkeypatch):
    monkeypatch.setattr("bowlby.recordings.tables.loading.MAX_BYTES", 100)
    with pytest.raises(RecordingError, match=r"would take about .* GB of memory"):
        read_text_table(write("1,2\n" * 100))

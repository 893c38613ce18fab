"""Tables of hormone samples, long and wide."""

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.samples import described, read_samples


@pytest.fixture
def write(tmp_path):
    def written(text, name="study.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


LONG = "dyad,person,sample,minutes,cortisol_nmol_l\n" + "".join(
    f"{d},{p},{s},{20 * s},{2 + d + s + (p == 'mother')}\n"
    for d in (1, 2) for p in ("mother", "child") for s in (1, 2, 3)
)  # fmt: skip


def test_a_long_table_keeps_dyad_person_sample_and_time(write):
    found = read_samples(write(LONG))
    assert (found.dyads, found.people, found.samples, found.unit) == (2, 4, 3, "nmol/l")
    row = found.rows.query("dyad == '2' and person == 'mother' and sample == 3").iloc[0]
    assert (row["minutes"], row["value"]) == (60, 8)


def test_wide_and_long_say_the_same(write):
    wide = "dyad,mother_cortisol_1,mother_cortisol_2,child_cortisol_1,child_cortisol_2\n1,5,6,7,8\n2,1,2,3,4\n"
    long = (
        "dyad,person,sample,cortisol\n1,mother,1,5\n1,mother,2,6\n1,child,1,7\n1,child,2,8\n"
        + ("2,mother,1,1\n2,mother,2,2\n2,child,1,3\n2,child,2,4\n")
    )
    keys = ["dyad", "person", "sample", "value"]
    tables = [
        read_samples(write(text)).rows[keys].sort_values(keys[:3]) for text in (wide, long)
    ]
    assert tables[0].to_numpy().tolist() == tables[1].to_numpy().tolist()


def test_units_become_the_usual_one(write):
    found = read_samples(write(LONG.replace("nmol_l", "ug_dl")))
    np.testing.assert_allclose(found.rows["value"].max(), 8 * 27.59)
    assert found.unit == "nmol/l"
    assert any("Doubtful" in note for note in found.notes)


def test_samples_that_cannot_be_are_left_out_and_counted(write):
    text = LONG.replace("1,mother,1,20,5", "1,mother,1,20,0").replace(
        "1,child,1,20,4", "1,child,1,20,"
    )
    found = read_samples(write(text))
    assert found.left_out == ("1 blank", "1 at or below 0 (under detection)")
    assert found.rows["value"].isna().sum() == 2


def test_a_told_code_is_missing(write):
    found = read_samples(write(LONG.replace(",4\n", ",999\n")), ReadOptions(missing=(999.0,)))
    assert found.rows["value"].max() < 20


def test_times_of_day_are_minutes_since_midnight(write):
    found = read_samples(write("dyad,person,clock,cortisol\n1,a,09:30,5\n1,b,10:00:30,6\n"))
    assert found.rows["clock_minutes"].tolist() == [570.0, 600.5]


def test_a_sample_given_twice_names_the_line(write):
    with pytest.raises(RecordingError, match="line 14: a second sample"):
        read_samples(write(LONG + "2,child,3,60,9\n"))


def test_the_real_samples_are_read_as_other_programs_read_them(shared_data):
    import pandas as pd

    path = shared_data / "real" / "cortisol_and_phases" / "cortisol_sample.csv"
    found = read_samples(path)
    own = pd.read_csv(path)
    assert (found.people, found.samples, found.dyads) == (26, 7, 0)
    np.testing.assert_allclose(
        np.sort(found.rows["value"]), np.sort(own[list("0123456")].to_numpy().ravel())
    )
    assert "who belongs to whom" in described(found)
    assert "condition" in found.rows

"""Whose a column is: names that make two people, and words that never do."""

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

N = 1200


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(3)
    return np.round(5 + np.cumsum(rng.normal(0, 0.02, (2, N)), axis=1), 4)


def table(tmp_path, first, second, values, name="s.csv"):
    path = tmp_path / name
    rows = [f"{i / 4:.2f};{a};{b}" for i, (a, b) in enumerate(values.T)]
    path.write_text("\n".join([f"time;{first};{second}", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("first", "second", "roles"),
    [
        ("Anna_M.EDA", "Ben_K.EDA", ("Anna M", "Ben K")),
        ("leader eda", "follower eda", ("leader", "follower")),
        ("EDA (Müller) [uS]", "EDA (Schmidt) [uS]", ("Müller", "Schmidt")),
        ("Proband EDA", "Versuchsleiter EDA", ("Proband", "Versuchsleiter")),
        ("id101_GSR", "id102_GSR", ("person 101", "person 102")),
        ("Kind Hautleitwert", "Mutter Hautleitwert", ("child", "mother")),
        ("interviewee GSR", "interviewer GSR", ("interviewee", "interviewer")),
    ],
)
def test_names_of_two_people(tmp_path, values, first, second, roles):
    recording = read(table(tmp_path, first, second, values))
    assert recording.roles == roles
    np.testing.assert_array_equal(recording.first.signals["eda"].values, values[0])
    np.testing.assert_array_equal(recording.second.signals["eda"].values, values[1])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("EDA_left", "EDA_right"), ("EDA_raw", "EDA_filtered"), ("EDA_hand", "EDA_foot"),
        ("GSR_biopac", "GSR_shimmer"), ("eda_cal", "eda_uncal"), ("EDA x", "EDA y"),
        ("Skin Conductance", "Skin Resistance_z"), ("ECG_I", "ECG_II"),
        ("resp_chest", "resp_abdomen"),
    ],
)  # fmt: skip
def test_parts_of_one_body_are_no_two_people(tmp_path, values, first, second):
    path = table(tmp_path, first, second, values)
    with pytest.raises(RecordingError, match=r"one person"):
        read(path)


def test_the_remedy_for_two_channels_of_one_person_works(tmp_path, values):
    path = table(tmp_path, "EDA_left", "EDA_right", values)
    told = read(path, ReadOptions(first=("EDA_left",), second=("EDA_right",)))
    np.testing.assert_array_equal(told.second.signals["eda"].values, values[1])


def test_head_and_body_are_regions_of_one_person(tmp_path, values):
    path = table(tmp_path, "head", "body", values)
    with pytest.raises(RecordingError, match="does not tell whose"):
        read(path)
    assert read(table(tmp_path, "left", "right", values)).roles == ("left", "right")


def test_two_channels_in_each_of_two_files_are_asked_for_by_file(tmp_path, values):
    files = [
        table(tmp_path, "EDA_left", "EDA_right", values, name) for name in ("a.csv", "b.csv")
    ]
    with pytest.raises(RecordingError, match=r'--first "EDA_left" --second "EDA_left"'):
        read(files)


@pytest.mark.parametrize(
    ("column", "people"),
    [("Subject", ("c", "t")), ("ID", ("101", "102")), ("Participant ID", ("7", "8"))],
)
def test_a_long_table_may_call_its_people_as_it_likes(tmp_path, values, column, people):
    path = tmp_path / "s.csv"
    rows = [
        f"{who},{i / 4:.2f},{v}"
        for who, own in zip(people, values, strict=True)
        for i, v in enumerate(own)
    ]
    path.write_text("\n".join([f"{column},time,EDA", *rows]))
    recording = read(path)
    assert recording.roles == people
    np.testing.assert_array_equal(recording.second.signals["eda"].values, values[1])


def test_labels_of_spss_name_people_and_signals(tmp_path, values):
    pyreadstat = pytest.importorskip("pyreadstat")
    import pandas as pd

    frame = pd.DataFrame(
        {
            "person": np.repeat([1.0, 2.0], N),
            "time": np.tile(np.arange(N) / 4, 2),
            "V3": values.ravel(),
        }
    )
    path = tmp_path / "s.sav"
    pyreadstat.write_sav(
        frame, str(path), column_labels=["", "", "Skin conductance"],
        variable_value_labels={"person": {1: "patient", 2: "therapist"}},
    )  # fmt: skip
    recording = read(path)
    assert recording.roles == ("patient", "therapist")
    np.testing.assert_allclose(recording.first.signals["eda"].values, values[0])


def test_fields_of_a_matlab_struct_are_its_variables(tmp_path, values):
    from scipy.io import savemat

    data = {"client": {"eda": values[0]}, "therapist": {"eda": values[1]}, "srate": 4.0}
    savemat(tmp_path / "s.mat", {"data": data})
    recording = read(tmp_path / "s.mat")
    assert recording.roles == ("client", "therapist")
    assert recording.first.signals["eda"].rate_hz == 4.0
    np.testing.assert_array_equal(recording.second.signals["eda"].values, values[1])

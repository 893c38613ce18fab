import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.mapping import read_mapping, study_files
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

RNG = np.random.default_rng(3)


@pytest.fixture
def write(tmp_path):
    def written(text, name="bowlby.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def table(write):
    rows = "".join(f"{a:.3f},{b:.3f}\n" for a, b in 5 + RNG.normal(size=(60, 2)))
    return write("left,right\n" + rows, "raw.csv")


PEOPLE = """
[people.client]
file = "raw.csv"
signals = [{ column = "left", kind = "eda" }]
[people.therapist]
file = "raw.csv"
signals = [{ column = "right", kind = "eda" }]
[table]
rate_hz = 4.0
"""


def test_a_mapping_tells_people_columns_and_rate(write, table):
    recording = read(write(PEOPLE))
    assert recording.roles == ("client", "therapist")
    expected = np.loadtxt(table, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(recording.second.signals["eda"].values, expected[:, 1])


@pytest.mark.usefixtures("table")
def test_intervals_left_out_by_hand_are_missing_and_counted(write):
    out = '[[leave_out]]\nperson = "client"\nbegin = 2.0\nend = 4.0\nwhy = "cable"\n'
    recording = read(write(PEOPLE + out))
    assert np.isnan(recording.first.signals["eda"].values).sum() == 9
    assert "cable" in recording.first.signals["eda"].notes[-1]
    assert np.isfinite(recording.second.signals["eda"].values).all()


@pytest.mark.usefixtures("table")
def test_phases_become_events(write):
    recording = read(write(PEOPLE + '[[phases]]\nname = "therapy"\nbegin = 1.0\nend = 9.0\n'))
    assert [(e.label, e.start_s, e.duration_s) for e in recording.events] == [
        ("therapy", 1.0, 8.0)
    ]


def test_an_offset_moves_one_persons_clock(write):
    for name in ("a", "b"):
        write("eda\n" + "".join(f"{v:.3f}\n" for v in 5 + RNG.normal(size=60)), f"{name}.csv")
    text = (
        '[people.a]\nfile = "a.csv"\n[people.b]\nfile = "b.csv"\noffset_s = 2.5\n'
        "[table]\nrate_hz = 4.0\n"
    )
    assert read(write(text)).second.signals["eda"].start_s == 2.5


def test_a_formula_turns_counts_into_microsiemens(write):
    write("x\n" + "".join(f"{v}\n" for v in RNG.integers(100, 900, 60)), "raw.csv")
    write("x\n" + "".join(f"{v}\n" for v in RNG.integers(100, 900, 60)), "other.csv")
    line = 'signals = [{ column = "x", name = "eda", formula = "x / 1024 * 3.3 / 0.132" }]\n'
    text = (
        f'[people.a]\nfile = "raw.csv"\n{line}[people.b]\nfile = "other.csv"\n{line}'
        "[table]\nrate_hz = 4.0\n"
    )
    assert read(write(text)).first.signals["eda"].values.max() < 25


@pytest.mark.usefixtures("table")
def test_a_formula_is_no_program(write):
    text = PEOPLE.replace('kind = "eda" }', 'kind = "eda", formula = "__import__(1)" }', 1)
    with pytest.raises(RecordingError, match="only numbers, x and"):
        read(write(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sesion = 's'\n" + PEOPLE, "unknown key 'sesion'. Did you mean 'session'"),
        (PEOPLE.replace("column", "colum"), "unknown key 'colum'. Did you mean"),
        ("[people.a]\nfile = 'none.csv'\n", "which is not there"),
        ("session = 's'\n", "names no people"),
        ("session = \n", "cannot be read as a mapping"),
        (PEOPLE + "[[leave_out]]\nperson = 'client'\n", "needs begin and end"),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_faulty_mapping_is_refused_with_what_is_wrong(write, text, told):
    with pytest.raises(RecordingError, match=told.replace("?", r"\?")):
        read(write(text))


@pytest.mark.usefixtures("table")
def test_a_mapping_that_contradicts_the_file_is_refused(write):
    with pytest.raises(RecordingError, match="no column 'middle'; it has left, right"):
        read(write(PEOPLE.replace('"left"', '"middle"')))


def test_a_pattern_finds_every_session_of_a_study(write):
    for dyad in ("d1", "d2"):
        for role in ("client", "therapist"):
            write("1\n", f"{dyad}/s1/{role}_ECG.csv")
    path = write(
        '[study]\nfiles = "{dyad}/{session}/{role}_*.csv"\nroles = ["client", "therapist"]'
    )
    found = study_files(read_mapping(path))
    assert [name for name, _, _ in found] == ["d1_s1", "d2_s1"]
    assert found[0][1] == {"dyad": "d1", "session": "s1"}


def test_numbers_that_mean_no_value_can_be_told(write):
    write(
        "l,r\n" + "7,1\n" * 5 + "".join(f"{i * i % 11},{i % 5}\n" for i in range(60)), "raw.csv"
    )
    text = (
        PEOPLE.replace("left", "l")
        .replace("right", "r")
        .replace('kind = "eda"', 'kind = "dial"')
    )
    recording = read(write(text + "missing = [7]\n"), ReadOptions())
    assert np.isnan(recording.first.signals["dial"].values[:5]).all()


def test_an_age_or_a_band_of_breathing_of_a_person_is_used(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("infant", "mother"):
        np.savetxt(tmp_path / f"{name}.rr", 800 + 20 * rng.normal(size=300), fmt="%.1f")
    text = (
        '[people.infant]\nfile = "infant.rr"\nage = 0.6\n'
        '[people.mother]\nfile = "mother.rr"\noffset_s = 0.0\nbreathing_hz = [0.1, 0.3]\n'
    )
    (tmp_path / "m.toml").write_text(text)
    recording = read(tmp_path / "m.toml")
    assert recording.first.breathing_hz == (0.383, 1.017)
    assert recording.second.breathing_hz == (0.1, 0.3)
    (tmp_path / "m.toml").write_text(text.replace("0.6", "'old'"))
    with pytest.raises(RecordingError, match="age = 'old' is not a number"):
        read(tmp_path / "m.toml")

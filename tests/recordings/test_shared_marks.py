import json

import numpy as np
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.shared_marks import aligned

HOUR = (0.0, 3600.0)


def second_clock(first_s, offset_s=-7.25, drift=200e-6):
    return offset_s + (1 + drift) * np.asarray(first_s)


def test_offset_and_drift_come_out_of_many_marks():
    rng = np.random.default_rng(1)
    first = np.sort(rng.uniform(0, 3600, 12))
    second = second_clock(first) + rng.normal(0, 0.02, 12)
    found = aligned(first, second, spans_s=(HOUR, HOUR))
    at = np.linspace(0, 3600, 50)
    apart = found.offset_s + (1 + found.drift) * at - second_clock(at)
    assert np.abs(apart).max() < found.uncertainty_s < 0.1
    assert found.drift == pytest.approx(200e-6, abs=10e-6)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(400):
        first = np.sort(rng.uniform(0, 3600, 5))
        drift = rng.normal(0, 100e-6)
        second = second_clock(first, drift=drift) + rng.normal(0, 0.05, 5)
        found = aligned(first, second, spans_s=(HOUR, HOUR))
        middle = first.mean()
        worst = 0.0 if middle > 1800 else 3600.0
        own = found.offset_s + (1 + found.drift) * worst
        hits.append(abs(own - second_clock(worst, drift=drift)) <= found.uncertainty_s)
    assert 0.92 <= np.mean(hits) <= 0.99


def test_one_mark_tells_the_offset_and_grows_less_sure_with_time():
    short = aligned(np.array([10.0]), np.array([2.75]), spans_s=((0, 60), (0, 60)))
    long = aligned(np.array([10.0]), np.array([2.75]), spans_s=(HOUR, HOUR))
    assert (short.offset_s, short.drift) == (-7.25, 0.0)
    assert short.uncertainty_s < 0.25 < long.uncertainty_s


def test_two_marks_close_together_tell_no_wild_drift():
    found = aligned(np.array([10.0, 20.0]), np.array([10.0, 20.15]), spans_s=(HOUR, HOUR))
    assert abs(found.drift) < 20e-6
    assert found.uncertainty_s > 0.5


def test_marks_that_one_side_missed_are_left_out():
    first = np.array([5.0, 47.0, 300.0, 1111.0, 2000.0, 3100.0])
    second = np.delete(second_clock(first), 2)
    found = aligned(first, np.append(second, 3555.0), spans_s=(HOUR, HOUR))
    assert (len(found.pairs), found.unmatched) == (5, 2)
    assert found.offset_s == pytest.approx(-7.25, abs=0.01)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ([10.0, 600.0], [5.0, 700.0], "do not lie the same way apart"),
        ([60.0, 120.0, 180.0, 240.0], [60.0, 120.0, 180.0], "fit one another in 2 ways"),
        ([10.0, 600.0], [5.0], "do not lie the same way apart"),
    ],
)
def test_marks_that_tell_nothing_are_refused(first, second, what):
    with pytest.raises(RecordingError, match=f"{what}.*--sync 1?6?0.000"):
        aligned(np.array(first), np.array(second), spans_s=(HOUR, HOUR))


# ------------------------------------------------------------------------------- files
RATE, LAG_S = 8.0, 1.5


def course(times_s, seed=1):
    """A smooth course of motion (Gaussian bumps at random times)."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-50, 2000, 1400)
    heights = rng.gamma(2.0, 1.0, 1400)
    found = np.full(len(times_s), 0.1)
    for centre, height in zip(centres, heights, strict=True):
        near = slice(*np.searchsorted(times_s, [centre - 4, centre + 4]))
        found[near] += height * np.exp(-((times_s[near] - centre) ** 2) / 0.5)
    return found


def write_person(path, clock, values, marks=(), label="clap"):
    rows = [f"{t:.4f},{v:.4f},{label if i in marks else ''}" for i, (t, v) in
            enumerate(zip(clock, values, strict=True))]  # fmt: skip
    path.write_text("\n".join(["time,motion,marker", *rows]) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two devices, 25 min; the second started 90 s later and runs 400 ppm fast."""
    path = tmp_path_factory.mktemp("marks")
    clock = np.arange(round(1500 * RATE)) / RATE
    claps = [20.0, 700.0, 1480.0]
    write_person(path / "client.csv", clock, course(clock),
                 {round(c * RATE) for c in claps})  # fmt: skip
    true = 90.0 + clock / (1 + 400e-6)
    own = [(c - 90.0) * (1 + 400e-6) for c in claps[1:]]
    write_person(path / "therapist.csv", clock, course(true - LAG_S),
                 {round(c * RATE) for c in own})  # fmt: skip
    return path


def measured(folder, tmp_path, *options):
    files = [str(folder / "client.csv"), str(folder / "therapist.csv")]
    return CliRunner().invoke(
        app,
        ["measure", *files, "--surrogates", "39", "--workers", "1", "--json", "--out",
         str(tmp_path / "out"), *options],
    )  # fmt: skip


def test_undated_files_whose_marks_disagree_are_asked_about(folder, tmp_path):
    done = measured(folder, tmp_path)
    assert done.exit_code == 2
    assert "--sync clap" in done.output


@pytest.fixture(scope="module")
def by_marks(folder, tmp_path_factory):
    """What the remedy of the message gives."""
    out = tmp_path_factory.mktemp("by_marks")
    done = measured(folder, out, "--sync", "clap")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["summary"], (out / "out" / "report.html").read_text()


def test_the_remedy_of_the_message_gives_the_planted_lag(by_marks):
    rows, report = by_marks
    (row,) = [r for r in rows if r["measure"] == "wcc_peak"]
    assert row["peak_lag_s"] == pytest.approx(LAG_S, abs=0.13)
    assert row["estimate"] > 1.5
    assert "shared marks" in report
    assert "parts in a million" in report


def test_no_leader_where_marks_know_the_clocks_worse_than_the_lags(by_marks, folder, tmp_path):
    """Two hand claps are known to .2 s, lags are .125 s apart; the user may know better."""
    assert {row["leader"] for row in by_marks[0]} <= {"", None}
    text = "[[sync]]\nclient = 700\ntherapist = 610.244\n"
    text += "[[sync]]\nclient = 1480\ntherapist = 1390.556\n"
    for role in ("client", "therapist"):
        file = (folder / f"{role}.csv").as_posix()
        text += f'[people.{role}]\nfile = "{file}"\nstart_uncertainty_s = 0.0\n'
    (tmp_path / "bowlby.toml").write_text(text)
    done = CliRunner().invoke(
        app,
        ["measure", str(tmp_path / "bowlby.toml"), "--surrogates", "39", "--workers", "1",
         "--json", "--out", str(tmp_path / "out")],
    )  # fmt: skip
    rows = json.loads(done.stdout)["summary"]
    assert [r["leader"] for r in rows if r["measure"] == "wcc_peak"] == ["client"]


def test_times_by_hand_do_the_same(folder):
    files = (folder / "client.csv", folder / "therapist.csv")
    by_label = read(files, ReadOptions(sync="clap"))
    by_hand = read(files, ReadOptions(sync="700=610.25,1480=1390.5"))
    assert by_hand.second.signals["motion"].start_s == pytest.approx(
        by_label.second.signals["motion"].start_s, abs=0.2
    )


def test_the_mapping_that_inspect_writes_knows_the_marks(folder, tmp_path):
    files = [str(folder / "client.csv"), str(folder / "therapist.csv")]
    done = CliRunner().invoke(
        app, ["inspect", *files, "--sync", "clap", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    mapped = read(tmp_path / "bowlby.toml")
    direct = read((folder / "client.csv", folder / "therapist.csv"), ReadOptions(sync="clap"))
    for one, two in ((mapped.first, direct.first), (mapped.second, direct.second)):
        assert np.array_equal(
            one.signals["motion"].values, two.signals["motion"].values, equal_nan=True
        )
    assert mapped.start_uncertainty_s == direct.start_uncertainty_s


def test_an_unknown_label_names_the_one_that_works(folder):
    files = (folder / "client.csv", folder / "therapist.csv")
    with pytest.raises(RecordingError, match="--sync clap"):
        read(files, ReadOptions(sync="tap"))


def test_one_file_has_one_clock(folder):
    with pytest.raises(RecordingError, match="this is one file"):
        read(folder / "client.csv", ReadOptions(sync="clap"))


def test_a_phase_column_is_phases(tmp_path):
    path = tmp_path / "s.csv"
    rows = [
        f"{i / 4},{i * i % 7},{i * i % 11},{'rest' if i < 40 else 'talk'}" for i in range(80)
    ]
    path.write_text("\n".join(["time,client_motion,therapist_motion,phase", *rows]))
    events = read(path).events
    assert [(e.label, e.start_s, e.duration_s) for e in events] == [
        ("rest", 0.0, 10.0), ("talk", 10.0, 10.0),
    ]  # fmt: skip

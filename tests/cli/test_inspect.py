"""`bowlby inspect` as a user calls it, in one process."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import bowlby
from bowlby.cli import app

RNG = np.random.default_rng(5)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["inspect", *arguments])


@pytest.fixture
def dyad(tmp_path):
    rows = [
        f"{i / 4},{a:.3f},{b:.3f}" for i, (a, b) in enumerate(5 + RNG.normal(size=(240, 2)))
    ]
    text = "\n".join(["time,client_eda,therapist_eda", *rows])
    (tmp_path / "dyad.csv").write_text(text)
    return tmp_path / "dyad.csv"


@pytest.fixture
def motion(tmp_path):
    rows = [f"{a:.3f} {b:.3f}" for a, b in RNG.gamma(1, 1, (500, 2))]
    (tmp_path / "motion.txt").write_text("\n".join(["pat th", *rows]))
    return tmp_path / "motion.txt"


def test_what_is_found_is_told_and_the_next_command_given(run, dyad):
    done = run(dyad.name)
    assert done.exit_code == 0
    assert "2 people, 1 min 0 s together" in done.stdout
    assert "next      bowlby measure bowlby.toml" in done.stdout


def test_the_mapping_that_is_written_reads_as_the_file_does(run, dyad):
    run(dyad.name)
    mapped, plain = bowlby.read(dyad.parent / "bowlby.toml"), bowlby.read(dyad)
    assert mapped.roles == plain.roles
    np.testing.assert_array_equal(
        mapped.second.signals["eda"].values, plain.second.signals["eda"].values
    )


def test_the_picture_shows_every_signal(run, dyad):
    run(dyad.name)
    page = (dyad.parent / "inspect.html").read_text()
    assert page.count("<svg") == 2
    assert "therapist: eda" in page


def test_what_is_unclear_is_asked_with_its_own_exit_code(run, motion):
    done = run(motion.name)
    assert done.exit_code == 3 or done.exit_code == 2
    assert "--rate 25" in done.stdout


def test_an_answer_settles_the_question(run, motion):
    done = run(motion.name, "--rate", "25")
    assert done.exit_code == 0
    assert "rate_hz = 25.0" in (motion.parent / "bowlby.toml").read_text()


def test_an_edited_mapping_is_kept(run, dyad):
    (dyad.parent / "bowlby.toml").write_text("session = 'mine'\n")
    assert "was kept" in run(dyad.name).stderr
    assert (dyad.parent / "bowlby.toml").read_text() == "session = 'mine'\n"


def test_what_cannot_be_read_has_exit_code_two(run, tmp_path):
    (tmp_path / "words.csv").write_text("a,b\nx,y\nz,w\n")
    assert run("words.csv").exit_code == 2


def test_a_folder_of_many_is_a_table_with_questions_first(run, tmp_path, dyad):
    (tmp_path / "study").mkdir()
    for name in ("s01.csv", "s02.csv"):
        (tmp_path / "study" / name).write_text(dyad.read_text())
    (tmp_path / "study" / "a99.csv").write_text("pat,th\n" + "1.5,2.5\n2.5,3.5\n" * 30)
    done = run("study")
    lines = done.stdout.splitlines()
    assert "3 recordings, 1 with a question" in lines[0]
    assert lines[1].startswith("  ask   a99")
    assert lines[2].startswith("  ready s01")


def test_json_holds_what_was_found(run, dyad):
    found = json.loads(run(dyad.name, "--json").stdout)
    assert found["people"] == ["client", "therapist"]
    assert found["signals"][0]["rate_hz"] == 4.0


def test_python_settles_with_answers(motion):
    session = bowlby.inspect(motion)
    assert session.asks
    assert session.settle(rate_hz=25.0).is_settled


def test_an_unknown_answer_is_refused(motion):
    with pytest.raises(ValueError, match="'rate' is not one of rate_hz"):
        bowlby.inspect(motion).settle(rate=25)

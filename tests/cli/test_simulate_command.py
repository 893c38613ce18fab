"""`bowlby simulate` as a user calls it."""

import csv
import io
import json
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.cli._numbers import _draw, _rows, _tell_mechanism
from bowlby.courses.course import build_course
from bowlby.runs.errors import RunError
from bowlby.simulation import schedule
from bowlby.simulation import simulate as simulating
from bowlby.studies.simulation_run import run_course

COURSE = """
title = "Small"
dyads = 2

[childhood]
encounters = 2
ticks = 50

[life]
waiting_weeks = 1
follow_up_weeks = 1
ticks = 50

[therapy]
sessions = 2
ticks = 50
"""


def bowlby(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate")
    (folder / "small.toml").write_text(COURSE)
    out = folder / "run"
    result = bowlby("simulate", folder / "small.toml", "--recordings", 2, "--out", out)
    assert result.exit_code == 0, result.output
    return out


def test_a_run_writes_everything_it_promises(run):
    assert {path.name for path in run.iterdir()} == {
        "readouts.parquet", "sessions.parquet", "trajectories.zarr", "run.json", "report.html",
        "recordings",
    }  # fmt: skip


def test_readouts_have_a_row_per_dyad_and_sessions_one_per_encounter(run):
    assert len(pd.read_parquet(run / "readouts.parquet")) == 2
    assert len(pd.read_parquet(run / "sessions.parquet")) == 2 * (2 + 1 + 2 + 1)


def test_run_json_says_what_was_run(run):
    content = json.loads((run / "run.json").read_text())
    assert content["settings"]["title"] == "Small"
    assert {"jax", "bowlby"} <= content["versions"].keys()
    assert "pattern" in content["readouts"]


def test_the_report_is_one_file_that_needs_no_network(run):
    html = (run / "report.html").read_text()
    assert "diagnose nobody" in html
    assert 'src="http' not in html
    assert 'href="http' not in html


def test_a_run_is_measured_like_real_recordings(run, tmp_path):
    result = bowlby(
        "measure", run, "--surrogates", 19, "--window", 30, "--max-lag", 3, "--workers", 1,
        "--out", tmp_path / "measured",
    )  # fmt: skip
    assert result.exit_code in (0, 1), result.output
    summary = pd.read_csv(tmp_path / "measured" / "summary.csv")
    assert {"ibi", "motion", "dial"} <= set(summary.signal)


def test_an_existing_folder_is_not_touched(run):
    before = sorted(path.name for path in run.iterdir())
    result = bowlby("simulate", "one_story", "--out", run)
    assert result.exit_code == 2
    assert "exists" in result.output
    assert sorted(path.name for path in run.iterdir()) == before


def test_a_published_model_writes_its_checks(tmp_path):
    result = bowlby("simulate", "regulator", "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "run" / "run.json").read_text())
    assert abs(content["checks"]["critical_gain_latency_3s"] - 0.545) < 0.001
    assert content["missed"] == []


def test_the_list_is_there_for_programs():
    presets = json.loads(bowlby("simulate", "list", "--json").output)
    assert {"cittern2018", "one_story"} <= {preset["name"] for preset in presets}
    assert {preset["kind"] for preset in presets} == {"published", "course"}


def test_what_is_shown_can_be_run(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(bowlby("simulate", "show", "skill").output)
    out = tmp_path / "run"
    result = bowlby(
        "simulate", path, "--dyads", 2, "--set", "childhood.encounters=1",
        "--set", "therapy.sessions=1", "--set", "life.waiting_weeks=1",
        "--set", "life.follow_up_weeks=1", "--set", "childhood.ticks=50",
        "--set", "therapy.ticks=50", "--set", "life.ticks=50", "--keep", "ticks", "--out", out,
    )  # fmt: skip
    assert result.exit_code == 0, result.output


def test_every_number_of_the_theory_is_shown_as_a_table_for_spreadsheets():
    rows = list(csv.DictReader(io.StringIO(bowlby("simulate", "show", "theory").output)))
    release = next(row for row in rows if row["name"] == "theory.oxytocin.release")
    assert (release["value"], release["unit"], release["high"]) == ("0.02", "1/s", "0.2")
    assert len(rows) > 300


@pytest.mark.parametrize("name", ["theory", "client", "figure", "population", "oxytocin"])
def test_numbers_are_shown_for_programs(name):
    rows = json.loads(bowlby("simulate", "show", name, "--json").output)
    assert {"name", "value", "low", "high", "unit", "meaning", "source"} <= rows[0].keys()


def test_a_mechanism_is_shown_with_its_equation_to_people(capsys):
    _tell_mechanism("oxytocin")
    _draw(_rows("oxytocin"))
    said = capsys.readouterr().out
    assert "do/dt = release trait contact" in said
    assert "half-life" in said


def test_ablations_are_listed_with_what_they_change():
    found = json.loads(bowlby("simulate", "show", "mechanisms", "--json").output)
    assert found["oxytocin"] == {"oxytocin.release": 0.0, "oxytocin.reward": 0.0}


def test_a_course_under_two_theories_is_one_report(tmp_path):
    (tmp_path / "small.toml").write_text(COURSE)
    (tmp_path / "without.py").write_text(
        "from bowlby.theory import Theory\ntheory = Theory().without('oxytocin')\n"
    )
    result = bowlby(
        "simulate", tmp_path / "small.toml", "--theory", tmp_path / "without.py", "--compare",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    arms = pd.read_parquet(tmp_path / "run" / "readouts.parquet").arm.unique()
    assert set(arms) == {"attachment_informed", "attachment_informed (without)"}
    assert "attachment informed (without)" in (tmp_path / "run" / "report.html").read_text()
    content = json.loads((tmp_path / "run" / "run.json").read_text())
    assert content["theories"]["without"]["theory"]["numbers"]["theory.oxytocin.release"] == 0.0
    assert {"default", "without"} <= {p.name for p in (tmp_path / "run").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("one_stori",), "did you mean one_story"),
        (("one_story", "--ablate", "oxytocine"), "did you mean 'oxytocin'"),
        (("one_story", "--set", "client.gama=3"), "did you mean 'gamma'"),
        (("one_story", "--set", "nonsense"), "write KEY=VALUE"),
        (("regulator", "--dyads", "3"), "it takes --seed, not dyads"),
        (("absent.toml",), "No such file"),
        (("show", "nothing"), "show needs a preset"),
        (("show", "oxytocn"), "Did you mean 'oxytocin'?"),
        (("one_story", "--set", "theory.oxytocin.release=7"), "outside its range 0 to 0.2 1/s"),
        (("one_story", "--ablate", "oxytocin=2"), "a share is 0 (nothing) to 1 (all)"),
        (("one_story", "--theory", "absent.py"), "cannot be read"),
        (("one_story", "--compare"), "--compare needs a theory of your own"),
        (("one_story", "--parameters", "absent.toml"), "No such file"),
    ],
)
def test_what_cannot_be_run_is_said_and_nothing_is_written(arguments, said, tmp_path):
    result = bowlby("simulate", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(schedule, "CHUNK", 2)
    course = build_course(
        {
            "kind": "childhood",
            "dyads": 5,
            "childhood": {"encounters": 1, "ticks": 50},
            "keep": "ticks",
        }
    )
    whole = run_course(course, tmp_path / "whole").readouts
    real, started = simulating.simulate_chunk, []

    def interrupted(course, dyads, **rest):
        started.append(int(dyads[0]))
        if dyads[0] == 2 and started.count(2) == 1:
            # Chunks run side by side: stop once the first is kept.
            until = time.monotonic() + 60
            while not list(tmp_path.rglob("chunk-000000*")) and time.monotonic() < until:
                time.sleep(0.05)
            raise KeyboardInterrupt
        return real(course, dyads, **rest)

    monkeypatch.setattr(simulating, "simulate_chunk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_course(course, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    again = run_course(course, tmp_path / "run").readouts
    assert started.count(0) == 1
    assert started.count(2) == 2
    np.testing.assert_array_equal(whole.sensitivity_observed, again.sensitivity_observed)


def test_recordings_without_kept_ticks_say_at_once_what_to_add(tmp_path, monkeypatch):
    monkeypatch.setattr(simulating, "simulate_chunk", pytest.fail)
    course = build_course({"dyads": 9})
    with pytest.raises(RunError, match="--keep ticks"):
        run_course(course, tmp_path / "run", recordings=1)
    assert not (tmp_path / "run").exists()

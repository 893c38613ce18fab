"""`bowlby repeat` from run.json alone."""

import json
import tomllib
from importlib import import_module

import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.courses.catalogue import course_text, presets, trial_names, trial_text
from bowlby.courses.course import build_course
from bowlby.runs.manifest import made_by

COURSES = [p.name for p in presets() if p.kind == "course"]
TEXTS = {n: course_text(n) for n in COURSES} | {n: trial_text(n) for n in trial_names()}


def again(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(made_by(content.pop("kind"), "c") | {"inputs": []} | content))
    return CliRunner().invoke(app, ["repeat", str(path), "--out", str(tmp_path / "out")])


@pytest.mark.parametrize("name", TEXTS)
def test_a_course_comes_back_from_its_settings(name):
    course = build_course(tomllib.loads(TEXTS[name]))
    assert build_course(json.loads(json.dumps(course.model_dump(mode="json")))) == course


@pytest.mark.parametrize("kind", ["simulate", "trial", "power of a trial", "evidence",
                                  "calibration", "measure"])  # fmt: skip
def test_every_kind_of_run_has_its_way_back(kind):
    assert kind in import_module("bowlby.cli.repeat")._AGAIN


def test_another_kind_is_told_with_its_command(tmp_path):
    made = again(tmp_path, {"kind": "outcomes", "settings": {}})
    assert made.exit_code == 2
    assert "give its command again instead: c" in " ".join(made.output.split())


def test_a_theory_that_changed_since_is_refused(tmp_path):
    own = tmp_path / "my.py"
    own.write_text("from bowlby.theory import Theory\ntheory = Theory()\n")
    settings = build_course({"theory": {"file": str(own)}}).model_dump(mode="json")
    theory = {"file": str(own), "mark": "another", "numbers": {}}
    made = again(tmp_path, {"kind": "simulate", "settings": settings, "theory": theory})
    assert made.exit_code == 2
    assert "the theory changed since the run" in " ".join(made.output.split())


@pytest.mark.slow
def test_a_trial_repeats_to_the_same_bytes(tmp_path):
    design = tmp_path / "my.toml"
    design.write_text("""
        [trial]
        clients_per_arm = 6
        therapists_per_arm = 2
        severity = -10.0
        [[arms]]
        protocol = "supportive"
        [[arms]]
        protocol = "waiting_list"
        [childhood]
        encounters = 1
        ticks = 50
        [therapy]
        sessions = 4
        ticks = 50
        [life]
        ticks = 50
        waiting_weeks = 4
        follow_up_weeks = 0
        """)
    first, second = tmp_path / "first", tmp_path / "second"
    run = ["trial", str(design), "--workers", "1", "--out", str(first)]
    assert CliRunner().invoke(app, run).exit_code == 0
    design.unlink()
    again = ["repeat", str(first / "run.json"), "--workers", "1", "--out", str(second)]
    assert CliRunner().invoke(app, again).exit_code == 0
    for name in ("clients.parquet", "sessions.parquet", "analysis.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()

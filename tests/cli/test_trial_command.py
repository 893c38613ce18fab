"""`bowlby trial` as a user calls it."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.courses.catalogue import trial_names
from bowlby.courses.parameters import calibrated

TINY = """
title = "Tiny"
[trial]
clients_per_arm = 6
therapists_per_arm = 2
severity = -10.0
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
[[arms]]
protocol = "singing"
[[arms]]
protocol = "waiting_list"
[protocols.singing]
early = { sing = 0.8, hold = 0.2 }
[interventions.sing]
attuned = 0.85
intrusive = 0.05
dismissive = 0.05
frightening = 0.05
answers = 0.5
pressure = 0.1
information = 1.0
content = 0.0
naming = 0.0
soothing = 0.02
"""
OWN = """
import jax.numpy as jnp
from bowlby.theory import Theory
from bowlby.theory.oxytocin import Oxytocin

class Saturating(Oxytocin):
    def step(self, level, attuned_contact, *, dt_s):
        return level + (1.0 - level) * (1.0 - jnp.exp(-self.release * attuned_contact * dt_s))

theory = Theory(oxytocin=Saturating())
"""


def bowlby(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    (folder / "tiny.toml").write_text(TINY)
    (folder / "saturating.py").write_text(OWN)
    result = bowlby(
        "trial", folder / "tiny.toml", "--theory", folder / "saturating.py", "--compare",
        "--parameters", "calibrated", "--workers", 1, "--out", folder / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return result.output, folder / "out"


def test_help_teaches_with_a_trial():
    assert "clients_per_arm" in bowlby("trial", "--help").output


def test_the_list_names_every_trial():
    output = bowlby("trial", "list").output
    assert all(name in output for name in trial_names())


def test_what_is_shown_is_a_trial():
    assert "[trial]" in bowlby("trial", "show", "four_arms").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("for_arms",), "did you mean 'four_arms'"),
        (("absent.toml",), "No such file"),
        (("show", "nothing"), "show needs a trial"),
        (("four_arms", "--workers", "2", "--scheduler", "tcp://a:1"), "exclude each other"),
        (("four_arms", "--compare"), "--compare needs a theory of your own"),
        (("four_arms", "--theory", "absent.py"), "cannot be read"),
        (("four_arms", "--set", "theory.oxytocin.relaese=0.1"), "did you mean 'release'?"),
        (("four_arms", "--ablate", "oxytocin=1.5"), "a share is 0 (nothing) to 1 (all)"),
        (("four_arms", "--parameters", "absent.toml"), "No such file"),
        (("four_arms", "--set", "trial.severity=9"), "outside its range -10 to 5 SD"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, said, tmp_path):
    result = bowlby("trial", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_trial_under_two_theories_is_one_report(compared):
    output, out = compared
    html = (out / "report.html").read_text()
    assert "Two theories" in html
    assert "difference (saturating)" in html
    assert "Under saturating" in output


@pytest.mark.slow
def test_clients_of_both_theories_are_in_one_table(compared):
    clients = pd.read_parquet(compared[1] / "clients.parquet")
    assert set(clients.arm) == {"singing", "waiting_list", "singing (saturating)",
                                "waiting_list (saturating)"}  # fmt: skip


@pytest.mark.slow
def test_run_json_holds_the_calibrated_numbers_and_both_theories(compared):
    content = json.loads((compared[1] / "run.json").read_text())
    settings, given = content["settings"], calibrated()
    assert settings["life"]["partner_quality"] == given["life.partner_quality"]
    assert settings["therapy"]["skill_sd"] == given["therapy.skill_sd"]
    assert content["beside"]["file"].endswith("saturating.py")


@pytest.mark.slow
def test_an_intervention_of_ones_own_is_made_in_a_trial(compared):
    numbers = json.loads((compared[1] / "run.json").read_text())["theory"]["numbers"]
    assert numbers["theory.interventions.sing.soothing"] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--power", "2", "--over", "clients_per_arm=8", "--compare"], "exclude each other"),
        (["--power", "2", "--width", "0.1"], "it needs --over"),
        (["--power", "2", "--over", "clients_per_arm=8,8"], "a value is given twice"),
        (["--power", "2", "--over", "alpha=0.1", "--over", "alpha=0.2"], "is given twice"),
        (["--power", "2", "--over", "clents_per_arm=8"], "did you mean 'clients_per_arm'?"),
        (["--set", "=3"], "write KEY=VALUE"),
    ],
)
def test_options_that_make_no_sense_are_told_before_anything_runs(
    tmp_path, monkeypatch, options, said
):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["trial", "four_arms", *options])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert not list(tmp_path.iterdir())

"""`bowlby trial` as a user calls it."""

import pytest
from bowlby.trials.design import design_names
from typer.testing import CliRunner

from bowlby.cli import app


def bowlby(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_help_teaches_with_a_design():
    assert "clients_per_arm" in bowlby("trial", "--help").output


def test_the_list_names_every_design():
    output = bowlby("trial", "list").output
    assert all(name in output for name in design_names())


def test_what_is_shown_is_a_design():
    assert "[[arms]]" in bowlby("trial", "show", "four_arms").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("for_arms",), "did you mean 'four_arms'"),
        (("absent.toml",), "No such file"),
        (("show", "nothing"), "show needs a design"),
        (("four_arms", "--workers", "2", "--scheduler", "tcp://a:1"), "exclude each other"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, said, tmp_path):
    result = bowlby("trial", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()

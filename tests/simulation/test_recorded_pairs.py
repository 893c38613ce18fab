"""Simulated therapies as recorders would have seen them, from the command to the hearts."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app

COURSE = """
dyads = 12

[childhood]
encounters = 2
ticks = 50

[life]
waiting_weeks = 1
follow_up_weeks = 0
ticks = 50

[therapy]
sessions = 2
ticks = 100
may_leave = false

[synchrony]
dyads = 1
sessions = 2
strangers = true
signals = ["heart"]
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "course.toml").write_text(COURSE)
    arguments = [
        "simulate", folder / "course.toml", "--set", "synchrony.dyads=12", "--out", folder / "run",
    ]  # fmt: skip
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return folder / "run"


@pytest.fixture(scope="module")
def readouts(run):
    return pd.read_parquet(run / "readouts.parquet")


def test_as_many_dyads_are_measured_as_were_set(readouts):
    assert readouts.synchrony_heart.notna().sum() == 12


def test_their_sessions_have_the_columns_too(run):
    sessions = pd.read_parquet(run / "sessions.parquet")
    assert sessions.synchrony_heart.notna().sum() == 24
    assert {"synchrony_heart_lag_s", "synchrony_heart_lead", "synchrony_heart_r"} <= {
        *sessions.columns
    }


def test_hearts_of_people_who_met_go_together_more_than_those_of_strangers(readouts):
    more = (readouts.synchrony_heart - readouts.synchrony_heart_strangers).dropna()
    # One-sided t of 11 degrees of freedom, 1 in 100.
    assert more.mean() > 2.718 * more.std() / np.sqrt(len(more))


def test_hearts_of_strangers_do_not_go_together(readouts):
    strangers = readouts.synchrony_heart_strangers.dropna()
    # Each is the mean of two sessions in standard deviations of its surrogates.
    assert abs(strangers.mean()) < 3.3 * np.sqrt(1 / (2 * len(strangers)))

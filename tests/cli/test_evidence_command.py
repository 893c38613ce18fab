"""`bowlby evidence`, with samples small enough to be simulated here."""

import csv
from threading import Barrier

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.evidence import samples
from bowlby.runs.kept import Kept
from bowlby.runs.workers import Threads, in_order

RUN = CliRunner()


@pytest.fixture
def _small(monkeypatch):
    tiny = {"kind": "childhood", "dyads": 12, "childhood": {"encounters": 2, "ticks": 50}}
    monkeypatch.setattr(samples, "SAMPLES", {"families": tiny})


def own(tmp_path, band="0,2"):
    low, high = band.split(",")
    (tmp_path / "mine.csv").write_text(
        "slug,area,claim,statistic,value,source,band_low,band_high\n"
        f"mine,attachment,Caregivers answer,mean,0.5,me,{low},{high}\n"
    )
    (tmp_path / "mine.py").write_text(
        "from bowlby.evidence.measures import measures\n"
        "@measures('mine')\n"
        "def mine(samples):\n"
        "    '''Mean observed sensitivity.'''\n"
        "    return float(samples.readouts('families').sensitivity_observed.mean())\n"
    )
    return ["--findings", str(tmp_path / "mine.csv"), "--functions", str(tmp_path / "mine.py")]


def test_the_list_tells_every_finding_and_runs_nothing():
    found = RUN.invoke(app, ["evidence", "--list"])
    assert found.exit_code == 0
    assert len(found.output.splitlines()) == 105


def test_a_misspelt_finding_names_the_nearest():
    found = RUN.invoke(app, ["evidence", "--finding", "sens-securty"])
    assert found.exit_code == 2
    assert "sens-security" in found.output


@pytest.mark.usefixtures("_small")
def test_a_finding_of_ones_own_is_computed_and_told(tmp_path):
    arguments = [*own(tmp_path), "--finding", "mine", "--show", "--seeds", "2"]
    found = RUN.invoke(app, ["evidence", *arguments, "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert "Mean observed sensitivity" in found.output
    assert "By seed" in found.output
    assert "not screened" in found.output
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("_small")
def test_the_table_is_written_whole_with_its_columns(tmp_path, monkeypatch):
    monkeypatch.setattr("bowlby.evidence.findings.packaged_findings", lambda: ())
    arguments = [*own(tmp_path), "--seeds", "2", "--out", str(tmp_path / "out")]
    found = RUN.invoke(app, ["evidence", *arguments])
    assert found.exit_code == 0, found.output
    with (tmp_path / "out" / "evidence.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["slug"] == "mine"
    assert row["verdict"] == "met"
    assert float(row["model_low"]) <= float(row["model"]) <= float(row["model_high"])
    assert "not evidence about patients" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.usefixtures("_small")
def test_an_interrupted_table_does_not_simulate_again(tmp_path, monkeypatch):
    content = samples.Samples(1, (), Kept(tmp_path))
    first = content.readouts("families")
    monkeypatch.setattr(samples, "simulate_sample", pytest.fail)
    again = samples.Samples(1, (), Kept(tmp_path)).readouts("families")
    assert first.equals(again)


@pytest.mark.usefixtures("_small")
def test_two_tables_that_draw_the_same_sample_at_once_do_not_collide(tmp_path, monkeypatch):
    together = Barrier(2)
    table = pd.DataFrame({"pattern": ["A", "B"], "trust": [0.25, np.nan]})

    def drawn(*_):
        together.wait()
        return {"readouts": table, "sessions": table}

    monkeypatch.setattr(samples, "simulate_sample", drawn)
    both = in_order(
        Threads(2), lambda _: samples.Samples(1, (), samples.open_samples(tmp_path / "out"))
        .readouts("families"), range(2), stage="",
    )  # fmt: skip
    for each in both:
        pd.testing.assert_frame_equal(each, table)


def test_a_new_finding_draws_no_sample_again(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("bowlby.runs.kept.conditions", lambda out: asked.append(out) or {})
    samples.open_samples(tmp_path / "out")
    assert "evidence/measures" in asked[0]
    assert not any(name.startswith("simulation") for name in asked[0])


def test_a_folder_that_exists_is_refused(tmp_path):
    found = RUN.invoke(app, ["evidence", "--out", str(tmp_path)])
    assert found.exit_code == 2
    assert "exists" in found.output

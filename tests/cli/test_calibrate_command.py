"""`bowlby calibrate`, with samples small enough to be simulated here."""

import json

import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.evidence import samples
from bowlby.evidence.calibration import runs
from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES, Measure

RUN = CliRunner()


@pytest.fixture
def _small(monkeypatch):
    tiny = {"kind": "childhood", "dyads": 12, "childhood": {"encounters": 2, "ticks": 50}}
    for module in (samples, runs):
        monkeypatch.setattr(module, "SAMPLES", {"families": tiny})

    def scored(drawn):
        """Mean scored mentalising."""
        return float(drawn.readouts("families").mentalising_observed.mean())

    found = []
    for slug in ("one", "two"):
        monkeypatch.setitem(MEASURES, slug, Measure(slug, scored))
        found.append(
            Finding(slug, "attachment", slug, "r", "0.6", 0.5, 0.7, "assoc", slug, "me")
        )
    monkeypatch.setattr("bowlby.evidence.findings.packaged_findings", lambda: tuple(found))


def test_the_list_tells_every_parameter_and_runs_nothing():
    found = RUN.invoke(app, ["calibrate", "--list"])
    assert found.exit_code == 0
    assert 10 <= len(found.output.splitlines()) <= 15
    assert "childhood.population.threat" in found.output


def test_a_folder_that_exists_is_refused(tmp_path):
    found = RUN.invoke(app, ["calibrate", "--out", str(tmp_path)])
    assert found.exit_code == 2
    assert "exists" in found.output


@pytest.mark.usefixtures("_small")
def test_a_calibration_is_run_told_and_analysed_again_without_running(tmp_path, monkeypatch):
    few = {"runs": 8, "region-runs": 2, "checks": 1, "dyads": 12, "folds": 2, "workers": 1}
    arguments = [text for name, n in few.items() for text in (f"--{name}", str(n))]
    out = tmp_path / "out"
    found = RUN.invoke(app, ["calibrate", *arguments, "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert "out of fold" in found.output
    content = json.loads((out / "calibration.json").read_text())
    assert content["findings"] == 2
    first = (out / "report.html").read_bytes()
    out.rename(tmp_path / "before")
    monkeypatch.setattr(runs, "run_one", pytest.fail)
    again = RUN.invoke(app, ["calibrate", *arguments, "--out", str(out)])
    assert again.exit_code == 0, again.output
    assert (out / "report.html").read_bytes() == first


@pytest.mark.usefixtures("_small")
def test_evidence_can_be_held_against_parameters_of_ones_own(tmp_path):
    (tmp_path / "own.toml").write_text("[childhood.population]\nmentalising = 3.0\n")
    parameters = ["--parameters", str(tmp_path / "own.toml")]
    shared = ["evidence", "--finding", "one", "--show", "--seeds", "1"]
    out = ["--out", str(tmp_path / "out")]
    told = [RUN.invoke(app, [*shared, *given, *out]).output for given in ([], parameters)]
    default, own = (float(text.partition("By seed: ")[2].split()[0]) for text in told)
    assert own > default + 0.1

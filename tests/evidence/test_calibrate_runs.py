"""Runs: parameters reach the samples, nothing is run twice, a calibration recovers the truth."""

import json

import numpy as np
import pandas as pd
import pytest

from bowlby.courses.course import Course, CourseError, build_course
from bowlby.courses.parameters import read_parameters
from bowlby.evidence import samples
from bowlby.evidence.calibration import runs
from bowlby.evidence.calibration.calibrate import Plan, calibrate
from bowlby.evidence.calibration.parameters import (
    Parameter,
    packaged_parameters,
    parameters_toml,
    point_of,
    values_at,
)
from bowlby.evidence.calibration.runs import Job, design, run_all, seed_of
from bowlby.evidence.calibration.tables import region_table
from bowlby.evidence.calibration.writing import write_calibration
from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES, Measure
from bowlby.evidence.samples import NoSignalsError, Samples, changes_of
from bowlby.runs.fingerprint import conditions
from bowlby.runs.kept import Kept

PARAMETERS = packaged_parameters()
TWO = tuple(p for p in PARAMETERS if p.name in ("client.reactivity", "life.partner_quality"))


def job(label="0", **changes):
    given = {"wave": "prior", "seed": 1, "dyads": 8, "values": {"client.gamma": 4.0}}
    return Job(label=label, slugs=("a",), **(given | changes))


class Counting:
    """Workers who answer by arithmetic and count the runs."""

    def __init__(self, stop_after=10**9):
        self.done, self.stop_after = 0, stop_after

    def run(self, _function, jobs):
        """Answer the jobs."""
        for i, each in enumerate(jobs):
            if self.done == self.stop_after:
                raise KeyboardInterrupt
            self.done += 1
            yield i, answer(each)


def answer(each):
    noise = 0.02 * np.random.default_rng(each.seed).standard_normal(len(each.slugs))
    values = np.resize(list(each.values.values()), max(2, len(each.values)))
    statistics = {s: float(values[i % 2] + noise[i]) for i, s in enumerate(each.slugs)}
    return {
        "wave": each.wave, "label": each.label, "seed": each.seed,
        "dyads": each.dyads, "seconds": 0.0, "parameters": dict(each.values),
        "statistics": statistics, "readouts": {"adults: anxiety": float(values[0])},
        "undefined": {},
    }  # fmt: skip


def test_at_most_fifteen_parameters_move():
    assert 10 <= len(PARAMETERS) <= 15


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_a_parameters_default_is_the_simulators_and_its_range_can_be_run(parameter):
    own = Course()
    for part in parameter.name.split("."):
        own = getattr(own, part)
    assert parameter.default == own
    assert parameter.low < parameter.default < parameter.high
    build_course({}, changes={parameter.name: parameter.low})
    build_course({}, changes={parameter.name: parameter.high})


def test_values_and_points_are_each_others_inverse():
    point = design(5, len(PARAMETERS), seed=2)[3]
    np.testing.assert_allclose(
        point_of(PARAMETERS, values_at(PARAMETERS, point)), point, atol=1e-4
    )


def test_written_parameters_are_read_as_they_were(tmp_path):
    values = values_at(PARAMETERS, design(2, len(PARAMETERS), seed=4)[1])
    path = tmp_path / "own.toml"
    path.write_text(parameters_toml(PARAMETERS, values, ["Made here."]))
    assert read_parameters(path) == values


def test_an_unknown_parameter_in_a_file_names_the_nearest(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[client]\nreactivty = 1.0\n")
    with pytest.raises(CourseError, match="reactivity"):
        read_parameters(path)


def test_an_entry_that_is_no_number_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('title = "mine"\n')
    with pytest.raises(CourseError, match="a parameter is a number"):
        read_parameters(path)


def test_a_sample_that_sets_a_parameter_keeps_its_distance_from_the_default():
    content = {"childhood": {"population": {"threat": -1.5}}}
    changes = changes_of(
        content, {"childhood.population.threat": -0.8, "client.reactivity": 1.2}
    )
    assert changes == {
        "childhood.population.threat": pytest.approx(-1.3), "client.reactivity": 1.2,
    }  # fmt: skip


def test_samples_of_other_parameters_are_kept_apart(tmp_path):
    stems = {
        Samples(1, (), Kept(tmp_path), parameters=given)._stem("families")
        for given in ({}, {"client.reactivity": 1.2}, {"client.reactivity": 1.1})
    }
    assert len(stems) == 3


def test_samples_about_signals_are_not_drawn_where_none_are_emitted(tmp_path, monkeypatch):
    signals = {"dyads": 64, "synchrony": {"dyads": 8}}
    monkeypatch.setattr(samples, "SAMPLES", {"recorded": signals})
    with pytest.raises(NoSignalsError, match="recorded"):
        Samples(1, (), Kept(tmp_path), dyads=12, emits=False).readouts("recorded")


def test_more_runs_keep_the_first():
    np.testing.assert_array_equal(design(40, 5, seed=1)[:12], design(12, 5, seed=1))


def test_the_design_fills_every_parameters_range_evenly():
    counts = np.histogram(design(128, 15, seed=1)[:, 7], bins=8, range=(-1, 1))[0]
    assert np.ptp(counts) <= 2


def test_every_run_has_other_people():
    seeds = {seed_of(1, wave, i) for wave in ("prior", "region", "check") for i in range(200)}
    assert len(seeds) == 600


def test_a_run_is_known_by_its_numbers_not_by_what_it_is_for():
    assert job().key == job(label="7", wave="check").key
    assert job().key != job(seed=2).key
    assert job().key != job(values={"client.gamma": 4.1}).key


def test_an_interrupted_wave_goes_on_where_it_stopped(tmp_path):
    jobs, kept = [job(str(i), seed=i) for i in range(6)], Kept(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, kept, workers=Counting(stop_after=4), stage="s")
    again = Counting()
    rows = run_all(jobs, kept, workers=again, stage="s")
    assert again.done == 2
    assert [row["seed"] for row in rows] == list(range(6))


def test_a_run_serves_another_wave_under_its_own_label(tmp_path):
    run_all([job("3")], Kept(tmp_path), workers=Counting(), stage="s")
    again = Counting()
    (row,) = run_all([job("default", wave="check")], Kept(tmp_path), workers=again, stage="s")
    assert (again.done, row["wave"], row["label"]) == (0, "check", "default")


def test_a_run_computes_findings_and_readouts_of_a_small_sample(monkeypatch):
    tiny = {"kind": "childhood", "dyads": 99, "childhood": {"encounters": 2, "ticks": 50}}
    monkeypatch.setattr(samples, "SAMPLES", {"families": tiny})
    monkeypatch.setattr(runs, "SAMPLES", {"families": tiny})

    def people(drawn):
        """Number of people."""
        return float(len(drawn.readouts("families")))

    def nobody(drawn):
        """Something that too few people leave undefined."""
        raise TypeError(f"expected non-empty vector, not {drawn.seed}")

    monkeypatch.setitem(MEASURES, "people", Measure("people", people))
    monkeypatch.setitem(MEASURES, "nobody", Measure("nobody", nobody))
    values = {"childhood.population.contingency_sd": 0.7, "client.reactivity_sd": 0.1}
    row = runs.run_one(Job("prior", "0", 1, 12, values, ("people", "nobody")))
    assert row["statistics"] == {"people": 12.0, "nobody": None}
    assert "expected non-empty" in row["undefined"]["nobody"]
    assert 0.0 < row["readouts"]["childhood: mentalising_observed"] < 1.5
    json.dumps(row, allow_nan=False)


def finding(slug, published, **more):
    given = {"area": "attachment", "claim": slug, "statistic": "r", "kind": "assoc"} | more
    return Finding(
        slug=slug, published=str(published), low=published - 0.1, high=published + 0.1,
        group=slug, source="me", **given,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A calibration in which the findings are the first two parameters in turn, and noise."""
    truth = [finding(f"made-{i}", v) for i, v in enumerate([1.1, 0.6, 1.1, 0.6])]
    with pytest.MonkeyPatch.context() as patch:
        for each in truth:
            patch.setitem(MEASURES, each.slug, Measure(each.slug, lambda _: 0.0))
        plan = Plan(runs=24, region_runs=8, checks=3, folds=4, cube=2**11)
        kept = Kept(tmp_path_factory.mktemp("runs"))
        return calibrate(truth, TWO, plan, kept, workers=Counting())


def test_a_calibration_recovers_the_parameters_that_gave_the_findings(made):
    assert made.best_values == {
        "client.reactivity": pytest.approx(1.1, abs=0.03),
        "life.partner_quality": pytest.approx(0.6, abs=0.05),
    }


def test_out_of_fold_a_twin_of_each_finding_predicts_it(made):
    assert made.forecasts["made-0"].value == pytest.approx(1.1, abs=0.05)
    assert made.checked_out_of_fold()["made-3"] == pytest.approx(0.6, abs=0.05)


def test_every_way_to_a_value_is_simulated_with_the_same_people(made):
    seeds = {
        label: [r["seed"] for r in made.rows if r["wave"] == "check" and r["label"] == label]
        for label in ("default", "calibrated", "without fold 1")
    }
    assert seeds["default"] == seeds["calibrated"] == seeds["without fold 1"]


def test_a_calibration_is_written_whole(made, tmp_path):
    write_calibration(made, tmp_path, command="bowlby calibrate")
    content = json.loads((tmp_path / "calibration.json").read_text())
    assert (
        content["comparisons"]["out_of_fold"]["model"]
        < content["comparisons"]["default"]["model"]
    )
    region = pd.read_csv(tmp_path / "region.csv").set_index("parameter")
    assert region.is_identified["life.partner_quality"]
    assert (
        region.region_low["client.reactivity"] < 1.1 < region.region_high["client.reactivity"]
    )
    assert len(pd.read_parquet(tmp_path / "runs.parquet")) == len(made.rows)
    screening = pd.read_csv(tmp_path / "screening.csv").set_index(["output", "parameter"])
    assert screening.effect["made-1", "life.partner_quality"] == pytest.approx(30, rel=0.05)
    page = (tmp_path / "report.html").read_text()
    assert "not evidence about patients" in page
    assert read_parameters(tmp_path / "calibrated.toml") == made.best_values


def test_a_parameter_that_moves_nothing_is_not_identified(tmp_path):
    idle = Parameter("client.gamma", 3.0, 5.0, 8.0, "1", "idle")
    truth = [finding("idle-0", 1.1), finding("idle-1", 0.6)]
    with pytest.MonkeyPatch.context() as patch:
        for each in truth:
            patch.setitem(MEASURES, each.slug, Measure(each.slug, lambda _: 0.0))
        plan = Plan(runs=24, region_runs=8, checks=0, folds=2, cube=2**11)
        found = calibrate(truth, (*TWO, idle), plan, Kept(tmp_path), workers=Counting())
    table = region_table(found).set_index("parameter")
    assert table.is_identified.to_dict() == {
        "client.reactivity": True, "life.partner_quality": True, "client.gamma": False,
    }  # fmt: skip


def test_runs_of_changed_code_are_other_runs(tmp_path, monkeypatch):
    before = runs.open_runs(tmp_path / "out").folder
    changed = conditions() | {"code": "changed"}
    monkeypatch.setattr("bowlby.runs.kept.conditions", lambda _: changed)
    assert runs.open_runs(tmp_path / "out").folder != before

"""Trials as they are run: the same numbers wherever, nothing lost, nothing twice."""

import json
import os
import signal
from functools import partial

import numpy as np
import pandas as pd
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import conditions
from bowlby.runs.kept import Kept
from bowlby.runs.workers import Dask, Processes, Serial
from bowlby.trials.analysis import analyse
from bowlby.trials.power import simulate_power
from bowlby.trials.run import kept_of, run_trial
from bowlby.trials.simulating import simulate_trial
from bowlby.trials.theories import compared, stacked

SMALL = {
    "title": "Small",
    "trial": {
        "clients_per_arm": 60, "therapists_per_arm": 6, "severity": -10.0, "missing": 0.1,
    },
    "arms": [{"protocol": "supportive", "feedback": True}, {"protocol": "waiting_list"}],
    "childhood": {"encounters": 1, "ticks": 50},
    "therapy": {"sessions": 4, "ticks": 50},
    "life": {"ticks": 50, "waiting_weeks": 4, "follow_up_weeks": 0},
}  # fmt: skip


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    return Kept(tmp_path_factory.mktemp("pieces"))


@pytest.fixture(scope="module")
def trial(pieces):
    return simulate_trial(build_course(SMALL), Serial(), pieces)


class Refusing:
    """An executor that must not be asked to do anything."""

    def run(self, function, jobs):
        """Fail at the first job."""
        for job in jobs:
            raise AssertionError(f"asked to do {function} of {job}")
        yield from ()


def test_every_client_has_one_row(trial):
    assert len(trial.clients) == 120
    assert trial.clients.client.is_unique
    assert trial.clients.candidate.is_unique


def test_every_client_has_a_row_per_week(trial):
    assert (trial.sessions.groupby("client").size() == 4 + 4).all()


def test_nobody_on_the_waiting_list_has_sessions(trial):
    attended = trial.clients.groupby("arm").sessions_attended.max()
    assert attended["waiting_list"] == 0
    assert attended["supportive"] == 4


def test_the_stated_share_of_outcomes_is_missing(trial):
    assert trial.clients.internalising_after.isna().sum() == 12


def test_nothing_is_done_twice(trial, pieces):
    again = simulate_trial(build_course(SMALL), Refusing(), pieces)
    pd.testing.assert_frame_equal(again.clients, trial.clients)


def test_what_was_lost_is_done_again_to_the_bit(trial, pieces, tmp_path):
    for path in pieces.folder.glob("*.npz"):
        os.link(path, tmp_path / path.name)
    (tmp_path / "treat-000001.npz").unlink()
    again = simulate_trial(build_course(SMALL), Serial(), Kept(tmp_path))
    pd.testing.assert_frame_equal(again.clients, trial.clients, check_exact=True)
    pd.testing.assert_frame_equal(again.sessions, trial.sessions, check_exact=True)


@pytest.mark.slow
def test_two_processes_give_the_same_numbers_to_the_bit(trial, tmp_path):
    again = simulate_trial(build_course(SMALL), Processes(2), Kept(tmp_path))
    pd.testing.assert_frame_equal(again.clients, trial.clients, check_exact=True)
    pd.testing.assert_frame_equal(again.sessions, trial.sessions, check_exact=True)


def test_raters_who_are_not_blind_score_only_outcomes_of_active_arms_lower(trial, pieces):
    unblinded = build_course(SMALL, changes={"trial.blinded": False, "trial.bias": 0.5})
    seen = simulate_trial(unblinded, Refusing(), pieces).clients
    fall = (
        (trial.clients.internalising_after - seen.internalising_after).groupby(seen.arm).mean()
    )
    np.testing.assert_allclose(
        [fall["supportive"], fall["waiting_list"]], [0.5, 0.0], atol=1e-12
    )
    pd.testing.assert_series_equal(
        trial.clients.internalising_before, seen.internalising_before
    )


def test_who_can_take_part_scored_high_enough(tmp_path):
    severe = build_course(SMALL, changes={"trial.clients_per_arm": 10, "trial.severity": 0.5})
    found = simulate_trial(severe, Serial(), Kept(tmp_path))
    assert (found.clients.internalising_before >= 0.5).all()
    assert found.assessed == found.clients.candidate.max() + 1


def test_a_trial_that_hardly_anybody_can_enter_is_given_up(tmp_path):
    rare = build_course(SMALL, changes={"trial.severity": 5.0})
    with pytest.raises(CourseError, match=r"reach trial.severity = 5. Lower it"):
        simulate_trial(rare, Serial(), Kept(tmp_path))


def test_repetitions_differ_from_one_another(pieces, trial):
    del trial  # Its screening is used again.
    found = simulate_power(build_course(SMALL), 2, Serial(), pieces)
    assert found[0]["contrasts"][0]["difference"] != found[1]["contrasts"][0]["difference"]


def lend(pieces, out):
    """Give a run what was done before."""
    kept = kept_of(build_course(SMALL), out)
    kept.folder.parent.mkdir(parents=True)
    kept.folder.symlink_to(pieces.folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, trial, pieces):
    del trial
    out = tmp_path_factory.mktemp("trial") / "out"
    lend(pieces, out)
    run_trial(build_course(SMALL), out, repetitions=2, command="bowlby trial small.toml")
    return out


def test_a_run_writes_everything_it_promises(folder):
    assert {path.name for path in folder.iterdir()} == {
        "clients.parquet", "sessions.parquet", "analysis.json", "report.html", "run.json",
    }  # fmt: skip


def test_a_finished_run_leaves_nothing_aside(folder):
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_a_trial_that_goes_on_after_an_equation_was_changed_begins_anew_and_says_so(
    tmp_path, trial, pieces, monkeypatch, caplog
):
    del trial
    lend(pieces, tmp_path / "out")
    before = kept_of(build_course(SMALL), tmp_path / "out")
    (before.folder / "about.json").write_text(json.dumps(before.about))
    monkeypatch.setattr(
        "bowlby.runs.kept.conditions", lambda _: conditions() | {"code": "changed"}
    )
    with pytest.raises(AssertionError, match=r"asked to do .*screen"):
        run_trial(build_course(SMALL), tmp_path / "out", workers=Refusing())
    assert "Begins anew" in caplog.text
    assert "changed since: the code." in caplog.text


def test_an_existing_folder_is_refused(folder):
    with pytest.raises(RunError, match="exists"):
        run_trial(build_course(SMALL), folder)


def test_run_json_says_what_was_run(folder):
    content = json.loads((folder / "run.json").read_text())
    assert content["settings"]["title"] == "Small"
    assert content["repetitions"] == 2
    assert {"jax", "bowlby"} <= content["versions"].keys()


def test_power_has_an_interval(folder):
    power = json.loads((folder / "analysis.json").read_text())["power"]
    assert power["repetitions"] == 2
    row = power["contrasts"][0]
    assert 0.0 <= row["low"] <= row["power"] <= row["high"] <= 1.0


def test_the_report_needs_no_network_and_says_once_what_it_is(folder):
    html = (folder / "report.html").read_text()
    assert html.count("not evidence about patients") == 1
    told = "Therapists of supportive were told before each session how the client rates trust."
    assert html.count(told) == 1
    assert 'src="http' not in html
    assert 'href="http' not in html


def test_run_json_holds_every_number_that_ran(folder):
    numbers = json.loads((folder / "run.json").read_text())["theory"]["numbers"]
    assert numbers["theory.oxytocin.release"] == 0.02
    assert len(numbers) > 300


def test_two_theories_stand_side_by_side(tmp_path, pieces):
    own = build_course(SMALL, changes={"theory.oxytocin.release": 0.0, "title": "Own"})
    trial = simulate_trial(build_course(SMALL), Serial(), pieces)
    other = simulate_trial(own, Serial(), Kept(tmp_path))
    found = compared(
        analyse(build_course(SMALL), trial.clients, trial.sessions, assessed=120), trial, own,
        other,
    )  # fmt: skip
    (row,) = found["theories"]["contrasts"]
    assert row["default"]["difference"] != row["own"]["difference"]
    arms = stacked(trial, own, other).clients.arm.unique()
    assert set(arms) == {"supportive", "waiting_list", "supportive (default)",
                         "waiting_list (default)"}  # fmt: skip


def test_a_run_that_fails_writes_nothing(tmp_path, trial, pieces, monkeypatch):
    del trial

    def fail(*_):
        raise OSError("disk full")

    lend(pieces, tmp_path / "out")
    monkeypatch.setattr("bowlby.reports.trial.write_trial_report", fail)
    with pytest.raises(OSError, match="disk full"):
        run_trial(build_course(SMALL), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == [".out.partial"]


class DeadlyOnce:
    """An executor that kills the worker of the first job that it finds."""

    def __init__(self, executor, mark):
        self.executor, self.mark = executor, mark

    def run(self, function, jobs):
        """Run on the other executor."""
        yield from self.executor.run(partial(killed_once, function, self.mark), jobs)


def killed_once(function, mark, job):
    """Do the job, after the first worker that tried has died of it."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return function(job)
    os.kill(os.getpid(), signal.SIGKILL)
    return None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_cluster_whose_worker_is_killed_gives_the_same_numbers_to_the_bit(trial, tmp_path):
    distributed = pytest.importorskip("distributed")
    mark = tmp_path / "killed"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        executor = DeadlyOnce(Dask(cluster.scheduler_address), mark)
        again = simulate_trial(build_course(SMALL), executor, Kept(tmp_path))
    assert mark.exists()
    pd.testing.assert_frame_equal(again.clients, trial.clients, check_exact=True)
    pd.testing.assert_frame_equal(again.sessions, trial.sessions, check_exact=True)

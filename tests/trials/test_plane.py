"""Power over a grid: every combination, the stop rule, the table, the report."""

import numpy as np
import pytest

from bowlby.cli.trial import _over
from bowlby.courses.course import build_course
from bowlby.reports.trial import write_plane_report
from bowlby.runs.kept import Kept
from bowlby.runs.workers import Serial
from bowlby.trials import plane as planes
from bowlby.trials.plane import combinations, simulate_plane

ARMS = [{"protocol": "supportive"}, {"protocol": "waiting_list"}]
OVER = {"trial.clients_per_arm": [20, 80], "trial.therapists_per_arm": [2, 5]}


def design_of(values):
    return build_course({"arms": ARMS, "trial": {}}, changes=values)


@pytest.fixture
def asked(monkeypatch):
    """Repetitions whose p is known: power .5 with 20 clients an arm, 1 with 80."""
    calls = []

    def simulated(design, count, workers, kept):
        del workers, kept
        calls.append((design.trial.clients_per_arm, count))
        found = design.trial.clients_per_arm == 80
        return [
            {"contrasts": [{"first": "supportive", "second": "waiting_list", "decides": True,
                            "p": 0.01 if found or i % 2 else 0.5, "g": -0.3}],
             "monitoring": None, "model": {"kind": "mixed", "reason": ""}}
            for i in range(count)
        ]  # fmt: skip

    monkeypatch.setattr(planes, "simulate_power", simulated)
    return calls


def table_of(tmp_path, **how):
    plane = combinations(OVER, design_of)
    return simulate_plane(plane, 100, Serial(), lambda _: Kept(tmp_path), **how)


@pytest.mark.usefixtures("asked")
def test_every_combination_is_there(tmp_path):
    table = table_of(tmp_path)
    assert len(table) == 4
    np.testing.assert_allclose(table["power"], [0.5, 0.5, 1.0, 1.0])


@pytest.mark.usefixtures("asked")
def test_it_stops_where_the_interval_is_narrow_enough(tmp_path):
    table = table_of(tmp_path, width=0.25)
    # Wilson's interval of 20 of 20 is .16 wide, that of a half .25 only from about 60 on.
    assert list(table["repetitions"]) == [60, 60, 20, 20]
    assert ((table["high"] - table["low"]) <= 0.25).all()


@pytest.mark.usefixtures("asked")
def test_it_never_repeats_more_than_allowed(tmp_path):
    assert table_of(tmp_path, width=0.001)["repetitions"].max() == 100


def test_a_combination_that_cannot_be_is_told_before_anything_runs(asked):
    with pytest.raises(ValueError, match="some would have nobody to see"):
        combinations({"trial.therapists_per_arm": [2, 99]}, design_of)
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_the_report_names_the_fewest_clients_that_suffice(tmp_path):
    table = table_of(tmp_path)
    about = {"title": "T", "seed": 1, "command": "c", "most": 100, "width": 0, "version": "0"}
    write_plane_report(tmp_path / "r.html", table, list(OVER), about)
    text = (tmp_path / "r.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "The fewest clients with a power surely above 80 %: 160" in text
    assert "<svg" in text


def test_entries_of_the_trial_need_no_section():
    assert _over(["clients_per_arm=20,40", "therapy.sessions=8"]) == {
        "trial.clients_per_arm": [20, 40], "therapy.sessions": [8],
    }  # fmt: skip


@pytest.mark.parametrize("entry", ["clients_per_arm", "clients_per_arm="])
def test_an_entry_without_values_is_told(entry):
    with pytest.raises(ValueError, match="write NAME=A,B"):
        _over([entry])

"""Therapists who are told what clients rate, and therapists who were trained."""

import re
from html import unescape

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import SKILLS_SAID, CourseError, build_course, therapists_said
from bowlby.reports.simulation import write_simulation_report
from bowlby.simulation.population import therapist_population
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.populations import TRAINED
from bowlby.theory.therapist_reading import TherapistReading

USUAL = {"protocol": "attachment_informed", "therapist": "population"}


def treated(*arms, **content):
    course = {
        "dyads": 48,
        "seed": 4,
        "caseload": 4,
        "arms": [{**USUAL, "name": f"arm {i}", **arm} for i, arm in enumerate(arms)],
        "childhood": {"encounters": 3, "ticks": 100},
        "therapy": {"sessions": 4, "ticks": 100, "may_leave": False},
        "life": {"waiting_weeks": 1, "ticks": 50, "follow_up_weeks": 0},
    }
    return simulate(build_course({**course, **content}))


def test_who_is_told_reads_half_way_towards_the_rating():
    law = TherapistReading()
    read = law.told(jnp.array([0.3, 0.3]), jnp.array([0.7, 0.7]), jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(read, [0.3, 0.5])


def by_arm(tree):
    data = tree["encounters"].to_dataset()
    arms = data.arm.to_numpy()
    return [data.isel(dyad=np.flatnonzero(arms == f"arm {i}")) for i in range(2)]


def test_telling_changes_sessions_and_nothing_before_them():
    usual, told = by_arm(treated({}, {"feedback": True}))
    at = usual.session.to_numpy() > 0
    first = np.flatnonzero(at)[0]
    # The week is lived before its session.
    np.testing.assert_array_equal(usual.life_trust[:, first], told.life_trust[:, first])
    assert (usual.intervention_share[:, first] != told.intervention_share[:, first]).any()


def test_who_does_not_go_by_it_might_as_well_not_be_told():
    theory = {"therapist_reading": {"goes_by": 0.0}}
    usual, told = by_arm(treated({}, {"feedback": True}, theory=theory))
    np.testing.assert_array_equal(usual.trust, told.trust)


@pytest.mark.parametrize("skill", TRAINED)
def test_training_moves_its_skill_for_the_better_and_no_other(skill):
    numbers, theory = np.arange(400), Theory()
    usual = therapist_population(1, numbers, theory, skill_sd=0.7)
    trained = therapist_population(1, numbers, theory, skill_sd=0.7, training={skill: 1.0})
    better = {"mentalising": 1.0, "repair": 1.0, "latency_s": -1.0, "recovery": -1.0}
    moved = {name for name in usual if (usual[name] != trained[name]).any()}
    # Who thinks better catches less.
    assert moved - {"contagion"} == {skill}
    gain = better[skill] * (np.asarray(trained[skill]) - np.asarray(usual[skill]))
    assert (gain >= 0.0).all()
    assert gain.mean() > 0.05


def test_trained_therapists_are_those_of_the_arm():
    usual, trained = by_arm(treated({}, {"training": {"mentalising": 3.0}}))
    at = np.flatnonzero(usual.session.to_numpy() > 0)
    read = [float(data.understanding.isel(encounter=at).mean()) for data in (usual, trained)]
    assert read[1] > read[0] + 0.02


def test_reports_say_what_therapists_were_told_and_trained_in(tmp_path):
    tree = treated({}, {"feedback": True, "training": {"repair": 1.0, "recovery": -0.5}})
    said = (
        "Therapists of arm 1 were told before each session how the client rates trust and had been "
        "trained in repairing ruptures (+1 SD), calming down (-0.5 SD)."
    )
    assert tree.attrs["therapists"] == [said]
    path = tmp_path / "report.html"
    write_simulation_report(path, tree)
    assert said in unescape(path.read_text(encoding="utf-8"))


def test_of_therapists_as_usual_nothing_is_said():
    assert therapists_said(build_course({"arms": [USUAL]}).arms) == []


def test_every_skill_that_can_be_trained_has_its_words():
    assert set(SKILLS_SAID) == set(TRAINED)


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        ({"training": {"warmth": 1.0}}, "no skill 'warmth'"),
        ({"training": {"repairs": 1.0}}, "did you mean"),
        ({"training": {"repair": 4.0}}, "arms.1.training"),
        ({"training": {"repair": 1.0}, "therapist": "skilled"}, 'therapist = "population"'),
        ({"feedback": True, "protocol": "waiting_list"}, "leave out training and feedback"),
        ({"feedback": 1}, "arms.1.feedback"),
    ],
)
def test_what_cannot_be_is_told_with_its_remedy(arm, told):
    with pytest.raises(CourseError, match=re.escape(told)):
        build_course({"arms": [{**USUAL, **arm}]})

"""Recruiting: whom a study takes."""

import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation.simulate import simulate

TOWN = {
    "dyads": 60, "childhood": {"encounters": 3, "ticks": 100},
    "life": {"waiting_weeks": 4, "ticks": 50, "follow_up_weeks": 1},
    "therapy": {"sessions": 2, "ticks": 50}, "caseload": 5,
    "arms": [
        {"name": "treated", "therapist": "population"},
        {"name": "waiting", "protocol": "waiting_list"},
    ],
    "theory": {"illness": {"yearly": 0.5}},
}  # fmt: skip


def run(**recruiting):
    tree = simulate(build_course(TOWN | {"recruiting": recruiting}))
    return tree, tree["readouts"].to_dataset(), tree["encounters"].to_dataset()


def test_a_clinic_takes_the_ill_and_distressed_and_leaves_them_as_they_are():
    _, town, weeks = run()
    tree, clinic, lived = run(ill=True, severity=0.3)
    treated = clinic.isel(dyad=clinic.arm.to_numpy() == "treated")
    others = town.isel(dyad=town.arm.to_numpy() == "treated")
    last = np.flatnonzero(weeks.phase.to_numpy() == "waiting")[-1]
    # Illness in the week after the last that was waited is that which was left by it.
    ill = weeks.ill.isel(encounter=last + 1, dyad=town.arm.to_numpy() == "treated")
    wanted = (ill.to_numpy() > 0) & (others.internalising_before.to_numpy() >= 0.3)
    np.testing.assert_array_equal(treated.dyad, np.flatnonzero(wanted))
    assert 0 < wanted.sum() < TOWN["dyads"]
    same = others.isel(dyad=wanted)
    for name in ("internalising_before", "internalising_after", "anxiety", "pattern"):
        if name == "internalising_after":  # Their therapists are others: they are shared anew.
            continue
        np.testing.assert_array_equal(treated[name], same[name])
    waiting = clinic.isel(dyad=clinic.arm.to_numpy() == "waiting")
    untreated = town.isel(dyad=town.arm.to_numpy() == "waiting").isel(dyad=wanted)
    np.testing.assert_allclose(
        waiting.internalising_after, untreated.internalising_after, atol=1e-5
    )
    assert tree.attrs["met"] == TOWN["dyads"]
    assert lived.sizes["dyad"] == 2 * wanted.sum()
    np.testing.assert_array_equal(treated.therapist, np.arange(wanted.sum()) // 5)


@pytest.mark.parametrize("severity", [0.5, -5.0])
def test_with_how_many_others_one_is_met_and_treated_changes_nothing(severity, monkeypatch):
    # With parts of 16 the 60 are met in four, and all of them are treated in four too.
    at_once = run(severity=severity)
    monkeypatch.setattr("bowlby.simulation.schedule.CHUNK", 16)
    monkeypatch.setattr("bowlby.simulation.simulate.CHUNK", 16)
    in_parts = run(severity=severity)
    for here, there in zip(at_once[1:], in_parts[1:], strict=True):
        here, there = (data.sortby(["arm", "dyad"]) for data in (here, there))
        for name in here.data_vars:
            if here[name].dtype.kind == "f":
                np.testing.assert_allclose(here[name], there[name], atol=1e-4, err_msg=name)
            else:
                np.testing.assert_array_equal(here[name], there[name], err_msg=name)


def test_nobody_is_left_out_where_nobody_is_chosen():
    tree, town, _ = run()
    assert town.sizes["dyad"] == 2 * TOWN["dyads"]
    assert "met" not in tree.attrs


def test_people_of_another_constitution_or_load():
    def courses(**recruiting):
        content = TOWN | {"recruiting": recruiting, "arms": [{"protocol": "waiting_list"}]}
        return simulate(build_course(content))["encounters"].to_dataset()

    usual, hard = courses(), courses(load=1.5)
    assert float(hard.life_load.mean()) > 2.0 * float(usual.life_load.mean())
    liable = courses(standing={"affect": 1.5})
    assert float(liable.ill.mean()) > float(usual.ill.mean())
    assert float(liable.life_mood.mean()) > 0.5 + float(usual.life_mood.mean())


def test_a_study_that_takes_nobody_says_so():
    with pytest.raises(
        CourseError, match=r"nobody of the 60 people.*lower recruiting.severity"
    ):
        run(severity=5.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"recruiting": {"standing": {"affekt": 1.0}}}, "did you mean .*affect"),
        ({"recruiting": {"severity": 9.0}}, "5"),
        ({"recruiting": {"ill": 1}}, "ill"),
        ({"recruiting": {"ill": True}, "kind": "childhood"}, "nobody waits here"),
        ({"recruiting": {"ill": True}, "life": {"waiting_weeks": 0}}, "life.waiting_weeks"),
        ({"recruiting": {"severity": 1.0}, "trial": {"clients_per_arm": 20},
          "arms": [{"name": "a"}, {"name": "b", "protocol": "waiting_list"}]},
         "trial.severity"),
    ],
)  # fmt: skip
def test_what_cannot_be_recruited_is_named(changes, says):
    with pytest.raises(CourseError, match=says):
        build_course(changes)

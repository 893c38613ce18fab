"""Synchrony readouts: a subsample emits signals, which are measured as real ones are."""

import numpy as np
import pytest
import xarray as xr

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation.instruments import synchrony
from bowlby.simulation.instruments.synchrony import (
    batches,
    chosen_dyads,
    chosen_encounters,
    joined_synchrony,
    readouts_of,
    with_synchrony,
)
from bowlby.simulation.simulate import simulate

COURSE = {
    "dyads": 5,
    "seed": 3,
    "childhood": {"encounters": 2, "ticks": 50},
    "life": {"waiting_weeks": 1, "follow_up_weeks": 1, "ticks": 50},
    "therapy": {"sessions": 3, "ticks": 50, "may_leave": False},
    "arms": [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}],
    "synchrony": {
        "dyads": 3, "sessions": 2, "minutes": 8, "signals": ["heart"], "strangers": True,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def course():
    return build_course(COURSE)


@pytest.fixture(scope="module")
def tree(course):
    return simulate(course)


def measured(tree, arm):
    readouts = tree["readouts"].to_dataset()
    there = np.isfinite(readouts.synchrony_heart) & (readouts.arm == arm)
    return readouts.dyad.to_numpy()[there.to_numpy()]


def test_the_chosen_dyads_are_measured_and_no_others(course, tree):
    np.testing.assert_array_equal(measured(tree, "attachment_informed"), chosen_dyads(course))


def test_without_the_fast_channel_the_same_lives_emit_other_signals(tree):
    without = simulate(build_course(COURSE | {"ablate": ["entrainment"]}))
    apart, together = (t["readouts"].synchrony_heart.values for t in (without, tree))
    assert (apart != together)[np.isfinite(together)].all()
    np.testing.assert_array_equal(without["encounters"].trust, tree["encounters"].trust)


def test_who_waits_has_no_synchrony(tree):
    assert measured(tree, "waiting_list").size == 0


def test_the_subsample_depends_on_seed_and_numbers_only(course):
    other = build_course(COURSE | {"therapy": {"sessions": 9}, "ablate": ["oxytocin"]})
    np.testing.assert_array_equal(chosen_dyads(course), chosen_dyads(other))
    many = [
        tuple(chosen_dyads(build_course(COURSE | {"dyads": 100, "seed": s}))) for s in (1, 2)
    ]
    assert many[0] != many[1]


def test_the_measured_sessions_are_the_middles_of_equal_parts():
    thirty = build_course({"therapy": {"sessions": 30}, "synchrony": {}})
    assert [session + 1 for session in chosen_encounters(thirty)] == [6, 16, 26]


def test_only_the_measured_sessions_have_a_row(tree):
    encounters = tree["encounters"].to_dataset()
    where = np.isfinite(encounters.synchrony_heart).any("dyad").to_numpy()
    sessions = encounters.session.to_numpy()[where]
    np.testing.assert_array_equal(sessions, [1, 3])


def test_a_dyads_readout_is_the_mean_of_its_sessions(tree):
    np.testing.assert_allclose(
        tree["readouts"].synchrony_heart,
        tree["encounters"].synchrony_heart.mean("encounter"),
        rtol=1e-5,
    )


def test_results_do_not_depend_on_who_is_recorded_together(course, tree, monkeypatch):
    plain = COURSE | {"synchrony": COURSE["synchrony"] | {"strangers": False}}
    monkeypatch.setattr(synchrony, "BATCH", 2)
    assert [len(batch.dyads) for batch in batches(course)] == [2, 1]
    again = simulate(build_course(plain))
    for name in ("synchrony_heart", "synchrony_lag_s", "synchrony_lead"):
        np.testing.assert_allclose(
            again["readouts"][name], tree["readouts"][name], rtol=1e-5, atol=1e-6
        )


def test_nobody_is_left_alone_without_a_stranger(monkeypatch):
    monkeypatch.setattr(synchrony, "BATCH", 4)
    nine = build_course(COURSE | {"dyads": 9, "synchrony": {"dyads": 9}})
    assert [len(batch.dyads) for batch in batches(nine)] == [3, 3, 3]


def test_without_asking_nothing_of_it_is_there():
    assert (
        batches(build_course({key: COURSE[key] for key in COURSE if key != "synchrony"})) == []
    )


def test_strangers_are_measured_beside_the_real_pairs(tree):
    seen = tree["readouts"].to_dataset()
    there = np.isfinite(seen.synchrony_heart)
    assert np.isfinite(seen.synchrony_heart_strangers[there]).all()
    assert not np.allclose(seen.synchrony_heart[there], seen.synchrony_heart_strangers[there])


def test_the_leader_goes_with_the_sign_of_the_lead(tree):
    seen = tree["readouts"].to_dataset()
    leader = seen.synchrony_leader[np.isfinite(seen.synchrony_lead)]
    lead = seen.synchrony_lead[np.isfinite(seen.synchrony_lead)]
    assert set(leader.to_numpy()) <= {"seeker", "figure"}
    np.testing.assert_array_equal(leader == "seeker", lead > 0.0)


def test_a_session_that_did_not_take_place_leaves_its_columns_missing():
    away = COURSE | {
        "arms": COURSE["arms"][:1], "therapy": COURSE["therapy"] | {"breaks": [2]},
        "synchrony": COURSE["synchrony"] | {"sessions": 1, "signals": ["skin"]},
    }  # fmt: skip
    seen = simulate(build_course(away))["readouts"]
    assert np.isnan(seen.synchrony_skin).all()
    assert np.isnan(seen.concordance_skin).all()


def test_a_childhood_is_recorded_at_home():
    home = {
        "kind": "childhood", "dyads": 2, "seed": 3, "childhood": COURSE["childhood"],
        "synchrony": {"dyads": 2, "sessions": 1, "minutes": 8, "signals": ["heart"]},
    }  # fmt: skip
    assert np.isfinite(simulate(build_course(home))["readouts"].synchrony_heart).all()


@pytest.mark.parametrize(
    "none", [{"arms": [{"protocol": "waiting_list"}]}, {"therapy": {"sessions": 0}}]
)
def test_a_course_without_sessions_cannot_be_recorded(none):
    with pytest.raises(CourseError, match="synchrony is measured in sessions"):
        build_course(COURSE | none)


def test_batches_of_several_arms_keep_apart_what_each_found():
    def found(arm, value):
        return xr.Dataset(
            {"synchrony_heart": (("dyad", "encounter"), [[value]])},
            {"dyad": [4], "arm": ("dyad", [arm]), "encounter": [1]},
        )

    both = joined_synchrony([found("a", 1.0), found("b", 2.0)])
    group = xr.Dataset(coords={"dyad": [3, 4, 4], "arm": ("dyad", ["a", "a", "b"])})
    np.testing.assert_array_equal(
        with_synchrony(group, both).synchrony_heart, [np.nan, 1.0, 2.0]
    )


def test_without_hearts_the_first_signal_tells_who_leads():
    found = xr.Dataset(
        {
            "synchrony_motion_lead": (("dyad", "encounter"), [[-1.0, -3.0]]),
            "synchrony_motion_lag_s": (("dyad", "encounter"), [[-0.5, -1.5]]),
        }
    )
    summary = readouts_of(found)
    assert (summary["synchrony_lead"], summary["synchrony_lag_s"]) == (-2.0, -1.0)
    assert summary["synchrony_leader"] == "figure"


def test_only_arms_with_sessions_are_recorded(course):
    assert [batch.course.arms[0].protocol for batch in batches(course)] == [
        "attachment_informed"
    ]

"""The engine: properties that hold whatever the parameters."""

import jax
import numpy as np
import pytest
import xarray as xr

from bowlby.courses.course import build_course
from bowlby.simulation.results import joined
from bowlby.simulation.schedule import CHUNK, chunks
from bowlby.simulation.simulate import simulate, simulate_chunk

SMALL = {
    "dyads": 6,
    "childhood": {"encounters": 3, "ticks": 100},
    "life": {"waiting_weeks": 2, "ticks": 50, "follow_up_weeks": 2},
    "therapy": {"sessions": 4, "ticks": 100},
    "arms": [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}],
}


@pytest.fixture(scope="module")
def tree():
    return simulate(build_course(SMALL))


def test_every_dyad_has_a_row_per_arm(tree):
    assert tree["readouts"].sizes["dyad"] == 12
    assert set(tree["readouts"].arm.values) == {"attachment_informed", "waiting_list"}


@pytest.mark.parametrize(
    "name", ["model_belief", "action_share", "stance_share", "life_model_belief"]
)
def test_probabilities_sum_to_one(tree, name):
    values = tree["encounters"][name].values
    there = np.isfinite(values).all(-1)
    np.testing.assert_allclose(values.sum(-1)[there], 1.0, atol=1e-4)


def test_nothing_is_infinite(tree):
    for variable in tree["encounters"].data_vars.values():
        assert not np.isinf(variable.values).any(), variable.name


def test_equal_seeds_give_equal_results(tree):
    again = simulate(build_course(SMALL))
    np.testing.assert_array_equal(
        tree["encounters"].symptoms.values, again["encounters"].symptoms.values
    )


def test_other_seeds_give_other_results(tree):
    other = simulate(build_course(SMALL), seed=99)
    assert not np.allclose(
        tree["encounters"].symptoms.values, other["encounters"].symptoms.values, equal_nan=True
    )


def test_a_dyad_is_the_same_whoever_else_is_simulated(tree):
    alone = simulate_chunk(build_course(SMALL), np.array([4]))
    together = tree["readouts"].isel(dyad=tree["readouts"].dyad.values == 4)
    np.testing.assert_allclose(
        alone["readouts"].internalising_after.values,
        together.internalising_after.values,
        rtol=1e-3, atol=1e-3,
    )  # fmt: skip


def test_chunks_cover_every_dyad_once():
    course = build_course({"dyads": 2 * CHUNK + 3})
    np.testing.assert_array_equal(np.concatenate(chunks(course)), np.arange(2 * CHUNK + 3))


def test_arms_share_clients_and_childhoods(tree):
    readouts = tree["readouts"]
    treated, waiting = (
        readouts.sensitivity_observed.values[readouts.arm.values == arm]
        for arm in ("attachment_informed", "waiting_list")
    )
    np.testing.assert_array_equal(treated, waiting)


def test_the_waiting_list_has_no_sessions(tree):
    waiting = tree["readouts"].arm.values == "waiting_list"
    assert np.isnan(tree["encounters"].trust.values[waiting][:, 3:]).all()


def test_sessions_of_nobody_are_left_out_without_a_trace(tree):
    """With ticks kept they are run, one by one."""
    run = simulate(build_course(SMALL | {"keep": "ticks"}))
    for group in ("readouts", "encounters"):
        found, expected = (
            each[group].to_dataset().isel(dyad=each[group].arm.values == "waiting_list")
            for each in (tree, run)
        )
        xr.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_break_is_a_session_that_does_not_take_place():
    course = build_course(SMALL | {"therapy": SMALL["therapy"] | {"breaks": [2]}})
    data = simulate(course)["encounters"]
    second = data.trust.isel(dyad=0).values[data.session.values == 2]
    assert np.isnan(second).all()


def test_ticks_are_kept_for_a_few_dyads_only(tree):
    one = simulate(build_course(SMALL | {"dyads": 1, "arms": [{}]}))
    assert "ticks" in one.children
    assert "ticks" not in tree.children


def test_kept_ticks_are_those_of_the_encounters():
    one = simulate(build_course(SMALL | {"dyads": 1, "arms": [{}]}))
    session = int(np.flatnonzero(one["encounters"].session.values == 1)[0])
    ticks = one["ticks"].to_dataset().sel(encounter=session).isel(dyad=0)
    np.testing.assert_allclose(
        float(ticks.contact.mean()),
        float(one["encounters"].contact.isel(dyad=0, encounter=session)),
        rtol=1e-4,
    )


def test_one_model_leaves_no_doubt_about_who_the_other_is():
    data = simulate(build_course(SMALL | {"ablate": ["several_models"]}))["encounters"]
    assert float(np.nanmax(data.uncertainty.values)) < 1e-3


def test_with_one_model_interpreting_brings_no_other_into_life():
    arms = [{"protocol": "interpretation_only", "therapist": "skilled"}]
    course = build_course(SMALL | {"ablate": ["several_models"], "arms": arms})
    belief = simulate(course)["encounters"].life_model_belief.sel(model=0)
    assert float(belief.min()) > 0.999


def test_without_oxytocin_there_is_none():
    data = simulate(build_course(SMALL | {"ablate": ["oxytocin"]}))["encounters"]
    assert float(np.nanmax(data.oxytocin.values)) == 0.0


def test_joined_parts_are_the_whole(tree):
    course = build_course(SMALL)
    parts = joined([simulate_chunk(course, np.arange(6))], course)
    assert parts["readouts"].sizes == tree["readouts"].sizes


def test_a_second_generation_has_caregivers_made_by_the_first():
    base = {"kind": "childhood", "dyads": 6, "childhood": SMALL["childhood"]}
    first = simulate(build_course(base))["readouts"]
    second = simulate(
        build_course(base | {"childhood": base["childhood"] | {"generations": 2}})
    )
    assert not np.allclose(
        first.caregiver_mentalising.values, second["readouts"].caregiver_mentalising.values
    )
    jax.clear_caches()


def test_precision_asked_for_by_other_programs_changes_nothing():
    course = build_course(
        {
            "dyads": 2, "childhood": {"encounters": 1, "ticks": 50},
            "therapy": {"sessions": 1, "ticks": 50},
            "life": {"ticks": 50, "waiting_weeks": 1, "follow_up_weeks": 1},
        }
    )  # fmt: skip
    usual = simulate(course)["readouts"].internalising_before.to_numpy()
    with jax.enable_x64(True):
        double = simulate(course)["readouts"].internalising_before.to_numpy()
        assert jax.config.jax_enable_x64
    np.testing.assert_array_equal(usual, double)

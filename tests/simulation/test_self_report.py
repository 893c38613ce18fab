"""What people tell of themselves in relationships: asked about, not counted."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logit

from bowlby.courses.course import build_course
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.dyad import Pace
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.seeker import if_distressed, seek
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.instruments import without_error
from bowlby.theory.vocabulary import DISTRESSED, WITHDRAW

COURSE = {
    "dyads": 12, "seed": 4, "measures": without_error(), "keep": "encounters",
    "childhood": {"encounters": 4, "ticks": 100},
    "life": {"waiting_weeks": 5, "ticks": 50, "follow_up_weeks": 0},
    "therapy": {"sessions": 0}, "arms": [{"protocol": "waiting_list"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def grown():
    course = build_course(COURSE)
    dyads = dyads_of(course, np.arange(12), Theory())
    return dyads, grow_up(dyads, schedule_of(course)).client


def asked(grown, **changed):
    dyads, client = grown
    body = eqx.tree_at(
        lambda b: b.arousal, client.body, jnp.full(12, changed.get("arousal", 0.0))
    )
    trust = changed.get("trust", 0.3) * jnp.ones(12)
    found = if_distressed(
        client.life_model, client.experience, body, trust, dyads.seeker, dyads.world
    )
    return np.asarray(found)


def test_what_one_would_do_does_not_hang_on_how_one_feels_today(grown):
    would = asked(grown)
    np.testing.assert_array_equal(would, asked(grown, arousal=2.5))
    np.testing.assert_allclose(would.sum(0), 1.0, rtol=1e-5)
    assert np.ptp(would[WITHDRAW]) > 0.05


def test_it_is_the_plan_of_one_who_is_in_that_distress(grown):
    dyads, client = grown
    belief = jnp.zeros((4, *client.life_model.shape)).at[DISTRESSED].set(client.life_model)
    # Distressed is from 1.2 to 2 from the set point.
    body = eqx.tree_at(lambda b: b.arousal, client.body, jnp.full(12, 1.6))
    turn = seek(
        belief, client.experience, body, dyads.seeker, dyads.world,
        trust=0.3 * jnp.ones(12), lent=0.0, uniform=jnp.zeros(12), pace=Pace(),
    )  # fmt: skip
    np.testing.assert_allclose(asked(grown), turn.plan.policy, rtol=1e-5)


def test_the_scales_are_made_of_it_over_four_weeks():
    tree = simulate(build_course(COURSE))
    read, weeks = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    first = weeks.isel(encounter=np.flatnonzero(weeks.phase.to_numpy() == "waiting")[:4])
    mean = {name: first[f"life_{name}"].mean("encounter").to_numpy() for name in (
        "withdrawal", "approach", "protest", "trust",
    )}  # fmt: skip
    np.testing.assert_allclose(read.avoidance, logit(mean["withdrawal"]), rtol=1e-3)
    seeks = (mean["approach"] + mean["protest"]) / (1.0 - mean["withdrawal"])
    np.testing.assert_allclose(read.anxiety, seeks * (1.0 - mean["trust"]), rtol=1e-3)

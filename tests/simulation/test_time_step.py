"""The length of a tick is a number: shorter ticks give the same lives."""

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.bond import Relationship

THEORY = Theory()
BOND = Relationship(*(jnp.asarray(x) for x in (2.0, 1.0, 0.1)))

LAWS = {
    "oxytocin": lambda x, dt: THEORY.oxytocin.step(x, 0.6, dt_s=dt),
    "slow oxytocin": lambda x, dt: THEORY.oxytocin.trait(x, 0.8, 0.9, dt_s=dt),
    "trust": lambda x, dt: THEORY.trust.step(x, 0.8, 1.0, dt_s=dt),
    "hope": lambda x, dt: THEORY.hope.step(x, 0.5, 0.9, 0.3, dt_s=dt),
    "self-soothing": lambda x, dt: THEORY.self_soothing.step(x, 0.02 * dt, 0.1, 1.0, dt_s=dt),
    "a growing mind": lambda x, dt: THEORY.mentalising.mentalised(x, 0.9, 0.8, dt_s=dt),
    "insight": lambda x, dt: THEORY.interpretation.insight_after(x, 0.05, dt_s=dt),
    "a bond": lambda x, dt: THEORY.bond.step(
        Relationship(x, BOND.bad, BOND.hope), 0.8, 0.9, 0.7, dt_s=dt
    ).good,
    "repeating": lambda x, dt: THEORY.contingency.step(
        jnp.full((3, 1), x), jnp.eye(3)[:, :1], dt_s=dt
    ),
}  # fmt: skip
"""Laws of a quantity that changes with time, all else held; relief is a fall in the tick."""


@pytest.mark.parametrize("law", sorted(LAWS))
def test_two_ticks_of_five_seconds_change_as_much_as_one_of_ten(law):
    step, before = LAWS[law], 0.4
    once = np.asarray(step(before, 10.0), float)
    twice = step(before, 5.0)
    twice = np.asarray(step(twice if np.ndim(twice) == 0 else twice[0, 0], 5.0), float)
    if once.ndim:
        once, twice = once[0], twice[0]
    assert (np.abs(once - before) > 0.0).all()
    np.testing.assert_allclose(twice - before, once - before, rtol=0.03)


READOUTS = {
    "sensitivity_observed": 0.05, "threat_index": 0.05, "distress": 0.1, "trust": 0.05,
    "contact": 0.05, "arousal": 0.05, "mentalising": 0.05,
}  # fmt: skip
"""What is compared over 64 childhoods, and how far the means may be apart, in its own unit."""


def means(step_s):
    """Means over people, each with its spread."""
    course = build_course(
        {
            "kind": "childhood", "dyads": 64, "seed": 4, "time_step_s": step_s,
            "keep": "encounters", "childhood": {"encounters": 4, "ticks": 100},
        }
    )  # fmt: skip
    tree = simulate(course)
    readouts, rows = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    found = {}
    for name in READOUTS:
        data = readouts[name] if name in readouts else rows[name]
        rest = [dim for dim in data.dims if dim != "dyad"]
        found[name] = np.asarray(data.mean(rest).values, float)
    return found


@pytest.mark.slow
def test_ticks_of_five_seconds_give_the_childhoods_of_ten():
    coarse, fine = means(10), means(5)
    for name, tolerance in READOUTS.items():
        difference = fine[name] - coarse[name]
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        # Chance differs between the two; what is left beyond it is the tick's.
        assert abs(difference.mean()) < tolerance + 2.0 * error, name

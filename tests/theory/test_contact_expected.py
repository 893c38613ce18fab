"""What people expect of contact is what their bodies do."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.simulation.bodies import contact_table
from bowlby.theory import Theory
from bowlby.theory.vocabulary import DISMISSIVE, WITHDRAW

DISTRESSED, OVERWHELMED = 2, 3


def overwhelmed_next(theory, state):
    """Probability for one who withdraws from somebody dismissive: what happens, happens outside."""
    table = contact_table(theory).soothing
    return float(table[OVERWHELMED, state, DISMISSIVE, WITHDRAW, 0])


def test_events_are_expected_by_the_law_of_initial_values():
    """Whoever is aroused already expects less of an event than its size."""
    full = eqx.tree_at(lambda t: t.arousal.initial_value, Theory(), jnp.zeros(()))
    assert overwhelmed_next(Theory(), DISTRESSED) < overwhelmed_next(full, DISTRESSED) - 0.005


def test_an_expectation_is_a_distribution():
    np.testing.assert_allclose(contact_table(Theory()).soothing.sum(0), 1.0, atol=1e-5)

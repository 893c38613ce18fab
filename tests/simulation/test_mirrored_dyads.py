"""Two equal bodies: who is called the seeker and who the figure does not matter."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.simulation import bodies
from bowlby.theory import Theory
from bowlby.theory.arousal import Arousal
from bowlby.theory.contagion import Contagion
from bowlby.theory.regulation import LATENCY_STEPS, Regulation, remember

arousals = st.floats(-2.0, 2.0, width=32)
unit = st.floats(0.0, 1.0, width=32)
seeds = st.integers(0, 2**16)

tick = jax.jit(bodies.tick)
THEORY = Theory().as_data()
SECONDS = 10

EQUAL_NOISE = 0.05 / 0.06
"""Reactivity at which the seeker's body is as noisy as the figure's."""


def drives(contact, contagion, *, figure_contagion=None, reactivity=EQUAL_NOISE):
    """Contagion alone between two bodies that recover alike: nobody regulates anybody."""
    return bodies.Drives(
        gain=0.0, latency_s=2.0, kick=0.0, fright=0.0, contact=contact, recovery_s=60.0,
        reactivity=reactivity, seeker_contagion=contagion,
        figure_contagion=contagion if figure_contagion is None else figure_contagion,
        figure_recovery_s=60.0,
    )  # fmt: skip


def second_by_second(x, y, drives, noise):
    """Arousal of (seeker, figure) after each second of a tick."""
    past = jnp.full((LATENCY_STEPS, 1), x)
    return tick(jnp.full(1, x), jnp.full(1, y), past, drives, THEORY, noise).each[..., 0]


def increments(seed):
    noise = np.random.default_rng(seed).normal(size=(SECONDS, 2, 1))
    return jnp.asarray(noise, jnp.float32)


@given(x=arousals, y=arousals, contact=unit, contagion=st.floats(0.0, 0.1), seed=seeds)
def test_swapping_two_equal_bodies_swaps_their_arousal(x, y, contact, contagion, seed):
    noise, alike = increments(seed), drives(contact, contagion)
    forward = second_by_second(x, y, alike, noise)
    backward = second_by_second(y, x, alike, noise[:, ::-1])
    np.testing.assert_allclose(forward, backward[:, ::-1], atol=2e-6)


@given(x=arousals, y=arousals, contact=unit, contagion=st.floats(0.0, 0.1))
def test_contagion_moves_arousal_between_equal_bodies_and_makes_none(x, y, contact, contagion):
    silent = jnp.zeros((SECONDS, 2, 1))
    path = second_by_second(x, y, drives(contact, contagion), silent)
    seconds = np.arange(1.0, SECONDS + 1.0)
    np.testing.assert_allclose(path.sum(1), (x + y) * np.exp(-seconds / 60.0), atol=2e-5)


def test_unequal_contagion_breaks_the_mirror():
    noise, unequal = increments(3), drives(1.0, 0.02, figure_contagion=0.08)
    forward = second_by_second(1.5, -0.5, unequal, noise)
    backward = second_by_second(-0.5, 1.5, unequal, noise[:, ::-1])
    assert np.abs(forward - backward[:, ::-1]).max() > 0.1


def regulating_each_other(first, second, gain, latency_s, noise):
    """Two bodies that catch and, after a latency, regulate each other's arousal, each second."""
    body, contagion, regulation = (
        Arousal(60.0, 0.05),
        Contagion(),
        Regulation(),
    )
    x, y = jnp.asarray(first), jnp.asarray(second)
    past = [jnp.full(LATENCY_STEPS, x), jnp.full(LATENCY_STEPS, y)]
    path = []
    for increment in noise:
        push_x = regulation.pull(past[0], 1.0, gain, latency_s)
        push_x = push_x + contagion.pull(x, y, 1.0, 0.03)
        push_y = regulation.pull(past[1], 1.0, gain, latency_s)
        push_y = push_y + contagion.pull(y, x, 1.0, 0.03)
        x = body.step(x, push_x, increment[0], dt_s=1.0)
        y = body.step(y, push_y, increment[1], dt_s=1.0)
        past = [remember(past[0], x), remember(past[1], y)]
        path.append((float(x), float(y)))
    return np.array(path)


@settings(max_examples=10)
@given(x=arousals, y=arousals, gain=unit, latency_s=st.floats(0.0, 5.0), seed=seeds)
def test_two_who_regulate_each_other_are_mirrored_too(x, y, gain, latency_s, seed):
    noise = np.random.default_rng(seed).normal(size=(10, 2))
    forward = regulating_each_other(x, y, 0.1 * gain, latency_s, noise)
    backward = regulating_each_other(y, x, 0.1 * gain, latency_s, noise[:, ::-1])
    np.testing.assert_allclose(forward, backward[:, ::-1], atol=2e-6)

"""Two bodies through one tick, and what contact does to distress.

The tick is integrated in steps of one second. The seeker's arousal is driven by what the other
does to it (kick), by the other's regulation after a latency, and by contagion; the figure's by
contagion alone.
"""

from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import FRIGHTENING, INTRUSIVE, PROTEST, WITHDRAW
from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import one_hot
from bowlby.maths.short_axis import summed
from bowlby.mechanisms.arousal import Arousal
from bowlby.mechanisms.contagion import Contagion
from bowlby.mechanisms.regulation import Regulation, remember
from bowlby.mechanisms.self_soothing import SelfSoothing
from bowlby.simulation.dyad import LATENCY_STEPS

TICK_S = 10.0
SECONDS = 10
"""Integration steps per tick."""

DISTRESS_EDGES = (0.5, 1.2, 2.0)
"""|arousal| at which calm becomes uneasy, distressed, overwhelmed."""

CONTACT = (1.0, 0.05, 0.05, 0.8)
"""Contact that the seeker's action makes (approach, explore, withdraw, protest)."""

IMPOSED_CONTACT = 0.8
"""Intrusion and fright make contact whatever the seeker does."""

GAIN = (0.22, 0.12, 0.0, 0.0)
"""Regulation by stance (1/s): attuned, intrusive, dismissive, frightening."""

KICK = (0.0, 0.12, 0.05, 0.14)
"""Arousal that each stance makes at full contact (1/s)."""

PROTEST_COST = 0.035
"""Arousal that protesting makes (1/s)."""

LOWEST, HIGHEST = -3.0, 4.0
"""Bounds of arousal."""


class Drives(NamedTuple):
    """What acts on the two bodies during a tick.

    Attributes:
        gain: Regulation (1/s).
        latency_s: Its latency (s).
        kick: Arousal made by the other's stance and by protesting (1/s).
        contact: Contact (0 to 1).
        recovery_s: The seeker's own recovery (s).
        reactivity: Of the seeker.
        seeker_contagion: Pull towards the figure (1/s).
        figure_contagion: Pull of the figure towards the seeker (1/s).
        figure_recovery_s: The figure's own recovery (s).
    """

    gain: Scalar
    latency_s: Scalar
    kick: Scalar
    contact: Scalar
    recovery_s: Scalar
    reactivity: Scalar
    seeker_contagion: Scalar
    figure_contagion: Scalar
    figure_recovery_s: Scalar


def weighted(values: tuple[float, ...], categories: Float[Array, "n *dyads"]) -> Array:
    """Mean of a value per category, under probabilities or a one-hot choice."""
    column = jnp.asarray(values, categories.dtype)
    return summed(column.reshape(-1, *(1,) * (categories.ndim - 1)) * categories, 0)


def distress(arousal: Float[Array, "*dyads"]) -> Float[Array, "4 *dyads"]:
    """Distress as a one-hot category: how far arousal is from its set point."""
    edges = jnp.asarray(DISTRESS_EDGES).reshape(-1, *(1,) * arousal.ndim)
    return one_hot(summed(jnp.abs(arousal) > edges, 0), 4)


def tick(
    seeker: Float[Array, "*dyads"],
    figure: Float[Array, "*dyads"],
    past: Float[Array, "delay *dyads"],
    drives: Drives,
    noise: Float[Array, "second 2 *dyads"],
) -> tuple[Array, Array, Array, Array]:
    """Arousal of both and the seeker's past after a tick; and both each second."""
    own = Arousal(drives.recovery_s)
    others = Arousal(drives.figure_recovery_s, 0.05)
    regulation = Regulation(drives.gain, drives.latency_s)
    to_figure = Contagion(drives.seeker_contagion)
    to_seeker = Contagion(drives.figure_contagion)

    def second(state, noise):
        x, y, past = state
        push = (
            drives.kick * drives.reactivity
            + regulation.pull(past, drives.contact)
            + to_figure.pull(x, y, drives.contact)
        )
        answer = to_seeker.pull(y, x, drives.contact)
        x = own.step(x, push, noise[0] * drives.reactivity, dt_s=1.0)
        y = others.step(y, answer, noise[1], dt_s=1.0)
        x, y = jnp.clip(x, LOWEST, HIGHEST), jnp.clip(y, LOWEST, HIGHEST)
        return (x, y, remember(past, x)), jnp.stack([x, y])

    (x, y, past), each = jax.lax.scan(second, (seeker, figure, past), noise)
    return x, y, past, each


class ContactTable(NamedTuple):
    """p(s' | s, u, a) with full and with no efficacy of self-soothing, (4, 4, 4, 4) each."""

    soothing: Array
    helpless: Array


@lru_cache
def contact_table(samples: int = 2000) -> ContactTable:
    """What contact does to distress, by Monte Carlo from the bodies themselves.

    There is no second process for distress: the seeker's model of it is what its body does
    with an average figure.
    """
    rng = np.random.default_rng(0)
    low = np.array([0.0, *DISTRESS_EDGES])
    high = np.array([*DISTRESS_EDGES, 3.2])
    shape = (4, 4, 4, samples)  # s, u, a, sample
    start = low[:, None] + (high - low)[:, None] * rng.uniform(size=(4, samples))
    event = np.where(rng.uniform(size=samples) < 0.12, 0.4 + rng.exponential(size=samples), 0.0)
    arousal = np.broadcast_to(start[:, None, None] + event, shape).astype(np.float32)
    contact = np.broadcast_to(np.array(CONTACT), (4, 4)).copy()
    for stance in (INTRUSIVE, FRIGHTENING):
        contact[stance] = np.maximum(contact[stance], IMPOSED_CONTACT)
    is_protest = np.arange(4) == PROTEST
    kick = np.array(KICK)[:, None] * contact + PROTEST_COST * is_protest
    noise = rng.normal(size=(SECONDS, 2, *shape)).astype(np.float32)
    past = np.broadcast_to(arousal, (LATENCY_STEPS, *shape))
    is_withdrawal = (np.arange(4) == WITHDRAW).astype(np.float32)[:, None]

    def table(efficacy):
        drives = Drives(
            np.array(GAIN, np.float32)[:, None, None], 2.0, kick[..., None].astype(np.float32),
            contact[..., None].astype(np.float32),
            SelfSoothing().recovery_s(efficacy, is_withdrawal), 1.0, 0.02, 0.03, 40.0,
        )  # fmt: skip
        after, _, _, _ = jax.jit(tick)(arousal, np.zeros_like(arousal), past, drives, noise)
        return distress(after).mean(-1)[..., None]

    return ContactTable(table(1.0), table(0.0))

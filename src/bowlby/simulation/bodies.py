"""Two bodies through one tick, and what contact does to distress.

The tick is integrated in steps of one second. The care-seeker's arousal is driven by what the
other does to it (kick), by the other's regulation after a latency, and by contagion; the
figure's by contagion alone.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, Int, Scalar
from bowlby.simulation.dyad import Body, ContactTable, World
from bowlby.theory import Theory
from bowlby.theory.learning import TEN_SECONDS
from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
from bowlby.theory.regulation import LATENCY_STEPS, remember
from bowlby.theory.vocabulary import FRIGHTENING, INTRUSIVE, PROTEST, WITHDRAW

SECOND = 1.0
"""Step of the integration (s)."""

SAMPLES = 2000
"""Bodies of each kind from which the table of contact is made."""

_SPREAD_TO = 3.2
"""Arousal up to which the overwhelmed of the table are spread."""


class Drives(NamedTuple):
    """What acts on the two bodies during a tick.

    Attributes:
        gain: Regulation (1/s).
        latency_s: Its latency (s).
        kick: Arousal made by the other's stance and by protesting (1/s).
        fright: How far it is fright (0 to 1).
        contact: Contact (0 to 1).
        recovery_s: The care-seeker's own recovery (s).
        reactivity: Of the care-seeker.
        seeker_contagion: Pull towards the figure (1/s).
        figure_contagion: Pull of the figure towards the care-seeker (1/s).
        figure_recovery_s: The figure's own recovery (s).
    """

    gain: Scalar
    latency_s: Scalar
    kick: Scalar
    fright: Scalar
    contact: Scalar
    recovery_s: Scalar
    reactivity: Scalar
    seeker_contagion: Scalar
    figure_contagion: Scalar
    figure_recovery_s: Scalar


class TwoBodies(NamedTuple):
    """Arousal after a tick.

    Attributes:
        seeker: The care-seeker's.
        figure: The figure's.
        past: The care-seeker's of the last seconds, newest first.
        each: Both, each second.
    """

    seeker: Float[Array, "*dyads"]
    figure: Float[Array, "*dyads"]
    past: Float[Array, "delay *dyads"]
    each: Float[Array, "second 2 *dyads"]


def tick(
    seeker: Float[Array, "*dyads"],
    figure: Float[Array, "*dyads"],
    past: Float[Array, "delay *dyads"],
    drives: Drives,
    theory: Theory,
    noise: Float[Array, "second 2 *dyads"],
) -> TwoBodies:
    """Both bodies after a tick, from arousal before it and what acts on them."""
    own = eqx.tree_at(lambda a: a.recovery_s, theory.arousal, drives.recovery_s)
    others = eqx.tree_at(
        lambda a: (a.recovery_s, a.noise),
        theory.arousal,
        (drives.figure_recovery_s, theory.figure_arousal.noise),
    )

    def second(state, noise):
        x, y, past = state
        push = _push(x, y, past, drives, theory)
        answer = theory.contagion.to_figure * theory.contagion.pull(
            y, x, drives.contact, drives.figure_contagion
        )
        x = own.step(x, push, noise[0] * drives.reactivity, dt_s=SECOND)
        y = others.step(y, answer, noise[1], dt_s=SECOND)
        return (x, y, remember(past, x)), jnp.stack([x, y])

    (x, y, past), each = jax.lax.scan(second, (seeker, figure, past), noise)
    return TwoBodies(x, y, past, each)


def side_by_side(
    people: Float[Array, "*dyads"],
    past: Float[Array, "delay *dyads"],
    other: Int[Array, "*dyads"],
    drives: Drives,
    theory: Theory,
    noise: Float[Array, "second 2 *dyads"],
) -> TwoBodies:
    """Bodies of care-seekers who are each other's figure, after a tick.

    Every body is driven once: by what the other does to it, by the other's regulation, and by
    contagion from the other's own body of the same second. What contagion takes from one of two
    people alike it gives to the other.

    Args:
        people: Arousal before the tick, everybody side by side.
        past: Of the last seconds, newest first.
        other: Place of the person each one is with; one's own for those who are alone.
        drives: What acts on each; the figure's side is left aside.
        theory: The theory that holds.
        noise: Random numbers; the first of the two is each one's own.
    """
    own = eqx.tree_at(lambda a: a.recovery_s, theory.arousal, drives.recovery_s)

    def second(state, noise):
        x, past = state
        push = _push(x, x[other], past, drives, theory)
        x = own.step(x, push, noise[0] * drives.reactivity, dt_s=SECOND)
        return (x, remember(past, x)), jnp.stack([x, x[other]])

    (x, past), each = jax.lax.scan(second, (people, past), noise)
    return TwoBodies(x, x[other], past, each)


def _push(x: Array, y: Array, past: Array, drives: Drives, theory: Theory) -> Array:
    """What drives a care-seeker's arousal x beside somebody of arousal y (1/s)."""
    return (
        drives.kick * drives.reactivity * theory.arousal.room(x, drives.fright)
        + theory.regulation.pull(past, drives.contact, drives.gain, drives.latency_s)
        + theory.contagion.to_seeker
        * theory.contagion.pull(x, y, drives.contact, drives.seeker_contagion)
    )


def body_after(
    body: Body,
    arousal: Array,
    past: Array,
    attuned_contact: Scalar,
    theory: Theory,
    *,
    dt_s: float,
    stress_response: Scalar = 1.0,
) -> Body:
    """A body after a tick: arousal, oxytocin and stress axis."""
    oxytocin = theory.oxytocin.step(body.oxytocin, attuned_contact, dt_s=dt_s)
    stress = theory.stress_axis.after(body.stress, stress_response * arousal, dt_s=dt_s)
    return Body(arousal, past, oxytocin, stress)


def world_of(theory: Theory, *, tick_s: int = 10) -> World:
    """The world in which a theory holds, with ticks of such length."""
    data = theory.as_data()
    expected, turn_s = _with_channels_open(data), int(TEN_SECONDS)
    table = contact_table(expected, tick_s=turn_s)
    finer = table if tick_s == turn_s else contact_table(expected, tick_s=tick_s)
    return World(data, table, finer)


def _with_channels_open(theory: Theory) -> Theory:
    """The theory in which bodies are coupled as usual.

    What contact does is expected from before: closing a channel between two bodies does not
    change what is expected of it.
    """
    return eqx.tree_at(
        lambda t: (
            t.regulation.strength,
            t.regulation.latency,
            t.contagion.to_seeker,
            t.contagion.to_figure,
        ),
        theory,
        (jnp.ones(()),) * 4,
    )


def contact_table(theory: Theory, *, tick_s: int = 10) -> ContactTable:
    """What contact does to distress, by Monte Carlo from the bodies themselves.

    There is no second process for distress: the care-seeker's model of it is what its body does
    with an average figure.
    """
    rng = np.random.default_rng(0)
    edges = np.asarray(theory.distress.edges, float)
    low, high = np.array([0.0, *edges]), np.array([*edges, _SPREAD_TO])
    shape = (4, 4, 4, SAMPLES)  # s, u, a, sample
    start = low[:, None] + (high - low)[:, None] * rng.uniform(size=(4, SAMPLES))
    happens = rng.uniform(size=SAMPLES) < float(theory.events.at_home) * tick_s
    size = float(theory.events.further) * rng.exponential(size=SAMPLES)
    event = np.where(happens, float(theory.events.least) + size, 0.0)
    event = event * np.asarray(theory.arousal.room(start))
    arousal = np.broadcast_to(start[:, None, None] + event[:, None, None], shape)
    arousal = arousal.astype(np.float32)
    noise = rng.normal(size=(tick_s, 2, *shape)).astype(np.float32)
    return ContactTable(*_after_contact(theory, arousal, noise))


@jax.jit
def _after_contact(theory: Theory, arousal: Array, noise: Array) -> tuple[Array, Array]:
    """p(s' | s, u, a) from arousal (s, u, a, sample), with full self-soothing and with none."""
    touch, figure, seeker = theory.contact, AttachmentFigure(), CareSeeker(RelationalMind())
    sought = jnp.broadcast_to(jnp.asarray(touch.proximity), (4, 4))
    is_imposed = np.isin(np.arange(4), (INTRUSIVE, FRIGHTENING))[:, None]
    contact = jnp.where(is_imposed, jnp.maximum(sought, touch.imposed), sought)
    kick = jnp.asarray(touch.kick)[:, None] * contact
    kick = kick + touch.protest_cost * (np.arange(4) == PROTEST)
    withdraws = (np.arange(4) == WITHDRAW).astype(np.float32)[:, None]
    past = jnp.broadcast_to(arousal, (LATENCY_STEPS, *arousal.shape))

    def table(efficacy):
        drives = Drives(
            jnp.asarray(touch.regulation)[:, None, None],
            figure.latency_s,
            kick[..., None],
            (np.arange(4) == FRIGHTENING).astype(np.float32)[:, None, None],
            contact[..., None],
            theory.self_soothing.recovery_s(
                efficacy, withdraws, 0.0, theory.arousal.recovery_s
            ),
            1.0,
            seeker.contagion,
            figure.contagion,
            theory.figure_arousal.recovery_at_home_s,
        )
        after = tick(arousal, jnp.zeros_like(arousal), past, drives, theory, noise)
        return theory.distress.category(after.seeker).mean(-1)[..., None]

    return table(1.0), table(0.0)

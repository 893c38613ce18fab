"""The states of the two people of a dyad, and the world in which they meet."""

from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float
from bowlby.theory import Theory
from bowlby.theory.learning import TEN_SECONDS
from bowlby.theory.people import AttachmentFigure, CareSeeker
from bowlby.theory.regulation import LATENCY_STEPS
from bowlby.theory.relational_models import Memory
from bowlby.theory.stress_axis import StressAxis, StressState


@dataclass(frozen=True)
class Pace:
    """How finely lives are simulated; programs are compiled for it.

    Attributes:
        tick_s: Length of a tick (whole seconds).
        depth: Actions looked ahead (1 to 3).
    """

    tick_s: int = 10
    depth: int = 2

    @property
    def ticks_of_turn(self) -> int:
        """Ticks for which a choice lasts: those of ten seconds."""
        return int(TEN_SECONDS) // self.tick_s


class ContactTable(NamedTuple):
    """p(s' | s, u, a) with full and with no efficacy of self-soothing, (4, 4, 4, 4, 1) each."""

    soothing: Array
    helpless: Array


class World(NamedTuple):
    """What holds for everybody.

    Attributes:
        theory: Every mechanism and number.
        table: What contact does to distress in a turn of ten seconds: what is planned with.
        tick_table: What it does in a tick: what is perceived with.
    """

    theory: Theory
    table: ContactTable
    tick_table: ContactTable


class People(NamedTuple):
    """Who meets, in which world."""

    seeker: CareSeeker
    figure: AttachmentFigure
    world: World


class Body(eqx.Module):
    """State of one body.

    Attributes:
        arousal: 0 at the set point, + hyper, - hypo.
        past: Arousal of the last seconds, newest first.
        oxytocin: Central oxytocin (0 to 1).
        stress: Stress axis.
    """

    arousal: Float[Array, "*dyads"]
    past: Float[Array, "delay *dyads"]
    oxytocin: Float[Array, "*dyads"]
    stress: StressState


class Experience(eqx.Module):
    """What a care-seeker carries from one encounter to the next.

    Attributes:
        memory: Working models, their weights, habits.
        self_soothing: How well withdrawing soothes (0 to 1).
        interoception: Counts (hit, miss) of feeling oneself rightly.
        cues: Counts (hit, miss) of seeing others rightly.
        mentalised: How far this person has been mentalised (0 to 1, slow).
        oxytocin_trait: Slow oxytocin, set by early care (0 to 1).
        insight: How far the old model is known as old (0 to 1): its return weakens, and other
            relationships are more readily seen as new.
    """

    memory: Memory
    self_soothing: Float[Array, "*dyads"]
    interoception: Float[Array, "2 *dyads"]
    cues: Float[Array, "2 *dyads"]
    mentalised: Float[Array, "*dyads"]
    oxytocin_trait: Float[Array, "*dyads"]
    insight: Float[Array, "*dyads"]


def new_body(theory: Theory, n: int) -> Body:
    """A body at rest."""
    return _resting(theory.stress_axis, n)


@eqx.filter_jit
def _resting(axis: StressAxis, n: int) -> Body:
    zero, one = jnp.zeros(n), jnp.ones(n)
    return Body(zero, jnp.zeros((LATENCY_STEPS, n)), zero, axis.rest(one))


def rested(body: Body, theory: Theory) -> Body:
    """A body that comes into an encounter with what is left of the last one."""
    arousal = theory.between_encounters.arousal * body.arousal
    past = jnp.broadcast_to(arousal, body.past.shape)
    oxytocin = theory.between_encounters.oxytocin * body.oxytocin
    return Body(arousal, past, oxytocin, body.stress)


def new_experience(theory: Theory, seeker: CareSeeker, n_models: int, n: int) -> Experience:
    """Experience of someone who has met nobody."""
    one, senses = jnp.ones(n), theory.sensory_precision
    return Experience(
        theory.relational_models.newborn(n_models, (n,)),
        seeker.self_soothing * one,
        senses.newborn(seeker.interoception * one),
        senses.newborn(seeker.cue_accuracy * one),
        theory.mentalising.newborn * one,
        theory.oxytocin.newborn * one,
        0.0 * one,
    )

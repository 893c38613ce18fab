"""The two people of a dyad: their parameters and their states.

Every field is one number or one per dyad (trailing axis). Units: seconds, and arousal in units
in which 0 is the set point and 2 is overwhelming.
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.agents.relational import Memory, RelationalMind, newborn
from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.mechanisms.stress_axis import StressAxis, StressState

MODELS = 3
"""Relational models a person can hold."""

LATENCY_STEPS = 6
"""Length of the memory of past arousal (s): longest latency of regulation plus one."""


class Seeker(eqx.Module):
    """Infant or client: what does not change.

    Attributes:
        mind: Parameters of active inference.
        reactivity: Response to events and noise (1 is average).
        window: Width of the window of tolerance, in arousal.
        interoception: Accuracy of feeling one's own distress in a newborn (0.25 to 1).
        cue_accuracy: Accuracy of seeing the other's stance when mentalising fully (0.25 to 1).
        contagion: Pull of the other's arousal (1/s).
        dopamine: Gain of oxytocin on policy precision.
    """

    mind: RelationalMind
    reactivity: Scalar = 1.0
    window: Scalar = 1.3
    interoception: Scalar = 0.9
    cue_accuracy: Scalar = 0.75
    contagion: Scalar = 0.02
    dopamine: Scalar = 0.5


class Figure(eqx.Module):
    """Attachment figure: caregiver, partner in life, or therapist.

    Attributes:
        contingency: Reward from soothing (r; negative rejects bids).
        mentalising: Accuracy with which the seeker is read (m_f, 0 to 1).
        threat: Unresolved fear (h, 0 or more).
        latency_s: Time until regulation follows (s, 0 to 5).
        gain: Strength of regulation (1 is average).
        contagion: Pull of the seeker's arousal (1/s).
        anxiety: Own anxious attachment of a therapist: pushes to act on the client (0 to 1).
        avoidance: Own avoidant attachment of a therapist: pushes away (0 to 1).
        repair: Chance that a noticed rupture is taken up (0 to 1).
    """

    contingency: Scalar = 0.6
    mentalising: Scalar = 0.65
    threat: Scalar = 0.0
    latency_s: Scalar = 2.0
    gain: Scalar = 1.0
    contagion: Scalar = 0.03
    anxiety: Scalar = 0.2
    avoidance: Scalar = 0.2
    repair: Scalar = 0.6


class Switches(eqx.Module):
    """Mechanisms, each 1 (in force) or 0 (ablated). One compiled program serves all."""

    coupling: Scalar = 1.0
    latency: Scalar = 1.0
    oxytocin: Scalar = 1.0
    oxytocin_precision: Scalar = 1.0
    figure_arousal: Scalar = 1.0
    stress_axis: Scalar = 1.0
    arousal_gate: Scalar = 1.0
    borrowed_brain: Scalar = 1.0
    projection: Scalar = 1.0
    plasticity: Scalar = 1.0
    several_models: Scalar = 1.0
    epistemic: Scalar = 1.0
    precision_learning: Scalar = 1.0
    self_soothing: Scalar = 1.0
    heard_as: Scalar = 1.0
    content: Scalar = 1.0
    repair: Scalar = 1.0
    return_to_old: Scalar = 1.0
    own_failures: Scalar = 1.0
    fast_channel: Scalar = 1.0


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
    """What a seeker carries from one encounter to the next.

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


def new_body(n: int) -> Body:
    """A body at rest."""
    zero, one = jnp.zeros(n), jnp.ones(n)
    return Body(zero, jnp.zeros((LATENCY_STEPS, n)), zero, StressAxis().rest(one))


def new_experience(seeker: Seeker, n_models: int, n: int) -> Experience:
    """Experience of someone who has met nobody.

    The accuracies are the means of counts worth forty observations.
    """
    one = jnp.ones(n)
    own, other = seeker.interoception * one, seeker.cue_accuracy * one
    return Experience(
        newborn(n_models, (n,)),
        0.5 * one,
        40.0 * jnp.stack([own, 1.0 - own]),
        40.0 * jnp.stack([other, 1.0 - other]),
        0.5 * one,
        0.3 * one,
        0.0 * one,
    )

"""The seeker's side of a tick: plan and act, then feel, see and learn.

Caregivers and therapists meet the same seeker; only what they do differs.
"""

from typing import NamedTuple

import jax.numpy as jnp

from bowlby.agents.relational import (
    ATTUNED,
    FRIGHTENING,
    WITHDRAW,
    Memory,
    Percept,
    Plan,
    expected_stance,
    learn,
    perceive,
    plan,
)
from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import summed
from bowlby.mechanisms.borrowed_brain import BorrowedBrain
from bowlby.mechanisms.mentalising import Mentalising
from bowlby.mechanisms.oxytocin import Oxytocin
from bowlby.mechanisms.policy_precision import PolicyPrecision
from bowlby.mechanisms.self_soothing import SelfSoothing
from bowlby.mechanisms.sensory_precision import SensoryPrecision
from bowlby.mechanisms.stress_axis import StressAxis
from bowlby.mechanisms.threat import Projection
from bowlby.simulation.bodies import TICK_S, ContactTable, weighted
from bowlby.simulation.dyad import Body, Experience, Seeker, Switches

CALM_LEARNING = 0.1
"""Learning in calm ticks at home, relative to distressed ones: attachment is learnt in need
(Petters 2006)."""


class Turn(NamedTuple):
    """What the seeker brings to a tick.

    Attributes:
        plan: Policy and what it rests on.
        action: One-hot.
        mentalising: With the figure's help.
        own_mentalising: Without.
        interoception: Accuracy of feeling oneself.
        cue_accuracy: Accuracy of seeing the other now.
        moved: p(s' | s, u) for the action taken.
        stance: p(u | k) expected for the action taken.
    """

    plan: Plan
    action: Float[Array, "a *dyads"]
    mentalising: Float[Array, "*dyads"]
    own_mentalising: Float[Array, "*dyads"]
    interoception: Float[Array, "*dyads"]
    cue_accuracy: Float[Array, "*dyads"]
    moved: Float[Array, "s2 s u *dyads"]
    stance: Float[Array, "u k *dyads"]


def seek(
    belief: Float[Array, "s k *dyads"],
    experience: Experience,
    body: Body,
    seeker: Seeker,
    table: ContactTable,
    switches: Switches,
    *,
    trust: Scalar,
    lent: Scalar,
    uniform: Float[Array, "*dyads"],
    depth: int,
) -> Turn:
    """Plan and act.

    Args:
        belief: q(s, k).
        experience: What the seeker has learnt.
        body: The seeker's body.
        seeker: Parameters.
        table: What contact does to distress.
        switches: Mechanisms in force.
        trust: P(attuned) lately.
        lent: The figure's mentalising that reaches the seeker (m_f contact).
        uniform: Random number for the choice.
        depth: Actions looked ahead.
    """
    gate = Mentalising(width=seeker.window).capacity(body.arousal)
    own = switches.arousal_gate * gate + (1.0 - switches.arousal_gate) * 0.8
    m = BorrowedBrain(switches.borrowed_brain).mentalising(own, trust, lent, 1.0)
    precision = SensoryPrecision()
    best = precision.accuracy(experience.cues)
    cue_accuracy = 0.25 + (best - 0.25) * (0.3 + 0.7 * jnp.minimum(m / 0.9, 1.0))
    memory = experience.memory
    stance = expected_stance(memory.counts)
    mean_stance = summed(stance * summed(belief, 0), 2)
    efficacy = experience.self_soothing
    full = summed(table.soothing * mean_stance, 2)
    withdrawn = summed(table.helpless[:, :, :, WITHDRAW] * mean_stance[:, WITHDRAW], 2)
    change = (1.0 - efficacy) * (withdrawn - full[:, :, WITHDRAW])
    M = full.at[:, :, WITHDRAW].add(change)
    surprise = jnp.maximum(trust - summed(mean_stance[ATTUNED] * 0.25, 0), 0.0)
    gamma = PolicyPrecision(seeker.dopamine * switches.oxytocin_precision).value(
        seeker.mind.gamma, body.oxytocin, surprise
    )
    chosen = plan(
        belief, memory, M, seeker.mind,
        gamma=gamma, mentalising=m, cue_accuracy=cue_accuracy, depth=depth,
    )  # fmt: skip
    action = drawn(chosen.policy, uniform)
    moved = summed(table.soothing * action, 3)
    helpless = table.helpless[:, :, :, WITHDRAW] - table.soothing[:, :, :, WITHDRAW]
    moved = moved + (1.0 - efficacy) * action[WITHDRAW] * helpless
    return Turn(
        chosen, action, m, own, precision.accuracy(experience.interoception), cue_accuracy,
        moved, summed(stance * action[:, None], 1),
    )  # fmt: skip


def likelihood(
    accuracy: Scalar, observed: Float[Array, "n *dyads"]
) -> Float[Array, "n *dyads"]:
    """Likelihood of an observation under each cause: right with `accuracy`, else any other."""
    return accuracy * observed + (1.0 - accuracy) / 3.0 * (1.0 - observed)


def understand(
    turn: Turn,
    belief: Float[Array, "s k *dyads"],
    experience: Experience,
    seeker: Seeker,
    switches: Switches,
    *,
    felt: Float[Array, "s *dyads"],
    lent: Float[Array, "s *dyads"],
    cue: Float[Array, "u *dyads"],
    contact: Scalar,
    information: Scalar,
    evidence: Scalar,
    content: Float[Array, "k *dyads"],
    plasticity: Scalar,
    calm_learning: float,
    relief: Scalar,
    named: Scalar,
    misled: Scalar,
) -> tuple[Percept, Experience, Array]:
    """Feel, see and learn; returns the percept, the new experience and the learning rate.

    Args:
        turn: What the seeker brought.
        belief: q(s, k) before.
        experience: Before.
        seeker: Parameters.
        switches: Mechanisms in force.
        felt: Likelihood of what is felt, for each distress.
        lent: Likelihood of the figure's reading of it, raised to the trust in it.
        cue: Likelihood of what is seen, for each stance.
        contact: Contact of the tick (0 to 1).
        information: How much is learnt from the figure's act (1 is an ordinary tick).
        evidence: How much it weighs as evidence for a model (1 is an ordinary tick).
        content: Log-evidence about the models themselves.
        plasticity: Factor on all that is learnt (age and setting).
        calm_learning: Learning in calm ticks, relative to distressed ones.
        relief: Fall of arousal in the tick (>= 0).
        named: Help to name one's feeling (0 to 1).
        misled: Misleading cue (0 to 1).
    """
    need = jnp.minimum(weighted((0.0, 0.5, 1.0, 1.0), summed(belief, 1)), 1.0)
    tilted = Projection(0.8 * switches.projection).tilt(cue, need, turn.mentalising)
    percept = perceive(
        belief, turn.moved, turn.stance, felt, lent, tilted, content,
        evidence_weight=seeker.mind.evidence_weight * evidence * contact,
    )  # fmt: skip
    gated = information * (0.2 + 0.8 * contact) * (calm_learning + (1.0 - calm_learning) * need)
    attention = switches.plasticity * gated + (1.0 - switches.plasticity) * 0.3
    rate = seeker.mind.learning_rate * attention * plasticity
    memory = learn(
        experience.memory, percept, turn.action, seeker.mind, rate=rate, plasticity=plasticity
    )
    heard = percept.heard
    soothing = SelfSoothing().step(
        experience.self_soothing,
        plasticity * relief * heard[ATTUNED] * contact,
        plasticity * heard[FRIGHTENING] * contact,
    )
    learns = plasticity * switches.precision_learning
    explores = turn.action[1] * turn.mentalising * summed(belief[0], 0)
    precision = SensoryPrecision()
    still = jnp.zeros_like(contact)
    kept = 1.0 - switches.self_soothing
    new = Experience(
        memory,
        switches.self_soothing * soothing + kept * experience.self_soothing,
        precision.step(experience.interoception, learns * named, still),
        precision.step(experience.cues, learns * 0.01 * explores, learns * 0.02 * misled),
        experience.mentalised
        + 0.002 * plasticity * contact * (turn.mentalising - experience.mentalised),
        experience.oxytocin_trait
        + 0.0005 * plasticity * contact * (heard[ATTUNED] - experience.oxytocin_trait),
        experience.insight,
    )
    return percept, new, rate


def body_after(
    body: Body,
    arousal: Array,
    past: Array,
    attuned_contact: Scalar,
    switches: Switches,
) -> Body:
    """A body after a tick: arousal, oxytocin and stress axis."""
    oxytocin = Oxytocin().step(body.oxytocin, attuned_contact, dt_s=TICK_S) * switches.oxytocin
    drive = 1.0 + switches.stress_axis * jnp.maximum(arousal, 0.0)
    return Body(arousal, past, oxytocin, StressAxis().step(body.stress, drive, dt_s=TICK_S))


def load(body: Body) -> Array:
    """Growth of the adrenal cortex above rest: the body's memory of long stress (0 or more)."""
    return jnp.maximum(body.stress.adrenal / 0.9853 - 1.0, 0.0)


def forget_certainty(
    memory: Memory,
    old: Float[Array, "k *dyads"],
    share: Scalar,
    base: Float[Array, "u 1 1 *dyads"],
) -> Memory:
    """Memory after certainty in the old model is given up in part (share 0 to 1)."""
    lost = share * old
    return Memory(
        memory.counts - lost * (memory.counts - base),
        memory.weight * (1.0 - 0.1 * lost),
        memory.habits,
    )

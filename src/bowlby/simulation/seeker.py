"""The care-seeker's side of a tick: plan and act, then feel, see and learn.

Caregivers and therapists meet the same care-seeker; only what they do differs.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import column, summed
from bowlby.simulation.dyad import Body, ContactTable, Experience, Pace, People, World
from bowlby.theory.learning import TEN_SECONDS
from bowlby.theory.people import CareSeeker
from bowlby.theory.relational_models import Percept, Plan, expected_stance
from bowlby.theory.vocabulary import (
    ATTUNED,
    DISTRESS,
    DISTRESSED,
    EXPLORE,
    FRIGHTENING,
    WITHDRAW,
)


class Turn(NamedTuple):
    """What the care-seeker brings to a tick.

    Attributes:
        plan: Policy and what it rests on.
        action: One-hot.
        mentalising: With the figure's help.
        interoception: Accuracy of feeling oneself.
        cue_accuracy: Accuracy of seeing the other now.
        moved: p(s' | s, u) for the action taken.
        stance: p(u | k) expected for the action taken.
        unthinkable: What arousal does not let one think, alone or with the other (0 to 1).
    """

    plan: Plan
    action: Float[Array, "a *dyads"]
    mentalising: Float[Array, "*dyads"]
    interoception: Float[Array, "*dyads"]
    cue_accuracy: Float[Array, "*dyads"]
    moved: Float[Array, "s2 s u *dyads"]
    stance: Float[Array, "u k *dyads"]
    unthinkable: Float[Array, "*dyads"]


class Moment(NamedTuple):
    """What a tick brings to be understood.

    Attributes:
        felt: Likelihood of what is felt, for each distress.
        borrowed: Likelihood of the figure's reading of it, raised to the trust in it.
        cue: Likelihood of what is seen, for each stance.
        contact: 0 to 1.
        information: What the tick tells, relative to an ordinary one.
        evidence: Weight of the tick as evidence for a model (1 is an ordinary tick).
        content: Log-evidence about the models themselves.
        plasticity: Factor on all that is learnt (age and setting).
        calm_learning: Learning in calm ticks, relative to distressed ones.
        relief: Fall of arousal in the tick (>= 0).
        named: Help to name one's feeling (counts/s).
        named_rightly: Share of it that is right.
        misled: Misleading cue (0 to 1).
        figure_mentalising: The figure's mentalising (0 to 1).
        thought_about: How far what happens is thought about together (0 to 1).
    """

    felt: Float[Array, "s *dyads"]
    borrowed: Float[Array, "s *dyads"]
    cue: Float[Array, "u *dyads"]
    contact: Scalar
    information: Scalar
    evidence: Scalar
    content: Float[Array, "k *dyads"]
    plasticity: Scalar
    calm_learning: Scalar
    relief: Scalar
    named: Scalar
    named_rightly: Scalar
    misled: Scalar
    figure_mentalising: Scalar
    thought_about: Scalar


def seek(
    belief: Float[Array, "s k *dyads"],
    experience: Experience,
    body: Body,
    seeker: CareSeeker,
    world: World,
    *,
    trust: Scalar,
    lent: Scalar,
    uniform: Float[Array, "*dyads"],
    pace: Pace,
) -> Turn:
    """Plan and act.

    Args:
        belief: q(s, k).
        experience: What the care-seeker has learnt.
        body: The care-seeker's body.
        seeker: What does not change.
        world: The theory that holds.
        trust: P(attuned) lately.
        lent: The figure's mentalising that reaches the care-seeker.
        uniform: Random number for the choice.
        pace: Length of a tick, actions looked ahead.
    """
    theory = world.theory
    own = theory.mentalising.capacity(body.arousal, seeker.window, experience.mentalised)
    m = theory.borrowed_brain.mentalising(own, trust, lent, 1.0)
    borrowed = theory.borrowed_brain.borrowed(trust, lent, 1.0)
    senses, memory = theory.sensory_precision, experience.memory
    cue_accuracy = senses.with_mentalising(senses.accuracy(experience.cues), m)
    stance = expected_stance(memory.counts)
    mean_stance = summed(stance * summed(belief, 0), 2)
    surprise = trust - summed(mean_stance[ATTUNED] * 0.25, 0)
    gamma = theory.policy_precision.value(
        seeker.mind.gamma, seeker.dopamine, body.oxytocin, surprise
    )
    chosen = theory.relational_models.plan(
        belief,
        memory,
        expected_change(world.table, mean_stance, experience.self_soothing),
        seeker.mind,
        gamma=gamma,
        mentalising=m,
        cue_accuracy=cue_accuracy,
        depth=pace.depth,
    )
    action = drawn(chosen.policy, uniform)
    return Turn(
        chosen,
        action,
        m,
        senses.accuracy(experience.interoception),
        cue_accuracy,
        _change_by(action, world.tick_table, experience.self_soothing),
        summed(stance * action[:, None], 1),
        theory.mentalising.unthinkable(body.arousal, seeker.window, borrowed),
    )


def if_distressed(
    q_k: Float[Array, "k *dyads"],
    experience: Experience,
    body: Body,
    trust: Scalar,
    seeker: CareSeeker,
    world: World,
) -> Float[Array, "a *dyads"]:
    """What one would do, distressed, with somebody: the policy, of oneself alone.

    Args:
        q_k: What is believed of the other, over relational models.
        experience: What was learnt.
        body: One's body, but for its arousal.
        trust: In the other (0 to 1).
        seeker: What does not change.
        world: The theory that holds.
    """
    arousal = world.theory.distress.within(DISTRESSED) * jnp.ones_like(body.arousal)
    felt = column(jnp.arange(len(DISTRESS)) == DISTRESSED, 2)
    turn = seek(
        felt * q_k,
        experience,
        eqx.tree_at(lambda b: b.arousal, body, arousal),
        seeker,
        world,
        trust=trust,
        lent=0.0,
        uniform=jnp.zeros_like(arousal),
        pace=Pace(),
    )
    return turn.plan.policy


def expected_change(table: ContactTable, stance: Array, efficacy: Scalar) -> Array:
    """p(s' | s, a) with the other's stance p(u | a) marginalised, at a self-soothing."""
    full = summed(table.soothing * stance, 2)
    withdrawn = summed(table.helpless[:, :, :, WITHDRAW] * stance[:, WITHDRAW], 2)
    change = (1.0 - efficacy) * (withdrawn - full[:, :, WITHDRAW])
    return full.at[:, :, WITHDRAW].add(change)


def _change_by(action: Array, table: ContactTable, efficacy: Scalar) -> Array:
    """p(s' | s, u) for the action taken, at a self-soothing."""
    helpless = table.helpless[:, :, :, WITHDRAW] - table.soothing[:, :, :, WITHDRAW]
    return summed(table.soothing * action, 3) + (1.0 - efficacy) * action[WITHDRAW] * helpless


def likelihood(
    accuracy: Scalar, observed: Float[Array, "n *dyads"]
) -> Float[Array, "n *dyads"]:
    """Likelihood of an observation under each cause: right with `accuracy`, else any other."""
    return accuracy * observed + (1.0 - accuracy) / 3.0 * (1.0 - observed)


def understand(
    turn: Turn,
    belief: Float[Array, "s k *dyads"],
    experience: Experience,
    people: People,
    moment: Moment,
    pace: Pace,
) -> tuple[Percept, Experience, Array]:
    """Feel, see and learn; returns the percept, the new experience and the learning rate.

    Args:
        turn: What the care-seeker brought.
        belief: q(s, k) before.
        experience: Before.
        people: Who meets.
        moment: What the tick brought.
        pace: Length of the tick.
    """
    theory, mind = people.world.theory, people.seeker.mind
    tens = pace.tick_s / TEN_SECONDS
    need = theory.distress.believed_need(summed(belief, 1))
    percept = theory.relational_models.perceive(
        belief,
        turn.moved,
        turn.stance,
        moment.felt,
        moment.borrowed,
        theory.projection.tilt(moment.cue, need, turn.mentalising),
        moment.content,
        evidence_weight=mind.evidence_weight * tens * moment.evidence * moment.contact,
    )
    attention = theory.learning.attention(
        moment.information, moment.contact, need, moment.calm_learning
    )
    rate = mind.learning_rate * tens * attention * moment.plasticity
    learnt = _learnt(turn, belief, experience, people, moment, percept, rate, pace.tick_s)
    return percept, learnt, rate


def _learnt(turn, belief, experience, people, moment, percept, rate, dt_s) -> Experience:
    """Experience after a tick."""
    theory, senses = people.world.theory, people.world.theory.sensory_precision
    contact, plasticity, perceived = moment.contact, moment.plasticity, percept.heard
    learns = plasticity * senses.learning * dt_s
    explores = turn.action[EXPLORE] * turn.mentalising * summed(belief[0], 0)
    named = learns * moment.named
    right = moment.named_rightly
    return Experience(
        theory.relational_models.learn(
            experience.memory,
            percept,
            turn.action,
            people.seeker.mind,
            rate=rate,
            plasticity=plasticity,
            dt_s=dt_s,
        ),
        theory.self_soothing.step(
            experience.self_soothing,
            moment.relief * turn.action[WITHDRAW],
            perceived[FRIGHTENING] * contact,
            plasticity,
            dt_s=dt_s,
        ),
        senses.step(experience.interoception, named * right, named * (1.0 - right)),
        senses.step(
            experience.cues,
            learns * senses.exploring * explores,
            learns * senses.misleading * moment.misled,
        ),
        theory.mentalising.mentalised(
            experience.mentalised,
            moment.figure_mentalising * perceived[ATTUNED],
            plasticity * contact * moment.thought_about,
            dt_s=dt_s,
        ),
        theory.oxytocin.trait(
            experience.oxytocin_trait, perceived[ATTUNED], plasticity * contact, dt_s=dt_s
        ),
        experience.insight,
    )

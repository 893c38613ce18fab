"""The seeker's mind: active inference over distress, the other's stance and relational models.

Symbols, as in the active-inference literature:

    s      own distress {calm, uneasy, distressed, overwhelmed}
    u      stance of the other {attuned, intrusive, dismissive, frightening}
    k      which relational model applies to this other
    a      own action {approach, explore, withdraw, protest}
    A      accuracy of interoception (of s) and of the other's cues (of u)
    B      p(s' | s, u, a): what contact does to distress
    alpha  Dirichlet counts of p(u | a, k): the internal working model
    C      preferred distress
    E      habits: log-frequency of actions, given felt distress
    G      expected free energy, minimised
    gamma  policy precision

Every array has its structural axes first and any number of dyad axes last, so the same
functions serve one dyad and a batch.

Source: the structure is bowlby's (docs/theory/relational_models.md). Several models weighted by
evidence: Isomura, Parr & Friston (2019), Neural Computation 31, 2390-2431; a new one opened
with small weight: the Chinese-restaurant prior of latent-cause models (Gershman, Blei & Niv
2010).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import computed_once, softmax, summed

DISTRESS = ("calm", "uneasy", "distressed", "overwhelmed")
STANCES = ("attuned", "intrusive", "dismissive", "frightening")
ACTIONS = ("approach", "explore", "withdraw", "protest")
ATTUNED, INTRUSIVE, DISMISSIVE, FRIGHTENING = range(4)
APPROACH, EXPLORE, WITHDRAW, PROTEST = range(4)

_TINY = 1e-6
_HABIT_FLOOR = 0.02
_HABIT_RATE = 0.02


class RelationalMind(eqx.Module):
    """What does not change in a person's mind; each may be one number or one per dyad.

    Attributes:
        gamma: Policy precision before dopamine (5 to 9).
        learning_rate: Counts added per fully attended tick (.03 to .3).
        memory: Most counts an action of a model can hold (20 to 100).
        evidence_weight: Weight of a tick as evidence for a model: ticks are correlated samples
            (.05 to 1; 1 is exact Bayes).
        openness: Prior weight of a model not yet used (.05 to 3); small is mistrust.
        hazard: Chance per encounter that a relationship has changed (.005 to .1).
        return_hazard: Return to the old model under stress and absence (0 to .9).
        exploration: Value of exploring when calm (nats).
        discount: Weight of the step after next (0 to 1).
        habit_weight: Weight of habits when mentalising is shut.
        epistemic: 1 with curiosity about the model and its parameters, 0 without.
    """

    gamma: Scalar = 5.0
    learning_rate: Scalar = 0.10
    memory: Scalar = 60.0
    evidence_weight: Scalar = 0.12
    openness: Scalar = 0.2
    hazard: Scalar = 0.04
    return_hazard: Scalar = 0.7
    exploration: Scalar = 0.6
    discount: Scalar = 0.8
    habit_weight: Scalar = 1.0
    epistemic: Scalar = 1.0


# Mild optimism about an unknown other: with a flat base a new model loses to an avoidant old
# one
# in calm ticks; with more hope childhood is forgotten.
BASE_COUNTS = (0.8, 0.45, 0.45, 0.3)
# Log-preferences over distress, up to a constant, and the pull of an attuned other.
DISTRESS_COST = (0.0, 1.2, 2.8, 4.5)
COMPANY = 0.4
INSIGHT_SHARE = 0.3
"""Share of the old model's belief that full insight sets aside at each meeting."""


class Memory(eqx.Module):
    """What a person has learnt.

    Attributes:
        counts: alpha, how each kind of other answers each action.
        weight: Relationships credited to each model (Chinese-restaurant counts).
        habits: Frequency of actions given felt distress.
    """

    counts: Float[Array, "u a k *dyads"]
    weight: Float[Array, "k *dyads"]
    habits: Float[Array, "s a *dyads"]


def newborn(n_models: int, dyads: tuple[int, ...] = ()) -> Memory:
    """Memory of someone who has met nobody."""
    base = jnp.asarray(BASE_COUNTS).reshape(4, 1, 1, *(1,) * len(dyads))
    return Memory(
        counts=jnp.broadcast_to(base, (4, 4, n_models, *dyads)),
        weight=jnp.zeros((n_models, *dyads)),
        habits=jnp.full((4, 4, *dyads), 0.25),
    )


def expected_stance(counts: Float[Array, "u a k *dyads"]) -> Float[Array, "u a k *dyads"]:
    """p(u | a, k) under the counts."""
    return computed_once(counts / summed(counts, 0))


def restaurant_prior(memory: Memory, openness: Scalar) -> Float[Array, "k *dyads"]:
    """Prior over models for a new relationship: by weight, the first unused by openness.

    The prior counts relationships, not ticks: with ticks every model opens in infancy.
    """
    used = memory.weight > 0.5
    first_unused = (~used) & (jnp.cumsum(~used, axis=0) == 1)
    weights = jnp.where(used, memory.weight, 0.0) + jnp.where(first_unused, openness, 0.0)
    return weights / (summed(weights, 0) + _TINY)


def begin_encounter(
    memory: Memory,
    stored: Float[Array, "k *dyads"],
    mind: RelationalMind,
    old: Float[Array, "k *dyads"],
    return_drive: Scalar,
    insight: Scalar = 0.0,
) -> Float[Array, "k *dyads"]:
    """Belief about which model applies at the start of an encounter.

    A relationship may have changed (`hazard`, towards the restaurant prior), and stress or
    absence brings the old model back (`return_drive`, 0 to 1, times its share of the prior
    weight).

    Args:
        memory: What the person has learnt.
        stored: Belief at the end of the last encounter with this other.
        mind: The person's parameters.
        old: The model of childhood, as a distribution over models.
        return_drive: Strength of the pull to the old model.
        insight: How far the old model is known as old (0 to 1): part of its belief is then set
            aside in favour of the others, and the pull to it weakens.
    """
    prior = restaurant_prior(memory, mind.openness)
    belief = (1.0 - mind.hazard) * stored + mind.hazard * prior
    others = prior * (1.0 - old) + _TINY * (1.0 - old)
    set_aside = INSIGHT_SHARE * insight * summed(belief * old, 0)
    belief = belief - set_aside * old + set_aside * others / summed(others, 0)
    share = summed(memory.weight * old, 0) / (summed(memory.weight, 0) + _TINY)
    pull = mind.return_hazard * return_drive * share * (1.0 - insight)
    return (1.0 - pull) * belief + pull * old


def credit_relationship(
    memory: Memory, belief: Float[Array, "k *dyads"], amount: Scalar
) -> Memory:
    """Memory after an encounter of weight `amount` is credited to the models in use."""
    weight = memory.weight * (1.0 - amount / 10.0) + amount * belief
    return Memory(memory.counts, weight, memory.habits)


class Plan(eqx.Module):
    """A choice and what it rests on.

    Attributes:
        policy: Probability of each action.
        G: Expected free energy of each action (nats, minimised).
        value: Expected free energy under the policy (nats).
        curiosity: Information each action is expected to give (nats).
    """

    policy: Float[Array, "a *dyads"]
    G: Float[Array, "a *dyads"]
    value: Float[Array, "*dyads"]
    curiosity: Float[Array, "a *dyads"]


def plan(
    belief: Float[Array, "s k *dyads"],
    memory: Memory,
    M: Float[Array, "s2 s a *dyads"],
    mind: RelationalMind,
    *,
    gamma: Scalar,
    mentalising: Scalar,
    cue_accuracy: Scalar,
    depth: int = 2,
) -> Plan:
    """Policy over actions.

        G = risk - company - exploration q(calm) [explore]
            + m (-curiosity + discount E[G next])
        policy = softmax(-gamma G + (1 - m) habit)

    with curiosity = novelty of the counts + I(k; cue), and habit = sum_s q(s) ln E(a | s).
    Mentalising m gates horizon and curiosity, and leaves the rest to habit.

    Args:
        belief: q(s, k).
        memory: What the person has learnt.
        M: p(s' | s, a) with the other's stance marginalised (`expected_contact`).
        mind: The person's parameters.
        gamma: Policy precision now.
        mentalising: m, 0 to 1.
        cue_accuracy: Accuracy with which the other's stance is seen.
        depth: Actions looked ahead, 1 to 3.
    """
    q_s, q_k = summed(belief, 1), summed(belief, 0)
    stance = expected_stance(memory.counts)
    reward = COMPANY * summed(stance[ATTUNED] * q_k, 1)
    is_explore = _along(jnp.arange(4) == EXPLORE, q_s.ndim)

    first, G = _look(q_s, M, reward, is_explore, mind)
    ahead = jnp.zeros_like(G)
    if depth > 1:
        second, G2 = _look(first, M, reward, is_explore, mind)
        if depth > 2:
            _, G3 = _look(second, M, reward, is_explore, mind)
            G2 = G2 + mind.discount * _expected_under_policy(G3, gamma, axis=2)
        ahead = _expected_under_policy(G2, gamma, axis=1)
    curiosity = mind.epistemic * _information_gain(q_k, stance, memory.counts, cue_accuracy)
    G = G + mentalising * (mind.discount * ahead - curiosity)
    habit = summed(q_s[:, None] * jnp.log(memory.habits + _HABIT_FLOOR), 0)
    logits = -gamma * G + (1.0 - mentalising) * mind.habit_weight * habit
    policy = softmax(logits, axis=0)
    return Plan(policy, G, summed(policy * G, 0), curiosity)


def expected_contact(
    B: Float[Array, "s2 s u a *dyads"], memory: Memory, belief: Float[Array, "s k *dyads"]
) -> Float[Array, "s2 s a *dyads"]:
    """M = sum_u B(s' | s, u, a) p(u | a), with the stance marginalised once for all steps."""
    stance = summed(expected_stance(memory.counts) * summed(belief, 0), 2)
    return summed(B * stance, 2)


def _look(q, M, reward, is_explore, mind):
    """Distress after one more action, and that step's expected free energy.

    `q` has the distress first, then the actions taken so far, latest last, then the dyads; both
    results have the new action as their latest.
    """
    paths = q.ndim - reward.ndim
    M = M.reshape(M.shape[:2] + (1,) * paths + M.shape[2:])
    before = jnp.expand_dims(q, 1 + paths)
    after = computed_once(summed(M * before[None], 1))
    calm = before[0]
    return after, computed_once(_risk(after) - reward - mind.exploration * calm * is_explore)


def _expected_under_policy(G, gamma, axis):
    """Expectation over the latest action, chosen by softmax."""
    return summed(softmax(-gamma * G, axis=axis) * G, axis)


def _along(vector, ndim):
    """A vector along the first of `ndim` axes."""
    return jnp.asarray(vector, jnp.float32).reshape(-1, *(1,) * (ndim - 1))


def _risk(q_s):
    """Divergence of distress from what is preferred, up to a constant (nats)."""
    return summed(q_s * (jnp.log(q_s + _TINY) + _along(DISTRESS_COST, q_s.ndim)), 0)


def _information_gain(q_k, stance, counts, accuracy):
    """Information an action is expected to give: about the model in force, and its counts."""
    seen = accuracy * stance + (1.0 - accuracy) / 3.0 * (1.0 - stance)
    mixture = summed(seen * q_k, 2)
    entropy = -summed(mixture * jnp.log(mixture + _TINY), 0)
    about_model = entropy + summed(q_k * summed(seen * jnp.log(seen + _TINY), 0), 1)
    novelty = 0.5 * summed(
        q_k * summed(stance * (1.0 / counts - 1.0 / summed(counts, 0)), 0), 1
    )
    return computed_once(about_model + novelty)


class Percept(eqx.Module):
    """A tick understood.

    Attributes:
        belief: q(s, k) after the tick.
        stance: q(u | k): how the other is seen under each model.
        heard: q(u): how the other is seen.
        free_energy: Surprise at what was felt, given what was seen, and at what was seen of the
            other (nats).
    """

    belief: Float[Array, "s k *dyads"]
    stance: Float[Array, "u k *dyads"]
    heard: Float[Array, "u *dyads"]
    free_energy: Float[Array, "2 *dyads"]


def perceive(
    belief: Float[Array, "s k *dyads"],
    B_a: Float[Array, "s2 s u *dyads"],
    stance_a: Float[Array, "u k *dyads"],
    felt: Float[Array, "s *dyads"],
    lent: Float[Array, "s *dyads"],
    cue: Float[Array, "u *dyads"],
    content: Float[Array, "k *dyads"],
    *,
    evidence_weight: Scalar,
) -> Percept:
    """Exact filtering of one tick.

    Joint over (s', u, k): B(s' | s, u, a) q(s | k) p(u | a, k) p(felt | s') p(lent | s')
    p(cue | u), with the evidence for each model tempered by `evidence_weight`. Surprise is that
    at the person's own senses, -ln p(cue) and -ln p(felt | cue). A lent reading, raised to the
    trust in it, is no probability: it changes only what is believed and expected next.

    Args:
        belief: q(s, k) before the tick.
        B_a: What contact does to distress, for the action taken.
        stance_a: p(u | a, k) for the action taken.
        felt: Likelihood of what is felt, for each distress.
        lent: Likelihood of the other's reading of it; 1 where there is none.
        cue: Likelihood of what is seen of the other, for each stance.
        content: Log-evidence about the models themselves (what an interpretation carries).
        evidence_weight: Weight of the tick as evidence for a model, 0 to 1.
    """
    q_k = summed(belief, 0)
    q_s = summed(belief, 1)
    given_k = (belief + _TINY * q_s[:, None]) / (q_k + _TINY)
    seen = stance_a * cue[:, None]  # u k
    cue_evidence = summed(seen, 0)
    moved = summed(B_a[:, :, :, None] * given_k[None, :, None], 1)  # s2 u k
    joint = moved * seen[None] * (felt * lent)[:, None, None]
    evidence = summed(summed(joint, 1), 0)  # k
    weight = jnp.log(q_k + 1e-9) + evidence_weight * jnp.log(evidence + 1e-12) + content
    new_k = softmax(weight, axis=0)
    posterior = joint / (evidence + 1e-20)  # given k
    stance = summed(posterior, 0)
    own = summed(summed(moved * seen[None], 1) * felt[:, None], 0)
    total = summed(q_k * own, 0)
    of_cue = summed(q_k * cue_evidence, 0)
    free_energy = jnp.stack(
        [-jnp.log(total + 1e-12) + jnp.log(of_cue + 1e-12), -jnp.log(of_cue + 1e-12)]
    )
    return Percept(
        computed_once(summed(posterior, 1) * new_k),
        computed_once(stance),
        computed_once(summed(stance * new_k, 1)),
        computed_once(free_energy),
    )


def learn(
    memory: Memory,
    percept: Percept,
    action: Float[Array, "a *dyads"],
    mind: RelationalMind,
    *,
    rate: Scalar,
    plasticity: Scalar = 1.0,
) -> Memory:
    """Memory after a tick: counts and habits.

    counts += rho q(k) q(u | k) - (rho q(k) / memory) (counts - base), for the action taken
    only; the second term caps the total and forgets only where something is learnt.

    Args:
        memory: Before the tick.
        percept: The tick understood.
        action: The action taken, one-hot.
        mind: The person's parameters.
        rate: rho, counts per tick.
        plasticity: Factor on the learning of habits.
    """
    base = jnp.asarray(BASE_COUNTS).reshape(4, 1, 1, *(1,) * (action.ndim - 1))
    share = rate * summed(percept.belief, 0)
    change = percept.stance[:, None] - (memory.counts - base) / mind.memory
    counts = memory.counts + share * action[:, None] * change
    q_s = summed(percept.belief, 1)
    habits = memory.habits + plasticity * _HABIT_RATE * q_s[:, None] * (action - memory.habits)
    return Memory(counts, memory.weight, habits)

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

Source: the structure is bowlby's (docs/explanation/relational_models.md). Several models
weighted by evidence: Isomura, Parr & Friston (2019), Neural Computation 31, 2390-2431; a new
one opened with small weight: the Chinese-restaurant prior of latent-cause models (Gershman,
Blei & Niv 2010).
"""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import column, computed_once, softmax, summed
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.people import RelationalMind
from bowlby.theory.vocabulary import ATTUNED, DISTRESS, EXPLORE, STANCES

_TINY = 1e-6


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


class RelationalModels(Mechanism):
    """The mind's equations and their numbers that are the same for all."""

    base_counts: Scalar = parameter(
        (0.8, 0.45, 0.45, 0.3), low=0.01, high=10.0, unit="counts",
        meaning="what is expected of an unknown other, as counts",
        source=(
            "ours: mild optimism; with a flat base a new model loses to an avoidant old one in "
            "calm moments, with more hope childhood is forgotten"
        ),
        over=STANCES,
    )  # fmt: skip
    distress_cost: Scalar = parameter(
        (0.0, 1.2, 2.8, 4.5), low=0.0, high=20.0, unit="nat",
        meaning="cost of each distress: log-preferences, up to a constant",
        source="ours: overwhelmed is avoided at nearly any price",
        over=DISTRESS,
    )  # fmt: skip
    affiliation: Scalar = parameter(
        0.4,
        low=0.0,
        high=5.0,
        unit="nat",
        meaning="pull of an attuned other",
        source="ours: company is sought in calm too",
    )
    curiosity: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="weight of information about the model in force and its counts",
        source="epistemic value (Friston et al. 2016): 1 is expected free energy",
    )
    opening: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on every person's openness",
        source="ours: how open one is differs between people, not here",
    )
    change: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on every person's hazard that a relationship has changed",
        source="ours: what one expects differs between people, not here",
    )
    used: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="relationships",
        meaning="weight above which a model is in use",
        source="ours: half of a relationship",
    )
    habit_rate: Scalar = parameter(
        0.002,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="learning of habits",
        source="ours: slower than expectations",
    )
    habit_floor: Scalar = parameter(
        0.02,
        low=0.0001,
        high=0.25,
        unit="probability",
        meaning="frequency below which no habit falls",
        source="ours: nothing is unthinkable",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "several_models": {"opening": 0.0, "change": 0.0},
        "epistemic": {"curiosity": 0.0},
    }

    def newborn(self, n_models: int, dyads: tuple[int, ...] = ()) -> Memory:
        """Memory of someone who has met nobody."""
        base = column(self.base_counts, 2 + len(dyads))
        return Memory(
            counts=jnp.broadcast_to(base, (4, 4, n_models, *dyads)),
            weight=jnp.zeros((n_models, *dyads)),
            habits=jnp.full((4, 4, *dyads), 0.25),
        )

    def restaurant_prior(self, memory: Memory, openness: Scalar) -> Float[Array, "k *dyads"]:
        """Prior over models for a new relationship: by weight, the first unused by openness.

        The prior counts relationships, not ticks: with ticks every model opens in infancy.
        """
        used = memory.weight > self.used
        first_unused = (~used) & (jnp.cumsum(~used, axis=0) == 1)
        weights = jnp.where(used, memory.weight, 0.0) + jnp.where(
            first_unused, self.opening * openness, 0.0
        )
        return weights / (summed(weights, 0) + _TINY)

    def plan(
        self,
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

            G = risk - affiliation - curiosity exploration q(calm) [explore]
                + m (-curiosity + discount E[G next])
            policy = softmax(-gamma G + (1 - m) habit)

        with curiosity = novelty of the counts + I(k; cue), and habit = sum_s q(s) ln E(a | s).
        Mentalising m gates horizon and curiosity, and leaves the rest to habit. A step ahead is
        a turn of ten seconds.

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
        reward = self.affiliation * summed(stance[ATTUNED] * q_k, 1)
        is_explore = column(jnp.arange(4) == EXPLORE, q_s.ndim - 1)

        first, G = self._look(q_s, M, reward, is_explore, mind)
        ahead = jnp.zeros_like(G)
        if depth > 1:
            second, G2 = self._look(first, M, reward, is_explore, mind)
            if depth > 2:
                _, G3 = self._look(second, M, reward, is_explore, mind)
                G2 = G2 + mind.discount * _expected_under_policy(G3, gamma, axis=2)
            ahead = _expected_under_policy(G2, gamma, axis=1)
        informed = _information_gain(q_k, stance, memory.counts, cue_accuracy)
        curiosity = self.curiosity * informed
        G = G + mentalising * (mind.discount * ahead - curiosity)
        habit = summed(q_s[:, None] * jnp.log(memory.habits + self.habit_floor), 0)
        logits = -gamma * G + (1.0 - mentalising) * mind.habit_weight * habit
        policy = softmax(logits, axis=0)
        return Plan(policy, G, summed(policy * G, 0), curiosity)

    def perceive(
        self,
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
        p(cue | u), with the evidence for each model tempered by `evidence_weight`. Surprise is
        that at the person's own senses, -ln p(cue) and -ln p(felt | cue). A borrowed reading,
        raised to the trust in it, is no probability: it changes only what is believed and
        expected next.

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
        self,
        memory: Memory,
        percept: Percept,
        action: Float[Array, "a *dyads"],
        mind: RelationalMind,
        *,
        rate: Scalar,
        plasticity: Scalar = 1.0,
        dt_s: Scalar,
    ) -> Memory:
        """Memory after a tick: counts and habits.

        counts += rho q(k) q(u | k) - (rho q(k) / memory) (counts - base), for the action taken
        only; the second term caps the total and forgets only where something is learnt.

        Args:
            memory: Before the tick.
            percept: The tick understood.
            action: The action taken, one-hot.
            mind: The person's parameters.
            rate: rho, counts in the step.
            plasticity: Factor on the learning of habits.
            dt_s: Length of the step (s).
        """
        base = column(self.base_counts, 1 + action.ndim)
        share = rate * summed(percept.belief, 0)
        change = percept.stance[:, None] - (memory.counts - base) / mind.memory
        counts = memory.counts + share * action[:, None] * change
        q_s = summed(percept.belief, 1)
        habits = memory.habits + self.habit_rate * dt_s * plasticity * q_s[:, None] * (
            action - memory.habits
        )
        return Memory(counts, memory.weight, habits)

    def _look(self, q, M, reward, is_explore, mind):
        """Distress after one more action, and that step's expected free energy.

        `q` has the distress first, then the actions taken so far, latest last, then the
        dyads; both results have the new action as their latest.
        """
        paths = q.ndim - reward.ndim
        M = M.reshape(M.shape[:2] + (1,) * paths + M.shape[2:])
        before = jnp.expand_dims(q, 1 + paths)
        after = computed_once(summed(M * before[None], 1))
        calm = before[0]
        return after, computed_once(
            self._risk(after) - reward - self.curiosity * mind.exploration * calm * is_explore
        )

    def _risk(self, q_s):
        """Divergence of distress from what is preferred, up to a constant (nats)."""
        return summed(
            q_s * (jnp.log(q_s + _TINY) + column(self.distress_cost, q_s.ndim - 1)), 0
        )


def expected_stance(counts: Float[Array, "u a k *dyads"]) -> Float[Array, "u a k *dyads"]:
    """p(u | a, k) under the counts."""
    return computed_once(counts / summed(counts, 0))


def expected_contact(
    B: Float[Array, "s2 s u a *dyads"], memory: Memory, belief: Float[Array, "s k *dyads"]
) -> Float[Array, "s2 s a *dyads"]:
    """M = sum_u B(s' | s, u, a) p(u | a), with the stance marginalised once for all steps."""
    stance = summed(expected_stance(memory.counts) * summed(belief, 0), 2)
    return summed(B * stance, 2)


def _expected_under_policy(G, gamma, axis):
    """Expectation over the latest action, chosen by softmax."""
    return summed(softmax(-gamma * G, axis=axis) * G, axis)


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

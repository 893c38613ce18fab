"""Encounters: blocks of ticks of a seeker with a caregiver, or of a client with a therapist.

One compiled block serves every encounter, arm and ablation: all that differs is data.
Summaries are sums over ticks; the ticks themselves are kept only when asked.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents.relational import (
    ATTUNED,
    BASE_COUNTS,
    FRIGHTENING,
    INTRUSIVE,
    PROTEST,
    WITHDRAW,
)
from bowlby.maths._arrays import Array, Float, PRNGKeyArray, Scalar
from bowlby.maths.random_words import drawn, increments, random_words, uniforms
from bowlby.maths.short_axis import summed
from bowlby.mechanisms.borrowed_brain import BorrowedBrain
from bowlby.mechanisms.oxytocin import Oxytocin
from bowlby.mechanisms.rupture import Rupture, TrustCourse
from bowlby.mechanisms.self_soothing import SelfSoothing
from bowlby.simulation import bodies, caregiving, seeking, therapy
from bowlby.simulation.bodies import SECONDS, ContactTable, Drives, weighted
from bowlby.simulation.dyad import Body, Experience, Figure, Seeker, Switches
from bowlby.simulation.therapy import Protocol

BLOCK = 50
"""Ticks in a block."""

SESSION_CALM_LEARNING = 0.3
"""Learning in calm ticks of a session, where calm is used to reflect."""

INSIGHT_RATE = 0.01
"""Insight from a tick of interpretation that is fully heard and rightly aimed."""

_UNIFORM_WORDS = 5
_NOISE_WORDS = 5
WORDS = _UNIFORM_WORDS + _NOISE_WORDS
"""Random words that a tick needs."""


class Pair(eqx.Module):
    """A seeker and a figure within an encounter.

    Attributes:
        belief: q(s, k) of the seeker.
        experience: What the seeker has learnt.
        body: The seeker's body.
        figure_body: The figure's body.
        trust: P(attuned) over the last ticks.
        course: Trust watched for ruptures.
        reading: Trust as the figure reads it.
    """

    belief: Float[Array, "s k *dyads"]
    experience: Experience
    body: Body
    figure_body: Body
    trust: Float[Array, "*dyads"]
    course: TrustCourse
    reading: Float[Array, "*dyads"]


class People(NamedTuple):
    """Who meets, and under which mechanisms."""

    seeker: Seeker
    figure: Figure
    switches: Switches


class Setting(NamedTuple):
    """What an encounter is like.

    Attributes:
        stress: Rate of events, relative to an ordinary week.
        learning: Factor on all that is learnt: plasticity at this age.
        separation: 1 where an absent figure has left, 0 where nobody was expected.
    """

    stress: Scalar
    learning: Scalar
    separation: Scalar


class Treatment(NamedTuple):
    """What the therapist does in a session.

    Attributes:
        protocol: The protocol.
        is_late: 1 after the protocol's switch.
        old: The model of childhood, as a distribution over models.
    """

    protocol: Protocol
    is_late: Scalar
    old: Float[Array, "k *dyads"]


Totals = dict[str, Array]
Trace = dict[str, Any]


def meet(
    belief_k: Float[Array, "k *dyads"],
    experience: Experience,
    body: Body,
    figure_body: Body,
    reading: Float[Array, "*dyads"],
) -> Pair:
    """A pair at the start of an encounter; trust is what the working model expects."""
    n = belief_k.shape[-1]
    calm = jnp.asarray((0.7, 0.2, 0.07, 0.03)).reshape(4, 1, 1)
    counts = experience.memory.counts
    expected = summed((counts / summed(counts, 0))[ATTUNED].mean(0) * belief_k, 0)
    return Pair(
        calm * belief_k, experience, body, figure_body, expected,
        TrustCourse(expected, expected, jnp.zeros(n)), reading,
    )  # fmt: skip


def _care_tick(pair, words, absent, people, table, setting, depth):
    """One tick with a caregiver or partner; the figure may be absent (1)."""
    seeker, figure, switches = people
    u, noise = split_words(words)
    present = 1.0 - absent
    m_figure = caregiving.figure_mentalising(figure, pair.figure_body, switches, width=1.3)
    turn = seeking.seek(
        pair.belief, pair.experience, pair.body, seeker, table, switches,
        trust=pair.trust, lent=0.5 * m_figure * present, uniform=u[0], depth=depth,
    )  # fmt: skip
    need = caregiving.need_of(pair.body.arousal)
    answer = caregiving.answer(
        turn.action, need, figure, pair.figure_body, switches, uniform=u[1]
    )
    stance = answer.stance
    sought = weighted(bodies.CONTACT, turn.action)
    imposed = stance[INTRUSIVE] + stance[FRIGHTENING]
    contact = sought + imposed * (jnp.maximum(sought, bodies.IMPOSED_CONTACT) - sought)
    contact = contact * present
    pair, extra = lived(
        pair, turn, people, u, noise,
        contact=contact,
        gain=weighted(bodies.GAIN, stance),
        kick=weighted(bodies.KICK, stance) * contact + 0.06 * absent * setting.separation,
        event_rate=0.12 * setting.stress,
        figure_recovery_s=40.0,
        seen=drawn(seeking.likelihood(turn.cue_accuracy, stance), u[7]),
        is_seen=present,
        information=present,
        evidence=present,
        content=jnp.zeros_like(pair.experience.memory.weight),
        plasticity=setting.learning * present,
        calm_learning=seeking.CALM_LEARNING,
        named=0.02 * contact * answer.mentalising * stance[ATTUNED],
        misled=stance[FRIGHTENING],
        m_figure=answer.mentalising * present,
    )  # fmt: skip
    return pair, extra | {
        "stance": stance,
        "act": jnp.zeros((len(therapy.INTERVENTIONS), *need.shape)),
    }


def _session_tick(pair, words, override, people, table, treatment, propensity, depth):
    """One tick with a therapist."""
    seeker, therapist, switches = people
    u, noise = split_words(words)
    ruptured = pair.course.ruptured
    near = 1.0 - 0.6 * ruptured
    m_figure = caregiving.figure_mentalising(therapist, pair.figure_body, switches, width=0.9)
    turn = seeking.seek(
        pair.belief, pair.experience, pair.body, seeker, table, switches,
        trust=pair.trust, lent=m_figure * near, uniform=u[0], depth=depth,
    )  # fmt: skip
    need = caregiving.need_of(pair.body.arousal)
    act = therapy.act(
        turn.action, need, pair.reading, ruptured, propensity, treatment.protocol, therapist,
        pair.figure_body, switches, override, uniforms=u[1:3],
    )  # fmt: skip
    contact = weighted(therapy.SESSION_CONTACT, turn.action) * near
    seen = drawn(act.look, u[3])
    expected = summed(turn.stance * summed(pair.belief, 0), 1)
    heard = expected * seeking.likelihood(turn.cue_accuracy, seen)
    heard = heard / summed(heard, 0)
    pressure = weighted(therapy.PRESSURE, act.made)
    information = weighted(therapy.INFORMATION, act.made)
    content = weighted(therapy.CONTENT, act.made) * switches.content
    content = content * heard[ATTUNED] * turn.mentalising * act.mentalising * contact
    pair, extra = lived(
        pair, turn, people, u, noise,
        contact=contact,
        gain=weighted(therapy.SOOTHING, act.made)
        * heard[ATTUNED]
        * (0.3 + 0.7 * act.mentalising),
        kick=weighted(bodies.KICK, heard) * contact * (0.5 + pressure),
        event_rate=0.06,
        figure_recovery_s=60.0,
        seen=seen,
        is_seen=1.0,
        information=information,
        evidence=0.5 * information,
        content=-0.15 * content * treatment.old,
        plasticity=1.0,
        calm_learning=SESSION_CALM_LEARNING,
        named=0.25
        * weighted(therapy.NAMING, act.made)
        * act.mentalising
        * heard[ATTUNED]
        * contact,
        misled=act.made[therapy.LOOM],
        m_figure=act.mentalising,
    )  # fmt: skip
    base = jnp.asarray(BASE_COUNTS).reshape(4, 1, 1, 1)
    fits = summed(turn.stance[ATTUNED] * treatment.old, 0)
    content = content * (1.0 - fits)
    memory = seeking.forget_certainty(
        pair.experience.memory, treatment.old, 0.03 * content, base
    )
    insight = pair.experience.insight
    insight = insight + INSIGHT_RATE * content * (1.0 - insight)
    experience = eqx.tree_at(
        lambda e: (e.memory, e.insight), pair.experience, (memory, insight)
    )
    distressed = summed(bodies.distress(pair.body.arousal)[2:], 0)
    shows = weighted((1.0, 0.3, 0.0, 0.3), turn.action)
    attention = 0.05 * distressed * (0.3 + 0.7 * act.mentalising)
    course, began, repaired = Rupture().step(pair.course, extra["heard"][ATTUNED])
    pair = Pair(
        pair.belief, experience, pair.body, pair.figure_body, pair.trust, course,
        pair.reading + attention * (shows - pair.reading),
    )  # fmt: skip
    return pair, extra | {
        "stance": extra["heard"], "act": act.made, "began": began, "repaired": repaired,
        "ruptured": course.ruptured, "understood": 1.0 - jnp.abs(act.felt_need - need),
    }  # fmt: skip


def lived(
    pair, turn, people, u, noise, *, contact, gain, kick, event_rate, figure_recovery_s,
    seen, is_seen, information, evidence, content, plasticity, calm_learning, named, misled,
    m_figure,
):  # fmt: skip
    """What both kinds of tick share: two bodies in contact, then understanding."""
    seeker, figure, switches = people
    coupled = switches.coupling
    own_events = jnp.where(u[4] < event_rate, 0.4 - jnp.log(u[5]), 0.0) * seeker.reactivity
    reactivity = (
        seeker.reactivity
        * Oxytocin().reactivity(pair.body.oxytocin * switches.oxytocin)
        * (1.0 + 0.4 * seeking.load(pair.body))
    )
    efficacy = pair.experience.self_soothing
    drives = Drives(
        gain=gain * figure.gain * coupled,
        latency_s=figure.latency_s * switches.latency,
        kick=kick + bodies.PROTEST_COST * turn.action[PROTEST] * (contact > 0.0),
        contact=contact,
        recovery_s=SelfSoothing().recovery_s(efficacy, turn.action[WITHDRAW]),
        reactivity=reactivity,
        seeker_contagion=seeker.contagion * coupled,
        figure_contagion=figure.contagion * coupled * switches.figure_arousal,
        figure_recovery_s=figure_recovery_s,
    )
    before = pair.body.arousal
    x, y, past, each = bodies.tick(
        before + own_events, pair.figure_body.arousal, pair.body.past, drives, noise
    )
    s = bodies.distress(x)
    felt_as = drawn(seeking.likelihood(turn.interoception, s), u[6])
    felt = seeking.likelihood(turn.interoception, felt_as)
    lent = seeking.likelihood(0.25 + 0.6 * m_figure, s)
    lent = BorrowedBrain(switches.borrowed_brain).reading(lent, pair.trust, m_figure)
    cue = seeking.likelihood(turn.cue_accuracy, seen)
    cue = is_seen * cue + (1.0 - is_seen) * 0.25
    percept, experience, rate = seeking.understand(
        turn, pair.belief, pair.experience, seeker, switches,
        felt=felt, lent=lent, cue=cue, contact=contact, information=information,
        evidence=evidence, content=content, plasticity=plasticity,
        calm_learning=calm_learning,
        relief=jnp.maximum(jnp.abs(before + own_events) - jnp.abs(x), 0.0),
        named=named, misled=misled,
    )  # fmt: skip
    heard = percept.heard
    attuned = contact * heard[ATTUNED]
    body = seeking.body_after(
        pair.body, x, past, attuned * pair.experience.oxytocin_trait * 2.0, switches
    )
    figure_body = seeking.body_after(
        pair.figure_body, y, pair.figure_body.past, attuned, switches
    )
    trust = pair.trust + 0.1 * (heard[ATTUNED] - pair.trust) * is_seen
    extra = {
        "distress": bodies.distress(before), "plan": turn.plan, "action": turn.action,
        "m": turn.mentalising, "own_m": turn.own_mentalising, "contact": contact,
        "heard": heard, "model": summed(percept.belief, 0), "free_energy": percept.free_energy,
        "each": each, "rate": rate, "trust": trust, "felt": summed(percept.belief, 1),
    }  # fmt: skip
    return Pair(
        percept.belief, experience, body, figure_body, trust, pair.course, pair.reading
    ), extra


def split_words(words: Array) -> tuple[Array, Array]:
    """Uniform numbers (ten) and increments (second, partner) from a tick's words."""
    u = uniforms(words[:_UNIFORM_WORDS])
    noise = increments(words[_UNIFORM_WORDS:])
    return u, noise.reshape(SECONDS, 2, *noise.shape[1:])


def no_totals(n: int, n_models: int) -> Totals:
    """Sums before the first tick."""
    zero = jnp.zeros(n)
    four = jnp.zeros((4, n))
    return {
        "ticks": zero, "policy": jnp.zeros((4, 4, n)), "distress": four, "stance": four,
        "stance_distressed": four, "action": four,
        "act": jnp.zeros((len(therapy.INTERVENTIONS), n)),
        "model": jnp.zeros((n_models, n)), "arousal": zero, "hyper": zero,
        "figure_arousal": zero, "figure_hyper": zero,
        "entropy": zero, "value": zero, "least": zero, "trust": zero,
        "mentalising": zero, "contact": zero, "rate": zero, "surprise_self": zero,
        "surprise_other": zero, "began": zero, "repaired": zero, "ruptured": zero,
        "ruptured_contact": zero, "understood": zero, "flips": zero, "misread": zero,
        "curiosity": zero, "conflict": zero,
    }  # fmt: skip


def _add(totals: Totals, extra: Trace, before: Pair, after: Pair) -> Totals:
    """Sums with one more tick."""
    state, policy = extra["distress"], extra["plan"].policy
    distressed = state[2] + state[3]
    x = after.body.arousal
    y = after.figure_body.arousal
    none = jnp.zeros_like(x)
    ruptured = extra.get("ruptured", none)
    new = {
        "ticks": 1.0,
        "policy": state[:, None] * policy,
        "distress": state,
        "stance": extra["stance"],
        "stance_distressed": distressed * extra["stance"],
        "action": extra["action"],
        "act": extra["act"],
        "model": extra["model"],
        "arousal": jnp.abs(x),
        "hyper": jnp.maximum(x, 0.0),
        "figure_arousal": jnp.abs(y),
        "figure_hyper": jnp.maximum(y, 0.0),
        "entropy": -distressed * summed(policy * jnp.log(policy + 1e-9), 0),
        "value": extra["plan"].value,
        "least": distressed * extra["plan"].G.min(0),
        "trust": extra["trust"],
        "mentalising": extra["m"],
        "contact": extra["contact"],
        "rate": extra["rate"],
        "surprise_self": extra["free_energy"][0],
        "surprise_other": extra["free_energy"][1],
        "began": extra.get("began", none),
        "repaired": extra.get("repaired", none),
        "ruptured": ruptured,
        "ruptured_contact": ruptured * extra["contact"],
        "understood": extra.get("understood", none),
        "flips": summed(jnp.abs(extra["model"] - summed(before.belief, 0)), 0),
        "misread": 1.0 - summed(extra["felt"] * bodies.distress(x), 0),
        "curiosity": summed(policy * extra["plan"].curiosity, 0),
        "conflict": distressed * 2.0 * jnp.minimum(policy[0] + policy[3], policy[2]),
    }
    return {name: totals[name] + value for name, value in new.items()}


def _trace(extra: Trace, pair: Pair) -> Trace:
    """What is kept of a tick when ticks are kept."""
    return {
        "arousal": extra["each"],
        "distress": jnp.argmax(extra["distress"], axis=0),
        "action": jnp.argmax(extra["action"], axis=0),
        "stance": extra["heard"],
        "shown": extra["stance"],
        "act": jnp.where(summed(extra["act"], 0) > 0.0, jnp.argmax(extra["act"], axis=0), -1),
        "policy": extra["plan"].policy,
        "model": extra["model"],
        "mentalising": extra["m"],
        "contact": extra["contact"],
        "trust": extra["trust"],
        "free_energy": extra["free_energy"],
        "ruptured": pair.course.ruptured,
        "oxytocin": jnp.stack([pair.body.oxytocin, pair.figure_body.oxytocin]),
        "cortisol": jnp.stack([pair.body.stress.cortisol, pair.figure_body.stress.cortisol]),
        "rate": extra["rate"],
    }


@eqx.filter_jit
def care_block(
    pair: Pair,
    totals: Totals,
    keys: PRNGKeyArray,
    number: Array,
    absent: Float[Array, "tick"],
    people: People,
    table: ContactTable,
    setting: Setting,
    *,
    depth: int,
    keeps_ticks: bool,
) -> tuple[Pair, Totals, Trace | None]:
    """A block of ticks with a caregiver or partner.

    Args:
        pair: The two at the start.
        totals: Sums so far in this encounter.
        keys: One key per dyad.
        number: Which block of each dyad's random stream.
        absent: 1 in ticks in which the figure is away.
        people: Who meets.
        table: What contact does to distress.
        setting: Stress and learning.
        depth: Actions looked ahead.
        keeps_ticks: Whether to return the ticks.
    """
    words = random_words(keys, number, BLOCK, WORDS)

    def step(state, inputs):
        pair, totals = state
        word, away = inputs
        new, extra = _care_tick(pair, word, away, people, table, setting, depth)
        kept = _trace(extra, new) if keeps_ticks else None
        return (new, _add(totals, extra, pair, new)), kept

    (pair, totals), ticks = jax.lax.scan(step, (pair, totals), (words, absent))
    return pair, totals, ticks


@eqx.filter_jit
def session_block(
    pair: Pair,
    totals: Totals,
    keys: PRNGKeyArray,
    number: Array,
    override: Float[Array, "tick act *dyads"],
    people: People,
    table: ContactTable,
    treatment: Treatment,
    *,
    depth: int,
    keeps_ticks: bool,
) -> tuple[Pair, Totals, Trace | None]:
    """A block of ticks with a therapist.

    Args:
        pair: The two at the start.
        totals: Sums so far in this session.
        keys: One key per dyad.
        number: Which block of each dyad's random stream.
        override: Interventions chosen by a person, one-hot, for each tick and, where they
            differ, each dyad; rows of 0 follow the protocol. The block is as long as this.
        people: Who meets.
        table: What contact does to distress.
        treatment: What the therapist does.
        depth: Actions looked ahead.
        keeps_ticks: Whether to return the ticks.
    """
    words = random_words(keys, number, override.shape[0], WORDS)
    override = override.reshape(*override.shape[:2], -1)
    protocol, late = treatment.protocol, treatment.is_late
    propensity = late * protocol.late + (1.0 - late) * protocol.early

    def step(state, inputs):
        pair, totals = state
        word, chosen = inputs
        new, extra = _session_tick(
            pair, word, chosen, people, table, treatment, propensity, depth
        )
        kept = _trace(extra, new) if keeps_ticks else None
        return (new, _add(totals, extra, pair, new)), kept

    (pair, totals), ticks = jax.lax.scan(step, (pair, totals), (words, override))
    return pair, totals, ticks

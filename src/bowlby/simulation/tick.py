"""One tick of a dyad, as a sentence.

The care-seeker plans and acts; the figure answers with what it offers; two bodies go through
the tick; the care-seeker feels, sees and learns; what the figure's kind of meeting adds comes
last. A figure is a pair of functions (`Figure`), of which each kind is a small file of
`bowlby.simulation.company`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn, increments, uniforms
from bowlby.maths.short_axis import column, summed
from bowlby.simulation import bodies, seeker
from bowlby.simulation.bodies import Drives, TwoBodies
from bowlby.simulation.dyad import Body, Experience, Pace, People
from bowlby.simulation.seeker import Turn, likelihood
from bowlby.theory import Theory
from bowlby.theory.bond import Relationship
from bowlby.theory.relational_models import Percept, expected_stance
from bowlby.theory.rupture import TrustCourse
from bowlby.theory.vocabulary import ATTUNED, FRIGHTENING, WITHDRAW

UNIFORMS = 10
"""Uniform random numbers of a tick: u[0] chooses the care-seeker's action, u[4:6] are events,
u[6] what is felt; the others belong to the figure."""


EVENTS = slice(4, 6)
"""Those that events take."""


class Pair(eqx.Module):
    """A care-seeker and a figure within an encounter.

    Attributes:
        belief: q(s, k) of the care-seeker.
        experience: What the care-seeker has learnt.
        body: The care-seeker's body.
        figure_body: The figure's body.
        trust: P(attuned) over the last minutes.
        course: Trust watched for ruptures.
        reading: Trust as the figure reads it.
        bond: What this relationship has shown.
        lately: Shares of the figure's acts over the last minutes.
    """

    belief: Float[Array, "s k *dyads"]
    experience: Experience
    body: Body
    figure_body: Body
    trust: Float[Array, "*dyads"]
    course: TrustCourse
    reading: Float[Array, "*dyads"]
    bond: Relationship
    lately: Float[Array, "act *dyads"]


class Chance(NamedTuple):
    """Random numbers of a tick.

    Attributes:
        u: Uniform numbers.
        noise: Increments of both bodies, each second.
    """

    u: Float[Array, "10 *dyads"]
    noise: Float[Array, "second 2 *dyads"]


class Scene(NamedTuple):
    """What a figure meets.

    Attributes:
        pair: The two before the tick.
        turn: What the care-seeker does.
        need: The care-seeker's need (0 to 1).
        mentalising: The figure's own, now (0 to 1).
        people: Who meets.
        setting: What the encounter is like, by kind of figure.
        cue: What this tick is told from outside: whether the figure is away, which act a person
            chose.
        chance: Random numbers.
        pace: Length of the tick.
    """

    pair: Pair
    turn: Turn
    need: Float[Array, "*dyads"]
    mentalising: Float[Array, "*dyads"]
    people: People
    setting: Any
    cue: Any
    chance: Chance
    pace: Pace

    @property
    def theory(self) -> Theory:
        """The theory that holds."""
        return self.people.world.theory


class Offer(NamedTuple):
    """What a figure offers in a tick.

    Attributes:
        contact: Contact (0 to 1).
        regulation: Pull on the care-seeker's arousal (1/s), for a figure of ordinary gain.
        kick: Arousal that the figure makes (1/s).
        event_chance: Probability that something happens besides.
        recovery_s: How soon the figure calms down (s).
        seen: Cue that the care-seeker sees, one-hot.
        is_seen: 1 where there is somebody to be seen.
        information: What the tick tells, relative to an ordinary one.
        evidence: Its weight as evidence for a model.
        content: Log-evidence about the models themselves.
        plasticity: Factor on all that is learnt, before hope re-opens it.
        thought_about: How far what happens is thought about together (0 to 1).
        contingency: How far what is seen tells something (0 to 1).
        held: Safety that is kept in mind of somebody else (0 to 1).
        helps: How far the figure stops the stress axis of one who is safe with it (0 to 1).
        calm_learning: Learning in calm, relative to distress.
        named: Help to name a feeling, as far as the figure is trusted (counts/s).
        misled: Misleading cue (0 to 1).
        mentalising: The figure's mentalising that serves the care-seeker (0 to 1).
        stance: Stance taken, as an observer scores it.
        act: Intervention made, one-hot; zeros outside of therapy.
        felt_need: The care-seeker's need as the figure reads it (0 to 1).
    """

    contact: Scalar
    regulation: Scalar
    kick: Scalar
    event_chance: Scalar
    recovery_s: Scalar
    seen: Float[Array, "u *dyads"]
    is_seen: Scalar
    information: Scalar
    evidence: Scalar
    content: Float[Array, "k *dyads"]
    plasticity: Scalar
    thought_about: Scalar
    contingency: Scalar
    held: Scalar
    helps: Scalar
    calm_learning: Scalar
    named: Scalar
    misled: Scalar
    mentalising: Scalar
    stance: Float[Array, "u *dyads"]
    act: Float[Array, "act *dyads"]
    felt_need: Scalar


class Ticked(NamedTuple):
    """A tick that has been lived.

    Attributes:
        before: The pair before it.
        after: The pair after it.
        turn: What the care-seeker did.
        offer: What the figure offered.
        percept: The tick understood.
        stance: Stance as an observer scores it: taken at home, perceived in a session.
        distress: Distress before the tick, one-hot.
        distress_after: The same after it.
        each: Arousal of both, each second.
        rate: Learning rate (counts).
        plasticity: Factor on all that was learnt.
        safety: Safety with this figure before the tick (0 to 1).
        began: 1 where a rupture began.
        repaired: 1 where a rupture was repaired.
        understood: How well need was read (0 to 1).
        fit: How far what was done is what the client needs and can use (0 to 1).
        acted_out: Arousal that is acted out (>= 0).
    """

    before: Pair
    after: Pair
    turn: Turn
    offer: Offer
    percept: Percept
    stance: Float[Array, "u *dyads"]
    distress: Float[Array, "s *dyads"]
    distress_after: Float[Array, "s *dyads"]
    each: Float[Array, "second 2 *dyads"]
    rate: Float[Array, "*dyads"]
    plasticity: Float[Array, "*dyads"]
    safety: Float[Array, "*dyads"]
    began: Float[Array, "*dyads"]
    repaired: Float[Array, "*dyads"]
    understood: Float[Array, "*dyads"]
    fit: Float[Array, "*dyads"]
    acted_out: Float[Array, "*dyads"]


def seeker_and_figure(scene: Scene, aroused: Array, drives: Drives) -> TwoBodies:
    """The care-seeker's body beside that of a figure who seeks no care."""
    pair = scene.pair
    return bodies.tick(
        aroused,
        pair.figure_body.arousal,
        pair.body.past,
        drives,
        scene.theory,
        scene.chance.noise,
    )


class Figure(NamedTuple):
    """A kind of figure: how it meets a care-seeker.

    Attributes:
        name: Its name.
        mentalising: The figure's own mentalising in a scene not yet played (pair, people).
        lends: Share of that which the care-seeker can borrow (pair, people, cue).
        offer: What it offers in a scene.
        after: What this kind of meeting adds to a tick that was lived.
        bodies: How the two bodies go through the tick (scene, arousal with events, drives).
    """

    name: str
    mentalising: Callable[[Pair, People], Array]
    lends: Callable[[Pair, People, Any], Scalar]
    offer: Callable[[Scene], Offer]
    after: Callable[[Ticked, Scene], Ticked] = lambda ticked, _: ticked
    bodies: Callable[[Scene, Array, Drives], TwoBodies] = seeker_and_figure


def meet(
    belief_k: Float[Array, "k *dyads"],
    experience: Experience,
    body: Body,
    figure_body: Body,
    reading: Float[Array, "*dyads"],
    bond: Relationship,
    theory: Theory,
) -> Pair:
    """A pair at the start of an encounter; trust is what this relationship has earned."""
    calm = column(theory.distress.calm, 2)
    trust, _ = theory.bond.trust_and_safety(bond, belief_k, experience.memory.counts)
    none = jnp.zeros_like(trust)
    return Pair(
        calm * belief_k,
        experience,
        body,
        figure_body,
        trust,
        TrustCourse(trust, trust, none, none, none),
        reading,
        bond,
        jnp.zeros((len(theory.interventions.names), *trust.shape)),
    )


def words_of(pace: Pace) -> int:
    """Random words that a tick needs: two uniform numbers or four increments each."""
    return UNIFORMS // 2 + -(-2 * pace.tick_s // 4)


def chance_of(words: Array, pace: Pace, turn: Array | None = None) -> Chance:
    """Random numbers of a tick.

    Args:
        words: The tick's own words.
        pace: Length of the tick.
        turn: Words of the first tick of its turn: what people choose and perceive lasts for ten
            seconds, while events come in every tick.
    """
    noise = increments(words[UNIFORMS // 2 :])[: 2 * pace.tick_s]
    u = uniforms(words[: UNIFORMS // 2])
    if turn is not None:
        u = uniforms(turn[: UNIFORMS // 2]).at[EVENTS].set(u[EVENTS])
    return Chance(u, noise.reshape(pace.tick_s, 2, *noise.shape[1:]))


def tick(
    pair: Pair,
    figure: Figure,
    people: People,
    setting: Any,
    cue: Any,
    chance: Chance,
    pace: Pace,
) -> Ticked:
    """A tick of a dyad."""
    mentalising = figure.mentalising(pair, people)
    turn = seeker.seek(
        pair.belief,
        pair.experience,
        pair.body,
        people.seeker,
        people.world,
        trust=pair.trust,
        lent=mentalising * figure.lends(pair, people, cue),
        uniform=chance.u[0],
        pace=pace,
    )
    need = people.world.theory.distress.need_of(pair.body.arousal)
    scene = Scene(pair, turn, need, mentalising, people, setting, cue, chance, pace)
    offer = figure.offer(scene)
    return figure.after(live_through(scene, offer, figure), scene)


def live_through(scene: Scene, offer: Offer, figure: Figure) -> Ticked:
    """Two bodies in contact, then understanding."""
    pair, turn, people, theory = scene.pair, scene.turn, scene.people, scene.theory
    dt_s, q_k = float(scene.pace.tick_s), summed(pair.belief, 0)
    counts = pair.experience.memory.counts
    _, safety = theory.bond.trust_and_safety(pair.bond, q_k, counts)
    event = _event(scene, offer) * theory.social_baseline.weight(
        safety * offer.is_seen, offer.held
    )
    aroused = pair.body.arousal + event
    two = figure.bodies(scene, aroused, _drives(scene, offer, safety))
    relief = jnp.maximum(jnp.abs(aroused) - jnp.abs(two.seeker), 0.0)
    distress_after = theory.distress.category(two.seeker)
    moment = _moment(scene, offer, distress_after, relief)
    moment = moment._replace(plasticity=_plasticity(scene, offer))
    percept, experience, rate = seeker.understand(
        turn, pair.belief, pair.experience, people, moment, scene.pace
    )
    attuned = offer.contact * percept.heard[ATTUNED]
    released = theory.oxytocin.trait_gain * people.seeker.oxytocin_release
    own_attuned = attuned * pair.experience.oxytocin_trait * released
    after = Pair(
        percept.belief,
        experience,
        bodies.body_after(
            pair.body,
            two.seeker,
            two.past,
            own_attuned,
            theory,
            dt_s=dt_s,
            stress_response=people.seeker.stress_response
            * theory.stress_axis.reaching(offer.helps * offer.is_seen, safety),
        ),
        bodies.body_after(
            pair.figure_body,
            two.figure,
            pair.figure_body.past,
            attuned,
            theory,
            dt_s=dt_s,
            stress_response=people.figure.stress_response,
        ),
        theory.trust.step(pair.trust, percept.heard[ATTUNED], offer.is_seen, dt_s=dt_s),
        pair.course,
        pair.reading,
        _bond_after(scene, offer, percept),
        theory.contingency.step(pair.lately, offer.act, dt_s=dt_s),
    )
    none = jnp.zeros_like(scene.need)
    distress = theory.distress.category(pair.body.arousal)
    return Ticked(
        before=pair,
        after=after,
        turn=turn,
        offer=offer,
        percept=percept,
        stance=offer.stance,
        distress=distress,
        distress_after=distress_after,
        each=two.each,
        rate=rate,
        plasticity=moment.plasticity * jnp.ones_like(none),
        safety=safety,
        began=none,
        repaired=none,
        understood=none,
        fit=none,
        acted_out=theory.acting_out.level(
            two.seeker,
            turn.mentalising,
            summed(expected_stance(counts)[FRIGHTENING].mean(0) * q_k, 0),
            people.seeker.impulsivity,
        ),
    )


def _event(scene: Scene, offer: Offer) -> Array:
    happens, size = scene.chance.u[4], scene.chance.u[5]
    event = scene.theory.events.arousal(offer.event_chance, happens, size)
    room = scene.theory.arousal.room(scene.pair.body.arousal)
    return event * room * scene.people.seeker.reactivity


def _plasticity(scene: Scene, offer: Offer) -> Array:
    """Plasticity of the tick, re-opened as far as there is hope that is thought about."""
    theory = scene.theory
    return theory.sensitive_period.reopened(
        offer.plasticity,
        theory.hope.level(scene.pair.bond.hope),
        scene.turn.mentalising,
        offer.mentalising,
        offer.thought_about,
    )


def _bond_after(scene: Scene, offer: Offer, percept: Percept) -> Relationship:
    """The relationship after a tick: its counts, and its hope."""
    theory, pair, dt_s = scene.theory, scene.pair, float(scene.pace.tick_s)
    attuned = percept.heard[ATTUNED]
    told = offer.contact * offer.contingency * offer.is_seen
    bond = theory.bond.step(pair.bond, attuned, told, scene.need, dt_s=dt_s)
    expected = summed(scene.turn.stance[ATTUNED] * summed(pair.belief, 0), 0)
    hope = theory.hope.step(
        pair.bond.hope, pair.body.oxytocin, offer.contact, attuned - expected, dt_s=dt_s
    )
    return Relationship(bond.good, bond.bad, hope)


def _drives(scene: Scene, offer: Offer, safety: Array) -> Drives:
    """What acts on the two bodies."""
    pair, turn, theory = scene.pair, scene.turn, scene.theory
    own, figure = scene.people.seeker, scene.people.figure
    return Drives(
        gain=offer.regulation * figure.gain * theory.social_baseline.reach(safety),
        latency_s=figure.latency_s,
        kick=offer.kick + theory.contact.protest(turn.action, offer.contact),
        fright=offer.stance[FRIGHTENING] * offer.is_seen,
        contact=offer.contact,
        recovery_s=theory.self_soothing.recovery_s(
            pair.experience.self_soothing,
            turn.action[WITHDRAW],
            turn.mentalising,
            theory.arousal.recovery_s * own.recovery,
        ),
        reactivity=own.reactivity
        * theory.oxytocin.reactivity(pair.body.oxytocin)
        * theory.stress_axis.reactivity(pair.body.stress.adrenal),
        seeker_contagion=own.contagion,
        figure_contagion=figure.contagion,
        figure_recovery_s=offer.recovery_s * figure.recovery,
    )


def _moment(scene: Scene, offer: Offer, distress: Array, relief: Array) -> seeker.Moment:
    """What the tick brings to be understood."""
    turn, brain = scene.turn, scene.theory.borrowed_brain
    chance_of_feeling = scene.theory.deactivation.felt(
        likelihood(turn.interoception, distress),
        turn.action[WITHDRAW],
        scene.pair.experience.self_soothing,
    )
    felt = drawn(chance_of_feeling, scene.chance.u[6])
    reading = likelihood(brain.accuracy(offer.mentalising), distress)
    cue = likelihood(turn.cue_accuracy, offer.seen)
    return seeker.Moment(
        felt=likelihood(turn.interoception, felt),
        borrowed=brain.reading(reading, scene.pair.trust, offer.mentalising),
        cue=(offer.is_seen * cue + (1.0 - offer.is_seen) * 0.25) ** offer.contingency,
        contact=offer.contact,
        information=offer.information,
        evidence=offer.evidence,
        content=offer.content,
        plasticity=offer.plasticity,
        calm_learning=offer.calm_learning,
        relief=relief,
        named=offer.named,
        named_rightly=brain.named_rightly(
            offer.mentalising, summed(chance_of_feeling * distress, 0)
        ),
        misled=offer.misled,
        figure_mentalising=offer.mentalising,
        thought_about=offer.thought_about,
    )

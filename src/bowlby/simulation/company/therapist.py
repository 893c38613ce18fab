"""The therapist: protocols as propensities, acts that are perceived, and failures that arise.

A protocol is data: how readily each intervention is made when the client is felt to be calm or
distressed, distrusting or trusting, before and after a switch. The therapist does not see these
states; need and trust are read from what the client does (`theory/therapist_reading.py`). How
an act looks is `theory/perceived_stance.py`; how it is perceived is the client's posterior.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import column, softmax, summed, weighted
from bowlby.simulation.dyad import People
from bowlby.simulation.seeker import likelihood
from bowlby.simulation.tick import Figure, Offer, Pair, Scene, Ticked
from bowlby.theory import Theory
from bowlby.theory.perceived_stance import Shown
from bowlby.theory.relational_models import expected_stance
from bowlby.theory.vocabulary import ATTUNED, WITHDRAW


class Protocol(eqx.Module):
    """What a therapist is inclined to do.

    Attributes:
        early: Propensity of each intervention (calm or distressed, distrusting or trusting).
        late: The same after the switch.
        switch_session: Session from which `late` holds.
        forced: 1 where the protocol itself is the failure (cold, looming): nothing else
            happens.
        chooses: 1 for the active-inference therapist, who weighs each act's expected free
            energy.
        told: 1 where the therapist is told before each session how the client rates trust.
    """

    early: Float[Array, "act distressed trusting *dyads"]
    late: Float[Array, "act distressed trusting *dyads"]
    switch_session: Scalar
    forced: Scalar
    chooses: Scalar
    told: Scalar


class Treatment(NamedTuple):
    """What the therapist does in a session.

    Attributes:
        propensity: The protocol's propensities in this session.
        forced: As in `Protocol`.
        chooses: As in `Protocol`.
        old: The client's model of childhood, as a distribution over models.
        absence: How far there is an absence to be named (0 to 1).
    """

    propensity: Float[Array, "act distressed trusting *dyads"]
    forced: Scalar
    chooses: Scalar
    old: Float[Array, "k *dyads"]
    absence: Scalar


def treatment(
    protocol: Protocol, is_late: Scalar, old: Float[Array, "k *dyads"], absence: Scalar
) -> Treatment:
    """A session of a protocol, after its switch (1) or before it (0); as in `Treatment`."""
    propensity = is_late * protocol.late + (1.0 - is_late) * protocol.early
    return Treatment(propensity, protocol.forced, protocol.chooses, old, absence)


class Intention(NamedTuple):
    """What a therapist is about to do.

    Attributes:
        felt_need: Need as the therapist reads it (0 to 1).
        probability: Probability of each intervention.
    """

    felt_need: Float[Array, "*dyads"]
    probability: Float[Array, "act *dyads"]


def intention(scene: Scene) -> Intention:
    """What the therapist reads, and how readily each act would be made."""
    theory, setting, reading = scene.theory, scene.setting, scene.theory.therapist_reading
    is_read = scene.chance.u[1] < _accuracy(scene)
    guess = reading.guessed(scene.pair.figure_body.arousal)
    felt_need = jnp.where(is_read, scene.need, guess)
    inclined = _inclination(setting.propensity, felt_need, scene.pair.reading, theory)
    weighed = _weighing(felt_need, scene.pair.reading, theory)
    usual = (1.0 - setting.chooses) * inclined + setting.chooses * weighed
    return Intention(felt_need, _with_failures(usual / summed(usual, 0), scene))


def _accuracy(scene: Scene) -> Array:
    """How surely the client's need is read."""
    visible = weighted(scene.theory.caregiving.visibility, scene.turn.action)
    return scene.theory.therapist_reading.accuracy(visible, scene.mentalising)


def _inclination(propensity, felt_need, trust, theory: Theory) -> Array:
    """Propensities at the state the therapist reads."""
    distressed = theory.therapist_reading.distressed(felt_need)
    trusting = theory.therapist_reading.trusting(trust)
    by_need = (1.0 - distressed) * propensity[:, 0] + distressed * propensity[:, 1]
    return (1.0 - trusting) * by_need[:, 0] + trusting * by_need[:, 1]


def _weighing(felt_need, trust, theory: Theory) -> Array:
    """Choice of the active-inference therapist: softmin of expected free energy."""
    acts, choice = theory.interventions, theory.therapist_choice
    answers, pressure, information, content = (
        column(values, felt_need.ndim)
        for values in (acts.answers, acts.pressure, acts.information, acts.content)
    )
    G = choice.expected_free_energy(felt_need, trust, answers, pressure, information, content)
    return softmax(-choice.precision * G, axis=0)


def _with_failures(usual: Array, scene: Scene) -> Array:
    """Propensities with repair of a noticed rupture, and with the therapist's own failures."""
    theory, therapist, m = scene.theory, scene.people.figure, scene.mentalising
    free = 1.0 - scene.setting.forced
    alarm = theory.figure_arousal.alarm(scene.pair.figure_body.arousal)
    looms = free * theory.failures.looming(m, alarm, therapist.anxiety)
    leaves = free * theory.failures.dismissing(m, alarm, therapist.avoidance)
    noticed = scene.pair.course.noticed
    repairs = free * theory.rupture.repairs(noticed, therapist.repair, m)
    kept = theory.failures.left(looms, leaves)
    acts = theory.interventions
    added = {"repair": repairs * kept, "loom": looms, "dismiss": leaves}
    rows = usual * (1.0 - repairs) * kept
    return jnp.stack(
        [
            rows[i] + added[name] if name in added else rows[i]
            for i, name in enumerate(acts.names)
        ]
    )


def shown(made: Float[Array, "act *dyads"], scene: Scene) -> Array:
    """Likelihood of what an act shows under each stance, as it meets the client."""
    look = scene.theory.interventions.look(made)
    return scene.theory.perceived_stance.look(look, *_meets(made, scene))


def _meets(made: Array, scene: Scene) -> tuple[Array, Array, Array, Shown]:
    """What an act brings, and the client whom it meets."""
    acts, turn = scene.theory.interventions, scene.turn
    return (
        weighted(acts.answers, _about(made, scene)),
        weighted(acts.pressure, made),
        made[acts.index("repair")] * (1.0 - scene.pair.course.ruptured),
        Shown(
            scene.need,
            turn.action[WITHDRAW],
            turn.unthinkable,
            scene.people.seeker.reactance,
        ),
    )


def _about(made: Array, scene: Scene) -> Array:
    """An act as far as there is something for it to be about."""
    naming = scene.theory.interventions.index("name_ending")
    return made.at[naming].multiply(scene.setting.absence)


def _near(pair: Pair, people: People) -> Array:
    return people.world.theory.rupture.nearness(pair.course.ruptured)


def _mentalising(pair: Pair, people: People) -> Array:
    body = people.world.theory.figure_arousal
    return body.mentalising(
        people.figure.mentalising, pair.figure_body.arousal, body.window_in_session
    )


def _lends(pair: Pair, people: People, chosen: Array) -> Array:  # noqa: ARG001
    return _near(pair, people)


def _offer(scene: Scene) -> Offer:
    theory, acts, turn = scene.theory, scene.theory.interventions, scene.turn
    meant = intention(scene)
    own = drawn(meant.probability, scene.chance.u[2])
    made = jnp.where(summed(scene.cue, 0) > 0.5, scene.cue, own)
    session = theory.therapeutic_contact
    contact = weighted(session.proximity, turn.action) * _near(scene.pair, scene.people)
    contact = contact * weighted(acts.contact, made)
    seen = drawn(shown(made, scene), scene.chance.u[3])
    answers = column(acts.answers, scene.need.ndim)
    tells = theory.contingency.of(made, scene.pair.lately, answers)
    perceived = _perceived(scene, seen, tells)
    about = _about(made, scene)
    pressure, naming = weighted(acts.pressure, made), weighted(acts.naming, about)
    information = weighted(acts.information, about) * tells
    reached = _reached(scene, made, tells, perceived, contact)
    against = theory.interpretation.against * scene.pace.tick_s * reached
    trusted = theory.borrowed_brain.share * scene.pair.trust
    named = theory.sensory_precision.naming_in_session * naming * tells * contact * trusted
    spoken = jnp.maximum(naming, weighted(acts.content, made))
    return Offer(
        contact=contact,
        regulation=session.regulation(
            weighted(acts.soothing, made), perceived[ATTUNED], scene.mentalising
        ),
        kick=session.kick(
            weighted(theory.contact.kick, perceived),
            contact,
            pressure,
            scene.need * (1.0 - weighted(acts.answers, about)),
        ),
        event_chance=theory.events.in_room(pressure) * scene.pace.tick_s,
        recovery_s=theory.figure_arousal.recovery_in_session_s,
        seen=seen,
        is_seen=1.0,
        information=information,
        evidence=session.evidence * information,
        content=-against * scene.setting.old,
        plasticity=theory.sensitive_period.adult,
        thought_about=jnp.maximum(spoken, theory.sensitive_period.unnamed) * tells,
        contingency=tells,
        held=0.0,
        helps=0.0,
        calm_learning=theory.learning.calm_in_session,
        named=named,
        misled=made[acts.index("loom")],
        mentalising=scene.mentalising,
        stance=perceived,
        act=made,
        felt_need=meant.felt_need,
    )


def _reached(
    scene: Scene, made: Array, tells: Scalar, perceived: Array, contact: Array
) -> Array:
    """How far what is said of the old model reaches the client (0 to 1)."""
    interpretation, memory = scene.theory.interpretation, scene.pair.experience.memory
    reached = interpretation.content(
        weighted(scene.theory.interventions.content, made) * tells,
        scene.theory.hope.level(scene.pair.bond.hope),
        perceived[ATTUNED],
        scene.turn.mentalising,
        scene.mentalising,
        contact,
    )
    expected = expected_stance(memory.counts)[ATTUNED].mean(0)
    return reached * interpretation.promised(
        scene.setting.old, summed(scene.pair.belief, 0), expected
    )


def _perceived(scene: Scene, seen: Array, tells: Scalar) -> Array:
    """How the client takes what is seen, before it is felt: p(u | cue) under its model."""
    expected = summed(scene.turn.stance * summed(scene.pair.belief, 0), 1)
    perceived = expected * likelihood(scene.turn.cue_accuracy, seen) ** tells
    return perceived / summed(perceived, 0)


def _after(ticked: Ticked, scene: Scene) -> Ticked:
    """What a session adds: interpretation, ruptures, the therapist's reading."""
    theory, pair, old = scene.theory, ticked.after, scene.setting.old
    dt_s, models = float(scene.pace.tick_s), theory.relational_models
    offer, interpretation = ticked.offer, theory.interpretation
    reached = _reached(scene, offer.act, offer.contingency, offer.stance, offer.contact)
    memory = interpretation.memory_after(
        pair.experience.memory, old, reached, column(models.base_counts, 3), dt_s=dt_s
    )
    insight = interpretation.insight_after(pair.experience.insight, reached, dt_s=dt_s)
    experience = eqx.tree_at(
        lambda e: (e.memory, e.insight), pair.experience, (memory, insight)
    )
    distressed = summed(theory.distress.category(pair.body.arousal)[2:], 0)
    reading = theory.therapist_reading.step(
        pair.reading, scene.turn.action, distressed, scene.mentalising, dt_s=dt_s
    )
    heard = ticked.percept.heard
    owns = offer.act[theory.interventions.index("repair")]
    notices = 1.0 * (scene.chance.u[7] < theory.rupture.notices(_accuracy(scene)))
    course, turned = theory.rupture.step(
        scene.pair.course, heard[ATTUNED], owns, notices, dt_s=dt_s
    )
    bond = theory.rupture.kept(pair.bond, turned.repaired, turned.left_open)
    after = eqx.tree_at(
        lambda p: (p.experience, p.course, p.reading, p.bond),
        pair,
        (experience, course, reading, bond),
    )
    understood = 1.0 - jnp.abs(offer.felt_need - scene.need)
    return ticked._replace(
        after=after,
        stance=heard,
        began=turned.began,
        repaired=turned.repaired,
        understood=understood,
        fit=theory.perceived_stance.fit(*_meets(offer.act, scene)),
    )


THERAPIST = Figure("therapist", _mentalising, _lends, _offer, _after)
"""Its cue is an intervention chosen by a person, one-hot, or zeros to follow the protocol."""

"""A theory of one's own, checked against one abstract tick of each kind before it runs."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.simulation import adult_life, childhood, companions, sessions
from bowlby.simulation.child_encounters import between_encounters
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.company.therapist import THERAPIST, treatment
from bowlby.simulation.dyad import ContactTable, Pace, People, World, new_body
from bowlby.simulation.encounter import block
from bowlby.simulation.instruments import learning_task
from bowlby.simulation.observables import Sums, zero_sums
from bowlby.simulation.population import figures, filled, protocols
from bowlby.simulation.tick import Figure, Pair
from bowlby.theory import Theory
from bowlby.theory.checking import Call, check_laws, check_numbers, recording, replaced_laws
from bowlby.theory.constitution import STANDING
from bowlby.theory.people import CareSeeker, RelationalMind

_DYADS = 3
_PACE = Pace()


def check_own_laws(theory: Theory) -> None:
    """Every law that a theory replaces can be called as the engine calls it.

    Raises:
        TheoryError: If one fails, gives another shape, or no finite number where the built-in
            law gives one; if a name would be passed over, or a number lies outside its range.
    """
    laws = replaced_laws(theory)
    check_numbers(theory)
    if laws:
        check_laws(theory, recorded_calls(laws))


def recorded_calls(laws: dict[str, list[str]]) -> list[Call]:
    """How the engine calls these laws: nothing is computed, one life is only traced."""
    calls: list[Call] = []
    built_in = Theory()
    spies = {
        name: recording(getattr(built_in, name), name, of_it, calls)
        for name, of_it in laws.items()
    }
    eqx.filter_eval_shape(_a_life, replace(built_in, **spies).as_data())
    return calls


def _a_life(theory: Theory) -> Pair:
    """A tick at home and one in a session, and what lies between them."""
    keys = jax.random.split(jax.random.key(0), _DYADS)
    one, seeker = jnp.ones(_DYADS), filled(CareSeeker(RelationalMind()), _DYADS)
    even = jnp.full((4, 4, 4, 4, 1), 0.25)
    world = World(theory, ContactTable(even, even), ContactTable(even, even))
    people = People(seeker, figures(_DYADS, {}), world)
    newborn = childhood._newborn(seeker, world)
    learning = theory.sensitive_period.childhood(1.0)
    theory.sensitive_period.youth(10.0)
    theory.growing_up.shares(10.0)
    theory.years_between.grown(newborn.experience, newborn.experience)
    room = at_home(1.0, learning, helps=theory.stress_axis.helps_at(1.0))
    pair, home = _tick(newborn, CAREGIVER, people, room, jnp.zeros(1), keys)
    client = childhood._grown(between_encounters(pair, world), seeker, world)
    body = new_body(theory, _DYADS)
    partner = companions.Companion(
        figures(_DYADS, theory.partners.traits(jnp.zeros((3, _DYADS)))),
        client.life_model, client.life_bond, theory.partnership.absence(one),
    )  # fmt: skip
    life = adult_life._open_life(
        client, partner, body, seeker, world, theory.transference.strain(2.0) * one
    )
    client, _ = adult_life._close_life(client, life, home, world, seeker, keys, jnp.asarray(0))
    loss = theory.endings.loss_after_break(one)
    pair = sessions._open_session(client, body, seeker, world, loss)
    plan = treatment(protocols(_DYADS, "supportive", None, 1, theory), one, client.old, one)
    cues = jnp.zeros((1, len(theory.interventions.names), 1))
    pair = adult_life._told(pair, one, world)
    pair, sums = _tick(pair, THERAPIST, people, plan, cues, keys)
    session = sessions._close_session(
        client, pair, sums, home, one, keys, one, world, seeker, jnp.asarray(0), one
    )
    adult_life.pass_week(session.client, world, home, session)
    sessions.end_therapy(session.client, world, one, one)
    _between_lives(theory, one)
    player = learning_task.Player(client.experience, client.body, seeker, world)
    learning_task._play(player, keys, jnp.asarray(0), jnp.ones((1, _DYADS)), jnp.asarray(0.0))
    return pair


def _tick(pair: Pair, figure: Figure, people: People, setting, cues, keys) -> tuple[Pair, Sums]:
    sums = zero_sums(_DYADS, people.world.theory)
    pair, sums, _ = block(
        pair, sums, keys, jnp.asarray(0), cues, people, setting, figure=figure, pace=_PACE,
        keeps_ticks=False,
    )  # fmt: skip
    return pair, sums


def _between_lives(theory: Theory, one: jax.Array) -> None:
    """Laws that the engine calls outside of encounters."""
    z = jnp.zeros((3, _DYADS))
    theory.sensitive_period.plasticity(adult_life.ADULT_YEARS)
    theory.endings.loss_at_ending(one)
    theory.endings.is_about(one)
    theory.life_load.loads(jnp.zeros((3, _DYADS)))
    theory.life_load.continued(one, one)
    standing = jnp.zeros((len(STANDING), _DYADS))
    theory.constitution.inherited(standing, standing)
    theory.constitution.of_siblings(standing, standing)
    theory.constitution.trait("window", one, standing)
    theory.evoked_care.contingency(one, one)
    theory.caregiver_load.under(figures(_DYADS, {}), one)
    theory.illness.weighs(one)
    theory.crises.weighs(one)
    theory.rating.rated(one, one)
    theory.partners.traits(z, 0.0)
    theory.therapists.traits(jnp.zeros((6, _DYADS)))
    theory.transmission.traits(one, one, one, one, z)

"""Sessions of a therapy: how one opens, what it leaves, who stays, and the ending."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array
from bowlby.simulation.dyad import Body, World, new_body
from bowlby.simulation.health import uniforms
from bowlby.simulation.lives import Client, Dyads, strong
from bowlby.simulation.observables import Ended, Sums, mean_felt, variables
from bowlby.simulation.opening import opened
from bowlby.simulation.tick import Pair
from bowlby.theory import Theory
from bowlby.theory.people import CareSeeker
from bowlby.theory.relational_models import expected_stance
from bowlby.theory.vocabulary import DISMISSIVE


class Session(NamedTuple):
    """What came of a session.

    Attributes:
        client: The client after it.
        row: Its variables.
        named: How far a coming absence was spoken of and heard (0 to 1).
    """

    client: Client
    row: dict[str, Array]
    named: Array


def open_session(client: Client, dyads: Dyads, loss: float | Array) -> Pair:
    """Client and therapist at the start of a session.

    Args:
        client: The grown people.
        dyads: Who takes part.
        loss: Pull back to the old model by an absence of the therapist (0 to 1).
    """
    n = len(dyads.keys)
    figure_body = strong(new_body(dyads.world.theory, n))
    drive = jnp.broadcast_to(jnp.asarray(loss, jnp.float32), (n,))
    return _open_session(client, figure_body, dyads.seeker, dyads.world, drive)


@eqx.filter_jit
def _open_session(
    client: Client, figure_body: Body, seeker: CareSeeker, world: World, drive: Array
) -> Pair:
    met = client.therapy_model, client.therapy_bond
    openness = world.theory.expectation.openness(expected_help(client, seeker, world.theory))
    return opened(client, *met, figure_body, seeker, world, drive, 0.0, openness)


def expected_help(client: Client, seeker: CareSeeker, theory: Theory) -> Array:
    """What the client expects of help by now (0 to 1)."""
    return theory.expectation.level(seeker.expectation, client.helped, client.attended)


def close_session(
    client: Client,
    pair: Pair,
    sums: Sums,
    life: Sums,
    happens: Array,
    dyads: Dyads,
    number: Array,
    *,
    load: Array | float = 1.0,
) -> Session:
    """The client after a session, for those for whom it took place, and its variables.

    Args:
        client: The client before the session.
        pair: The two at its end.
        sums: Sums over the session.
        life: Sums over the week before it.
        happens: 1 where the session took place.
        dyads: Who takes part.
        number: Random stream in which some decide to leave.
        load: What life brought in that week, relative to an ordinary one.
    """
    return _close_session(
        client, pair, sums, life, happens, dyads.keys, dyads.may_leave, dyads.world,
        dyads.seeker, number, jnp.asarray(load, jnp.float32),
    )  # fmt: skip


@eqx.filter_jit
def _close_session(
    client, pair, sums, life, happens, keys, may_leave, world, seeker, number, load
):
    theory, belief = world.theory, pair.belief.sum(0)
    before, _ = theory.bond.trust_and_safety(
        client.therapy_bond, client.therapy_model, client.experience.memory.counts
    )
    better = theory.expectation.better(client.illness.felt.distress, mean_felt(life))
    between = theory.between_encounters
    memory = between.credited(pair.experience.memory, belief, between.session_credit)
    experience = eqx.tree_at(lambda e: e.memory, pair.experience, memory)
    bond = theory.rupture.kept(pair.bond, jnp.zeros_like(happens), pair.course.ruptured)
    _, safety = theory.bond.trust_and_safety(bond, belief, memory.counts)
    after = client._replace(
        experience=experience,
        body=pair.body,
        therapy_model=belief,
        reading=pair.reading,
        therapy_bond=bond,
        held=theory.social_baseline.held(safety),
        attended=client.attended + 1.0,
        helped=client.helped + better,
    )
    client = jax.tree.map(lambda new, old: happens * new + (1.0 - happens) * old, after, client)
    expects = expected_help(client, seeker, theory)
    mistrust = theory.leaving.mistrust(
        sums["trust"] / sums["ticks"],
        expects,
        sums["arousal"] / sums["ticks"],
        life["arousal"] / life["ticks"],
    )
    left = 1.0 - (1.0 - mistrust) * (1.0 - theory.leaving.by_life(load))
    enough = left + (1.0 - left) * theory.leaving.enough(mean_felt(life), client.attended)
    chance, asked = uniforms(keys, number)[0], happens * may_leave
    leaves = (chance < left) * asked
    ends = (chance >= left) * (chance < enough) * asked
    client = client._replace(stays=client.stays * (1.0 - leaves) * (1.0 - ends))
    row = variables("session", Ended(sums, pair))
    row |= {"expects": expects, "trust_before": before}
    row = {name: jnp.where(happens > 0.5, value, jnp.nan) for name, value in row.items()}
    naming = sums["act_perceived"][theory.interventions.index("name_ending")]
    named = happens * theory.endings.worked_through(naming)
    ended = {"present": happens, "left": leaves, "enough": ends}
    return Session(client, row | ended, named)


@eqx.filter_jit
def end_therapy(client: Client, world: World, worked_through: Array, happens: Array) -> Client:
    """The client after the ending: what was not worked through confirms the old model.

    Args:
        client: After the last session.
        world: The theory that holds.
        worked_through: How far the ending was spoken of and heard (0 to 1).
        happens: 1 where there was a therapy.
    """
    endings, experience = world.theory.endings, client.experience
    expected = expected_stance(experience.memory.counts)[DISMISSIVE].mean(0)
    new = client.therapy_model * (1.0 - client.old)
    left = endings.left(expected, client.old, new, worked_through) * happens
    counts = experience.memory.counts.at[DISMISSIVE].add(endings.leaving * left * new)
    return client._replace(
        experience=eqx.tree_at(
            lambda e: (e.memory.counts, e.insight),
            experience,
            (counts, experience.insight * (1.0 - left)),
        ),
        held=client.held * (1.0 - happens * (1.0 - worked_through)),
    )

"""The course of many lives at once: who takes part, when what happens, and what is carried on.

A course is a sequence of encounters with life between them: `childhood`, then `adult_life`. The
loop over encounters is in Python, over ticks and dyads in compiled blocks; nothing depends on
how many dyads run together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, PRNGKeyArray
from bowlby.simulation.bodies import ContactTable
from bowlby.simulation.dyad import MODELS, Body, Experience, Figure, Seeker, Switches
from bowlby.simulation.encounter import (
    BLOCK,
    Pair,
    People,
    Setting,
    Totals,
    Trace,
    care_block,
    no_totals,
)
from bowlby.simulation.therapy import Protocol

Rows = dict[str, np.ndarray]
Progress = Callable[[], None]


@dataclass(frozen=True)
class Schedule:
    """When what happens.

    Attributes:
        childhood_encounters: Encounters with the caregiver, spread over four years.
        childhood_ticks: Ticks of each (a multiple of 50).
        placed_after: Encounters with an earlier caregiver, before the child comes to the one it
            grows up with; 0 for none.
        assessed_after: Encounters before a first Strange Situation; 0 for only one, at the end.
        waiting_weeks: Weeks of adult life before the first session.
        sessions: Weekly sessions.
        session_ticks: Ticks of each (a multiple of 50; 300 is fifty minutes).
        life_ticks: Ticks of life between sessions (a multiple of 50).
        follow_up_weeks: Weeks after the last session.
        stress: Week (from the first session) to the stress of that week (1 is ordinary).
        breaks: Sessions that do not take place.
        announced: Whether breaks and the ending are announced.
        falters: Whether the last third of the therapy falters.
        depth: Actions looked ahead (1 to 3).
    """

    childhood_encounters: int = 10
    childhood_ticks: int = 300
    placed_after: int = 0
    assessed_after: int = 0
    waiting_weeks: int = 12
    sessions: int = 30
    session_ticks: int = 300
    life_ticks: int = 100
    follow_up_weeks: int = 10
    stress: Mapping[int, float] = None  # pyright: ignore[reportAssignmentType]
    breaks: tuple[int, ...] = ()
    announced: bool = True
    falters: bool = False
    depth: int = 2


class Dyads(NamedTuple):
    """Everybody who takes part, one entry per dyad.

    Attributes:
        keys: One random key each.
        seeker: The child, later client.
        caregiver: Figure of childhood.
        partner: Figure of adult life.
        therapist: The therapist.
        protocol: What the therapist does.
        treated: 1 with sessions, 0 on the waiting list.
        may_leave: 1 if the client can leave.
        switches: Mechanisms in force.
        earlier: Figures of the first encounters of a child that is placed later, one for each.
        changed: The caregiver as it is after the first of two assessments.
    """

    keys: PRNGKeyArray
    seeker: Seeker
    caregiver: Figure
    partner: Figure
    therapist: Figure
    protocol: Protocol
    treated: Float[Array, "*dyads"]
    may_leave: Float[Array, "*dyads"]
    switches: Switches
    earlier: tuple[Figure, ...] = ()
    changed: Figure | None = None


class Client(NamedTuple):
    """A grown person between encounters.

    Attributes:
        experience: What was learnt.
        body: Own body.
        old: Model of childhood, as a distribution over models.
        life_model: Belief about the partner.
        therapy_model: Belief about the therapist.
        reading: Trust as the therapist reads it.
        stays: 1 until the client leaves.
    """

    experience: Experience
    body: Body
    old: Float[Array, "k *dyads"]
    life_model: Float[Array, "k *dyads"]
    therapy_model: Float[Array, "k *dyads"]
    reading: Float[Array, "*dyads"]
    stays: Float[Array, "*dyads"]


class Assessment(NamedTuple):
    """What the coders of a Strange Situation see.

    Attributes:
        reunion: Sums over its reunions.
        home: Sums over the last encounters at home before it.
    """

    reunion: Totals
    home: Totals


class Childhood(NamedTuple):
    """What a childhood left.

    Attributes:
        client: The grown person.
        assessed: The Strange Situation at the end.
        first_assessed: An earlier one.
        rows: Encounter variables (encounter, ..., dyads).
        ticks: Kept ticks, per encounter.
    """

    client: Client
    assessed: Assessment
    first_assessed: Assessment | None
    rows: list[Rows]
    ticks: list[Rows]


class Therapy(NamedTuple):
    """What came of a therapy.

    Attributes:
        client: The person at the end.
        rows: Encounter variables.
        ticks: Kept ticks, per encounter.
    """

    client: Client
    rows: list[Rows]
    ticks: list[Rows]


def effective(dyads: Dyads) -> Dyads:
    """The dyads with the switches that act on parameters applied."""
    on, mind = dyads.switches, dyads.seeker.mind
    mind = eqx.tree_at(
        lambda m: (m.epistemic, m.openness, m.hazard, m.return_hazard),
        mind,
        (
            mind.epistemic * on.epistemic,
            mind.openness * on.several_models,
            mind.hazard * on.several_models,
            mind.return_hazard * on.return_to_old,
        ),
    )
    return dyads._replace(seeker=eqx.tree_at(lambda s: s.mind, dyads.seeker, mind))


def care_encounter(
    pair: Pair,
    keys: PRNGKeyArray,
    number: int,
    blocks: int,
    people: People,
    table: ContactTable,
    setting: Setting,
    *,
    depth: int,
    keeps_ticks: bool = False,
) -> tuple[Pair, Totals, Rows, int]:
    """An encounter with a caregiver or partner.

    Args:
        pair: The two at the start.
        keys: One key per dyad.
        number: First block of each dyad's random stream.
        blocks: Blocks in the encounter.
        people: Who meets.
        table: What contact does to distress.
        setting: Stress and learning.
        depth: Actions looked ahead.
        keeps_ticks: Whether to return the ticks.

    Returns:
        The pair at the end, sums, kept ticks and the number of the next block.
    """
    totals, kept = no_totals(pair.trust.shape[0], MODELS), []
    for _ in range(blocks):
        pair, totals, trace = care_block(
            pair, totals, keys, jnp.asarray(number), jnp.zeros(BLOCK), people, table, setting,
            depth=depth, keeps_ticks=keeps_ticks,
        )  # fmt: skip
        kept.append(trace)
        number += 1
    return pair, totals, joined_ticks(kept), number


def joined_ticks(kept: list[Trace | None]) -> Rows:
    """Ticks of several blocks as arrays (tick, ...); empty where none were kept."""
    if not kept or kept[0] is None:
        return {}
    there = [trace for trace in kept if trace is not None]
    return {name: np.concatenate([np.asarray(t[name]) for t in there]) for name in there[0]}


def setting_of(stress: float, learning: float, *, separation: float = 1.0) -> Setting:
    """What an encounter is like."""
    return Setting(*(jnp.asarray(v, jnp.float32) for v in (stress, learning, separation)))


def strong(tree):
    """The same numbers with strong types, so that the first block compiles once."""
    return jax.tree.map(lambda leaf: jnp.array(leaf, jnp.float32), tree)


@eqx.filter_jit
def added(totals: Totals, more: Totals) -> Totals:
    """Sums over two stretches of ticks."""
    return jax.tree.map(jnp.add, totals, more)


def rested(body: Body) -> Body:
    """A body that comes into an encounter with what is left of the day's arousal."""
    arousal = 0.5 * body.arousal
    past = jnp.broadcast_to(arousal, body.past.shape)
    return Body(arousal, past, 0.3 * body.oxytocin, body.stress)

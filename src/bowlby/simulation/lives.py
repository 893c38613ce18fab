"""Lives: who takes part, when what happens, and what is carried on.

A course is a sequence of encounters with life between them: `childhood`, then `adult_life`. The
loop over encounters is in Python, over ticks and dyads in compiled blocks; nothing depends on
how many dyads run together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, PRNGKeyArray
from bowlby.simulation.company.therapist import Protocol
from bowlby.simulation.dyad import Body, Experience, Pace, World
from bowlby.simulation.encounter import BLOCK
from bowlby.simulation.measuring import Observer
from bowlby.simulation.observables import Sums
from bowlby.theory.bond import Relationship
from bowlby.theory.illness import IllnessState
from bowlby.theory.partnership import Company
from bowlby.theory.people import AttachmentFigure, CareSeeker

Rows = dict[str, np.ndarray]
Progress = Callable[[], None]

TICKS_OF_S = 10
"""Unit of the lengths of encounters (s)."""


def until_first(last_before: Iterable[int], session: int) -> int:
    """Sessions after this one until the first of those that an absence follows."""
    return min(last - session for last in last_before if last >= session)


@dataclass(frozen=True)
class Schedule:
    """When what happens; lengths are in units of ten seconds, whatever the tick.

    Attributes:
        childhood_encounters: Encounters with the caregiver, spread over four years.
        childhood_ticks: Length of each (a multiple of 50).
        placed_after: Encounters with an earlier caregiver, before the child comes to the one it
            grows up with; 0 for none.
        second_share: Share of the encounters that are with a second caregiver.
        assessed_after: Encounters before a first Strange Situation; 0 for only one, at the end.
        youth_encounters: Encounters from four to eighteen; 0 where the years between are an
            average.
        waiting_weeks: Weeks of adult life before the first session.
        sessions: Weekly sessions.
        session_ticks: Length of each (a multiple of 50; 300 is fifty minutes).
        life_ticks: Length of the time lived between sessions (a multiple of 50).
        follow_up_weeks: Weeks after the last session.
        stress: Week (from the first session) to the stress of that week (1 is ordinary).
        breaks: Sessions that do not take place.
        announced: Whether breaks and the ending are announced.
        falters: Whether the last third of the therapy falters.
        pace: Length of a tick, actions looked ahead.
    """

    childhood_encounters: int = 10
    childhood_ticks: int = 300
    placed_after: int = 0
    second_share: float = 0.0
    assessed_after: int = 0
    youth_encounters: int = 0
    waiting_weeks: int = 12
    sessions: int = 30
    session_ticks: int = 300
    life_ticks: int = 100
    follow_up_weeks: int = 10
    stress: Mapping[int, float] = None  # pyright: ignore[reportAssignmentType]
    breaks: tuple[int, ...] = ()
    announced: bool = True
    falters: bool = False
    pace: Pace = Pace()

    @property
    def weeks(self) -> range:
        """Weeks of adult life; 0 is that of the first session."""
        return range(-self.waiting_weeks, self.sessions + self.follow_up_weeks)

    def until_absence(self, session: int) -> int:
        """Sessions after this one (from 1) until the last before a break or the ending."""
        return until_first((*(missed - 1 for missed in self.breaks), self.sessions), session)

    def with_second(self, count: int) -> bool:
        """Whether an encounter of childhood is with the second caregiver: evenly spread."""
        return int((count + 1) * self.second_share) > int(count * self.second_share)

    def blocks(self, length: int) -> int:
        """Blocks of an encounter of such length."""
        return length * TICKS_OF_S // self.pace.tick_s // BLOCK


class Dyads(NamedTuple):
    """Everybody who takes part, one entry per dyad.

    Attributes:
        keys: One random key each.
        seeker: The child, later client.
        caregiver: Figure of childhood.
        partner: First partner of adult life.
        partner_quality: How good later ones are (standard deviations).
        friend: Friend or kin of adult life.
        therapist: The therapist.
        protocol: What the therapist does.
        treated: 1 with sessions, 0 on the waiting list.
        may_leave: 1 if the client can leave.
        world: The theory that holds, and what contact does to distress in it.
        standing: Constitution: standing among others, a row a trait.
        observer: Who scores them.
        earlier: Figures of the first encounters of a child that is placed later, one for each.
        changed: The caregiver as it is after the first of two assessments.
        other_caregiver: Who stands for the other people of the years between; None where
            a childhood stays what it was, or those years are lived.
        load: What life brings in each week of adult life, relative to an ordinary week; empty
            for ordinary weeks.
        family_load: What life brings the family in each encounter of childhood.
        second: A second caregiver at home, with a relationship of its own.
        teachers: Who teaches, one after the other.
        young_friend: Friend of school and adolescence.
    """

    keys: PRNGKeyArray
    seeker: CareSeeker
    caregiver: AttachmentFigure
    partner: AttachmentFigure
    partner_quality: Float[Array, "*dyads"]
    friend: AttachmentFigure
    therapist: AttachmentFigure
    protocol: Protocol
    treated: Float[Array, "*dyads"]
    may_leave: Float[Array, "*dyads"]
    world: World
    standing: Float[Array, "trait *dyads"]
    observer: Observer
    earlier: tuple[AttachmentFigure, ...] = ()
    changed: AttachmentFigure | None = None
    other_caregiver: AttachmentFigure | None = None
    load: Float[np.ndarray, "week *dyads"] | None = None
    family_load: Float[Array, "encounter *dyads"] | None = None
    second: AttachmentFigure | None = None
    teachers: tuple[AttachmentFigure, ...] = ()
    young_friend: AttachmentFigure | None = None


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
        life_bond: What the partner has shown.
        therapy_bond: What the therapist has shown.
        held: Safety with the therapist that is kept in mind (0 to 1).
        illness: Where the person is in the course of an illness.
        crisis: What crises add to the load of life, relative to an ordinary week.
        company: Who is there besides the first partner.
        weeks: Weeks of adult life so far.
        attended: Sessions attended so far.
        helped: Of these, those after weeks that were better than those before.
    """

    experience: Experience
    body: Body
    old: Float[Array, "k *dyads"]
    life_model: Float[Array, "k *dyads"]
    therapy_model: Float[Array, "k *dyads"]
    reading: Float[Array, "*dyads"]
    stays: Float[Array, "*dyads"]
    life_bond: Relationship
    therapy_bond: Relationship
    held: Float[Array, "*dyads"]
    illness: IllnessState
    crisis: Float[Array, "*dyads"]
    company: Company
    weeks: Float[Array, "*dyads"]
    attended: Float[Array, "*dyads"]
    helped: Float[Array, "*dyads"]


class Assessment(NamedTuple):
    """What the coders of a Strange Situation see.

    Attributes:
        reunion: Sums over its reunions.
        home: Sums over the last encounters at home before it.
    """

    reunion: Sums
    home: Sums


class Childhood(NamedTuple):
    """What a childhood left.

    Attributes:
        child: The child at its end: at four, or at eighteen where youth is lived.
        bond: What the caregiver has shown the child by then.
        client: The child grown up.
        assessed: The Strange Situation at the end.
        first_assessed: An earlier one.
        second_assessed: That with a second caregiver.
        rows: Encounter variables (encounter, ..., dyads).
        ticks: Kept ticks, per encounter.
    """

    child: Client
    bond: Relationship
    client: Client
    assessed: Assessment
    first_assessed: Assessment | None
    second_assessed: Assessment | None
    rows: list[Rows]
    ticks: list[Rows]


class Therapy(NamedTuple):
    """What came of a therapy.

    Attributes:
        client: The person at the end.
        rows: Encounter variables.
        ticks: Kept ticks, per encounter.
        named: How far a coming absence was spoken of and heard (0 to 1).
    """

    client: Client
    rows: list[Rows]
    ticks: list[Rows]
    named: Array


def strong(tree):
    """The same numbers with strong types, so that the first block compiles once."""
    return jax.tree.map(_strong, tree)


def _strong(leaf):
    is_strong = getattr(leaf, "weak_type", True) is False and leaf.dtype == jnp.float32
    return leaf if is_strong else jnp.array(leaf, jnp.float32)


@eqx.filter_jit
def summed_up(sums: Sums, more: Sums) -> Sums:
    """Sums over two stretches of ticks."""
    return jax.tree.map(jnp.add, sums, more)

"""Populations: who takes part, drawn with one key per dyad from the theory's distributions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.protocols import FORCED, PROTOCOLS, Propensities, propensity_table
from bowlby.maths._arrays import Array, Float, PRNGKeyArray
from bowlby.simulation.company.therapist import Protocol
from bowlby.theory import Theory
from bowlby.theory.constitution import STANDING, TRAITS
from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
from bowlby.theory.populations import CaregiverPopulation

CAREGIVER_STREAM, SEEKER_STREAM, PARTNER_STREAM, THERAPIST_STREAM, READOUT_STREAM = range(
    2**30, 2**30 + 5
)
LATER_STREAM, OTHER_STREAM, LOAD_STREAM = 2**30 + 10, 2**30 + 11, 2**30 + 12
PARENT_STREAM, FAMILY_STREAM, BODY_STREAM = 2**30 + 13, 2**30 + 14, 2**30 + 16
FRIEND_STREAM, SIBLING_STREAM, STYLE_STREAM = 2**30 + 17, 2**30 + 18, 2**30 + 19


def dyad_keys(seed: int, dyads: np.ndarray) -> PRNGKeyArray:
    """One key per dyad number, whoever else is simulated."""
    key = jax.random.key(seed)
    return jax.vmap(lambda dyad: jax.random.fold_in(key, dyad))(jnp.asarray(dyads))


def normals(keys: PRNGKeyArray, stream: int, count: int) -> np.ndarray:
    """Standard normal numbers (count, dyads) of a named stream."""
    draw = jax.vmap(lambda key: jax.random.normal(jax.random.fold_in(key, stream), (count,)))
    return np.asarray(draw(keys)).T


class Mates(NamedTuple):
    """What people who find each other have in common from before.

    Attributes:
        keys: One per person, that of its household.
        share: Correlation between people of one household (0 to 1).
    """

    keys: PRNGKeyArray
    share: float


def _alike(keys: PRNGKeyArray, stream: int, count: int, mates: Mates | None) -> np.ndarray:
    """Standard normal numbers of a named stream, alike in people of one household."""
    own = normals(keys, stream, count)
    if mates is None:
        return own
    common = normals(mates.keys, stream, count)
    return mates.share**0.5 * common + (1.0 - mates.share) ** 0.5 * own


def caregivers(
    keys: PRNGKeyArray,
    population: CaregiverPopulation,
    *,
    stability: float = 1.0,
    mates: Mates | None = None,
) -> dict[str, Array]:
    """Traits of one caregiver per dyad.

    Args:
        keys: One per dyad.
        population: What they are drawn from.
        stability: Correlation of each channel with what it is at stability 1: the same
            caregivers later, their distribution unchanged.
        mates: Who was cared for alike.
    """
    drawn = stability * _alike(keys, CAREGIVER_STREAM, 3, mates)
    if stability < 1.0:
        drawn = drawn + (1.0 - stability**2) ** 0.5 * normals(keys, LATER_STREAM, 3)
    return population.traits(jnp.asarray(drawn))


def other_caregivers(keys: PRNGKeyArray) -> dict[str, Array]:
    """Traits of an ordinary caregiver per dyad, for the other people of the years between."""
    return CaregiverPopulation().traits(jnp.asarray(normals(keys, OTHER_STREAM, 3)))


def parents(keys: PRNGKeyArray, mates: Mates | None = None) -> Float[Array, "trait *dyads"]:
    """Constitution of parents nobody has met: a row a trait, by the key of each family."""
    return jnp.asarray(_alike(keys, PARENT_STREAM, len(STANDING), mates))


def standing(
    keys: PRNGKeyArray,
    theory: Theory,
    parent: Array,
    shifts: Mapping[str, float] = MappingProxyType({}),
    family: PRNGKeyArray | None = None,
    mates: Mates | None = None,
) -> Float[Array, "trait *dyads"]:
    """Constitution of care-seekers: their standing among others, a row a trait.

    Args:
        keys: One per dyad.
        theory: How much is inherited.
        parent: Standing of their parents.
        shifts: How far those whom a study takes are from the population's mean, by trait.
        family: One key per dyad, that of its family, where there are siblings.
        mates: Who is alike.
    """
    own = jnp.asarray(_alike(keys, SEEKER_STREAM, len(STANDING), mates))
    if family is not None:
        shared = jnp.asarray(normals(family, SIBLING_STREAM, len(STANDING)))
        own = theory.constitution.of_siblings(shared, own)
    drawn = theory.constitution.inherited(parent, own)
    for trait, shift in shifts.items():
        drawn = drawn.at[STANDING.index(trait)].add(shift)
    return drawn


def bodies(keys: PRNGKeyArray, theory: Theory) -> dict[str, Array]:
    """Bodies of figures, one per dyad, which differ as those of care-seekers do."""
    drawn = jnp.asarray(normals(keys, BODY_STREAM, len(STANDING)))
    return {"stress_response": theory.constitution.trait("stress_response", 1.0, drawn)}


def family_loads(
    keys: PRNGKeyArray, theory: Theory, encounters: int, shift: float = 0.0
) -> Array:
    """What life brings a family in each encounter of childhood, relative to an ordinary one.

    Args:
        keys: One per dyad, that of its family.
        theory: How lives differ.
        encounters: How many there are.
        shift: How much more it is for those whom a study takes (SD between people).
    """
    drawn = jnp.asarray(normals(keys, FAMILY_STREAM, 1 + encounters))
    return theory.life_load.loads(drawn.at[0].add(shift))


def loads(
    keys: PRNGKeyArray, family: PRNGKeyArray, theory: Theory, weeks: int, shift: float = 0.0
) -> np.ndarray | None:
    """What life brings in each week, relative to an ordinary one (week, dyad).

    Args:
        keys: One per dyad.
        family: One per dyad, that of the family they come from.
        theory: How lives differ.
        weeks: How many there are.
        shift: How much more it is for those whom a study takes (SD between people).
    """
    if weeks == 0:
        return None
    own = normals(keys, LOAD_STREAM, 1 + weeks)
    person = theory.life_load.continued(normals(family, FAMILY_STREAM, 1)[0], own[0]) + shift
    drawn = jnp.concatenate([jnp.asarray(person)[None], jnp.asarray(own[1:])])
    return np.asarray(theory.life_load.loads(drawn))


def shifts(keys: PRNGKeyArray, count: int) -> list[PRNGKeyArray]:
    """Keys of the caregivers on shift, one set for each encounter."""
    return [
        jax.vmap(lambda k, i=i: jax.random.fold_in(k, 2**28 + i))(keys) for i in range(count)
    ]


def friends(keys: PRNGKeyArray, theory: Theory) -> dict[str, Array]:
    """Traits of one friend per dyad; friends differ as partners do."""
    return theory.partners.traits(jnp.asarray(normals(keys, FRIEND_STREAM, 3)))


def partners(keys: PRNGKeyArray, theory: Theory, quality: float = 0.0) -> dict[str, Array]:
    """Traits of one partner in life per dyad.

    Args:
        keys: One per dyad.
        theory: How partners differ.
        quality: By how much all are better than that (standard deviations).
    """
    return theory.partners.traits(jnp.asarray(normals(keys, PARTNER_STREAM, 3)), quality)


def therapist_population(
    seed: int,
    therapist: np.ndarray,
    theory: Theory,
    *,
    skill_sd: float = 1.0,
    training: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, Array]:
    """Traits of the numbered therapist of each dyad, of such a spread of skill and training."""
    drawn = normals(dyad_keys(seed, therapist), THERAPIST_STREAM, 7)
    return theory.therapists.traits(jnp.asarray(drawn).at[:5].multiply(skill_sd), training)


def in_own_way(
    protocol: Protocol, seed: int, therapist: np.ndarray, theory: Theory
) -> Protocol:
    """A protocol as the numbered therapist of each dyad carries it out."""
    drawn = normals(dyad_keys(seed, therapist), STYLE_STREAM, protocol.early.shape[0])
    readiness = theory.therapists.readiness(jnp.asarray(drawn))[:, None, None]
    return eqx.tree_at(
        lambda p: (p.early, p.late),
        protocol,
        (protocol.early * readiness, protocol.late * readiness),
    )


def seekers(
    values: Mapping[str, float], theory: Theory, standing: Float[Array, "trait *dyads"]
) -> CareSeeker:
    """Care-seekers around given parameters (of mind or body), each with a constitution.

    Args:
        values: Parameters of the average person.
        theory: How far people differ.
        standing: Their standing among others, a row a trait.
    """
    rest: dict[str, Any] = dict(values)
    rest["reactivity"] *= jnp.exp(rest.pop("reactivity_sd") * standing[0])
    for name in TRAITS:
        rest[name] = theory.constitution.trait(name, rest[name], standing)
    mind_names = RelationalMind.__dataclass_fields__
    mind = {name: rest.pop(name) for name in list(rest) if name in mind_names}
    return filled(CareSeeker(RelationalMind(**mind), **rest), standing.shape[1])


def figures(n: int, traits: Mapping[str, Any]) -> AttachmentFigure:
    """Figures with given traits."""
    return filled(AttachmentFigure(**traits), n)


def protocols(
    n: int,
    name: str,
    custom: tuple[Propensities, Propensities] | None,
    switch_session: int,
    theory: Theory,
    *,
    told: bool = False,
) -> Protocol:
    """A protocol for `n` dyads, by name or with propensities of one's own."""
    names = theory.interventions.names
    early, late = (
        jnp.broadcast_to(
            jnp.asarray(propensity_table(p, names))[..., None], (len(names), 2, 2, n)
        )
        for p in custom or PROTOCOLS[name]
    )
    is_forced, chooses = name in FORCED, name == "active_inference"
    one = jnp.ones(n, jnp.float32)
    return Protocol(
        early, late, switch_session * one, is_forced * one, chooses * one, told * one
    )


def filled(module: eqx.Module, n: int):
    """The module with every number repeated for each dyad."""

    def fill(leaf) -> Array:
        return jnp.broadcast_to(jnp.asarray(leaf, jnp.float32), (n,))

    return jax.tree.map(fill, module)

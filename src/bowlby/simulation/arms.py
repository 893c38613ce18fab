"""Who takes part in a course, and what is done with them in each arm."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import Arm, Course, FigureSection, Source
from bowlby.courses.protocols import CAREGIVER_POPULATIONS, CAREGIVERS, THERAPISTS
from bowlby.maths._arrays import PRNGKeyArray
from bowlby.simulation import population as people
from bowlby.simulation.bodies import world_of
from bowlby.simulation.lives import Childhood, Dyads
from bowlby.simulation.measuring import Marks, Observer
from bowlby.theory import Theory
from bowlby.theory.instruments import changed
from bowlby.theory.people import AttachmentFigure
from bowlby.theory.populations import CaregiverPopulation
from bowlby.theory.vocabulary import FRIGHTENING

_INHERITANCE, _SECOND = 2**29, 2**29 + 50


def dyads_of(course: Course, dyads: np.ndarray, theory: Theory) -> Dyads:
    """Everybody who takes part in a course, without an arm: as on a waiting list."""
    n, world = len(dyads), world_of(theory, tick_s=course.time_step_s)

    def keys_of(source: Source, numbers: np.ndarray = dyads) -> PRNGKeyArray:
        return people.dyad_keys(course.seeds.get(source, course.seed), numbers)

    families = family_of(course, dyads)
    keys, others = keys_of("chance"), keys_of("relationships")
    care, recruiting = keys_of("care", families), course.recruiting
    born = keys_of("constitution", families)
    standing = people.standing(
        keys_of("constitution"),
        world.theory,
        people.parents(born),
        recruiting.standing,
        born if course.childhood.siblings > 1 else None,
    )
    seeker = people.seekers(course.client.model_dump(), world.theory, standing)
    caregiver = _evoked(course, care, world.theory, standing[0])
    partner = people.partners(others, world.theory, course.life.partner_quality)
    partner |= people.bodies(others, world.theory)
    home = keys_of("load", families)
    return Dyads(
        keys=keys,
        seeker=seeker,
        caregiver=people.figures(n, caregiver),
        partner=people.figures(n, partner),
        friend=people.figures(n, people.friends(others, world.theory)),
        partner_quality=jnp.full(n, course.life.partner_quality),
        therapist=people.figures(n, dict(THERAPISTS["average"])),
        protocol=people.protocols(n, "supportive", None, 1, theory),
        treated=jnp.zeros(n),
        may_leave=jnp.full(n, float(course.therapy.may_leave)),
        world=world,
        earlier=tuple(
            people.figures(n, _traits(course.childhood.earlier, course, on_shift))
            for on_shift in people.shifts(care, course.childhood.placed_after)
        ),
        changed=_changed(course, care),
        second=_second(course, care),
        other_caregiver=_other_caregiver(others, world.theory),
        load=people.loads(keys_of("load"), home, world.theory, course.weeks, recruiting.load),
        standing=standing,
        family_load=_family_load(course, home, world.theory),
        observer=Observer(
            Marks(keys_of("method"), keys_of("occasion"), keys_of("error")),
            {name: changed(name, **row.given) for name, row in course.measures.items()},
        ),
    )


def family_of(course: Course, dyads: np.ndarray) -> np.ndarray:
    """Number of the family of each dyad; siblings follow each other."""
    return dyads // course.childhood.siblings


def _is_drawn(course: Course) -> bool:
    """Whether caregivers are drawn; those who are given are met in ordinary times."""
    caregiver = course.childhood.caregiver
    return caregiver == "population" or caregiver in CAREGIVER_POPULATIONS


def _evoked(course: Course, keys, theory: Theory, difficult) -> dict[str, Any]:
    """Traits of caregivers; those who are drawn are as this child's temperament makes them."""
    traits = _traits(course.childhood.caregiver, course, keys)
    if not _is_drawn(course):
        return traits
    own = theory.evoked_care.contingency(traits["contingency"], difficult)
    return traits | {"contingency": own} | people.bodies(keys, theory)


def _family_load(course: Course, keys, theory: Theory):
    """What life brings the families in each encounter of childhood."""
    if not _is_drawn(course):
        return None
    return people.family_loads(
        keys, theory, course.childhood.encounters, course.recruiting.load
    )


def _traits(caregiver: str | FigureSection, course: Course, keys) -> dict[str, Any]:
    """Traits of a caregiver as given, by name, or one drawn for each dyad."""
    if isinstance(caregiver, FigureSection):
        return caregiver.model_dump()
    if caregiver == "population":
        return people.caregivers(keys, _population(course))
    if caregiver in CAREGIVER_POPULATIONS:
        own = CaregiverPopulation(**CAREGIVER_POPULATIONS[caregiver])
        return people.caregivers(keys, own)
    return dict(CAREGIVERS[caregiver])


def _other_caregiver(keys, theory: Theory) -> AttachmentFigure | None:
    """Who stands for the other people of the years between, if they leave anything."""
    if float(theory.years_between.own) == 1.0:
        return None
    return people.figures(len(keys), people.other_caregivers(keys))


def _population(course: Course) -> CaregiverPopulation:
    return CaregiverPopulation(**course.childhood.population.model_dump())


def _second(course: Course, keys) -> AttachmentFigure | None:
    """A second caregiver at home."""
    if course.childhood.second is None:
        return None
    own = jax.vmap(lambda key: jax.random.fold_in(key, _SECOND))(keys)
    return people.figures(len(keys), _traits(course.childhood.second, course, own))


def _changed(course: Course, keys) -> AttachmentFigure | None:
    """Caregivers after the first of two assessments, if they do not stay as they were."""
    stability = course.childhood.stability
    if stability == 1.0:
        return None
    traits = people.caregivers(keys, _population(course), stability=stability)
    return people.figures(len(keys), traits)


def in_arm(course: Course, arm: Arm, base: Dyads, dyads: np.ndarray) -> Dyads:
    """The same people, in an arm; dyads share a therapist by the course's caseload."""
    therapist = therapist_traits(course, arm, dyads // course.caseload, base.world.theory)
    return base._replace(
        therapist=people.figures(len(dyads), therapist),
        protocol=protocol_of(course, arm, len(dyads), base.world.theory),
        treated=jnp.full(len(dyads), float(is_treated(arm))),
    )


def is_treated(arm: Arm) -> bool:
    """Whether the arm has sessions."""
    return arm.protocol != "waiting_list"


def therapist_traits(
    course: Course, arm: Arm, numbers: np.ndarray, theory: Theory
) -> dict[str, Any]:
    """Traits of an arm's therapists: as given, by name, or those of the numbers drawn."""
    if isinstance(arm.therapist, FigureSection):
        return arm.therapist.model_dump()
    if arm.therapist == "population":
        skill_sd = course.therapy.skill_sd
        return people.therapist_population(course.seed, numbers, theory, skill_sd=skill_sd)
    return dict(THERAPISTS[arm.therapist])


def protocol_of(course: Course, arm: Arm, n: int, theory: Theory) -> Any:
    """An arm's protocol for `n` dyads."""
    own = course.protocols.get(arm.protocol)
    custom = (own.early, own.late or own.early) if own else None
    return people.protocols(n, arm.protocol, custom, course.therapy.switch_session, theory)


def next_generation(
    course: Course, base: Dyads, childhood: Childhood, generation: int
) -> Dyads:
    """Children of those who have grown up, each with its parent as caregiver."""
    theory = base.world.theory
    keys = jax.vmap(lambda k: jax.random.fold_in(k, _INHERITANCE + generation))(base.keys)
    standing = people.standing(keys, theory, base.standing)
    seeker = people.seekers(course.client.model_dump(), theory, standing)
    return base._replace(
        caregiver=_inherited(childhood, base, standing),
        keys=keys,
        seeker=seeker,
        standing=standing,
        family_load=_family_load(course, keys, theory),
        observer=base.observer.of_others(keys),
    )


def _inherited(childhood: Childhood, dyads: Dyads, child) -> AttachmentFigure:
    """The child as a caregiver, by `theory/transmission.py`, of a child of such standing."""
    experience = childhood.client.experience
    z = people.normals(dyads.keys, _INHERITANCE, 3)
    fear = np.asarray(experience.memory.counts / experience.memory.counts.sum(0))
    fright = (fear[FRIGHTENING].mean(0) * np.asarray(childhood.client.old)).sum(0)
    theory = dyads.world.theory
    traits = theory.transmission.traits(
        experience.oxytocin_trait, experience.mentalised, fright, dyads.seeker.reactivity, z
    )
    own = theory.evoked_care.contingency(traits["contingency"], child[0])
    return people.figures(len(dyads.keys), traits | {"contingency": own})

"""Who takes part in a course, and what is done with them in each arm."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import Arm, Course, FigureSection, Source
from bowlby.courses.protocols import CAREGIVER_POPULATIONS, CAREGIVERS, THERAPISTS
from bowlby.courses.sections import Caregiver
from bowlby.maths._arrays import PRNGKeyArray
from bowlby.simulation import population as people
from bowlby.simulation.bodies import world_of
from bowlby.simulation.company.therapist import Protocol
from bowlby.simulation.lives import Childhood, Client, Dyads
from bowlby.simulation.measuring import Marks, Observer
from bowlby.theory import Theory
from bowlby.theory.instruments import changed
from bowlby.theory.people import AttachmentFigure
from bowlby.theory.populations import CaregiverPopulation
from bowlby.theory.vocabulary import FRIGHTENING

_INHERITANCE, _SECOND, _HOUSEHOLD, _YOUTH = 2**29, 2**29 + 50, 2**29 + 60, 2**29 + 70


def dyads_of(course: Course, dyads: np.ndarray, theory: Theory) -> Dyads:
    """Everybody who takes part in a course, without an arm: as on a waiting list."""
    n, world = len(dyads), world_of(theory, tick_s=course.time_step_s)

    def keys_of(source: Source, numbers: np.ndarray = dyads) -> PRNGKeyArray:
        return people.dyad_keys(course.seeds.get(source, course.seed), numbers)

    families = family_of(course, dyads)
    keys, others = keys_of("chance"), keys_of("relationships")
    care, recruiting = keys_of("care", families), course.recruiting
    born = keys_of("constitution", families)
    mates = _mates(course, keys_of("constitution", household_of(course, dyads)))
    standing = people.standing(
        keys_of("constitution"),
        world.theory,
        people.parents(born, mates),
        recruiting.standing,
        born if course.childhood.siblings > 1 else None,
        mates,
    )
    seeker = people.seekers(course.client.model_dump(), world.theory, standing)
    mates = _mates(course, keys_of("care", household_of(course, dyads)))
    caregiver = _by_member(
        [
            people.figures(n, _evoked(course, who, care, world.theory, standing[0], mates))
            for who in _who_raised(course)
        ],
        dyads,
    )
    partner = people.partners(others, world.theory, course.life.partner_quality)
    partner |= people.bodies(others, world.theory)
    home, loaded = keys_of("load", families), keys_of("load")
    if course.kind == "couple":
        # What life brings to a household it brings to everybody in it.
        loaded = _of_household(keys_of("load", household_of(course, dyads)))
    return Dyads(
        keys=keys,
        seeker=seeker,
        caregiver=caregiver,
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
        other_caregiver=_other_caregiver(course, others, world.theory),
        teachers=_teachers(course, others, world.theory),
        young_friend=_young_friend(course, others, world.theory),
        load=people.loads(
            loaded,
            loaded if course.kind == "couple" else home,
            world.theory,
            course.weeks,
            recruiting.load,
        ),
        standing=standing,
        family_load=_family_load(course, home, world.theory, dyads),
        observer=Observer(
            Marks(keys_of("method"), keys_of("occasion"), keys_of("error")),
            {name: changed(name, **row.given) for name, row in course.measures.items()},
        ),
    )


def family_of(course: Course, dyads: np.ndarray) -> np.ndarray:
    """Number of the family of each dyad; siblings follow each other."""
    return dyads // course.childhood.siblings


def household_of(course: Course, people_in: np.ndarray) -> np.ndarray:
    """Number of the household of each person of a couple or group; they follow each other."""
    return people_in // course.couple.members


def _folded(keys: PRNGKeyArray, number: int) -> PRNGKeyArray:
    """Keys of somebody else in the lives of those whose keys these are."""
    return jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)


def _of_household(keys: PRNGKeyArray) -> PRNGKeyArray:
    """Keys of households, which are those of no person."""
    return _folded(keys, _HOUSEHOLD)


def _mates(course: Course, keys: PRNGKeyArray) -> people.Mates | None:
    """Who finds each other, by keys of households; None where it is by chance."""
    if course.kind != "couple" or course.couple.assortment == 0.0:
        return None
    return people.Mates(_of_household(keys), course.couple.assortment)


def _who_raised(course: Course) -> tuple[Caregiver, ...]:
    """Who raised everybody, or each member of a household."""
    if course.kind == "couple" and course.couple.raised_by:
        return course.couple.raised_by
    return (course.childhood.caregiver,)


def _by_member(of_each: list[Any], numbers: np.ndarray) -> Any:
    """What belongs to each person, from trees for each member of their households."""
    if len(of_each) == 1:
        return of_each[0]
    is_of = [jnp.asarray(numbers % len(of_each) == member) for member in range(len(of_each))]
    return jax.tree.map(lambda *leaves: jnp.select(is_of, leaves), *of_each)


def _is_drawn(caregiver: Caregiver) -> bool:
    """Whether caregivers are drawn; those who are given are met in ordinary times."""
    return caregiver == "population" or (
        isinstance(caregiver, str) and caregiver in CAREGIVER_POPULATIONS
    )


def _evoked(
    course: Course,
    caregiver: Caregiver,
    keys,
    theory: Theory,
    difficult,
    mates: people.Mates | None,
) -> dict[str, Any]:
    """Traits of caregivers; those who are drawn are as this child's temperament makes them."""
    traits = _traits(caregiver, course, keys, mates)
    if not _is_drawn(caregiver):
        return traits
    own = theory.evoked_care.contingency(traits["contingency"], difficult)
    return traits | {"contingency": own} | people.bodies(keys, theory)


def _family_load(course: Course, keys, theory: Theory, numbers: np.ndarray):
    """What life brings the families in each encounter of childhood."""
    drawn = [_is_drawn(who) for who in _who_raised(course)]
    if not any(drawn):
        return None
    encounters = course.childhood.encounters + course.youth.encounters
    loads = people.family_loads(keys, theory, encounters, course.recruiting.load)
    return _by_member([loads if is_so else jnp.ones_like(loads) for is_so in drawn], numbers)


def _traits(
    caregiver: str | FigureSection, course: Course, keys, mates: people.Mates | None = None
) -> dict[str, Any]:
    """Traits of a caregiver as given, by name, or one drawn for each dyad."""
    if isinstance(caregiver, FigureSection):
        return caregiver.model_dump()
    if caregiver == "population":
        return people.caregivers(keys, _population(course), mates=mates)
    if caregiver in CAREGIVER_POPULATIONS:
        own = CaregiverPopulation(**CAREGIVER_POPULATIONS[caregiver])
        return people.caregivers(keys, own, mates=mates)
    return dict(CAREGIVERS[caregiver])


def _other_caregiver(course: Course, keys, theory: Theory) -> AttachmentFigure | None:
    """Who stands for the other people of the years between, if they leave anything."""
    if course.youth.encounters or float(theory.years_between.own) == 1.0:
        return None
    return people.figures(len(keys), people.other_caregivers(keys))


def _teachers(course: Course, keys, theory: Theory) -> tuple[AttachmentFigure, ...]:
    """Who teaches, one after the other, where school is lived."""
    if not course.youth.encounters:
        return ()
    teacher, found = course.youth.teacher, []
    for number in range(theory.growing_up.teachers()):
        own = _folded(keys, _YOUTH + 1 + number)
        # Those who are drawn are ordinary caregivers, of other children.
        drawn = teacher == "population"
        traits = people.other_caregivers(own) if drawn else _traits(teacher, course, own)
        found.append(people.figures(len(keys), traits))
    return tuple(found)


def _young_friend(course: Course, keys, theory: Theory) -> AttachmentFigure | None:
    """The friend of school and adolescence, where they are lived."""
    if not course.youth.encounters:
        return None
    if course.youth.friend == "population":
        friend = people.friends(_folded(keys, _YOUTH), theory)
        return people.figures(len(keys), friend)
    return people.figures(len(keys), _traits(course.youth.friend, course, keys))


def _population(course: Course) -> CaregiverPopulation:
    return CaregiverPopulation(**course.childhood.population.model_dump())


def _second(course: Course, keys) -> AttachmentFigure | None:
    """A second caregiver at home."""
    if course.childhood.second is None:
        return None
    own = _folded(keys, _SECOND)
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
    numbers, theory = dyads // course.caseload, base.world.theory
    return base._replace(
        therapist=people.figures(len(dyads), therapist_traits(course, arm, numbers, theory)),
        protocol=protocol_of(course, arm, numbers, theory),
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
        return people.therapist_population(
            course.seed,
            numbers,
            theory,
            skill_sd=course.therapy.skill_sd,
            training=arm.training,
        )
    return dict(THERAPISTS[arm.therapist])


def protocol_of(course: Course, arm: Arm, numbers: np.ndarray, theory: Theory) -> Protocol:
    """An arm's protocol for each dyad, as therapists who are drawn carry it out."""
    own = course.protocols.get(arm.protocol)
    custom = (own.early, own.late or own.early) if own else None
    late = course.therapy.switch_session
    protocol = people.protocols(
        len(numbers), arm.protocol, custom, late, theory, told=arm.feedback
    )
    if arm.therapist != "population":
        return protocol
    return people.in_own_way(protocol, course.seed, numbers, theory)


def next_generation(
    course: Course, base: Dyads, childhood: Childhood, generation: int
) -> Dyads:
    """Children of those who have grown up, each with its parent as caregiver."""
    theory = base.world.theory
    keys = _folded(base.keys, _INHERITANCE + generation)
    standing = people.standing(keys, theory, base.standing)
    seeker = people.seekers(course.client.model_dump(), theory, standing)
    return base._replace(
        caregiver=_inherited(childhood, base, standing),
        keys=keys,
        seeker=seeker,
        standing=standing,
        teachers=_teachers(course, keys, theory),
        young_friend=_young_friend(course, keys, theory),
        family_load=_family_load(course, keys, theory, np.zeros(len(keys), int)),
        observer=base.observer.of_others(keys),
    )


def _inherited(childhood: Childhood, dyads: Dyads, child) -> AttachmentFigure:
    """The child as the caregiver of a child of such standing."""
    traits = as_caregiver(childhood.client, dyads)
    own = dyads.world.theory.evoked_care.contingency(traits["contingency"], child[0])
    return people.figures(len(dyads.keys), traits | {"contingency": own})


def as_caregiver(client: Client, dyads: Dyads) -> dict[str, Any]:
    """Traits of grown people as caregivers of somebody, by `theory/transmission.py`."""
    experience = client.experience
    z = people.normals(dyads.keys, _INHERITANCE, 3)
    fear = np.asarray(experience.memory.counts / experience.memory.counts.sum(0))
    fright = (fear[FRIGHTENING].mean(0) * np.asarray(client.old)).sum(0)
    return dyads.world.theory.transmission.traits(
        experience.oxytocin_trait, experience.mentalised, fright, dyads.seeker.reactivity, z
    )

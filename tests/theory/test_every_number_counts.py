"""Every number of the theory moves some output.

Each number is changed by a fifth in a world of its own; all worlds are lived at once, side by
side, as if they were so many dyads with the same random numbers.
"""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import build_course
from bowlby.maths.short_axis import weighted
from bowlby.simulation import population as people
from bowlby.simulation.adult_life import live
from bowlby.simulation.arms import dyads_of, next_generation
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.dyad import World
from bowlby.simulation.measuring import Marks, Observer
from bowlby.simulation.schedule import schedule_of
from bowlby.theory import Theory
from bowlby.theory.declared import declarations
from bowlby.theory.illness import Felt, IllnessState
from bowlby.theory.perceived_stance import Shown
from bowlby.theory.relational_models import Memory
from bowlby.theory.rupture import TrustCourse
from bowlby.theory.task_learning import doubt_about, expected_help
from bowlby.theory.vocabulary import STANCES

THEORY = (
    Theory()
    .without("arousal_gate", 0.2)
    .without("plasticity", 0.2)
    .without("perceived_stance", 0.2)
    .changed("leaving.most", 0.6)
    .changed("arousal.lowest", -0.5)
    .changed("self_soothing.most", 0.3)
    .changed("bond.most", 30.0)
)
"""A theory in which numbers that ordinarily wait behind a bound or a share can be seen."""

ELSEWHERE = {
    "failures.least_left": "a bound that few reach: test_a_therapist_who_only_fails_is_bounded",
    "relational_models.used": "an edge: test_a_model_is_in_use_from_some_weight_on",
    "illness.grown_years": "few stand near it: test_episodes_there_were_by_years_of_grown_life",
    "endings.faltering_from": "read before anything is compiled: test_when_a_therapy_falters",
}
"""Numbers with a test of their own, and why."""

OTHER_COURSES = (
    "entrainment.", "growing_up.", "sensitive_period.adolescent",
    "sensitive_period.height_years", "sensitive_period.width_years", "rating.",
    "stress_axis.child_y", "stress_axis.grown_y",
)  # fmt: skip
"""Entrainment acts on emitted signals (tests/simulation/test_synchrony_readouts.py), ratings on
scores (tests/simulation/test_alliance.py), the others in courses in which youth is lived
(tests/simulation/test_youth.py)."""

NUMBERS = [
    n
    for n in THEORY.numbers()
    if n.name not in ELSEWHERE and not n.name.startswith(OTHER_COURSES)
]
ABLATIONS = {
    name: off
    for name, off in THEORY.ablations().items()
    if not all(number.startswith(OTHER_COURSES) for number in off)
}

WORLDS = len(NUMBERS) + len(ABLATIONS) + 2
"""One for each number and ablation, one before them and one after them without a change."""

NOTICED = 1e-5
"""Relative change that is no rounding: the last world's is below it."""

EVERYTHING = dict.fromkeys(THEORY.interventions.names, 1.0)
COURSE = {
    "childhood": {"encounters": 3, "ticks": 100, "placed_after": 1, "earlier": "frightening"},
    "life": {"waiting_weeks": 1, "ticks": 50, "follow_up_weeks": 2, "stress": {"2": 2.3}},
    "therapy": {
        "sessions": 6, "ticks": 150, "switch_session": 3, "breaks": [3], "announced": False,
        "falters": True,
    },
    "protocols": {"all": {"early": EVERYTHING}},
    "arms": [{"therapist": "population"}],
}  # fmt: skip
PROTOCOLS = ("attachment_informed", "active_inference", "all", "all")
SEEDS = (3, 4, 5, 6)


def changed_by_a_fifth(number):
    """The value changed by a fifth, or of its range where it is 0 or at an end."""
    value = number.value * 1.2 if number.value else 0.2 * (number.high or -number.low)
    return value if number.low <= value <= number.high else 0.8 * number.value


def worlds():
    """What is changed in each world, by name and path; nothing in the first and the last."""
    by_number = {n.name: {n.name: changed_by_a_fifth(n)} for n in NUMBERS}
    return {"before": {}} | by_number | ABLATIONS | {"nothing": {}}


def side_by_side():
    """A theory in which each number has, along a last axis, the value it has in each world."""
    n = WORLDS
    values = {}

    def put(mechanism, field, at, world, value):
        before = np.asarray(getattr(getattr(THEORY, mechanism), field), np.float32)
        whole = values.setdefault((mechanism, field), np.repeat(before[..., None], n, -1))
        whole[(*at, ..., world)] = value

    for world, changed in enumerate(worlds().values()):
        for path, value in changed.items():
            put(*_place(path), world, value)
    theory = THEORY
    for (mechanism, field), whole in values.items():
        module = replace(getattr(theory, mechanism), **{field: whole})
        theory = replace(theory, **{mechanism: module})
    return jax.tree.map(
        lambda v: (
            jnp.tile(jnp.asarray(v, jnp.float32), (*(1,) * (np.ndim(v) - 1), len(SEEDS)))
            if np.shape(v)[-1:] == (n,)
            else jnp.asarray(v, jnp.float32)
        ),
        theory,
        is_leaf=lambda v: isinstance(v, tuple),
    )


def _place(path):
    """Mechanism, field and index of a number."""
    mechanism, field, *entry = path.split(".")
    if mechanism == "interventions":
        act = THEORY.interventions.index(field)
        is_look = entry[0] in STANCES
        at = (act, STANCES.index(entry[0])) if is_look else (act,)
        return mechanism, "looks" if is_look else entry[0], at
    over = declarations(getattr(THEORY, mechanism))[field].over
    if not entry:  # An ablation names all entries at once.
        return mechanism, field, ()
    return mechanism, field, (over.index(entry[0]),)


def dyads_side_by_side(theory):
    """The same four dyads in every world: (seed, world) flattened."""
    n = WORLDS
    course = build_course(COURSE)
    one = [
        dyads_of(course.model_copy(update={"seed": s}), np.zeros(n, int), THEORY) for s in SEEDS
    ]
    world = World(theory, one[0].world.table, one[0].world.tick_table)
    together = jax.tree.map(lambda *leaves: jnp.concatenate(leaves, -1), *(
        d._replace(world=None, observer=None, keys=jax.random.key_data(d.keys).T)
        for d in one
    ))  # fmt: skip
    keys = jax.random.wrap_key_data(together.keys.T)
    names = np.repeat(PROTOCOLS, n)
    own = (EVERYTHING, EVERYTHING)
    protocols = [
        people.protocols(n, name, own if name == "all" else None, 3, THEORY, told=told)
        for name, told in zip(PROTOCOLS, (True, False, False, True), strict=True)
    ]
    total = len(names)
    general = jnp.repeat(jnp.array([-4.0, 4.0, 0.3, -0.5]), n)
    own = jnp.repeat(jnp.array([[0.5, -1.0, 0.7, -0.2]] * 3), n, axis=1)
    skill = jnp.concatenate([general[None], own, jnp.ones((2, total))])
    standing = people.standing(keys, theory, people.parents(keys))
    seeker = people.seekers(course.client.model_dump(), theory, standing)
    care = together.caregiver.contingency
    upset = theory.evoked_care.contingency(care, standing[0])
    return together._replace(
        keys=keys,
        world=world,
        seeker=seeker,
        caregiver=eqx.tree_at(lambda f: f.contingency, together.caregiver, upset),
        standing=standing,
        family_load=people.family_loads(keys, theory, course.childhood.encounters),
        observer=Observer(Marks(keys, keys, keys)),
        partner=people.figures(total, people.partners(keys, theory)),
        friend=people.figures(total, people.friends(keys, theory)),
        therapist=people.figures(total, theory.therapists.traits(skill)),
        protocol=jax.tree.map(lambda *leaves: jnp.concatenate(leaves, -1), *protocols),
        treated=jnp.ones(total),
        may_leave=jnp.ones(total),
        load=people.loads(keys, keys, theory, course.weeks),
    )


def lived():
    """Everything that is observed of all lives, as (observation, seed, world)."""
    course = build_course(COURSE)
    schedule = schedule_of(course)
    dyads = dyads_side_by_side(side_by_side())
    childhood = grow_up(dyads, schedule)
    adult = live(childhood.client, dyads, schedule)
    child = next_generation(course, dyads, childhood, 1)
    child = child.caregiver, child.seeker
    rows = childhood.rows + adult.rows
    seen = [v for row in rows for v in row.values() if np.ndim(v)]
    seen += [*jax.tree.leaves(adult.client), *jax.tree.leaves(child)]
    seen += [*jax.tree.leaves(dyads.therapist), *jax.tree.leaves(childhood.assessed)]
    acts = jnp.eye(len(THEORY.interventions.names))[..., None]
    met = Shown(*(jnp.full(len(dyads.keys), x) for x in (0.4, 0.5, 0.01, 1.2)))
    seen += [np.asarray(look(act, met, dyads.world.theory)) for act in acts]
    seen += edges(dyads.world.theory, jnp.ones(len(dyads.keys)))
    flat = [np.asarray(v, float).reshape(-1, len(SEEDS), WORLDS) for v in seen]
    return np.concatenate(flat)


def look(act, met, theory):
    """How an act looks to a client who shows this; a repair where nothing is broken."""
    acts = theory.interventions
    made = jnp.broadcast_to(act, (len(acts.names), *met.need.shape))
    unasked = made[acts.index("repair")]
    asked = weighted(acts.answers, made), weighted(acts.pressure, made)
    return theory.perceived_stance.look(acts.look(made), *asked, unasked, met)


def edges(theory, one):
    """Laws of rare moments, where few of these lives come: leaving, being repaired, distress."""
    nearly = TrustCourse(0.4389 * one, 0.5 * one, one, one, one)
    _, turned = theory.rupture.step(nearly, 0.5 * one, 0.0 * one, one, dt_s=10.0)
    return [
        theory.leaving.mistrust(0.3 * one, 0.8 * one, 0.6 * one, 0.5 * one),
        theory.leaving.by_life(1.2 * one),
        theory.leaving.enough(0.33 * one, 20.0 * one),
        theory.leaving.enough(0.1 * one, 9.0 * one),
        theory.therapists.readiness(0.7 * one),
        *_of_illness(theory.illness, one),
        *_of_crises(theory.crises, one),
        *_of_partners(theory, one),
        *_of_tasks(theory.task_learning, one),
        theory.therapist_reading.distressed(0.45 * one),
        theory.therapist_reading.trusting(0.45 * one),
        turned.repaired,
        theory.rupture.notices(0.3 * one),
    ]


def _of_illness(illness, one):
    """Rates of an illness that few of these lives meet."""
    felt = Felt(0.9 * one, -0.6 * one)
    state = IllnessState(one, 2.0 * one, felt)
    return [
        illness.onset(0.5 * one, 0.9 * one, 2.0 * one),
        illness.onset(0.5 * one, 0.9 * one, 7.0 * one),
        illness.remission(felt),
        illness.healthy(one).felt.hopelessness,
        illness.weighs(one),
        illness.mood(0.5 * one, one),
        illness.after_week(state, one, Felt(0.1 * one, one), 0.9 * one).felt.distress,
        illness.begin(0.0 * one, felt, jnp.stack([0.9 * one, 0.8 * one])).episodes,
    ]


def _of_crises(crises, one):
    """Crises that few of these lives meet."""
    return [
        crises.begin(jnp.stack([0.1 * one, 0.5 * one])),
        crises.weighs(0.7 * one),
        crises.after_week(0.7 * one, 0.4 * one, 0.001 * one),
    ]


def _of_partners(theory, one):
    """Partings, meetings and partners that few of these lives meet."""
    return [
        theory.partnership.parting(0.4 * one),
        theory.partnership.meeting(0.4 * one),
        theory.partnership.absence(0.0 * one),
        theory.partners.traits(jnp.stack([0.5 * one] * 3))["threat"],
    ]


def _of_tasks(learning, one):
    """What is believed of an adviser who was right and then wrong."""
    counts = jnp.full((4, 4, 1, *one.shape), 9.0).at[0].set(30.0)
    unknown = learning.unknown(counts, jnp.full(4, 0.5), one[None])
    belief = learning.begin(unknown)
    for helped in (0.9, 0.9, 0.1):
        belief = learning.change(belief, unknown, 0.04 * one)
        belief = learning.learn(belief, helped * one, (1.0 - helped) * one, 0.8 * one)
    acted = learning.acted_on(belief.sum(0), 0.4 * one, 0.31 * one)
    return [
        expected_help(belief), doubt_about(belief), acted, learning.follows(acted, 5.0 * one),
    ]  # fmt: skip


def moved():
    """Largest change of an observation in each world, relative to its size."""
    seen = np.nan_to_num(lived())
    change = np.abs(seen - seen[..., :1]) / (np.abs(seen[..., :1]) + 1e-3)
    return dict(zip(worlds(), change.max((0, 1)), strict=True))


def test_every_number_changed_by_a_fifth_and_every_ablation_moves_some_output():
    change = moved()
    still = [name for name, size in change.items() if size <= NOTICED]
    assert still == ["before", "nothing"]


def test_when_a_therapy_falters():
    from bowlby.simulation.adult_life import _falters

    schedule = schedule_of(build_course({"therapy": {"sessions": 30, "falters": True}}))
    weeks = [week for week in range(30) if _falters(schedule, week, THEORY)]
    assert weeks == list(range(20, 30))
    sooner = THEORY.changed("endings.faltering_from", 0.5)
    assert _falters(schedule, 15, sooner)


def test_a_therapist_who_only_fails_is_bounded():
    certain = replace(THEORY.failures, resting=2.0, blindness=10.0, least_left=0.2)
    both = 2.0 * certain.looming(0.0, 2.0, 1.0)
    assert 1.0 - both < certain.least_left == certain.left(0.5 * both, 0.5 * both)


def test_a_model_is_in_use_from_some_weight_on():
    memory = Memory(jnp.ones((4, 4, 3)), jnp.array([4.0, 0.45, 0.0]), jnp.full((4, 4), 0.25))
    models = THEORY.relational_models
    usual = models.restaurant_prior(memory, 0.2)
    sooner = replace(models, used=0.4).restaurant_prior(memory, 0.2)
    assert sooner[2] > usual[2] == 0.0


def test_episodes_there_were_by_years_of_grown_life():
    """A life of so many years has had one with the probability of an even rate."""
    law, uniform = THEORY.illness, jnp.stack([jnp.ones(1000), jnp.linspace(0.0, 1.0, 1000)])
    felt = Felt(law.usual, law.ordinary)
    shares = [
        float(replace(law, grown_years=years).begin(0.0, felt, uniform).episodes.mean())
        for years in (6.0, 12.0)
    ]
    np.testing.assert_allclose(
        shares, 1.0 - np.exp(-law.yearly * np.array([6.0, 12.0])), atol=0.01
    )

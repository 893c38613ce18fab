"""People differ: constitution, inheritance, loads, illness, sources of their own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation import population as people
from bowlby.simulation.arms import dyads_of, next_generation
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.instruments.symptoms import DISTRESS_NORM, VALUE_NORM
from bowlby.simulation.schedule import schedule_of
from bowlby.theory import Theory
from bowlby.theory.acting_out import ActingOut
from bowlby.theory.caregiver_load import CaregiverLoad
from bowlby.theory.constitution import SHARES, SHIFTS, STANDING, TRAITS
from bowlby.theory.crises import Crises
from bowlby.theory.illness import WEEKS_OF_A_YEAR, Felt, Illness, IllnessState
from bowlby.theory.leaving import Leaving
from bowlby.theory.people import AttachmentFigure

MANY = np.arange(4000)
THEORY = Theory()


def drawn(course=None, dyads=MANY, theory=THEORY, **more):
    return dyads_of(
        build_course({"kind": "childhood", **(course or {}), **more}), dyads, theory
    )


@pytest.fixture(scope="module")
def crowd():
    return drawn()


@pytest.mark.parametrize("name", TRAITS)
def test_traits_have_their_declared_spread(name, crowd):
    seeker = crowd.seeker
    values = np.asarray(getattr(seeker, name, getattr(seeker.mind, name, None)), float)
    if name in SHARES:
        values = np.log(values / (1.0 - values))
    elif name not in SHIFTS:
        values = np.log(values)
    spread = THEORY.constitution.spread[TRAITS.index(name)]
    assert values.std() == pytest.approx(spread, rel=0.05)


def test_axes_hardly_share_anything(crowd):
    r = np.corrcoef(np.asarray(crowd.standing))
    assert np.abs(r - np.eye(len(STANDING))).max() < 0.06


def test_without_constitution_all_are_alike_but_for_reactivity():
    same = drawn(ablate=["constitution"], theory=THEORY.without("constitution")).seeker
    assert np.ptp(np.asarray(same.window)) == 0.0
    assert np.ptp(np.asarray(same.reactivity)) > 0.1


def test_children_share_half_of_the_heritability_with_a_parent():
    course = build_course(
        {"kind": "childhood", "dyads": 400, "childhood": {"encounters": 1, "ticks": 50}}
    )
    parents = dyads_of(course, np.arange(400), THEORY)
    children = next_generation(course, parents, grow_up(parents, schedule_of(course)), 1)
    together = np.corrcoef(
        np.ravel(np.asarray(parents.standing)), np.ravel(np.asarray(children.standing))
    )[0, 1]
    assert together == pytest.approx(0.5 * THEORY.constitution.heritability, abs=0.04)


def test_a_child_that_is_easily_upset_is_answered_less(crowd):
    r = np.corrcoef(np.asarray(crowd.standing[0]), np.asarray(crowd.caregiver.contingency))
    alone = drawn(theory=THEORY.without("evoked_care"))
    none = np.corrcoef(np.asarray(alone.standing[0]), np.asarray(alone.caregiver.contingency))
    assert r[0, 1] < -0.25
    assert abs(none[0, 1]) < 0.05


def test_a_caregiver_who_is_given_stays_as_given():
    given = {"childhood": {"caregiver": {"contingency": 0.4}}}
    dyads = drawn(given, np.arange(50))
    assert np.ptp(np.asarray(dyads.caregiver.contingency)) == 0.0
    assert dyads.family_load is None


def test_load_takes_contingency_and_thought():
    usual, hard = (CaregiverLoad().under(AttachmentFigure(), jnp.array(x)) for x in (1.0, 3.0))
    assert hard.contingency < usual.contingency == AttachmentFigure().contingency
    assert hard.mentalising < usual.mentalising == AttachmentFigure().mentalising


def test_adult_load_goes_on_from_the_family_s_in_part():
    keys = people.dyad_keys(3, MANY)
    family = np.log(np.asarray(people.family_loads(keys, THEORY, 40))).mean(0)
    adult = np.log(people.loads(keys, keys, THEORY, 40)).mean(0)
    seen = np.corrcoef(family, adult)[0, 1]
    assert 0.5 * THEORY.life_load.continuity < seen < THEORY.life_load.continuity + 0.03


@pytest.mark.parametrize("source", ["constitution", "care", "relationships", "load", "chance"])
def test_each_source_has_random_numbers_of_its_own(source):
    course = {"kind": "therapy", "dyads": 20}
    first = dyads_of(build_course(course | {"seed": 1}), np.arange(20), THEORY)
    other = dyads_of(build_course(course | {"seed": 2, "seeds": {source: 1}}),
                     np.arange(20), THEORY)  # fmt: skip
    held = {
        "constitution": lambda d: d.standing,
        "care": lambda d: d.caregiver.threat,
        "relationships": lambda d: d.partner.contingency,
        "load": lambda d: d.load,
        "chance": lambda d: jax.random.key_data(d.keys),
    }
    for name, of in held.items():
        is_same = np.array_equal(np.asarray(of(first)), np.asarray(of(other)))
        assert is_same == (name == source), name


def ordinary(illness, zero, distress=0.0, hopelessness=0.0):
    """A life that is felt as those of others, or so much worse."""
    return Felt(illness.usual + distress + zero, illness.ordinary + hopelessness + zero)


def lived(illness, weeks, felt, people_=20_000, seed=0):
    """Weeks of an illness in a life that is always felt the same: who is ill in each week."""
    rng, none = np.random.default_rng(seed), jnp.zeros(people_)
    state = illness.begin(none, felt, jnp.asarray(rng.uniform(size=(2, people_))))
    ill = [state.ill]
    for _ in range(weeks):
        u = jnp.asarray(rng.uniform(size=people_))
        state = illness.after_week(state, none, felt, u)
        ill.append(state.ill)
    return np.asarray(ill), state


def test_an_average_person_in_ordinary_times_falls_ill_at_the_declared_rate():
    law = Illness(kindling=0.0)
    ill, _ = lived(law, 52, ordinary(law, jnp.zeros(20_000)))
    begins = ((ill[1:] == 1) & (ill[:-1] == 0)).sum() / (ill[:-1] == 0).sum() * 52
    assert begins == pytest.approx(law.yearly, rel=0.1)


def test_half_of_the_episodes_last_less_than_the_median():
    law = Illness()
    n = 5000
    none = jnp.zeros(n)
    state = IllnessState(jnp.ones(n), jnp.ones(n), ordinary(law, none))
    rng = np.random.default_rng(2)
    for _ in range(int(law.median_weeks)):
        u = jnp.asarray(rng.uniform(size=n))
        after = law.after_week(state, none, state.felt, u)
        state = after._replace(ill=after.ill * state.ill)
    assert float(state.ill.mean()) == pytest.approx(0.5, abs=0.03)


def test_more_are_ill_among_the_liable_the_distressed_and_those_who_were_ill_before():
    law = Illness()
    usual = float(law.onset(0.0, law.usual, 0.0))
    assert law.onset(1.0, law.usual, 0.0) > usual
    assert law.onset(0.0, law.usual + 1.0, 0.0) > usual
    assert law.onset(0.0, law.usual, 2.0) == pytest.approx(usual * 1.16**2, rel=0.01)
    assert law.onset(0.0, law.usual, 50.0) == law.onset(0.0, law.usual, law.most)
    ends = law.remission(ordinary(law, 0.0))
    assert law.remission(ordinary(law, 0.0, distress=1.0)) < ends
    assert law.remission(ordinary(law, 0.0, hopelessness=1.0)) < ends


def in_town(n=20_000, seed=3):
    """Constitution and life of people as untreated adults feel it."""
    rng = np.random.default_rng(seed)
    (mean, spread), (value, value_spread) = DISTRESS_NORM, VALUE_NORM
    shape = (mean / spread) ** 2  # Distress is skewed: most are calm.
    distress = rng.gamma(shape, mean / shape, size=n)
    hopelessness = value + value_spread * (distress - mean) / spread
    felt = Felt(jnp.asarray(distress), jnp.asarray(hopelessness))
    return rng, jnp.asarray(rng.normal(size=n)), felt


def test_as_many_have_a_common_disorder_in_a_year_as_published():
    law = Illness()
    rng, affect, felt = in_town()
    state = law.begin(affect, felt, jnp.asarray(rng.uniform(size=(2, len(affect)))))
    ever = np.asarray(state.ill)
    for _ in range(52):
        state = law.after_week(state, affect, felt, jnp.asarray(rng.uniform(size=len(affect))))
        ever = np.maximum(ever, np.asarray(state.ill))
    assert 0.13 < ever.mean() < 0.21  # .176, Steel et al. (2014).


def test_episodes_last_as_long_as_published():
    """Spijker et al. (2002): .50, .63, .76 and .80 of new episodes are over after so long."""
    law = Illness()
    _, affect, felt = in_town()
    onset = law.onset(affect, felt.distress, 0.0)
    over = [
        float((onset * -jnp.expm1(-weeks * law.remission(felt))).sum() / onset.sum())
        for weeks in (13, 26, 52, 104)
    ]
    assert over == pytest.approx([0.50, 0.63, 0.76, 0.80], abs=0.07)


def in_crises(law, weeks, beyond=0.0, n=20_000, seed=4):
    """What crises add to load in each week of lives that are always felt the same."""
    rng, felt = np.random.default_rng(seed), jnp.full(n, beyond)
    crisis = law.begin(jnp.asarray(rng.uniform(size=(2, n))))
    added = [crisis]
    for _ in range(weeks):
        crisis = law.after_week(crisis, felt, jnp.asarray(rng.uniform(size=n)))
        added.append(crisis)
    return np.asarray(added)


def test_severe_events_come_at_the_declared_rate_and_size_and_pass():
    law = Crises(chain=0.0)
    added = in_crises(law, 104)
    came = added[1:] - law.kept * added[:-1]
    begins = came > 1e-6
    assert begins.mean() * WEEKS_OF_A_YEAR == pytest.approx(law.yearly, rel=0.1)
    assert came[begins].mean() == pytest.approx(law.mean, rel=0.05)
    assert added.mean() == pytest.approx(law.expected(), rel=0.1)
    # Who is met at any time has as much behind them as who has lived for two years.
    assert added[0].mean() == pytest.approx(added[-1].mean(), rel=0.15)
    assert float(law.weighs(jnp.asarray(added)).mean()) == pytest.approx(1.0, abs=0.03)


def test_one_crisis_brings_the_next_and_distress_makes_more():
    usual = in_crises(Crises(chain=0.0), 104).mean()
    assert in_crises(Crises(), 104).mean() > 1.05 * usual
    assert in_crises(Crises(chain=0.0), 104, beyond=1.0).mean() > 1.3 * usual


def test_without_crises_nothing_comes():
    assert not in_crises(Crises(yearly=0.0), 10).any()
    assert Crises(yearly=0.0).weighs(0.0) == 1.0


def test_acting_out_needs_arousal_and_a_mind_that_is_shut():
    law = ActingOut()
    assert law.level(-1.0, 0.0, 0.5, 1.0) == 0.0
    assert law.level(1.0, 1.0, 0.5, 1.0) == 0.0
    assert law.level(1.0, 0.2, 0.5, 1.0) > law.level(1.0, 0.2, 0.0, 1.0)
    assert law.level(1.0, 0.2, 0.5, 2.0) == pytest.approx(2.0 * law.level(1.0, 0.2, 0.5, 1.0))
    assert Theory().without("hair_trigger").acting_out.level(1.0, 0.2, 0.9, 1.0) == (
        pytest.approx(0.8)
    )


def test_it_can_be_enough_only_when_one_is_well_and_came_for_a_while():
    law = Leaving()
    assert law.enough(law.well - 0.1, law.least) == law.satisfied
    assert law.enough(law.well + 0.1, law.least) == 0.0
    assert law.enough(law.well - 0.1, law.least - 1.0) == 0.0
    assert law.by_life(2.0) == pytest.approx(2.0 * law.practical)


def test_therapists_are_good_at_some_things():
    drawn_ = people.therapist_population(1, np.arange(3000), THEORY)
    logit = np.log(np.asarray(drawn_["mentalising"]) / (1 - np.asarray(drawn_["mentalising"])))
    r = np.corrcoef(logit, np.asarray(drawn_["repair"]))[0, 1]
    assert r == pytest.approx(THEORY.therapists.common, abs=0.06)

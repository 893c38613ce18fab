"""Laws of one relationship: trust that is earned, safety, hope, what tells something."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from bowlby.theory.bond import Bond, Relationship, no_history
from bowlby.theory.contingency import Contingency
from bowlby.theory.deactivation import Deactivation
from bowlby.theory.endings import Endings
from bowlby.theory.hope import Hope
from bowlby.theory.life_load import LifeLoad
from bowlby.theory.mentalising import Mentalising
from bowlby.theory.rating import Rating
from bowlby.theory.rupture import Rupture, TrustCourse
from bowlby.theory.self_soothing import SelfSoothing
from bowlby.theory.sensitive_period import SensitivePeriod
from bowlby.theory.social_baseline import SocialBaseline
from bowlby.theory.years_between import YearsBetween

GRID = np.linspace(0.0, 1.0, 6)
COUNTS = jnp.broadcast_to(jnp.array([4.0, 2.0, 3.0, 1.0])[:, None, None, None], (4, 4, 3, 1))
BELIEF = jnp.array([[0.7], [0.2], [0.1]])


def rises(values):
    return bool((np.diff(np.ravel(np.asarray(values, float))) > 0.0).all())


def earned(good, bad, law=None):
    history = Relationship(*(jnp.asarray([x]) for x in (good, bad, 0.0)))
    return [float(x[0]) for x in (law or Bond()).trust_and_safety(history, BELIEF, COUNTS)]


def test_somebody_unknown_is_trusted_as_the_model_expects_and_is_not_safe():
    trust, safety = Bond().trust_and_safety(no_history(1), BELIEF, COUNTS)
    assert trust[0] == pytest.approx(0.4)
    assert safety[0] == 0.0


def test_trust_is_the_mean_of_a_beta_with_the_working_model_as_prior():
    weight = Bond().prior_weight * 10.0
    a, b = 30.0 + weight * 0.4, 10.0 + weight * 0.6
    trust, safety = earned(30.0, 10.0)
    assert trust == pytest.approx(stats.beta(a, b).mean())
    assert safety == pytest.approx(trust * 40.0 / (40.0 + weight))


def test_what_was_shown_in_the_end_outweighs_what_was_expected():
    assert rises([earned(x, 0.0)[0] for x in (0.0, 10.0, 50.0, 200.0)])
    assert earned(0.0, 200.0)[0] < 0.1


def test_without_a_history_of_its_own_every_relationship_is_the_model():
    law = eqx.tree_at(lambda b: b.counted, Bond(), 0.0)
    assert earned(100.0, 0.0, law) == pytest.approx([0.4, 0.0])


def test_a_bond_grows_by_contact_in_need_and_forgets_beyond_its_most():
    law, none = Bond(), no_history(1)
    grown = [float(law.step(none, 1.0, 1.0, need, dt_s=10.0).good[0]) for need in GRID]
    assert rises(grown)
    assert grown[-1] == pytest.approx(1.0)
    full = law.step(
        Relationship(*(jnp.array([x]) for x in (150.0, 50.0, 0.0))), 1.0, 1.0, 1.0, dt_s=10.0
    )
    assert float((full.good + full.bad)[0]) == pytest.approx(law.most)
    assert float(full.good[0]) > 150.0


def test_safety_reaches_and_shares():
    law = SocialBaseline()
    assert law.reach(0.0) == law.stranger
    assert rises([law.reach(s) for s in GRID])
    assert rises([-law.weight(s, 0.0) for s in GRID])
    assert law.weight(0.3, 0.5) < law.weight(0.3, 0.0)
    assert law.weight(0.3, 0.5) == pytest.approx(law.weight(0.5, 0.3))


def test_a_rating_is_in_part_of_what_was_more_than_expected():
    law = Rating()
    # Who expects as much as others do rates what is felt.
    np.testing.assert_allclose(law.rated(0.6, law.usual), 0.6)
    little, much = law.rated(0.6, law.usual - 0.2), law.rated(0.6, law.usual + 0.2)
    np.testing.assert_allclose([little, much], [0.68, 0.52], rtol=1e-6)
    assert law.rated(0.95, 0.0) == 1.0
    assert law.rated(0.05, 1.0) == 0.0


def test_hope_is_what_was_better_than_expected_and_passes():
    law, hope = Hope(), 0.0
    for _ in range(30):
        hope = law.step(hope, 0.5, 1.0, 0.4, dt_s=10.0)
    assert law.level(hope) > 0.9
    for _ in range(600):
        hope = law.step(hope, 0.5, 1.0, 0.0, dt_s=10.0)
    assert law.level(hope) < 0.05
    assert law.level(-1.0) == 0.0


def test_hope_opens_plasticity_only_with_two_minds_that_think_about_it():
    law = SensitivePeriod()
    for at in range(1, 5):
        row = [0.15, 0.8, 0.8, 0.8, 0.8]
        assert rises([law.reopened(*row[:at], x, *row[at + 1 :]) for x in GRID])
        assert law.reopened(*row[:at], 0.0, *row[at + 1 :]) == pytest.approx(0.15)
    assert law.reopened(0.15, 1.0, 1.0, 1.0, 1.0) == pytest.approx(1.0)


def test_nothing_opens_where_nothing_can_be_learnt():
    assert SensitivePeriod().reopened(0.0, 1.0, 1.0, 1.0, 1.0) == 0.0


def test_the_same_act_again_tells_less_and_another_one_all():
    law, lately, answers = Contingency(), jnp.zeros((2, 1)), jnp.array([[0.9], [0.5]])
    same, other = jnp.array([[1.0], [0.0]]), jnp.array([[0.0], [1.0]])
    tells = []
    for _ in range(60):
        tells.append(float(law.of(same, lately, answers)[0]))
        lately = law.step(lately, same, dt_s=10.0)
    assert tells[0] == 1.0
    assert rises([-t for t in tells])
    assert tells[-1] < 0.06
    assert law.of(other, lately, answers)[0] == pytest.approx(1.0)


def test_to_be_ignored_again_is_to_be_ignored():
    ignores, always = jnp.array([[1.0], [0.0]]), jnp.array([[1.0], [0.0]])
    assert Contingency().of(ignores, always, jnp.array([[0.0], [0.9]])) == 1.0


def test_withdrawing_takes_feeling_where_it_soothes():
    law, felt = Deactivation(), jnp.array([0.1, 0.1, 0.7, 0.1])
    shut_out = [law.felt(felt, 1.0, e) for e in GRID]
    assert rises([calm for calm, *_ in shut_out])
    assert all(float(p.sum()) == pytest.approx(1.0) for p in shut_out)
    assert shut_out[-1][0] == pytest.approx(0.9 + 0.1 * 0.1)
    np.testing.assert_allclose(shut_out[-1][2] / shut_out[-1][3], 7.0, rtol=1e-4)
    np.testing.assert_array_equal(law.felt(felt, 0.0, 1.0), felt)
    np.testing.assert_array_equal(law.felt(felt, 1.0, 0.0), felt)


def test_thinking_and_withdrawing_both_soothe():
    law = SelfSoothing()
    assert rises([-law.recovery_s(0.8, 0.0, m, 90.0) for m in GRID])
    assert law.recovery_s(0.1, 0.0, 0.7, 90.0) == law.recovery_s(0.9, 0.0, 0.7, 90.0)
    assert law.recovery_s(0.5, 1.0, 0.0, 90.0) == pytest.approx((90.0 * law.soothing_s) ** 0.5)
    assert law.recovery_s(0.0, 1.0, 1.0, 90.0) == pytest.approx(90.0)


def test_a_mind_grows_by_being_thought_about():
    law = Mentalising()
    assert rises([law.capacity(0.2, 1.3, M) for M in (0.1, 0.3, 0.5)])
    level = 0.3
    for _ in range(500):
        level = law.mentalised(level, 0.7, 0.5, dt_s=10.0)
    assert 0.65 < level < 0.7


def test_arousal_shuts_what_is_not_borrowed():
    law = Mentalising()
    assert rises([law.unthinkable(a, 1.3, 0.3) for a in (0.2, 0.8, 1.5, 3.0)])
    assert rises([-law.unthinkable(1.5, 1.3, b) for b in GRID])
    assert law.unthinkable(0.2, 1.3, 0.0) == 0.0


def course(steps, law=None):
    """A course of trust: (perceived, owned) a tick; ruptures begun, repaired and left open."""
    law, at = (
        law or Rupture(),
        TrustCourse(*(jnp.array([x]) for x in (0.7, 0.7, 0.0, 0.0, 0.0))),
    )
    turned = np.zeros(3)
    for trust, owns in steps:
        at, now = law.step(at, trust, owns, 1.0, dt_s=10.0)
        turned += np.ravel(now)
    return tuple(turned)


FALL, RISE = [(0.2, 0.0)] * 8, [(0.9, 0.0)] * 40


def test_a_rupture_is_repaired_by_trust_regained_and_owned():
    assert course(FALL + RISE) == (1.0, 0.0, 1.0)
    assert course([*FALL, (0.5, 1.0), *RISE]) == (1.0, 1.0, 0.0)


def test_owning_what_is_not_broken_repairs_nothing():
    assert course([(0.5, 1.0), *FALL, *RISE]) == (1.0, 0.0, 1.0)


def test_a_rupture_that_nobody_owns_ends_since_no_more_is_expected():
    assert course([(0.2, 0.0)] * 60) == (1.0, 0.0, 0.0)
    assert course([(0.2, 0.0)] * 180) == (1.0, 0.0, 1.0)
    assert course([*FALL, *[(0.2, 1.0)] * 180]) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("notices", [0.0, 1.0])
def test_whether_a_rupture_is_noticed_is_settled_when_it_begins_and_until_it_ends(notices):
    law, at = Rupture(), TrustCourse(*(jnp.array([x]) for x in (0.7, 0.7, 0.0, 0.0, 0.0)))
    seen = []
    for trust, now in [(0.2, notices)] * 8 + [(0.2, 1.0 - notices)] * 8 + [(0.9, notices)] * 40:
        at, _ = law.step(at, trust, 0.0, now, dt_s=10.0)
        seen.append((float(at.ruptured[0]), float(at.noticed[0])))
    assert {noticed for ruptured, noticed in seen if ruptured} == {notices}
    assert {noticed for ruptured, noticed in seen if not ruptured} == {0.0}


def test_repaired_and_open_ruptures_are_remembered():
    law = Rupture()
    kept = law.kept(no_history(1), jnp.array([1.0]), jnp.array([0.0]))
    left = law.kept(no_history(1), jnp.array([0.0]), jnp.array([1.0]))
    assert (kept.good[0], kept.bad[0]) == (law.remembered, 0.0)
    assert (left.good[0], left.bad[0]) == (0.0, law.remembered)


def test_an_ending_worked_through_confirms_nothing():
    law, old, new = Endings(), jnp.array([1.0, 0.0, 0.0]), jnp.array([0.0, 0.8, 0.1])
    expected = jnp.array([0.5, 0.2, 0.2])
    assert rises([-law.left(expected, old, new, x) for x in GRID])
    assert law.left(expected, old, new, 1.0) == 0.0
    assert law.left(expected, old, new, 0.0) == pytest.approx(0.5 / 0.7)


def test_an_adult_is_in_part_its_own_childhood():
    from bowlby.simulation.dyad import new_experience
    from bowlby.theory import Theory
    from bowlby.theory.people import CareSeeker, RelationalMind

    own = new_experience(Theory(), CareSeeker(RelationalMind()), 3, 1)
    own = eqx.tree_at(lambda e: e.memory.weight, own, jnp.ones((3, 1)))
    other = eqx.tree_at(
        lambda e: (e.self_soothing, e.memory.weight), own, (jnp.ones(1), jnp.zeros((3, 1)))
    )
    law = YearsBetween()
    adult = law.grown(own, other)
    assert adult.self_soothing[0] == pytest.approx(law.own * 0.5 + (1.0 - law.own))
    np.testing.assert_array_equal(adult.memory.weight, own.memory.weight)


def test_loads_have_the_declared_mean_spread_and_memory():
    law = LifeLoad()
    z = np.random.default_rng(0).normal(size=(41, 20_000))
    loads = np.asarray(law.loads(jnp.asarray(z)))
    assert loads.shape == (40, 20_000)
    assert loads.mean() == pytest.approx(1.0, abs=0.05)
    logs = np.log(loads)
    assert logs.std(1).mean() == pytest.approx((0.7**2 + 0.5**2) ** 0.5, abs=0.02)
    after = np.corrcoef(logs[0] - 0.7 * z[0], logs[1] - 0.7 * z[0])[0, 1]
    assert after == pytest.approx(0.9, abs=0.01)

"""Partners come and go, friends and kin stay; siblings share a home."""

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.companions import Acquaintance, company_after, who_is_there
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.bond import Relationship
from bowlby.theory.illness import WEEKS_OF_A_YEAR, Felt
from bowlby.theory.partnership import Partnership

N = 64
SHORT = {
    "dyads": N, "seed": 9, "childhood": {"encounters": 3, "ticks": 50},
    "therapy": {"sessions": 0}, "life": {"waiting_weeks": 6, "ticks": 50, "follow_up_weeks": 0},
    "arms": [{"protocol": "waiting_list"}],
}  # fmt: skip
ALWAYS, NEVER = 0.0, 1.0
"""Uniform numbers at which everything, and nothing, happens."""


def test_couples_part_and_people_meet_at_the_declared_rates():
    law, n = Partnership(), 400_000
    rng = np.random.default_rng(2)
    for together, rate in ((1.0, law.parts), (0.0, law.meets)):
        parted, met = law.changes(
            jnp.full(n, together), 0.0, 0.0, jnp.asarray(rng.uniform(size=n))
        )
        seen = float((parted + met).mean()) * WEEKS_OF_A_YEAR
        assert seen == pytest.approx(rate, rel=0.1)
        assert float((met if together else parted).sum()) == 0.0


def test_the_distressed_part_sooner_and_the_hopeless_meet_nobody():
    law = Partnership()
    assert law.parting(1.0) > law.parting(0.0) > law.parting(-0.4)
    assert law.meeting(1.0) < law.meeting(0.0)
    assert law.lives_alone(1.0, 1.0) > law.lives_alone(0.0, 0.0)
    # Two in five of those from 25 to 54 live without a partner (Pew Research Center 2021).
    assert 0.28 < float(law.lives_alone(0.0, 0.0)) < 0.42
    assert Partnership(parts=0.0).lives_alone(2.0, 2.0) == 0.0


def test_nobody_is_wholly_alone_who_has_friends():
    assert Partnership().absence(1.0) == 0.0
    assert Partnership().absence(0.0) == pytest.approx(1.0 - Partnership().friends)


@pytest.fixture(scope="module")
def grown():
    course = build_course(SHORT)
    dyads = dyads_of(course, np.arange(N), Theory())
    return grow_up(dyads, schedule_of(course)).client, dyads


def known(value, client):
    one = jnp.ones(N)
    belief = jnp.full_like(client.life_model, 1.0 / len(client.life_model))
    return Acquaintance(belief, Relationship(value * one, one, one))


def after(client, dyads, other, uniform, weeks=5.0):
    client = client._replace(weeks=jnp.full(N, weeks))
    calm = Felt(jnp.zeros(N), jnp.zeros(N))
    standing = jnp.full((3, N), 2.0)
    return company_after(
        client, other, dyads.world.theory, dyads.seeker, calm, jnp.full(N, uniform), standing
    )


def test_who_is_known_after_a_week_is_who_was_there(grown):
    client, dyads = grown
    other = known(0.3, client)
    with_partner, _ = after(client, dyads, other, NEVER)
    assert float(with_partner.life_bond.good[0]) == pytest.approx(0.3)
    assert float(with_partner.company.friend_bond.good[0]) == 0.0
    alone = client._replace(company=client.company._replace(together=jnp.zeros(N)))
    with_friend, _ = after(alone, dyads, other, NEVER)
    assert float(with_friend.company.friend_bond.good[0]) == pytest.approx(0.3)
    assert float(with_friend.life_bond.good[0]) == 0.0


def test_a_parting_leaves_a_friend_and_a_new_partner_is_somebody_else(grown):
    client, dyads = grown
    other = known(7.0, client)
    parted, loss = after(client, dyads, other, ALWAYS)
    assert float(loss.min()) == 1.0
    there = who_is_there(parted, dyads)
    np.testing.assert_array_equal(there.figure.contingency, dyads.friend.contingency)
    assert float(there.absent.min()) == pytest.approx(
        1.0 - dyads.world.theory.partnership.friends
    )
    met, loss = after(parted, dyads, other, ALWAYS)
    assert float(loss.max()) == 0.0
    there, theory = who_is_there(met, dyads), dyads.world.theory
    expected = theory.partners.traits(jnp.full((3, N), 2.0))["contingency"]
    np.testing.assert_allclose(there.figure.contingency, expected, rtol=1e-6)
    assert float(there.bond.good.max()) == float(there.absent.max()) == 0.0
    # What the friend has shown stays with the friend.
    assert float(met.company.friend_bond.good.min()) == pytest.approx(7.0)


@pytest.fixture(scope="module")
def lives():
    return simulate(build_course(SHORT))


def test_people_who_live_alone_are_worse_off():
    course = build_course(SHORT | {"dyads": 192, "life": SHORT["life"] | {"waiting_weeks": 10}})
    weeks = simulate(course)["encounters"].to_dataset()
    at = np.flatnonzero(np.isfinite(weeks.week.to_numpy()))[1:]
    felt = weeks.life_distress.isel(encounter=at).to_numpy()
    together = weeks.together.isel(encounter=at).to_numpy()
    assert 0.5 < together.mean() < 0.8
    assert felt[together == 0].mean() > felt[together == 1].mean() + 0.15


def test_without_partnership_all_keep_their_partner(lives):
    kept = simulate(build_course(SHORT | {"ablate": ["partnership"]}))
    assert float(kept["encounters"].together.min()) == 1.0
    assert float(lives["encounters"].together.min()) == 0.0
    # Everything before the first week's end is the same.
    first = np.flatnonzero(np.isfinite(lives["encounters"].week.to_numpy()))[0]
    np.testing.assert_array_equal(
        kept["encounters"].life_distress[:, first], lives["encounters"].life_distress[:, first]
    )


def test_siblings_share_home_and_half_of_what_parents_hand_on():
    many = np.arange(4000)
    course = build_course({"kind": "childhood", "childhood": {"siblings": 2}})
    dyads = dyads_of(course, many, Theory())
    first, second = slice(0, None, 2), slice(1, None, 2)
    np.testing.assert_array_equal(dyads.caregiver.threat[first], dyads.caregiver.threat[second])
    np.testing.assert_array_equal(dyads.family_load[:, first], dyads.family_load[:, second])
    standing = np.asarray(dyads.standing)
    seen = np.mean([np.corrcoef(row[first], row[second])[0, 1] for row in standing])
    heritability = float(np.asarray(Theory().constitution.heritability).mean())
    assert seen == pytest.approx(0.5 * heritability, abs=0.02)
    unrelated = np.mean([np.corrcoef(row[1:-1:2], row[2::2])[0, 1] for row in standing])
    assert abs(unrelated) < 0.02


def test_an_only_child_is_as_before_and_families_are_told():
    alone = simulate(build_course(SHORT | {"kind": "childhood", "dyads": 8}))
    assert list(alone["readouts"].family.to_numpy()) == list(range(8))
    pairs = SHORT | {"kind": "childhood", "dyads": 8}
    pairs["childhood"] = SHORT["childhood"] | {"siblings": 2}
    told = simulate(build_course(pairs))["readouts"]
    assert list(told.family.to_numpy()) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_children_of_the_grown_have_no_siblings():
    with pytest.raises(CourseError, match="siblings=2 grow up with caregivers who are drawn"):
        build_course({"childhood": {"siblings": 2, "generations": 2}})

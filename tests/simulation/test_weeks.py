"""What closes a week and opens a session: each law gets what it is meant for."""

from types import SimpleNamespace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.simulation import adult_life, childhood, sessions
from bowlby.simulation.company import therapist
from bowlby.simulation.dyad import ContactTable, World
from bowlby.simulation.lives import Schedule
from bowlby.simulation.observables import zero_sums
from bowlby.simulation.population import filled, protocols
from bowlby.theory import Theory
from bowlby.theory.people import CareSeeker, RelationalMind

N = 64
ONE = jnp.ones(N)
KEYS = jax.random.split(jax.random.key(5), N)
EVENTFUL = Theory().changed("crises.yearly", 10.0).changed("crises.made", 3.0)


@pytest.fixture(scope="module")
def grown():
    """World, care-seekers, a pair of each, and the people they grow up to be."""
    theory = EVENTFUL.as_data()
    even = jnp.full((4, 4, 4, 4, 1), 0.25)
    world = World(theory, ContactTable(even, even), ContactTable(even, even))
    seeker = filled(CareSeeker(RelationalMind()), N)
    pair = childhood._newborn(seeker, world)
    return world, seeker, pair, childhood._grown(pair, seeker, world)


def sums_of(felt):
    """Sums over one tick that is felt so (0 calm to 3 overwhelmed), one number a dyad."""
    sums = zero_sums(N, EVENTFUL) | {"ticks": ONE}
    sums["felt"] = jax.nn.one_hot(jnp.asarray(felt), 4, axis=0)
    sums["value"] = jnp.full(N, float(EVENTFUL.illness.ordinary))
    return sums


def test_distress_makes_crises_and_calm_does_not(grown):
    world, seeker, pair, client = grown
    felt = jnp.where(jnp.arange(N) < N // 2, 2, 0)
    lived = client._replace(weeks=ONE)
    after, _ = adult_life._close_life(
        lived, pair, sums_of(felt), world, seeker, KEYS, jnp.asarray(0)
    )
    had = np.asarray(after.crisis) > 0.0
    assert had[: N // 2].mean() > 0.9
    assert had[N // 2 :].mean() < 0.3


def closed(grown, ruptured):
    world, seeker, pair, client = grown
    pair = eqx.tree_at(lambda p: p.course.ruptured, pair, ruptured)
    sums = sums_of(jnp.zeros(N, int))
    return client, sessions._close_session(
        client, pair, sums, sums, ONE, KEYS, 0.0 * ONE, world, seeker, jnp.asarray(0), ONE
    )


def test_a_rupture_left_open_is_remembered_as_bad(grown):
    half = jnp.where(jnp.arange(N) < N // 2, 1.0, 0.0)
    before, after = closed(grown, half)
    bad = np.asarray(after.client.therapy_bond.bad - before.therapy_bond.bad)
    good = np.asarray(after.client.therapy_bond.good - before.therapy_bond.good)
    assert (bad[: N // 2] > 0.0).all()
    assert (bad[N // 2 :] == 0.0).all()
    assert (good == good[0]).all()


def test_a_session_that_took_place_is_counted(grown):
    _, after = closed(grown, 0.0 * ONE)
    assert (np.asarray(after.client.attended) == 1.0).all()


def test_a_protocol_switches_in_the_session_that_it_names():
    theory = Theory()
    protocol = protocols(1, "attachment_informed", None, 3, theory)
    dyads = SimpleNamespace(protocol=protocol, world=SimpleNamespace(theory=theory))
    client, schedule = SimpleNamespace(old=jnp.ones((3, 1))), Schedule(sessions=4)
    in_session = [
        adult_life._treatment(week, dyads, schedule, client).propensity for week in range(4)
    ]
    early, late = np.asarray(protocol.early), np.asarray(protocol.late)
    assert not np.array_equal(early, late)
    for number, found in enumerate(in_session, start=1):
        np.testing.assert_array_equal(found, late if number >= 3 else early)


@pytest.mark.parametrize(
    ("trait", "does"), [("anxiety", "loom"), ("avoidance", "dismiss")]
)  # fmt: skip
def test_each_side_of_a_therapist_s_attachment_has_its_own_failure(trait, does):
    theory = Theory()
    acts = theory.interventions
    figure = {"anxiety": 0.0, "avoidance": 0.0, "repair": 0.5} | {trait: 1.0}
    scene = SimpleNamespace(
        theory=theory,
        people=SimpleNamespace(figure=SimpleNamespace(**figure)),
        mentalising=0.3,
        setting=SimpleNamespace(forced=0.0),
        pair=SimpleNamespace(
            figure_body=SimpleNamespace(arousal=1.0),
            course=SimpleNamespace(ruptured=0.0, noticed=0.0),
        ),
    )
    usual = jnp.eye(len(acts.names))[acts.index("hold")]
    found = therapist._with_failures(usual, scene)
    other = {"loom": "dismiss", "dismiss": "loom"}[does]
    assert found[acts.index(does)] > 2.0 * found[acts.index(other)]


def test_an_absence_is_named_in_a_protocol_as_far_as_it_is_near():
    theory, schedule = Theory(), Schedule(sessions=4)
    dyads = SimpleNamespace(
        protocol=protocols(1, "supportive", None, 1, theory),
        world=SimpleNamespace(theory=theory),
    )
    client = SimpleNamespace(old=jnp.ones((3, 1)))
    found = [adult_life._treatment(w, dyads, schedule, client).absence for w in range(4)]
    np.testing.assert_allclose(
        found, float(theory.endings.earlier) ** np.arange(3.0, -1.0, -1.0)
    )


def test_sessions_are_counted_to_the_next_absence():
    schedule = Schedule(sessions=8, breaks=(5,))
    found = [schedule.until_absence(session) for session in range(1, 9)]
    # The fifth does not take place: the fourth is the last before it.
    assert found == [3, 2, 1, 0, 3, 2, 1, 0]

"""Alliance as three informants rate it, and what ends bad hours."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.company.nobody import without
from bowlby.simulation.simulate import simulate
from bowlby.simulation.tick import Offer
from bowlby.theory import Theory
from bowlby.theory.instruments import without_error

COURSE = {
    "dyads": 6, "seed": 2, "measures": without_error(), "keep": "encounters",
    "therapy": {"sessions": 6, "ticks": 100, "may_leave": False},
    "life": {"waiting_weeks": 2, "ticks": 50, "follow_up_weeks": 0},
    "arms": [{"protocol": "attachment_informed", "therapist": "population"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def clients():
    """Scores without error, and means over sessions 3 to 6."""
    tree = simulate(build_course(COURSE))
    weeks = tree["encounters"].to_dataset()
    rated = weeks.isel(encounter=np.flatnonzero(weeks.session.to_numpy() >= 3))
    return tree["readouts"].to_dataset(), rated.mean("encounter"), weeks


def first_session(weeks):
    return weeks.isel(encounter=int(np.flatnonzero(weeks.session.to_numpy() == 1)[0]))


def test_the_client_rates_bond_tasks_and_goals_alike(clients):
    read, early, weeks = clients
    bond = against_what_was_expected(early.trust, weeks)
    for part, latent in (("bond", bond), ("tasks", early.fit), ("goals", early.expects)):
        np.testing.assert_allclose(read[f"{part}_client"], latent, atol=1e-4)
    parts = (bond + early.fit + early.expects) / 3.0
    np.testing.assert_allclose(read.alliance_client, parts, atol=1e-4)


def against_what_was_expected(felt, weeks):
    """Two fifths of a rating are of what was more or less than .43, or what was expected."""
    return felt - 0.4 * (first_session(weeks).trust_before - 0.43)


def test_to_feel_understood_is_rated_against_what_was_expected_too(clients):
    read, early, weeks = clients
    rated = against_what_was_expected(early.felt_understood, weeks)
    np.testing.assert_allclose(read.understanding_perceived, rated, atol=1e-4)
    assert (early.felt_understood < early.fit).all()


def test_a_first_session_that_is_left_out_is_not_what_was_expected():
    """Who comes to the second session first rates against the trust of then."""
    therapy = COURSE["therapy"] | {"breaks": [1]}
    tree = simulate(build_course(COURSE | {"therapy": therapy}))
    read, weeks = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    session = weeks.session.to_numpy()
    before = weeks.trust_before.to_numpy()
    assert np.isnan(before[:, session == 1]).all()
    early = weeks.isel(encounter=np.flatnonzero(session >= 3)).trust.mean("encounter")
    second = before[:, np.flatnonzero(session == 2)[0]]
    np.testing.assert_allclose(read.bond_client, early - 0.4 * (second - 0.43), atol=1e-4)


def test_a_session_begins_with_the_trust_that_was_left(clients):
    *_, weeks = clients
    sessions = weeks.isel(encounter=np.flatnonzero(weeks.session.to_numpy() >= 1))
    # Trust of a bond is not that of a session, but grows with it from the first one on.
    before = sessions.trust_before.to_numpy()
    assert (np.diff(before[:, [0, -1]], axis=1) > 0.0).all()
    assert np.ptp(before[:, 0]) > 0.1


def test_who_is_left_alone_in_calm_lacks_nothing_and_is_not_understood():
    def felt(protocol):
        arms = [{"protocol": protocol, "therapist": "average"}]
        read = simulate(build_course(COURSE | {"arms": arms}))["readouts"].to_dataset()
        return read.tasks_client.to_numpy(), read.understanding_perceived.to_numpy()

    near, distant = felt("supportive"), felt("cold")
    assert (distant[1] < near[1]).all()
    assert distant[1].mean() < near[1].mean() - 0.15
    assert distant[1].mean() < distant[0].mean() - 0.3


def test_the_others_rate_what_they_can_see(clients):
    read, early, _ = clients
    joins = 1.0 - early.action_share.sel(action=["withdraw", "protest"]).sum("action")
    np.testing.assert_allclose(read.alliance_observer, (early.trust + joins) / 2.0, atol=1e-4)
    therapist = (early.understanding + joins + early.expects) / 3.0
    np.testing.assert_allclose(read.alliance_therapist, therapist, atol=1e-4)


def test_what_is_expected_of_help_follows_the_weeks(clients):
    *_, weeks = clients
    expects = weeks.expects.to_numpy()[..., weeks.session.to_numpy() > 0]
    assert np.isfinite(expects).all()
    assert np.ptp(expects, axis=-1).min() > 0.005
    before = Theory().expectation.weight
    most = (before * 1.0 + 6.0) / (before + 6.0)
    assert 0.0 < expects.min() < expects.max() < most


def test_who_expects_help_is_readier_to_see_somebody_new():
    def first(expectation):
        content = COURSE | {"client": {"expectation": expectation}, "ablate": ["constitution"]}
        weeks = simulate(build_course(content))["encounters"].to_dataset()
        session = first_session(weeks)
        return session.model_belief.to_numpy(), session.new_model.to_numpy()

    assert first(0.95)[1].mean() > first(0.05)[1].mean()


def test_who_is_away_neither_calms_nor_frightens_nor_misleads():
    there = Offer(*[0.5] * len(Offer._fields))
    gone = without(there, 1.0, 0.06)
    nothing = {
        "contact", "is_seen", "information", "evidence", "plasticity", "named", "misled",
        "mentalising",
    }  # fmt: skip
    assert {name for name in Offer._fields if getattr(gone, name) == 0.0} == nothing
    assert gone.kick == 0.06
    half = without(there, 0.5, 0.0)
    assert half.misled == half.contact == 0.25


def test_quarrels_end_because_arousal_leaves_less_room_for_more():
    def arousal_of(initial_value):
        content = {
            "kind": "couple", "dyads": 24, "seed": 3,
            "childhood": {"encounters": 4, "ticks": 100}, "couple": {"weeks": 6, "ticks": 50},
        }  # fmt: skip
        course = build_course(content, changes={"theory.arousal.initial_value": initial_value})
        arousal = simulate(course)["readouts"].to_dataset().couple_arousal.to_numpy()
        return arousal.mean(-1)

    ends, goes_on = arousal_of(1.0), arousal_of(0.0)
    assert ends.mean() < goes_on.mean() - 0.4
    assert (ends > 2.0).mean() < 0.2 < (goes_on > 2.0).mean()

"""Couples and groups of three: people who are each other's figure."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.courses.sections import CoupleSection
from bowlby.simulation import bodies
from bowlby.simulation.arms import as_caregiver, dyads_of
from bowlby.simulation.bodies import Drives
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.couple import live_together, meetings
from bowlby.simulation.instruments.couple import correlation
from bowlby.simulation.population import figures
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.simulate import simulate
from bowlby.studies.simulation_run import run_course
from bowlby.theory import Theory
from bowlby.theory.regulation import LATENCY_STEPS

COUPLES, PEOPLE = 8, 16
COURSE = {
    "kind": "couple", "dyads": COUPLES, "seed": 3,
    "childhood": {"encounters": 2, "ticks": 50},
    "couple": {"weeks": 2, "ticks": 50},
}  # fmt: skip
WEEKS = CoupleSection(weeks=2, ticks=50)
SWAPPED = np.arange(PEOPLE) ^ 1


def course(**couple):
    return build_course(COURSE | {"couple": COURSE["couple"] | couple})


@pytest.fixture(scope="module")
def grown():
    """Everybody of eight couples, and what their childhoods left."""
    dyads = dyads_of(course(), np.arange(PEOPLE), Theory())
    return dyads, grow_up(dyads, schedule_of(course())).client


def placed(tree, at):
    """The same people, in other places."""
    return jax.tree.map(lambda leaf: leaf[..., at] if np.ndim(leaf) else leaf, tree)


def lived(grown, at):
    """Rows of weeks of the people at some places, beside each other."""
    dyads, client = grown
    there = placed(dyads._replace(observer=None, world=None), at)
    there = there._replace(world=dyads.world)
    week_of = meetings(2, COUPLES, PEOPLE)
    as_figure = placed(figures(PEOPLE, as_caregiver(client, dyads)), at)
    return live_together(
        placed(client, at), there, as_figure, week_of, WEEKS, schedule_of(course())
    )


SEEN = ("life_distress", "life_body", "life_trust", "life_safety", "life_value", "contact")


@pytest.fixture(scope="module")
def as_they_are(grown):
    return lived(grown, np.arange(PEOPLE))


def test_swapping_two_people_swaps_what_happens_to_them(grown, as_they_are):
    swapped = lived(grown, SWAPPED)
    for name in SEEN:
        theirs = as_they_are.rows[-1][name]
        np.testing.assert_array_equal(swapped.rows[-1][name], theirs[SWAPPED])
        assert theirs.std() > 0.0
    np.testing.assert_array_equal(
        swapped.client.body.arousal, np.asarray(as_they_are.client.body.arousal)[SWAPPED]
    )


def test_two_people_alike_with_the_same_chance_live_the_same(grown):
    twins = lived(grown, np.arange(PEOPLE) // 2 * 2)
    for name in SEEN:
        one = twins.rows[-1][name]
        np.testing.assert_array_equal(one, one[SWAPPED])


def test_whom_one_is_with_matters(grown, as_they_are):
    others = lived(grown, np.roll(np.arange(PEOPLE), 1))
    moved = np.roll(as_they_are.rows[-1]["life_body"], 1)
    assert np.abs(others.rows[-1]["life_body"] - moved).max() > 0.01


def test_contact_belongs_to_both(as_they_are):
    contact = as_they_are.ticks[-1]["contact"]
    np.testing.assert_array_equal(contact, contact[:, SWAPPED])
    assert contact.std() > 0.0


def two_bodies(contact, contagion=0.05):
    """Arousal of a calm and an aroused person beside each other, nothing else happening."""
    people, none = jnp.asarray([0.2, 1.4]), jnp.zeros(2)
    drives = Drives(
        gain=none, latency_s=none, kick=none, fright=none, contact=contact * jnp.ones(2),
        recovery_s=60.0, reactivity=1.0, seeker_contagion=contagion, figure_contagion=1e3,
        figure_recovery_s=1.0,
    )  # fmt: skip
    found = bodies.side_by_side(
        people, jnp.broadcast_to(people, (LATENCY_STEPS, 2)), jnp.asarray([1, 0]), drives,
        Theory(), jnp.zeros((10, 2, 2)),
    )  # fmt: skip
    np.testing.assert_array_equal(found.figure, found.seeker[::-1])
    np.testing.assert_array_equal(found.each[:, 0], found.each[:, 1, ::-1])
    return np.asarray(found.seeker)


def test_what_contagion_gives_to_one_it_takes_from_the_other():
    apart, near = two_bodies(0.0), two_bodies(1.0)
    assert near.sum() == pytest.approx(apart.sum(), rel=1e-5)
    # Counted once: a second's difference loses the pulls of both, 2 x .05, as a constant drive.
    kept = np.exp(-1.0 / 60.0)
    expected = kept - 2.0 * 0.05 * 60.0 * (1.0 - kept)
    assert near[1] - near[0] == pytest.approx(1.2 * expected**10, rel=1e-4)


def test_without_contagion_a_body_is_left_alone():
    np.testing.assert_allclose(two_bodies(1.0, contagion=0.0), two_bodies(0.0))


def test_three_meet_two_at_a_time():
    week = meetings(3, 2, 8)
    pairs = [
        {frozenset({i, int(m.other[i])}) for i in range(6) if not m.alone[i]} for m in week
    ]
    assert [len(pair) for pair in pairs] == [2, 2, 2]
    assert len(set.union(*pairs)) == 6
    assert sum(m.alone[:6] for m in week) == pytest.approx(np.ones(6))
    assert all(m.alone[6:].all() for m in week)


@pytest.fixture(scope="module")
def three():
    return simulate(build_course(COURSE | {"dyads": 5, "couple": {
        "members": 3, "weeks": 2, "ticks": 50}}))  # fmt: skip


def test_each_of_three_has_a_relationship_with_each_other(three):
    weeks = three["encounters"].to_dataset()
    trust = weeks.trust_in.to_numpy()
    own = np.eye(3, dtype=bool)
    assert np.isnan(trust[..., own]).all()
    assert np.isfinite(trust[..., ~own]).all()
    np.testing.assert_allclose(np.nanmean(trust, -1), weeks.life_trust, rtol=1e-5)
    assert np.nanstd(trust, -1).min() > 0.0
    assert three["readouts"].couple_trust.dims == ("dyad", "member")


@pytest.fixture(scope="module")
def couples():
    return simulate(course(weeks=3, apart=[1]))


def test_a_couple_does_not_depend_on_who_else_is_simulated(couples):
    fewer = simulate(build_course(COURSE | {"dyads": 5, "couple": {
        "weeks": 3, "ticks": 50, "apart": [1]}}))  # fmt: skip
    for name in ("couple_distress", "couple_trust", "anxiety", "couple_synchrony"):
        np.testing.assert_array_equal(
            fewer["readouts"][name], couples["readouts"][name].isel(dyad=slice(5))
        )


def test_nobody_is_there_in_weeks_apart(couples):
    weeks = couples["encounters"].to_dataset()
    assert list(weeks.phase.to_numpy()) == ["together", "apart", "together"]
    assert (weeks.contact.isel(encounter=1) == 0.0).all()
    assert np.isnan(weeks.synchrony.isel(encounter=1)).all()
    assert np.isfinite(weeks.synchrony.isel(encounter=0)).all()


def test_load_is_shared_by_a_household():
    dyads = dyads_of(course(), np.arange(PEOPLE), Theory())
    load = np.asarray(dyads.load)
    np.testing.assert_array_equal(load, load[:, SWAPPED])
    assert load.std() > 0.1


@pytest.mark.parametrize(("assortment", "low", "high"), [(0.0, -0.1, 0.1), (0.6, 0.5, 0.7)])
def test_people_find_each_other_as_far_as_is_said(assortment, low, high):
    dyads = dyads_of(course(assortment=assortment), np.arange(1200), Theory())
    for values in (*np.asarray(dyads.standing)[:4], np.log(dyads.caregiver.threat)):
        assert low < np.corrcoef(values[::2], values[1::2])[0, 1] < high


def test_each_member_can_be_raised_by_somebody_else():
    raised = course(raised_by=["rejecting", {"contingency": 1.5}])
    caregiver = dyads_of(raised, np.arange(PEOPLE), Theory()).caregiver
    assert set(np.asarray(caregiver.contingency)[::2]) == {-1.5}
    assert set(np.asarray(caregiver.contingency)[1::2]) == {1.5}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"couple": {"members": 1}}, "couple.members: a couple has 2 members and a group 3"),
        ({"couple": {"members": 4}}, "a group 3, got 4"),
        ({"couple": {"members": True}}, "a group 3, got True"),
        ({"couple": {"members": "two"}}, "a group 3, got 'two'"),
        ({"couple": {"assortment": 1.0}}, "outside its range 0 to 0.95 r"),
        ({"couple": {"ticks": 60}}, "couple.ticks"),
        ({"couple": {"apart": [20]}}, "apart names week 20, but the weeks are 0 to 19"),
        ({"couple": {"stress": {"-1": 2.0}}}, "stress names week -1"),
        ({"couple": {"raised_by": ["sensitive"]}}, "each of 2 members, got 1"),
        ({"couple": {"raised_by": ["sensitve", "rejecting"]}}, "'sensitve' is not known"),
        ({"couple": {"weks": 3}}, "couple.weks: no such parameter"),
        ({"therapy": {"sessions": 3}}, "couple therapy is not modelled"),
        ({"therapy": {"sessions": 30}}, "couple therapy is not modelled"),
        ({"arms": [{"protocol": "supportive"}]}, "couple therapy is not modelled"),
        ({"arms": [{"protocol": "attachment_informed"}]}, "couple therapy is not modelled"),
        ({"trial": {}}, "trial: couple therapy is not modelled"),
        ({"life": {"ticks": 50}}, r"stand in \[couple\]"),
        ({"instruments": ["still_face"]}, "instruments is not for couples"),
        ({"recruiting": {"ill": True}}, "recruiting is not for couples"),
        ({"childhood": {"siblings": 2}}, "leave out childhood.siblings"),
    ],
)
def test_what_is_no_couple_is_refused_with_what_to_do(more, said):
    with pytest.raises(CourseError, match=said):
        build_course({"kind": "couple"} | more)


def test_a_couple_in_another_kind_of_course_is_refused():
    with pytest.raises(CourseError, match="add that line"):
        build_course({"couple": {"members": 3}})


def test_a_course_of_couples_is_read_again_as_it_is_kept():
    asked = course(members=3, stress={"1": 2.0})
    assert build_course(asked.model_dump(mode="json")) == asked
    assert build_course({"kind": "couple", "therapy": {"depth": 1}}).therapy.depth == 1


def test_parameters_of_partners_and_therapists_are_not_for_couples():
    values = {"client.memory": 70.0, "life.partner_quality": -1.0, "therapy.skill_sd": 0.6}
    assert build_course({"kind": "couple"}, parameters=values).client.memory == 70.0


def test_a_run_writes_a_row_for_each_member_and_a_report(tmp_path):
    import pandas as pd

    out = tmp_path / "run"
    run_course(course(weeks=3, apart=[1]), out)
    readouts = pd.read_parquet(out / "readouts.parquet")
    assert list(readouts.columns[:2]) == ["dyad", "member"]
    assert readouts.dyad.tolist() == [i // 2 for i in range(PEOPLE)]
    assert readouts.member.tolist() == [0, 1] * COUPLES
    sessions = pd.read_parquet(out / "sessions.parquet")
    assert len(sessions) == PEOPLE * 3
    assert sessions.trust_in_1[sessions.member == 0].notna().all()
    assert sessions.trust_in_0[sessions.member == 0].isna().all()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "8 couples: people who are each other" in page
    assert "They lived 3 weeks with each other, 1 of them apart." in page


def pulled(arousal, strangers):
    """Mean correlation of one's arousal with the other's a tick before (dyad, tick, member)."""
    shift = np.roll(arousal, -1, axis=0) if strangers else arousal
    found = [
        correlation(one[1:, m], other[:-1, 1 - m])
        for one, other in zip(arousal, shift, strict=True)
        for m in (0, 1)
    ]
    return float(np.nanmean(found))


def test_arousal_follows_the_other_and_not_a_stranger():
    weeks = simulate(build_course(COURSE | {"keep": "ticks"}))["ticks"].arousal.mean("second")
    arousal = weeks.isel(encounter=-1).to_numpy()
    assert pulled(arousal, strangers=False) > pulled(arousal, strangers=True) + 0.1


@pytest.fixture(scope="module")
def raised():
    """Sixty-four couples, the same people with the same chance, raised by others."""
    return {
        name: simulate(
            build_course(
                {
                    "kind": "couple", "dyads": 64, "seed": 3, "keep": "encounters",
                    "couple": {"weeks": 12, "apart": [6], "raised_by": who},
                }
            )
        )
        for name, who in {
            "secure": ["sensitive", "sensitive"],
            "rejected": ["rejecting", "rejecting"],
            "pursuing and withdrawing": ["inconsistent", "rejecting"],
        }.items()
    }  # fmt: skip


def more_than_secure(raised, name, readout):
    """Mean difference to secure couples, and its standard error."""
    one, secure = (raised[n]["readouts"][readout].mean("member") for n in (name, "secure"))
    difference = (one - secure).to_numpy()
    return difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rejected", "pursuing and withdrawing"])
def test_secure_couples_are_calmer_and_trust_more(raised, name):
    arousal, error = more_than_secure(raised, name, "couple_arousal")
    assert arousal > 2.0 * error
    trust, error = more_than_secure(raised, name, "couple_trust")
    assert trust < -2.0 * error


@pytest.mark.slow
def test_those_who_calm_each_other_are_more_aroused_apart(raised):
    weeks = raised["secure"]["encounters"].life_arousal.mean("member")
    before = weeks.isel(encounter=slice(2, 6)).mean("encounter")
    change = weeks.isel(encounter=6) - weeks.isel(encounter=slice(7, 9)).mean("encounter")
    calm = change.where(before < before.median()).to_numpy()
    calm = calm[np.isfinite(calm)]
    assert calm.mean() > 2.0 * calm.std(ddof=1) / np.sqrt(len(calm))

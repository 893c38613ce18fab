"""Who gets which arm and therapist: sizes, balance, and that nobody can foretell."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.trials.allocation import allocate, clients_of

WAITING = [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}]
TREATED = [{"protocol": "cold"}, {"protocol": "supportive"}]


def design(trial, arms=WAITING):
    return build_course({"arms": arms, "trial": {"clients_per_arm": 30} | trial})


def before(n, seed=1):
    rng = np.random.default_rng(seed)
    return {"internalising_before": rng.normal(1.0, 0.7, n),
            "pattern": rng.choice(list("ABCD"), n, p=[0.2, 0.5, 0.2, 0.1])}  # fmt: skip


def drawn(trial, arms=WAITING, *, repetition=0):
    plan = design(trial, arms)
    return allocate(plan, before(clients_of(plan)), repetition=repetition)


def imbalance(found, levels):
    """Mean over levels of the difference between two arms."""
    sizes = [np.bincount(found.arm[levels == each], minlength=2) for each in np.unique(levels)]
    return float(np.mean([abs(a - b) for a, b in sizes]))


@pytest.mark.parametrize(("weights", "sizes"), [((), [30, 30]), ((2, 1), [60, 30])])
def test_arms_have_the_sizes_asked_for(weights, sizes):
    found = drawn({"allocation": weights})
    np.testing.assert_array_equal(np.bincount(found.arm), sizes)


def test_blocks_have_random_lengths():
    plan = design({"clients_per_arm": 3000})
    arm = allocate(plan, {}).arm
    # Who guesses the arm that is behind is right in about 3 of 4 with blocks of two.
    behind = np.cumsum(np.where(arm == 0, 1, -1))[:-1]
    tells = behind != 0
    guessed = np.where(behind > 0, 1, 0)
    right = np.mean(guessed[tells] == arm[1:][tells])
    assert right < 0.9
    # In blocks of two the arm that is behind always comes next.
    assert np.abs(behind).max() == 3


def test_every_stratum_is_balanced():
    found = drawn({"clients_per_arm": 100, "strata": {"pattern": []}})
    assert imbalance(found, before(200)["pattern"]) <= 1.5


def test_without_strata_they_are_less_balanced():
    plans = [drawn({"clients_per_arm": 100}, repetition=r) for r in range(20)]
    assert np.mean([imbalance(found, before(200)["pattern"]) for found in plans]) > 3.0


def test_minimisation_balances_many_factors_better_than_chance():
    factors = {"pattern": [], "internalising_before": [0.6, 1.4]}
    levels = np.digitize(before(60)["internalising_before"], [0.6, 1.4])
    by = {
        how: np.mean([
            imbalance(drawn({"randomisation": how} | more, repetition=r), levels)
            for r in range(20)
        ])
        for how, more in (("minimisation", {"strata": factors}), ("simple", {}))
    }  # fmt: skip
    assert by["minimisation"] < 0.5 * by["simple"]


def test_minimisation_keeps_unequal_allocation():
    found = drawn({"clients_per_arm": 100, "allocation": [2, 1],
                   "randomisation": "minimisation", "strata": {"pattern": []}})  # fmt: skip
    assert abs(np.bincount(found.arm)[0] - 200) < 12


def test_minimisation_is_not_told_by_who_is_in():
    """The arm that balances best is taken in 8 of 10, not always."""
    found = drawn({"clients_per_arm": 500, "randomisation": "minimisation",
                   "strata": {"pattern": []}})  # fmt: skip
    pattern = before(1000)["pattern"]
    counts = {p: [0, 0] for p in "ABCD"}
    kept = []
    for p, arm in zip(pattern, found.arm, strict=True):
        a, b = counts[p]
        if a != b:
            kept.append(arm == (0 if a < b else 1))
        counts[p][arm] += 1
    assert abs(np.mean(kept) - 0.8) < 0.06


def test_therapists_are_nested_in_arms():
    arm, therapist, *_ = drawn({"therapists_per_arm": 4}, TREATED)
    assert set(therapist[arm == 0]) == {0, 1, 2, 3}
    assert set(therapist[arm == 1]) == {4, 5, 6, 7}


def test_crossed_therapists_work_in_all_arms():
    arm, therapist, *_ = drawn({"therapists_per_arm": 4, "therapists": "crossed"}, TREATED)
    assert set(therapist[arm == 0]) == set(therapist[arm == 1]) == {0, 1, 2, 3}


def test_an_arms_clients_are_divided_among_its_therapists():
    arm, therapist, *_ = drawn({"therapists_per_arm": 4})
    np.testing.assert_array_equal(np.sort(np.bincount(therapist[arm == 0])), [7, 7, 8, 8])


def test_nobody_on_a_waiting_list_has_a_therapist():
    found = drawn({})
    assert (found.therapist[found.arm == 1] == -1).all()


def test_therapists_of_a_site_see_clients_of_that_site():
    found = drawn({"sites": 2, "therapists_per_arm": 4, "strata": {"site": []}}, TREATED)
    assert all(len(set(found.site[found.therapist == t])) == 1 for t in range(8))


def test_randomised_therapists_keep_to_one_arm():
    found = drawn({"randomisation": "therapists", "therapists_per_arm": 6}, TREATED)
    arms = [set(found.arm[found.therapist == t]) for t in range(12)]
    assert all(len(each) == 1 for each in arms)
    assert sum(each == {0} for each in arms) == 6


def test_in_a_stepped_wedge_therapists_change_once_and_all_do():
    plan = {"clients_per_arm": 60, "therapists_per_arm": 6, "steps": 3}
    found = drawn(plan, TREATED)
    for t in range(6):
        mine = found.arm[found.therapist == t]
        assert mine[0] == 0
        assert mine[-1] == 1
        assert (np.diff(mine) >= 0).all()
    assert [found.arm[found.period == p].mean() for p in (0, 3)] == [0.0, 1.0]
    assert 0.2 < found.arm[found.period == 1].mean() < 0.5


def test_recruiting_takes_the_time_its_rate_says():
    weeks = [drawn({"recruited_per_week": 3.0}, repetition=r).week[-1] for r in range(50)]
    assert abs(np.mean(weeks) - 20.0) < 1.5


def test_each_repetition_has_its_own_allocation():
    assert (drawn({}, repetition=1).arm != drawn({}, repetition=2).arm).any()

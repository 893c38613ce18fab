import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bowlby.synchrony.few_samples import (
    Samples,
    actor_partner,
    area_under_curve,
    change_together,
    level_together,
    samples_from_table,
)


def table(seed, *, level=0.0, change=0.0, dyads=30, occasions=6, follows=0.0):
    """Two people a dyad on a common course, alike in level, in change, or one following."""
    rng = np.random.default_rng(seed)
    own = rng.multivariate_normal([0, 0], [[1, level], [level, 1]], dyads)
    moves = rng.multivariate_normal([0, 0], [[1, change], [change, 1]], (dyads, occasions))
    moves[:, 1:, 1] += follows * moves[:, :-1, 0]
    values = 5 + own[:, None] + moves + np.linspace(1, -1, occasions)[:, None]
    return pd.DataFrame(
        [
            {"dyad": d, "role": "ab"[k], "time": t, "cortisol": values[d, t, k]}
            for d in range(dyads)
            for t in range(occasions)
            for k in range(2)
        ]
    )


def samples(seed, **truth):
    return samples_from_table(table(seed, **truth), "cortisol")


def test_areas_are_trapezia_from_ground_and_from_the_first_value():
    ground, increase = area_under_curve(
        np.array([[2.0, 4.0, 3.0]]), np.array([0.0, 10.0, 30.0])
    )
    np.testing.assert_allclose([ground[0], increase[0]], [100.0, 40.0])


def test_the_correlation_of_levels_is_scipys():
    found = samples(1, level=0.6)
    theirs = stats.pearsonr(found.x.mean(axis=1), found.y.mean(axis=1))
    own = level_together(found, permutations=999)
    np.testing.assert_allclose(own.r, theirs.statistic)
    assert own.p <= 0.05


def test_a_course_that_everybody_has_is_no_synchrony_and_change_is():
    alone = [change_together(samples(s), permutations=99).p <= 0.05 for s in range(40)]
    together = change_together(samples(3, change=0.5), permutations=199)
    # 2 expected of 40; the exact 99.9 % interval ends at 8.
    assert sum(alone) <= 8
    assert together.low < 0.5 < together.high
    assert together.p <= 0.01


def test_who_follows_whom_is_found_and_nothing_else():
    paths = {(p.outcome, p.effect): p for p in actor_partner(samples(4, follows=0.5, dyads=80))}
    assert paths["b", "partner"].p <= 0.01
    assert paths["b", "partner"].low < 0.5 < paths["b", "partner"].high
    assert paths["a", "partner"].low < 0.0 < paths["a", "partner"].high


def test_missing_occasions_leave_the_rest():
    data = table(5, change=0.5).drop(index=[3, 17, 40, 41])
    assert change_together(samples_from_table(data, "cortisol"), permutations=99).dyads == 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.assign(cortisol=t.cortisol - 9), "no logarithm"),
        (lambda t: t[t.dyad < 4], "4 dyads have both"),
        (lambda t: t.assign(role="c"), "a dyad has two people"),
        (lambda t: pd.concat([t, t.head(1)]), "two values at time"),
        (lambda t: t.drop(columns="time"), "No column 'time'"),
    ],
)
def test_tables_that_cannot_be_answered_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        samples_from_table(change(table(6)), "cortisol", log=True)


@pytest.mark.parametrize("what", ["level", "change", "partner"])
def test_dyads_that_differ_in_spread_give_no_more_false_positives_than_stated(what):
    """Some dyads vary more than others in both their people, who are not related."""
    hits, studies = 0, 60
    for seed in range(studies):
        rng = np.random.default_rng([8, seed])
        x, y = rng.lognormal(0.0, 0.8, (20, 1)) * rng.normal(size=(2, 20, 5))
        drawn = {"permutations": 99, "seed": seed}
        found = Samples(x, y, np.arange(5.0), tuple(map(str, range(20))), ("a", "b"))
        if what == "level":
            hits += level_together(found, **drawn).p <= 0.05
        elif what == "change":
            hits += change_together(found, **drawn).p <= 0.05
        else:
            hits += actor_partner(found, **drawn)[1].p <= 0.05
    # 3 expected of 60; the exact 99.9 % interval ends at 10.
    assert hits <= 10


@pytest.mark.parametrize("clock", ["number", "14:30"])
def test_an_hour_that_both_share_is_no_synchrony_once_it_is_given(clock):
    """Cortisol falls over the day; dyads come at hours of their own."""
    rng = np.random.default_rng(9)
    rows = [
        {"dyad": d, "role": role, "time": t, "hour": hour, "cortisol": 12 * np.exp(-hour / 8)
         + 0.3 * rng.normal()}
        for d in range(30)
        for start in [rng.integers(8, 17) + 0.5]
        for role in "ab"
        for t in range(4)
        for hour in [start + t]
    ]  # fmt: skip
    rows = pd.DataFrame(rows)
    if clock == "14:30":
        rows["hour"] = [f"{int(h)}:30" for h in rows.hour]
    drawn = {"permutations": 199, "seed": 1}
    plain, given = (samples_from_table(rows, "cortisol", hour=h) for h in (None, "hour"))
    assert level_together(plain, **drawn).p < 0.01
    assert abs(level_together(given, **drawn).r) < 0.4
    assert level_together(given, **drawn).p > 0.05
    assert change_together(given, **drawn).p > 0.05


def test_an_hour_that_is_none_is_refused():
    rows = table(1).assign(hour="noon")
    with pytest.raises(ValueError, match="'noon', which is no hour of the day"):
        samples_from_table(rows, "cortisol", hour="hour")

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bowlby.synchrony.group import associate


def table(seed=1, dyads=20, sessions=1, difference=0.0):
    rng = np.random.default_rng(seed)
    rows = [
        {
            "dyad": f"d{i}",
            "session": s,
            "group": "a" if i % 2 else "b",
            "z": level + rng.normal() + difference * (i % 2 == 0),
            "outcome": float(i),
        }
        for i in range(dyads)
        for level in [rng.normal()]
        for s in range(sessions)
    ]
    return pd.DataFrame(rows)


def test_the_difference_of_two_groups_is_the_difference_of_means():
    data = table()
    (found,) = associate(data, "group")
    means = data.groupby("group").z.mean()
    assert found.contrast == "b - a"
    np.testing.assert_allclose(found.slope, means.b - means.a)


def test_cohens_d_agrees_with_its_t_statistic():
    data = table()
    (found,) = associate(data, "group")
    t = stats.ttest_ind(data.z[data.group == "b"], data.z[data.group == "a"]).statistic
    np.testing.assert_allclose(found.d, t * np.sqrt(1 / 10 + 1 / 10))


def test_an_outcome_gives_a_slope_and_a_correlation():
    data = table()
    (found,) = associate(data, "outcome")
    expected = stats.linregress(data.outcome, data.z)
    np.testing.assert_allclose([found.slope, found.d], [expected.slope, expected.rvalue])


def test_dyads_with_several_sessions_get_a_multilevel_model():
    (found,) = associate(table(sessions=4), "group")
    assert found.model.startswith("multilevel")
    assert (found.sessions, found.dyads) == (80, 20)


def test_a_real_difference_is_found():
    (found,) = associate(table(difference=3.0), "group")
    assert found.p_permutation < 0.01
    assert found.low > 0


def test_dyads_not_sessions_are_permuted():
    # Ten sessions of a dyad are no ten dyads: false positives stay near .05.
    p = [
        associate(table(seed=s, dyads=8, sessions=10), "group", permutations=199)[
            0
        ].p_permutation
        for s in range(60)
    ]
    # 3 expected of 60; the exact 99.9 % interval ends at 10.
    assert np.sum(np.array(p) <= 0.05) <= 10


def test_three_groups_give_three_contrasts():
    data = table()
    data.loc[:6, "group"] = "c"
    assert len(associate(data, "group")) == 3


def test_one_group_is_refused():
    with pytest.raises(ValueError, match="two are needed"):
        associate(table().assign(group="a"), "group")

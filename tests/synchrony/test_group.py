import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

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


def within(seed=1, dyads=12, sessions=2, contrast=1.5):
    """Every dyad in both conditions, one after the other."""
    rng = np.random.default_rng(seed)
    rows = [
        {"dyad": f"d{i}", "session": s, "group": "ab"[s % 2], "z": level + e}
        for i in range(dyads)
        for level in [rng.normal()]
        for s in range(sessions)
        for e in [rng.normal() + contrast * (s % 2)]
    ]
    return pd.DataFrame(rows)


def test_a_condition_of_every_dyad_is_a_paired_test():
    data = within()
    a, b = (data.z[data.group == g].to_numpy() for g in "ab")
    (found,) = associate(data, "group")
    theirs = stats.ttest_rel(b, a)
    np.testing.assert_allclose([found.slope, found.p], [np.mean(b - a), theirs.pvalue])


def test_the_interval_of_a_paired_test_is_scipys():
    data = within()
    a, b = (data.z[data.group == g].to_numpy() for g in "ab")
    (found,) = associate(data, "group")
    theirs = stats.ttest_rel(b, a).confidence_interval()
    np.testing.assert_allclose([found.low, found.high], theirs)


def test_a_condition_of_every_dyad_is_found_by_turning_contrasts_round():
    (found,) = associate(within(contrast=2.0), "group")
    assert found.p_permutation < 0.01


def test_d_of_a_paired_condition_is_in_the_spread_of_the_conditions():
    data = within()
    a, b = (data.z[data.group == g] for g in "ab")
    (found,) = associate(data, "group")
    expected = (b.mean() - a.mean()) / np.sqrt((a.var() + b.var()) / 2)
    np.testing.assert_allclose(found.d, expected)


def test_sessions_give_a_trend_within_dyads():
    data = within(sessions=4)
    data["z"] += 0.5 * data.session
    (found,) = associate(data, "session")
    assert found.contrast == "per unit"
    assert found.low < 1.0 < found.high


def test_dyads_in_which_a_condition_does_not_change_say_nothing_about_it():
    data = within(dyads=5)
    (found,) = associate(pd.concat([data, table(dyads=2).assign(dyad=["x", "y"])]), "group")
    assert (found.sessions, found.dyads) == (10, 5)


def test_too_few_dyads_in_which_the_condition_changes_are_refused():
    with pytest.raises(ValueError, match="3 dyads with estimates in which it changes"):
        associate(within(dyads=3), "group")


def test_few_dyads_with_many_sessions_have_the_degrees_of_freedom_of_dyads():
    data = table(dyads=8, sessions=10)
    means = data.groupby(["group", "dyad"]).z.mean()
    (found,) = associate(data, "group")
    theirs = stats.ttest_ind(means["b"], means["a"])
    np.testing.assert_allclose(found.p, theirs.pvalue, rtol=1e-3)


def test_groups_written_as_numbers_are_groups():
    data = table()
    data["group"] = np.arange(20) % 3 + 1
    assert [a.contrast for a in associate(data, "group")] == ["2 - 1", "3 - 1", "3 - 2"]


def test_several_contrasts_are_corrected_for_being_several():
    data = table()
    data["group"] = np.arange(20) % 3
    found = associate(data, "group")
    smallest = min(found, key=lambda a: a.p)
    np.testing.assert_allclose(smallest.p_holm, min(1.0, 3 * smallest.p))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dyads", "column", "share", "differing"),
    [
        (8, "group", 0.1, 0.0), (8, "group", 0.3, 0.0), (12, "group", 0.3, 0.0),
        (12, "condition", 0.3, 0.5), (6, "session", 0.3, 0.1),
    ],
)  # fmt: skip
def test_few_dyads_without_an_effect_give_as_many_false_positives_as_stated(
    dyads, column, share, differing
):
    p = [without_effect(s, dyads, column, share, differing) for s in range(1000)]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07


def without_effect(seed, dyads, column, share, differing):
    """P of four sessions a dyad; dyads differ in level (share of variance) and in slope."""
    rng = np.random.default_rng(seed)
    dyad, session = np.divmod(np.arange(dyads * 4), 4)
    x = {"group": dyad % 2, "condition": session % 2, "session": session}[column]
    level, slope = rng.normal(0, np.sqrt(share), dyads), rng.normal(0, differing, dyads)
    effect = level[dyad] + slope[dyad] * x + rng.normal(0, np.sqrt(1 - share), len(x))
    data = pd.DataFrame({"dyad": dyad, column: x, "z": effect})
    return associate(data, column, permutations=1)[0].p


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


def seen_by_therapists(seed, therapists=8, clients=5, difference=0.0, *, is_theirs=True):
    """Clients of therapists who differ; a group of theirs, or of their clients."""
    rng = np.random.default_rng(seed)
    therapist, client = np.divmod(np.arange(therapists * clients), clients)
    group = therapist % 2 if is_theirs else client % 2
    level = rng.normal(0, np.sqrt(0.5), therapists)[therapist]
    z = level + rng.normal(size=len(therapist)) + difference * group
    dyad = [f"d{i}" for i in range(len(therapist))]
    return pd.DataFrame(
        {"dyad": dyad, "therapist": therapist, "group": np.array(["a", "b"])[group], "z": z}
    )


def test_a_group_of_therapists_is_tested_on_their_means():
    data = seen_by_therapists(1)
    (found,) = associate(data, "group", therapist="therapist")
    means = data.groupby(["group", "therapist"]).z.mean()
    theirs = stats.ttest_ind(means["b"], means["a"])
    np.testing.assert_allclose(found.p, theirs.pvalue)
    assert found.model.startswith("means of therapists")


def test_therapists_with_clients_in_both_groups_are_no_noise():
    data = seen_by_therapists(2, difference=1.5, is_theirs=False)
    (found,) = associate(data, "group", therapist="therapist")
    assert "per therapist" in found.model
    assert found.p < 0.01
    assert found.p_permutation < 0.02


@pytest.mark.parametrize("is_theirs", [True, False])
def test_therapists_who_differ_give_no_more_false_positives_than_stated(is_theirs):
    found = [
        associate(
            seen_by_therapists(s, is_theirs=is_theirs), "group", therapist="therapist",
            permutations=99,
        )[0]
        for s in range(100)
    ]  # fmt: skip
    # 5 expected of 100; the exact 99.9 % interval ends at 13.
    assert sum(f.p <= 0.05 for f in found) <= 13
    assert sum(f.p_permutation <= 0.05 for f in found) <= 13


@pytest.mark.parametrize("column", ["group", "condition"])
def test_therapists_who_differ_in_the_effect_give_no_more_false_positives(column):
    """A column that changes among a therapist's dyads, or within each of them."""
    hits, studies = np.zeros(2), 100
    for seed in range(studies):
        rng = np.random.default_rng([23, seed])
        dyad, session = np.divmod(np.arange(80), 2)
        therapist = dyad // 5
        x = dyad % 2 if column == "group" else session
        slope = rng.normal(0.0, 0.8, 8)[therapist]
        z = rng.normal(0, 0.5, 40)[dyad] + slope * x + rng.normal(size=80)
        data = pd.DataFrame(
            {"dyad": dyad, "therapist": therapist, "z": z, column: np.array(["a", "b"])[x]}
        )
        (found,) = associate(data, column, therapist="therapist", permutations=99, seed=seed)
        hits += (found.p <= 0.05, found.p_permutation <= 0.05)
    # 5 expected of 100; the exact 99.9 % interval ends at 13.
    assert (hits <= 13).all()


def test_one_therapist_with_all_clients_is_said():
    data = seen_by_therapists(3, is_theirs=False).assign(therapist="T")
    (found,) = associate(data, "group", therapist="therapist")
    assert "one therapist" in found.model


def test_several_groups_have_one_p_together_that_holds_its_level():
    p = []
    for seed in range(60):
        data = table(seed=seed).assign(group=np.array(list("abcd"))[np.arange(20) % 4])
        p.append(associate(data, "group", permutations=99)[0].p_omnibus)
    # 3 expected of 60; the exact 99.9 % interval ends at 10.
    assert np.sum(np.array(p) <= 0.05) <= 10


def test_groups_of_unequal_spread_keep_the_level_of_their_p_together():
    p = []
    for seed in range(100):
        z = np.random.default_rng([29, seed]).normal(size=28)
        group = np.repeat(["a", "b", "c"], [6, 8, 14])
        z = z * np.repeat([2.0, 1.0, 0.7], [6, 8, 14])
        data = pd.DataFrame({"dyad": range(28), "z": z, "group": group})
        p.append(associate(data, "group", permutations=99, seed=seed)[0].p_omnibus)
    # 5 expected of 100; the exact 99.9 % interval ends at 13; 26 with plain squares.
    assert np.sum(np.array(p) <= 0.05) <= 13


def test_four_groups_that_differ_have_a_small_p_together():
    data = table().assign(group=np.array(list("abcd"))[np.arange(20) % 4])
    data["z"] += 3.0 * (data.group == "c")
    theirs = anova_oneway(data.z, data.group, use_var="unequal").pvalue
    assert abs(associate(data, "group")[0].p_omnibus - theirs) < 0.03
    data["z"] += 3.0 * (data.group == "c")
    assert associate(data, "group")[0].p_omnibus < 0.01


def test_few_whole_numbers_are_asked_about_and_taken_as_told():
    data = table().assign(site_visit=np.arange(20) % 3)
    with pytest.raises(ValueError, match="site_visit:names or --by site_visit:number"):
        associate(data, "site_visit")
    assert len(associate(data, "site_visit", kind="names")) == 3
    assert len(associate(data, "site_visit", kind="number")) == 1


def test_a_code_for_missing_outcomes_is_not_an_outcome():
    data = table()
    data.loc[3, "outcome"] = 999.0
    with pytest.raises(ValueError, match="999 in 1 rows"):
        associate(data, "outcome")


def one_session(groups, **columns):
    n = len(groups)
    z = np.random.default_rng(3).normal(size=n)
    return pd.DataFrame({"dyad": range(n), "z": z, "group": list(groups), **columns})


def test_a_group_of_one_dyad_is_left_out_by_name_and_the_others_compared():
    (found,) = associate(one_session("aaaabbbbc"), "group")
    assert (found.contrast, found.dyads) == ("b - a", 8)
    assert found.model.endswith("left out: c, with one dyad")


WORD = [*map(str, range(11)), "n/a"]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("group", "aaaaaaaaaaab", r"dyads of a: 11, b: 1\); two are needed"),
        ("outcome", [*range(11), np.inf], "infinite in 1 rows. Leave those cells"),
        ("outcome", [3.0] * 12, r"3\.0: 12\); two are needed"),
        ("outcome", WORD, "'n/a' beside numbers.*Leave those cells empty"),
    ],
)
def test_a_column_that_cannot_answer_is_named_with_a_remedy(column, values, message):
    data = one_session("ab" * 6)
    data[column] = list(values)
    with pytest.raises(ValueError, match=message):
        associate(data, column)


def test_a_group_of_two_therapists_is_not_told_from_the_therapists():
    data = one_session("aaabbb", therapist=list("xxxyyy"))
    with pytest.raises(
        ValueError, match=r"differences of 2 therapists cannot be told.*at least 4"
    ):
        associate(data, "group", therapist="therapist")


def test_a_condition_that_all_but_one_dyad_miss_is_refused():
    data = pd.concat([one_session("a" * 6), one_session("b" * 6)])
    data.loc[(data.group == "b") & (data.dyad > 0), "z"] = np.nan
    with pytest.raises(ValueError, match="a: 6, b: 1"):
        associate(data, "group")


def test_two_groups_of_one_session_each_have_the_error_of_welchs_t_test():
    data = table(dyads=20, difference=0.5)
    data = data[(data.group == "a") | (data.index < 12)]
    (found,) = associate(data, "group", permutations=9)
    b, a = (data.z[data.group == g] for g in "ba")
    t = stats.ttest_ind(b, a, equal_var=False).statistic
    share = np.array([1 / len(b), 1 / len(a)])
    df = share.sum() ** 2 / (share**2 / [len(b) - 1, len(a) - 1]).sum()
    np.testing.assert_allclose(found.p, 2 * stats.t.sf(abs(t), df))
    np.testing.assert_allclose(
        found.high - found.slope, stats.t.isf(0.025, df) * found.slope / t
    )


@pytest.mark.parametrize("kind", ["group", "outcome"])
def test_unequal_spread_gives_no_more_false_positives_than_stated(kind):
    """A small group of unlike dyads; an outcome with which the spread grows."""
    hits, studies = np.zeros(2), 100
    for seed in range(studies):
        rng = np.random.default_rng([17, seed])
        if kind == "group":
            column = np.array(["a"] * 6 + ["b"] * 18)
            spread = np.where(column == "a", 2.0, 1.0)
        else:
            column = rng.normal(size=24)
            spread = np.exp(0.5 * column)
        z = spread * rng.normal(size=24)
        data = pd.DataFrame({"dyad": range(24), "z": z, kind: column})
        (found,) = associate(data, kind, permutations=99, seed=seed)
        hits += (found.p <= 0.05, found.p_permutation <= 0.05)
    assert stats.binomtest(int(hits[0]), studies, 0.05, alternative="greater").pvalue > 0.001
    assert stats.binomtest(int(hits[1]), studies, 0.05, alternative="greater").pvalue > 0.001

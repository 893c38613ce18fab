"""Effect sizes against t-tests, the textbook, and what intervals have to hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bowlby.statistics.effect_sizes import (
    average_sd,
    cohens_d,
    difference_of_shares,
    effect_size,
    pooled_sd,
)

SIZE = st.floats(-3.0, 3.0)
DF = st.floats(1.0, 200.0)


def groups(first, second, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0.5, 1.0, first), rng.normal(0.0, 2.0, second)


def exactly(mean, sd, n):
    values = np.random.default_rng(3).normal(size=n)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


def test_d_is_the_t_statistic_without_the_sizes_of_the_groups():
    first, second = groups(8, 20)
    t = stats.ttest_ind(first, second).statistic
    np.testing.assert_allclose(cohens_d(first, second), t * np.sqrt(1 / 8 + 1 / 20))


def test_d_in_the_average_spread_is_welchs_t_of_equal_groups():
    first, second = groups(15, 15)
    t = stats.ttest_ind(first, second, equal_var=False).statistic
    np.testing.assert_allclose(cohens_d(first, second, sd=average_sd), t * np.sqrt(2 / 15))


def test_the_average_spread_does_not_depend_on_the_sizes_of_the_groups():
    few, many = exactly(0.0, 1.0, 5), exactly(0.0, 3.0, 500)
    np.testing.assert_allclose(average_sd(few, many), np.sqrt(5.0))


def test_missing_values_are_left_out():
    first, second = groups(9, 12)
    assert cohens_d(np.append(first, np.nan), second) == cohens_d(first, second)


@pytest.mark.parametrize("first", [[1.0], [2.0, 2.0]])
def test_d_of_one_value_or_without_spread_is_unknown(first):
    assert np.isnan(cohens_d(first, [2.0, 2.0]))


def borenstein():
    # Borenstein et al. (2009), chapter 4: means 103 and 100, SD 5.5 and 4.5, 50 each.
    sd = pooled_sd(exactly(103, 5.5, 50), exactly(100, 4.5, 50))
    return effect_size(3.0, sd * np.sqrt(2 / 50), df=98, sd=sd, sd_df=98)


def test_d_and_g_of_a_plain_difference_are_the_textbooks():
    np.testing.assert_allclose(borenstein().d, 0.5970, atol=5e-5)
    np.testing.assert_allclose(borenstein().g, 0.5924, atol=5e-5)


def test_the_interval_of_a_plain_difference_is_near_that_of_the_noncentral_t():
    t, size = 0.5970 / np.sqrt(2 / 50), np.sqrt(2 / 50)
    theirs = [
        stats.nct(98, nc).sf(t) for nc in (borenstein().low / size, borenstein().high / size)
    ]
    # g is .992 d, and the error of the spread is taken as normal: a little wider.
    np.testing.assert_allclose(theirs, [0.025, 0.975], atol=0.005)


@settings(max_examples=30, deadline=None)
@given(d=SIZE, error=st.floats(0.01, 2.0), df=DF, sd_df=st.floats(2.0, 200.0))
def test_the_interval_holds_zero_exactly_if_the_difference_is_not_significant(
    d, error, df, sd_df
):
    found = effect_size(d, error, df=df, sd=1.0, sd_df=sd_df)
    p = 2 * stats.t.sf(abs(d) / error, df)
    assert (found.low <= 0.0 <= found.high) == (p > 0.05) or abs(p - 0.05) < 1e-6


@settings(max_examples=30, deadline=None)
@given(d=SIZE, error=st.floats(0.01, 2.0), df=DF)
def test_the_interval_is_at_least_as_wide_as_that_of_the_difference(d, error, df):
    found = effect_size(d, error, df=df, sd=1.0, sd_df=60.0)
    width = 2 * stats.t.isf(0.025, df) * error * (found.g / found.d if d else 1.0)
    assert found.high - found.low >= 0.98 * width


@pytest.mark.parametrize("size", [0.0, 0.8, 2.0])
def test_nineteen_of_twenty_intervals_hold_the_true_value(size):
    rng = np.random.default_rng(1)
    held = 0
    for first, second in zip(
        rng.normal(size, 1.0, (2000, 12)), rng.normal(0.0, 1.0, (2000, 12)), strict=True
    ):
        sd = pooled_sd(first, second)
        difference = first.mean() - second.mean()
        found = effect_size(difference, sd * np.sqrt(2 / 12), df=22, sd=sd, sd_df=22)
        held += found.low <= size <= found.high
    # Within which 99.9 % of samples with a true rate of .95 lie.
    assert abs(held / 2000 - 0.95) < 0.016


def test_with_too_few_to_know_the_spread_the_interval_has_no_end():
    found = effect_size(0.5, 0.3, df=1.0, sd=1.0, sd_df=1.0)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_a_difference_of_shares_is_the_logistic_d():
    first, second = np.repeat([1, 0], [600, 400]) == 1, np.repeat([1, 0], [400, 600]) == 1
    expected = 2 * np.log(1.5) * np.sqrt(3) / np.pi
    assert difference_of_shares(first, second) == pytest.approx(expected, abs=0.01)

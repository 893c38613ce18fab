"""Weighted, robust tests against textbooks, another program and loops."""

import numpy as np
import pytest
import statsmodels.api as sm

from bowlby.statistics.weighted import fit_weighted, weighted_sd


def rows(n=40, seed=1):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.3])
    return rng, x, x @ [1.0, 0.5, 0.0] + rng.normal(size=n) * (1.0 + x[:, 2])


def test_people_by_themselves_are_hc2():
    _, x, y = rows()
    alone = np.full(len(y), -1)
    fit = fit_weighted(y, x, np.ones(len(y)), np.arange(len(y)), alone)
    other = sm.OLS(y, x).fit(cov_type="HC2")
    for i, weights in enumerate(np.eye(3)):
        found = fit.contrast(weights)
        assert found.estimate == pytest.approx(other.params[i])
        assert found.error == pytest.approx(other.bse[i])


def test_degrees_of_freedom_of_two_groups_are_those_of_the_textbook():
    """Imbens & Kolesar (2016), Review of Economics and Statistics 98, 701-712, section III."""
    a, b = 5, 23
    x = np.column_stack([np.r_[np.ones(a), np.zeros(b)], np.r_[np.zeros(a), np.ones(b)]])
    y = np.random.default_rng(2).normal(size=a + b)
    fit = fit_weighted(y, x, np.ones(a + b), np.arange(a + b), np.full(a + b, -1))
    found = fit.contrast(np.array([1.0, -1.0]))
    expected = (1 / a + 1 / b) ** 2 / (1 / (a**2 * (a - 1)) + 1 / (b**2 * (b - 1)))
    assert found.df == pytest.approx(expected)
    assert found.error**2 == pytest.approx(y[:a].var(ddof=1) / a + y[a:].var(ddof=1) / b)


def test_equal_clusters_in_two_groups_are_a_t_test_of_their_means():
    rng, size = np.random.default_rng(3), 6
    cluster = np.repeat(np.arange(8), size)
    group = (cluster < 4).astype(float)
    y = rng.normal(size=8)[cluster] + rng.normal(size=8 * size)
    x = np.column_stack([group, 1.0 - group])
    found = fit_weighted(y, x, np.ones(48), np.arange(48), cluster).contrast(
        np.array([1.0, -1.0])
    )
    means = y.reshape(8, size).mean(1)
    expected = means[:4].var(ddof=1) / 4 + means[4:].var(ddof=1) / 4
    assert (found.df, found.error**2) == (pytest.approx(6.0), pytest.approx(expected))


def test_people_in_several_rows_are_counted_once():
    """Against a loop over clusters: the scale and degrees of freedom of what each one adds."""
    rng = np.random.default_rng(4)
    person = np.repeat(np.arange(30), 2)[:50]
    group = np.r_[np.tile([0.0, 1.0], 20), rng.integers(2, size=10)]
    y, cluster = rng.normal(size=30)[person], person % 5
    weight = np.where(person < 20, 2.0, 4.0)
    x, want = np.column_stack([1.0 - group, group]), np.array([-1.0, 1.0])
    inverse = np.linalg.inv(x.T @ np.diag(weight) @ x)
    whole = inverse @ x.T @ np.diag(weight)
    adds, parts = [], []
    for each in range(5):
        mine = cluster == each
        own = want @ whole[:, mine]
        residual = y[mine] - x[mine] @ whole @ y
        on_rows = own @ (np.eye(50)[mine] - x[mine] @ whole)
        of_person = np.array([on_rows[person == p].sum() for p in range(30)])
        meant = sum(own[person[mine] == p].sum() ** 2 for p in range(30))
        scale = np.sqrt(meant / (of_person**2).sum())
        adds.append(scale * own @ residual)
        parts.append(scale * of_person)
    gram = np.array(parts) @ np.array(parts).T
    found = fit_weighted(y, x, weight, person, cluster).contrast(want)
    assert found.error == pytest.approx(np.sqrt(np.sum(np.square(adds))))
    assert found.df == pytest.approx(np.trace(gram) ** 2 / (gram**2).sum())


def test_what_nobody_tells_apart_is_not_tested():
    y = np.random.default_rng(5).normal(size=10)
    both = np.tile(y, 2)
    x = np.kron(np.eye(2), np.ones((10, 1)))
    found = fit_weighted(both, x, np.ones(20), np.tile(np.arange(10), 2), np.full(20, -1))
    assert found.contrast(np.array([1.0, -1.0])).p == 1.0


def test_weights_are_as_if_rows_were_there_so_often():
    y = np.array([1.0, 2.0, 4.0, 7.0])
    often = np.repeat(y, [1, 2, 3, 1])
    assert weighted_sd(y, np.array([1.0, 2.0, 3.0, 1.0])) == pytest.approx(
        often.std() * np.sqrt(4 / 3)
    )

"""Rubin's rules and the draws behind them."""

import numpy as np

from bowlby.statistics.imputation import imputed, pooled
from bowlby.statistics.mixed import Contrast


def contrast(estimate, error, df=1e6):
    return Contrast(estimate, error, df, 0.0)


def test_estimates_and_errors_are_pooled_by_rubins_rules():
    found = pooled([contrast(1.0, 0.5), contrast(2.0, 0.5), contrast(3.0, 0.5)])
    np.testing.assert_allclose(found.estimate, 2.0)
    np.testing.assert_allclose(found.error, np.sqrt(0.25 + 4.0 / 3.0))
    # With complete data of any size: (m - 1) / lambda^2 (Rubin, 1987).
    lost = (4.0 / 3.0) / (0.25 + 4.0 / 3.0)
    np.testing.assert_allclose(found.df, 2.0 / lost**2, rtol=1e-4)


def test_df_never_exceed_those_of_complete_data():
    found = pooled([contrast(1.0, 0.5, 12.0), contrast(1.01, 0.5, 12.0)])
    assert found.df < 12.0


def test_one_contrast_stays_as_it_is():
    one = contrast(1.0, 0.5, 9.0)
    assert pooled([one]) is one


def test_draws_agree_with_the_regression_of_those_seen():
    rng = np.random.default_rng(1)
    z = rng.normal(size=2000)
    y = 1.0 + 2.0 * z + rng.normal(size=2000)
    seen = np.where(z > 0.5, np.nan, y)
    made = np.mean([imputed(seen, np.column_stack([np.ones(2000), z]), rng) for _ in range(20)],
                   axis=0)  # fmt: skip
    assert abs(made[z > 0.5].mean() - y[z > 0.5].mean()) < 0.25
    np.testing.assert_allclose(made[z <= 0.5], y[z <= 0.5])

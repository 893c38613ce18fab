"""Whose outcome is lost."""

import numpy as np
import pandas as pd
import pytest

from bowlby.courses.course import build_course
from bowlby.trials.missing import chances, is_missing

ARMS = [{"protocol": "supportive"}, {"protocol": "waiting_list"}]


def design(**trial):
    return build_course({"arms": ARMS, "trial": trial})


def people(n=4000):
    rng = np.random.default_rng(3)
    before = rng.normal(1.0, 0.7, n)
    return pd.DataFrame({
        "arm": np.tile(["supportive", "waiting_list"], n // 2),
        "internalising_before": before, "on_treatment": before + rng.normal(size=n),
        "internalising_after": 0.5 * before + rng.normal(size=n),
        "alliance_client": np.where(np.arange(n) % 2, np.nan, rng.random(n)),
        "exit_session": np.where(rng.random(n) < 0.3, 3.0, np.nan),
    })  # fmt: skip


def test_by_lot_exactly_the_stated_share_is_lost():
    assert is_missing(design(missing=0.25), people(200)).sum() == 50


@pytest.mark.parametrize("slopes", [{"outcome": 1.5}, {"left": 2.0, "treated": -1.0},
                                    {"alliance": -1.0, "last_score": 0.5}])  # fmt: skip
def test_the_share_lost_is_the_stated_one_whatever_it_depends_on(slopes):
    lost = is_missing(design(missing=0.3, missing_by=slopes), people())
    assert abs(lost.mean() - 0.3) < 0.03


def test_the_log_odds_are_those_asked_for():
    """A logistic regression gives back the slope."""
    from statsmodels.api import Logit, add_constant

    clients = people()
    lost = is_missing(design(missing=0.3, missing_by={"baseline": 0.8}), clients)
    before = clients["internalising_before"]
    found = Logit(lost.astype(float), add_constant((before - before.mean()) / before.std()))
    assert abs(found.fit(disp=False).params.iloc[1] - 0.8) < 0.15


def test_those_who_did_worse_are_lost_where_it_is_said():
    clients = people()
    lost = is_missing(design(missing=0.3, missing_by={"outcome": 1.0}), clients)
    y = clients["internalising_after"]
    assert y[lost].mean() > y[~lost].mean() + 0.5


def test_chances_have_the_mean_asked_for():
    found = chances(np.linspace(-3.0, 3.0, 50), 0.1)
    np.testing.assert_allclose(found.mean(), 0.1, rtol=1e-9)

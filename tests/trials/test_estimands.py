"""Leaving therapy dealt with in three ways, on clients whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from bowlby.courses.course import build_course
from bowlby.trials.comparison import compare
from bowlby.trials.monitoring import monitoring, re_estimation

STAYING = -1.0
"""Effect of the arm on those who stay."""


def design(**trial):
    arms = [{"protocol": "supportive"}, {"protocol": "waiting_list"}]
    return build_course({"arms": arms, "trial": {"therapists_per_arm": 6} | trial})


def clients(seed, *, n=120, leaves=0.5, effect=STAYING):
    """Whoever leaves does so half-way and keeps half of the effect."""
    rng = np.random.default_rng(seed)
    treated = np.tile([True, False], n)
    before = rng.normal(1.5, 0.7, 2 * n)
    left = treated & (rng.random(2 * n) < leaves)
    level = 0.5 * before + rng.normal(scale=0.5, size=2 * n)
    after = level + effect * treated * np.where(left, 0.5, 1.0)
    # As those who stay and have the same last score would have gone on.
    last = level + 0.5 * effect * treated + rng.normal(scale=0.3, size=2 * n)
    return pd.DataFrame({
        "client": np.arange(2 * n), "site": 0, "period": 0, "enrolled_week": 0.0,
        "arm": np.where(treated, "supportive", "waiting_list"),
        "therapist": np.where(treated, np.arange(2 * n) // 2 % 6, -1),
        "internalising_before": before, "internalising_after": after, "on_treatment": last,
        "externalising_before": before, "anxiety": 0.5, "avoidance": 0.5, "pattern": "B",
        "exit_session": np.where(left, 5.0, np.nan),
    })  # fmt: skip


def mean_difference(estimand, **how):
    plan = design(estimand=estimand)
    found = [compare(plan, clients(s, **how), "internalising_after") for s in range(30)]
    return float(np.mean([each["contrasts"][0]["difference"] for each in found]))


@pytest.mark.parametrize(
    ("estimand", "truth"),
    [("treatment_policy", 0.75 * STAYING), ("hypothetical", STAYING),
     ("while_on_treatment", 0.75 * STAYING)],
)  # fmt: skip
def test_each_estimand_estimates_what_it_names(estimand, truth):
    assert abs(mean_difference(estimand) - truth) < 0.06


def test_other_outcomes_stay_treatment_policy():
    plan = design(estimand="hypothetical")
    found = compare(
        plan,
        clients(1).assign(externalising_after=clients(2).internalising_after),
        "externalising_after",
    )
    assert found["estimand"] == "treatment_policy"


@pytest.mark.slow
def test_imputation_keeps_the_level_and_the_coverage():
    plan = design(estimand="hypothetical")
    rows = [compare(plan, clients(s, effect=0.0), "internalising_after")["contrasts"][0]
            for s in range(300)]  # fmt: skip
    assert abs(np.mean([row["p"] < 0.05 for row in rows]) - 0.05) < 0.041


@pytest.mark.slow
def test_looking_often_keeps_the_level():
    plan = design(looks=[0.34, 0.67], spending="pocock")
    found = [monitoring(plan, clients(s, n=48, effect=0.0, leaves=0.0)) for s in range(300)]
    hits = np.mean([each["is_found"] for each in found])
    naive = np.mean([any(row["p"] < 0.05 for row in each["looks"]) for each in found])
    assert abs(hits - 0.05) < 0.041
    assert naive > hits


def test_a_clear_effect_stops_the_trial_early():
    found = monitoring(design(looks=[0.5]), clients(1, leaves=0.0))
    assert found["verdict"] == "stopped for efficacy"
    assert found["clients"] == 120


def test_the_sample_size_estimated_again_is_that_of_the_blinded_spread():
    found = re_estimation(design(planned_difference=0.5), clients(2, leaves=0.0, effect=0.0))
    # SD .5 around the regression: d = 1, 17 a group for a power of .8 (Cohen, 1988, table 2.3.5).
    assert abs(found["sd"] - 0.5) < 0.06
    assert 13 <= found["needed_in_first_arm"] <= 22


def test_what_was_balanced_is_in_the_model():
    plan = design(strata={"pattern": [], "internalising_before": [1.5]}, sites=2)
    rng = np.random.default_rng(4)
    table = clients(3).assign(
        pattern=rng.choice(list("ABCD"), 240), site=rng.integers(2, size=240)
    )
    formula = compare(plan, table, "internalising_after")["model"]["formula"]
    for term in ("pattern", "internalising_before", "site"):
        assert term in formula


def test_a_stratum_that_arms_already_tell_is_left_out():
    """As where one site has all of an arm: two columns for one difference."""
    table = clients(3).assign(site=np.arange(240) % 2)
    found = compare(design(sites=2), table, "internalising_after")
    assert np.isfinite(found["contrasts"][0]["p"])

"""The analysis of a trial on synthetic clients whose truth is known."""

import json

import numpy as np
import pandas as pd
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.instruments import READOUTS
from bowlby.trials.analysis import analyse, change_by_arm, dropout, plain
from bowlby.trials.comparison import compare
from bowlby.trials.outcomes import reliable_change

EFFECT = -0.6
ERROR = READOUTS["internalising_after"].noise


def design(**changes):
    arms = [
        {"name": "A", "protocol": "supportive"}, {"name": "B", "protocol": "cold"},
        {"name": "W", "protocol": "waiting_list"},
    ]  # fmt: skip
    return build_course(
        {"arms": arms, "trial": {"clients_per_arm": 120, "therapists_per_arm": 12},
         "therapy": {"sessions": 6}, "life": {"follow_up_weeks": 4, "waiting_weeks": 4}},
        changes=changes,
    )  # fmt: skip


def synthetic(seed, *, effect=EFFECT, between=0.2):
    """Clients of three arms; arm A's outcomes are lower by `effect`."""
    rng = np.random.default_rng(seed)
    n = 360
    arm = np.repeat(["A", "B", "W"], 120)
    therapist = np.concatenate([np.repeat(np.arange(24), 10), np.full(120, -1)])
    shared = np.append(between * rng.normal(size=24), 0.0)[therapist]
    before = 1.5 + 0.8 * rng.normal(size=n)
    treated = arm != "W"
    after = 0.6 * before + rng.normal(scale=0.7, size=n) + shared + effect * (arm == "A")
    exits = np.where(treated & (rng.random(n) < 0.2), rng.integers(1, 6, n), np.nan)
    return pd.DataFrame(
        {
            "client": np.arange(n), "arm": arm, "therapist": therapist,
            "site": 0, "enrolled_week": 0.0, "period": 0, "on_treatment": after,
            "internalising_before": before, "externalising_before": before,
            "internalising_after": after, "internalising_follow_up": after,
            "externalising_after": after, "externalising_follow_up": after,
            "anxiety": rng.random(n), "avoidance": rng.random(n), "pattern": "B",
            "exit_session": exits, "sessions_attended": np.where(treated, 6, 0),
            "ruptures": rng.random(n), "repairs": 0.5 * rng.random(n),
            "alliance_client": 0.5 - 0.1 * after + 0.1 * rng.normal(size=n),
            "alliance_therapist": rng.random(n),
        }
    )  # fmt: skip


def weeks_of(clients):
    """Flat observed scores over 4 weeks of waiting, 6 sessions, 4 weeks of follow-up."""
    week = np.arange(-4, 10)
    n, rng = len(clients), np.random.default_rng(9)
    treated = np.repeat((clients.arm != "W").to_numpy(), 14)
    in_therapy = np.tile((week >= 0) & (week < 6), n)
    return pd.DataFrame(
        {
            "client": np.repeat(clients.client.to_numpy(), 14),
            "arm": np.repeat(clients.arm.to_numpy(), 14),
            "week": np.tile(week, n),
            "session": np.tile(np.clip(week + 1, 0, 6), n),
            "present": (in_therapy & treated).astype(float),
            "symptoms_observed": rng.normal(1.5, ERROR, n * 14),
        }
    )


def contrast(found, first, second):
    pairs = {(row["first"], row["second"]): row for row in found["contrasts"]}
    return pairs[first, second]


def test_a_planted_effect_is_recovered():
    estimates = [
        contrast(compare(design(), synthetic(s), "internalising_after"), "A", "W")["difference"]
        for s in range(30)
    ]
    # Four standard errors of the mean of 30 trials.
    assert abs(np.mean(estimates) - EFFECT) < 4 * np.std(estimates) / np.sqrt(30)


@pytest.mark.slow
def test_intervals_hold_the_planted_effect_as_often_as_stated():
    rows = [
        contrast(compare(design(), synthetic(s), "internalising_after"), "A", "W")
        for s in range(200)
    ]
    held = np.mean([row["low"] <= EFFECT <= row["high"] for row in rows])
    assert abs(held - 0.95) < 0.051  # 99.9 % of samples of 200.


def test_the_variance_between_therapists_is_recovered():
    found = [compare(design(), synthetic(s, between=0.4), "internalising_after")["icc"]["icc"]
             for s in range(25)]  # fmt: skip
    assert abs(np.mean(found) - 0.16 / (0.16 + 0.49)) < 0.06


@pytest.mark.slow
def test_holms_correction_keeps_the_rate_of_any_false_positive():
    found = [compare(design(), synthetic(s, effect=0.0), "internalising_after")
             for s in range(200)]  # fmt: skip
    any_found = [
        min(row["p_holm"] for row in each["contrasts"] if row["decides"]) < 0.05
        for each in found
    ]
    assert np.mean(any_found) < 0.05 + 0.051


def test_only_contrasts_with_the_reference_decide():
    rows = compare(design(), synthetic(1), "internalising_after")["contrasts"]
    assert [row["decides"] for row in rows] == [True, True, False]


@pytest.mark.parametrize("seed", range(10))
def test_the_interval_of_g_says_what_p_says_with_two_therapists_an_arm(seed):
    clients = synthetic(seed, effect=-0.4)
    clients["therapist"] = np.where(clients.therapist < 0, -1, clients.therapist // 6)
    for row in compare(design(), clients, "internalising_after")["contrasts"]:
        assert (row["g_low"] <= 0.0 <= row["g_high"]) == (row["low"] <= 0.0 <= row["high"])
        wide = (row["high"] - row["low"]) / row["sd"] * row["g"] / row["d"]
        assert row["g_high"] - row["g_low"] > 0.98 * wide


def test_the_whole_analysis_can_be_written_as_json():
    clients = synthetic(1)
    found = analyse(design(), clients, weeks_of(clients), assessed=1000)
    json.dumps(found, allow_nan=False)


def test_the_flow_adds_up():
    clients = synthetic(1)
    clients.loc[:9, "internalising_after"] = np.nan
    flow = analyse(design(), clients, weeks_of(clients), assessed=1000)["flow"]
    assert flow["excluded"] + flow["randomised"] == 1000
    assert [arm["analysed"] for arm in flow["arms"]] == [110, 120, 120]
    assert flow["arms"][0]["missing"] == 10


def test_better_alliance_with_fewer_symptoms_has_a_positive_sign():
    clients = synthetic(1)
    found = analyse(design(), clients, weeks_of(clients), assessed=1000)["alliance"]
    assert found["client"]["low"] > 0.0


def test_scores_that_only_err_show_no_response_to_dose():
    clients = synthetic(1)
    clients["internalising_before"] = np.random.default_rng(2).normal(1.5, ERROR, len(clients))
    rows = analyse(design(), clients, weeks_of(clients), assessed=1000)["dose_response"]
    # Half of the 5 % by which error exceeds reliable change is improvement.
    assert abs(np.mean(rows[0]["improved"]) - 0.025) < 0.03


def test_reliable_improvement_is_counted():
    clients, reliable = synthetic(1), reliable_change(ERROR)
    clients["internalising_after"] = clients.internalising_before - np.where(
        clients.arm == "A", reliable + 0.1, reliable - 0.1
    )
    arms = {row["arm"]: row for row in change_by_arm(design(), clients)["arms"]}
    assert arms["A"]["improved"]["share"] == 1.0
    assert arms["B"]["improved"]["share"] == 0.0
    assert arms["A"]["risk_difference"]["difference"] == 1.0
    assert arms["A"]["number_needed_to_treat"]["number"] == 1.0
    assert arms["B"]["number_needed_to_treat"] is None


def test_leaving_is_compared_between_arms_with_sessions():
    clients = synthetic(1)
    clients.loc[clients.arm == "B", "exit_session"] = 2.0
    found = dropout(design(), clients)
    assert [row["arm"] for row in found["arms"]] == ["A", "B"]
    assert found["log_rank"]["p"] < 0.001


def test_a_trial_that_nobody_leaves_says_so():
    clients = synthetic(1)
    clients["exit_session"] = np.nan
    assert dropout(design(), clients)["log_rank"]["reason"] == "nobody left"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_what_is_not_finite_becomes_nothing(value):
    assert plain({"x": [value]}) == {"x": [None]}


def test_degrees_of_freedom_are_at_most_those_between_therapists():
    clients = synthetic(1)
    clients = clients[clients.arm != "W"].assign(therapist=lambda t: t.therapist // 6)
    clients = clients.drop(clients.index[3:40])  # Unlike therapists: Satterthwaite's are more.
    plan = build_course({
        "arms": [{"name": "A", "protocol": "supportive"}, {"name": "B", "protocol": "cold"}],
        "trial": {"clients_per_arm": 120, "therapists_per_arm": 2},
    })  # fmt: skip
    row = compare(plan, clients, "internalising_after")["contrasts"][0]
    assert row["df"] <= 2.0 + 1e-9


def test_few_therapists_in_the_only_arm_with_any_are_cautioned():
    clients = synthetic(1)
    clients = clients[clients.arm != "B"]
    plan = build_course({
        "arms": [{"name": "A", "protocol": "supportive"},
                 {"name": "W", "protocol": "waiting_list"}],
        "trial": {"clients_per_arm": 120, "therapists_per_arm": 2},
    })  # fmt: skip
    few = clients.assign(therapist=np.where(clients.therapist < 0, -1, clients.therapist // 6))
    found = compare(plan, few, "internalising_after")["model"]["caution"]
    assert "With 2 therapists in the only arm that has any" in found
    assert compare(plan, clients, "internalising_after")["model"]["caution"] == ""

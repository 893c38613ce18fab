"""Chance, ruptures, attachment, therapists, leaving, links."""

import numpy as np
import pandas as pd
import pytest

from bowlby.outcomes.attachment import attachment_change
from bowlby.outcomes.chance import chance, chance_of_ever
from bowlby.outcomes.change import change, method_limits, percentage_limits
from bowlby.outcomes.cutoffs import classify, cutoff
from bowlby.outcomes.group_level import within_group
from bowlby.outcomes.instruments.registry import Instrument
from bowlby.outcomes.links import synchrony_effects
from bowlby.outcomes.ruptures import limits_of, ruptures
from bowlby.outcomes.service import _suppressed
from bowlby.outcomes.therapists import therapist_effects
from bowlby.outcomes.yardstick import yardstick

OWN = Instrument("own", "Own", "", "lower", "", "")
SELECTED = {"reliability": 0.8, "sd": 7.6, "clinical_mean": 20.2, "clinical_sd": 7.6}


def unchanged_clients(n=200_000, seed=1):
    """Nobody changes; those with 25 or more before were picked."""
    rng = np.random.default_rng(seed)
    true = rng.normal(20.2, 7.6 * np.sqrt(0.8), n)
    pre, post = (true + rng.normal(0, 7.6 * np.sqrt(0.2), n) for _ in range(2))
    picked = pre >= 25
    return pd.DataFrame({"client": np.arange(picked.sum()), "before": pre[picked],
                         "after": post[picked]})  # fmt: skip


@pytest.mark.parametrize(
    ("method", "improved", "deteriorated"), [("JT", 0.051, 0.007), ("GLN", 0.025, 0.025)]
)
def test_printed_chance_rates_equal_a_simulation_of_picked_clients(
    method, improved, deteriorated
):
    yard, table = yardstick(OWN, given=SELECTED | {"cutoff": 15.0}), unchanged_clients()
    found = change(table, yard, method=method)
    pre, post = table.before.to_numpy(), table.after.to_numpy()
    said = chance(pre, method_limits(
        method, pre, post, yard, moments=None, level=None, percent=(0.5, 0.3),
        important=np.nan, convention="bowlby"), yard)  # fmt: skip
    np.testing.assert_allclose(
        [said.improved, said.deteriorated], [improved, deteriorated], atol=0.001
    )
    np.testing.assert_allclose(said.improved, found.improved.mean(), atol=0.002)
    np.testing.assert_allclose(said.deteriorated, found.deteriorated.mean(), atol=0.002)
    recovered = (classify(found, yard).category == "recovered").mean()
    np.testing.assert_allclose(said.recovered, recovered, atol=0.002)


def test_an_index_read_at_12_sessions_calls_16_percent_deteriorated():
    assert chance_of_ever(12) == pytest.approx(0.16, abs=0.01)


def test_cutoff_b_takes_the_functional_sd():
    b = cutoff("b", sign=1, clinical=(40, 7.5), functional=(60, 5))
    theirs = cutoff(
        "b", sign=1, clinical=(40, 7.5), functional=(60, 5), convention="clinicalsignificance"
    )
    assert (b, theirs) == (50, 45)


def test_a_score_of_0_has_no_percentage():
    found = percentage_limits(np.array([0.0]), sign=-1, better=0.5, worse=0.3)
    improved, worse = found.said(np.array([0.0]), -1)
    assert not improved[0]
    assert not worse[0]


def test_a_higher_is_better_group_without_effect_has_a_class():
    change_ = np.array([0.0, 1.0, -1.0, 0.5, -0.5])
    found = within_group(np.full(5, 10.0), 10 + change_, important=3.0, sign=1)
    assert found.category == "no effect"


def steady(n, sessions, seed, drop=0.0):
    rng = np.random.default_rng(seed)
    e = np.empty((n, sessions))
    e[:, 0] = rng.normal(size=n)
    for t in range(1, sessions):
        e[:, t] = 0.2 * e[:, t - 1] + np.sqrt(1 - 0.04) * rng.normal(size=n)
    y = 36.0 + 1.6 * e
    y[:, 11] -= drop
    return np.clip(y, 0, 40)


def test_few_steady_alliances_are_called_ruptured():
    hit = [(y < limits_of(y, 1.6, 20, "predictive").limit).any() for y in steady(1500, 20, 1)]
    assert 0.02 < np.mean(hit) < 0.07


def test_a_drop_of_six_points_is_found_in_two_of_three():
    hit = [
        (y < limits_of(y, 1.6, 20, "predictive").limit)[11] for y in steady(1500, 20, 2, 6.0)
    ]
    assert np.mean(hit) > 0.62


def test_a_point_less_is_no_rupture_by_the_rule_but_by_common_use():
    y = np.array([36.0, 37, 36, 35, 36, 36, 35, 36])
    assert not (y < limits_of(y, 1.6, 20, "predictive").limit).any()
    assert (y < limits_of(y, 1.6, 20, "drop1").limit).any()


def rated(values):
    return pd.DataFrame({"client": "A", "time": range(1, len(values) + 1), "value": values})


def test_a_rupture_that_comes_back_is_repaired():
    found = ruptures(rated([36.0, 36, 35, 36, 36, 24, 30, 36]), within_sd=1.5)
    assert found.events[["session", "repaired_at"]].values.tolist() == [[6, 8]]


def test_ratings_at_the_top_cannot_tell():
    found = ruptures(rated([40.0] * 8), within_sd=1.5, maximum=40)
    assert found.clients.verdict.tolist() == ["cannot tell"]


def moved(before, after):
    made = [pd.DataFrame({"client": ["A"], "before": [b], "after": [a]})
            for b, a in zip(before, after, strict=True)]  # fmt: skip
    found = attachment_change(
        *made, sem=(0.3, 0.3), norm_mean=(3.56, 2.92), norm_sd=(1.12, 1.19)
    )
    return found.table.iloc[0]


def test_a_move_from_fearful_to_the_norm_is_into_the_secure_region():
    assert moved((6.0, 5.5), (3.4, 2.8)).moved_into_secure


def test_a_small_move_is_not_reliable():
    assert not moved((4.0, 3.0), (3.8, 2.9)).is_reliable


def test_a_move_outward_is_away_from_the_norm():
    assert moved((3.5, 3.0), (6.0, 5.5)).direction == "away from the norm"


def test_unchanged_clients_are_called_moved_in_one_of_twenty():
    rng = np.random.default_rng(4)
    tables = [pd.DataFrame({"client": range(4000), "before": 3 + 0.3 * rng.normal(size=4000),
                            "after": 3 + 0.3 * rng.normal(size=4000)}) for _ in range(2)]  # fmt: skip
    found = attachment_change(
        *tables, sem=(0.3, 0.3), norm_mean=(3.56, 2.92), norm_sd=(1.12, 1.19)
    )
    assert found.table.is_reliable.mean() == pytest.approx(0.05, abs=0.012)


def service_of(icc, seed, therapists=30, each=25):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(therapists), each)
    before = rng.normal(20, 5, len(who))
    own = np.sqrt(icc) * 6 * rng.normal(size=therapists)
    after = 5 + 0.6 * before + own[who] + np.sqrt(1 - icc) * 6 * rng.normal(size=len(who))
    return pd.DataFrame({"client": range(len(who)), "therapist": who.astype(str),
                         "before": before, "after": after})  # fmt: skip


def test_the_icc_a_service_was_made_with_is_in_its_interval():
    found = therapist_effects(service_of(0.10, 3))
    assert found.low < 0.10 < found.high


def test_without_differences_no_therapist_is_apart():
    assert not therapist_effects(service_of(0.0, 1)).table.is_apart.any()


def test_therapists_have_no_names():
    assert "therapist" not in therapist_effects(service_of(0.1, 2)).table.columns


def test_four_therapists_are_too_few():
    with pytest.raises(ValueError, match="need 5 therapists"):
        therapist_effects(service_of(0.1, 2, therapists=4))


def test_a_single_small_count_hides_a_second_one():
    found = _suppressed(pd.Series({"agreed": 80, "client": 20, "other": 3}))
    assert found.clients.isna().tolist() == [False, True, True]


def synchronous(effect, seed, clients=25, sessions=10):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(clients), sessions)
    sync = rng.normal(size=len(who)) + rng.normal(size=clients)[who]
    now = rng.normal(15, 4, len(who))
    after = 0.5 * now + effect * sync + 2 * rng.normal(size=len(who))
    return pd.DataFrame({"client": who, "session": np.tile(np.arange(sessions), clients),
                         "signal": "motion", "synchrony": sync, "score": now,
                         "next_score": after})  # fmt: skip


def test_synchrony_that_lowers_the_next_score_is_found():
    found = synchrony_effects(synchronous(-1.0, 1), permutations=199)[0]
    assert found.within < -0.7
    assert found.p < 0.02


def test_synchrony_without_effect_is_rarely_found():
    p = [synchrony_effects(synchronous(0.0, s), permutations=99)[0].p for s in range(20)]
    assert np.mean(np.array(p) <= 0.05) <= 0.2


def test_seven_clients_give_no_verdict():
    with pytest.raises(ValueError, match="needs 8 clients with 4 sessions"):
        synchrony_effects(synchronous(0.0, 1, clients=7))

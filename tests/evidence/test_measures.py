"""Measures compute what the studies computed, on tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from bowlby.evidence.measures import MEASURES
from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.evidence.samples import Samples


class Given(Samples):
    """Samples whose tables are given."""

    def __init__(self, **tables):
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "seed", 1)

    def _table(self, name, kind):
        return self.tables[f"{name}_{kind}"]


def test_a_standardised_difference_of_normals_is_their_distance():
    rng = np.random.default_rng(0)
    found = standardised_difference(rng.normal(0.5, 1, 40_000), rng.normal(0, 1, 40_000))
    assert found == pytest.approx(0.5, abs=0.02)


def test_a_correlation_ignores_missing_pairs_and_is_undefined_without_variance():
    assert correlation([1, 2, np.nan, 3], [2, 4, 5, 6]) == pytest.approx(1.0)
    assert np.isnan(correlation([1, 1, 1], [1, 2, 3]))


def test_transmission_is_phi_of_parent_and_child():
    parent = pd.DataFrame({"aai": ["F", "F", "Ds", "E"] * 50})
    child = pd.DataFrame({"pattern": ["B", "B", "A", "C"] * 50})
    samples = Given(families_readouts=parent, children_readouts=child)
    assert MEASURES["transmission-secure"].compute(samples) == pytest.approx(1.0)


def test_dropping_out_counts_treated_clients_only():
    table = pd.DataFrame(
        {
            "dyad": range(6), "arm": ["treated"] * 4 + ["waiting"] * 2,
            "internalising_before": [1.0, 1.0, 1.0, 0.0, 1.0, 1.0],
            "ended_by": ["client", "agreed", "agreed", "client", "client", "client"],
        }
    )  # fmt: skip
    found = MEASURES["dropout-rate"].compute(Given(clinic_readouts=table))
    assert found == pytest.approx(1 / 3)


def test_an_inverted_u_in_strength_is_positive():
    shares = {0.25: 0.1, 0.5: 0.4, 1.0: 0.6, 1.5: 0.5, 2.0: 0.3, 3.0: 0.1}
    tables = {
        f"gain_{gain:g}_readouts": pd.DataFrame(
            {"pattern": np.where(np.arange(100) < 100 * share, "B", "A")}
        )
        for gain, share in shares.items()
    }
    assert MEASURES["midrange-attach"].compute(Given(**tables)) > 0.0


def volunteers(n=1000):
    """The worse off (a fifth) coax half as often as the others; partners calm by quality."""
    rng = np.random.default_rng(4)
    bad = np.arange(n) >= 0.8 * n
    quality = rng.normal(size=n)
    return pd.DataFrame({
        "internalising_before": bad * 3.0 + rng.normal(0, 0.1, n),
        "externalising_before": bad * 3.0 + rng.normal(0, 0.1, n),
        "anxiety": bad * 3.0 + rng.normal(0, 0.1, n),
        "trust_coaxed": np.where(bad, 0.2, 0.4),
        "trust_offer_slope": np.where(bad, -0.5, 0.0) + rng.normal(0, 0.5, n),
        "partner_contingency": quality,
        "lab_expected_support": -quality,
        "lab_arousal_alone": 2.0 + rng.normal(0, 0.5, n),
        "lab_arousal_stranger": np.full(n, 1.5),
        "lab_arousal_figure": 1.5 - 0.5 * quality,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("bpd-coax-ratio", 0.5), ("bpd-coop-decline", 1.0), ("handhold-partner", 1.0),
        ("handhold-quality", 1.0), ("handhold-support", -1.0),
    ],
)  # fmt: skip
def test_volunteers_are_compared_as_in_the_studies(slug, expected):
    found = MEASURES[slug].compute(Given(volunteers_readouts=volunteers()))
    assert found == pytest.approx(expected, abs=0.2)


def learners(n=1000):
    """The worse off (a fifth) do in every task what the studies found."""
    rng = np.random.default_rng(6)
    table = volunteers(n)
    bad, noise = np.arange(n) >= 0.8 * n, rng.normal(0, 0.1, (7, n))
    return table.assign(
        advice_rate_stable=0.2,
        advice_rate_volatile=0.2 * np.exp(np.where(bad, 0.0, 0.1) + noise[0]),
        advice_after_turns=np.where(bad, 0.3, 0.2) + noise[1],
        advice_by_oddballs=np.where(bad, 0.0, 0.1) + noise[2],
        advice_precision_calm=3.0 * np.exp(np.where(bad, 0.3, 0.2) + noise[3]),
        advice_precision_upset=3.0,
        harm_certainty=np.where(bad, 2.0, 1.9) + noise[4],
        harm_rate=np.where(bad, 0.0, 0.2) + noise[5],
        invested_spread=np.where(bad, 0.4, 0.3) + noise[6],
        lottery_spread=0.3 + rng.normal(0, 0.1, n),
    )


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("bpd-volatility-blunt", 1.0), ("anx-volatility-blunt", 0.37),
        ("intern-volatility-blunt", 0.37), ("intern-volatility-null", -0.37),
        ("anx-statejumps", 0.37), ("bpd-bad-certain", 1.0), ("bpd-emotion-explore", 1.0),
        ("bpd-inconsistency", 1.0),
    ],
)  # fmt: skip
def test_learners_are_compared_as_in_the_studies(slug, expected):
    found = MEASURES[slug].compute(Given(volunteers_readouts=learners()))
    assert found == pytest.approx(expected, abs=0.2)


def test_the_most_flexible_children_are_compared_with_the_next():
    rng = np.random.default_rng(7)
    kind = np.array(list("BACD") * 500)
    taken = pd.Series(kind).map({"B": 0.5, "A": 0.3, "C": 0.0, "D": 0.4}).to_numpy()
    table = pd.DataFrame({
        "pattern_first": kind, "informant_unclear": 0.6,
        "informant_contradicted": 0.6 - taken + rng.normal(0, 0.1, 2000),
    })  # fmt: skip
    found = MEASURES["trust-secure-flexible"].compute(Given(seen_twice_readouts=table))
    assert found == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(("evokes", "sign"), [(-0.5, 1.0), (0.5, -1.0)])
def test_interpretation_and_alliance_lower_each_other_or_not(evokes, sign):
    rng = np.random.default_rng(8)
    clients, sessions = 60, 26
    trust, told = np.zeros((2, sessions, clients))
    for t in range(1, sessions):
        trust[t] = -0.5 * told[t - 1] + rng.normal(0, 1, clients)
        told[t] = evokes * trust[t - 1] + rng.normal(0, 1, clients)
    at = np.indices(trust.shape).reshape(2, -1)
    rows = pd.DataFrame({
        "arm": "interpreting", "dyad": at[1], "session": at[0] + 1, "present": 1.0,
        "symptoms": rng.normal(size=trust.size), "trust": trust.ravel(), "fit": trust.ravel(),
        "expects": trust.ravel(), "intervention_share_interpret": told.ravel(),
    })  # fmt: skip
    people = pd.DataFrame(
        {"arm": "interpreting", "dyad": range(clients), "internalising_before": 2.0}
    )
    given = Given(clinic_readouts=people, clinic_sessions=rows)
    assert sign * MEASURES["ti-reverse"].compute(given) > 0.2


def test_buffering_is_the_share_of_the_response_that_is_left():
    table = pd.DataFrame({
        "lab_cortisol_rest": [1.0, 1.2], "lab_cortisol_stranger": [1.5, 1.7],
        "lab_cortisol_figure": [1.1, 1.3],
    })  # fmt: skip
    found = MEASURES["buffer-child"].compute(Given(stressed_children_readouts=table))
    assert found == pytest.approx(0.2)


def test_a_challenge_mirrors_cortisol_more_than_rest():
    rng = np.random.default_rng(5)
    shared, own = rng.normal(size=(2, 4000))
    table = pd.DataFrame({
        "lab_cortisol_rest": shared, "lab_figure_cortisol_rest": own,
        "lab_cortisol_figure": shared, "lab_figure_cortisol_figure": shared,
    })  # fmt: skip
    found = MEASURES["cortisol-challenge"].compute(Given(stressed_children_readouts=table))
    assert found == pytest.approx(1.0, abs=0.05)


def test_stability_is_phi_of_secure_twice():
    table = pd.DataFrame({"pattern_first": list("BBAC") * 25, "pattern": list("BADC") * 25})
    found = MEASURES["stability-2way"].compute(Given(seen_twice_readouts=table))
    assert found == pytest.approx(1.0 / np.sqrt(3.0))

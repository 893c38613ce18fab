"""Measures of synchrony, on recorded sessions whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from bowlby.evidence.measures import MEASURES
from bowlby.evidence.samples import NoSignalsError, Samples
from bowlby.runs.kept import Kept

DYADS = 200


class Recorded(Samples):
    """Recorded therapies and families as given."""

    tables: dict[str, pd.DataFrame]

    def __init__(self, readouts=None, sessions=None, families=None):
        tables = {
            "recorded.readouts": readouts,
            "recorded.sessions": sessions,
            "recorded_families.readouts": families,
        }
        object.__setattr__(self, "tables", tables)

    def _table(self, name, kind):
        return self.tables[f"{name}.{kind}"]


def compute(slug, **tables):
    tables = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    return MEASURES[slug].compute(Recorded(**tables))


def therapies(rng, *, with_alliance=0.0, with_improvement=0.0):
    motion = rng.normal(size=DYADS)

    def related(r):
        return r * motion + np.sqrt(1 - r**2) * rng.normal(size=DYADS)

    before = rng.normal(size=DYADS)
    return {
        "dyad": np.arange(DYADS),
        "synchrony_motion": motion,
        "alliance_client": related(with_alliance),
        "internalising_before": before,
        "internalising_after": 0.5 * before - related(with_improvement),
    }


def test_motion_that_goes_with_improvement_correlates_with_it():
    table = therapies(np.random.default_rng(0), with_improvement=0.6)
    assert compute("nvs-symptom", readouts=table) == pytest.approx(0.6, abs=0.1)


def test_motion_that_goes_with_the_alliance_only_has_half_of_it_on_average():
    table = therapies(np.random.default_rng(1), with_alliance=0.6)
    assert compute("nvs-alliance", readouts=table) == pytest.approx(0.6, abs=0.1)
    assert compute("nvs-overall-null", readouts=table) == pytest.approx(0.3, abs=0.1)


def test_motion_unrelated_to_anything_predicts_nothing():
    table = therapies(np.random.default_rng(2))
    # 1 in 1000 by chance.
    assert abs(compute("nvs-overall-null", readouts=table)) < 3.3 / np.sqrt(2 * DYADS)


def sessions_of(rng, *, between, within):
    dyad = np.repeat(np.arange(DYADS), 3)
    return {
        "dyad": dyad,
        "session": np.tile([5, 14, 22], DYADS),
        "synchrony_skin": between * rng.normal(size=DYADS)[dyad]
        + within * rng.normal(size=3 * DYADS),
    }


@pytest.mark.parametrize(("between", "within", "expected"), [(0, 1, 1), (1, 0, -1), (1, 1, 0)])
def test_variance_between_sessions_and_dyads_is_told_apart(between, within, expected):
    table = sessions_of(np.random.default_rng(3), between=between, within=within)
    found = compute("eda-session-variance", sessions=table)
    assert found == pytest.approx(expected, abs=0.15)


def test_concordance_is_that_of_one_session_whatever_the_others_were():
    rng = np.random.default_rng(4)
    felt = rng.normal(size=DYADS)
    table = sessions_of(rng, between=0, within=1)
    middle = table["session"] == 14
    other = rng.normal(size=3 * DYADS)
    table["concordance_skin"] = np.where(middle, felt[table["dyad"]], other)
    readouts = {"dyad": np.arange(DYADS), "understanding_perceived": felt}
    found = compute("eda-empathy", readouts=readouts, sessions=table)
    assert found == pytest.approx(1.0)


def test_unrecorded_sessions_do_not_count():
    table = sessions_of(np.random.default_rng(5), between=0, within=1)
    table |= {"synchrony_skin_lead": [1.0, 2.0, np.nan] * DYADS}
    table |= {"distress": [1.0, 2.0, -9.0] * DYADS}
    table["synchrony_skin"][2::3] = np.nan
    assert compute("eda-therapist-led-emotion", sessions=table) == pytest.approx(1.0)


@pytest.mark.parametrize(("lag_s", "expected"), [(0.5, 0.5), (-0.5, 0.5), (3.0, -2.0)])
def test_hearts_within_a_second_are_positive_whoever_leads(lag_s, expected):
    families = {"synchrony_lag_s": [lag_s, lag_s, np.nan]}
    assert compute("hr-lag", families=families) == pytest.approx(expected)


def test_bodies_above_surrogates_are_as_strong_as_their_weakest():
    means = {"synchrony_breath": 1.0, "synchrony_heart": 3.0, "synchrony_rsa": -0.5}
    readouts = {name: [mean - 1, mean + 1] for name, mean in means.items()}
    assert compute("tm2020-physio", readouts=readouts) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("slug", "signal"), [("genuine-vs-pseudo", "heart"), ("rt2011", "motion")]
)
def test_real_pairs_are_held_against_strangers(slug, signal):
    readouts = {
        f"synchrony_{signal}": [2.0, 3.0], f"synchrony_{signal}_strangers": [0.5, -0.5],
    }  # fmt: skip
    assert compute(slug, readouts=readouts) == pytest.approx(2.5)


def test_samples_without_signals_say_so(tmp_path):
    silent = Samples(1, (), Kept(tmp_path), emits=False)
    with pytest.raises(NoSignalsError):
        MEASURES["rt2011"].compute(silent)

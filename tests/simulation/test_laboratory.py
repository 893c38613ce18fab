"""The same stress alone and in company."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.evidence.measures._effects import standardised_difference
from bowlby.simulation.instruments import laboratory
from bowlby.simulation.simulate import simulate

CONDITIONS = ("rest", "alone", "stranger", "figure")


def children(**content):
    section = {"encounters": 4, "ticks": 100, "caregiver": "sensitive"}
    course = {
        "kind": "childhood",
        "dyads": 60,
        "childhood": section,
        "instruments": ["laboratory"],
    }
    return simulate(build_course(course | content))["readouts"].to_dataset()


@pytest.fixture(scope="module")
def table():
    return children()


def test_stress_raises_arousal_and_cortisol(table):
    assert table.lab_arousal_figure.mean() > table.lab_arousal_rest.mean() + 0.05
    assert table.lab_cortisol_figure.mean() > table.lab_cortisol_rest.mean()


def test_cortisol_of_those_who_are_stressed_alone_rises_as_published():
    """Dickerson & Kemeny (2004): d = .92 for stress before others that cannot be controlled."""
    everybody = children(dyads=128, childhood={"ticks": 150})
    alone, rest = everybody.lab_cortisol_alone, everybody.lab_cortisol_rest
    assert 0.7 < standardised_difference(alone, rest) < 1.1


def rise(table, company):
    return table[f"lab_cortisol_{company}"].mean() - table.lab_cortisol_rest.mean()


def test_who_is_safe_with_a_parent_hardly_answers_at_the_stress_axis(table):
    """Beyond what the parent calms: without this law the same children answer."""
    plain = children(ablate=["stress_buffering"])
    np.testing.assert_allclose(plain.lab_arousal_figure, table.lab_arousal_figure, atol=0.05)
    assert rise(table, "figure") < 0.6 * rise(plain, "figure")
    # Nobody is safe with a stranger or alone.
    for company in ("stranger", "alone"):
        np.testing.assert_allclose(rise(table, company), rise(plain, company), rtol=0.15)


def test_a_sensitive_caregiver_calms(table):
    assert table.lab_arousal_figure.mean() < table.lab_arousal_alone.mean() - 0.1


def test_without_coupling_company_does_not_regulate(table):
    apart = children(ablate=["coupling"])

    def calmed(found):
        return float((found.lab_arousal_alone - found.lab_arousal_figure).mean())

    assert calmed(apart) < 0.5 * calmed(table)


def test_the_laboratory_changes_nothing_else(table):
    without = children(instruments=[])
    for name in without.data_vars:
        np.testing.assert_array_equal(without[name], table[name])


def test_being_alone_is_no_separation(table, monkeypatch):
    calm = laboratory.at_home
    monkeypatch.setattr(
        laboratory, "at_home", lambda *a, **k: calm(*a, **(k | {"separation": 1.0}))
    )
    left = children()
    assert left.lab_arousal_alone.mean() > table.lab_arousal_alone.mean() + 0.2
    np.testing.assert_array_equal(left.lab_arousal_figure, table.lab_arousal_figure)


def test_grown_people_meet_it_with_their_partner():
    course = build_course(
        {"dyads": 20, "instruments": ["laboratory"], "therapy": {"sessions": 0},
         "arms": [{"protocol": "waiting_list"}], "childhood": {"encounters": 2, "ticks": 50},
         "life": {"waiting_weeks": 2, "follow_up_weeks": 0}}
    )  # fmt: skip
    grown = simulate(course)["readouts"]
    for name in CONDITIONS:
        assert np.isfinite(grown[f"lab_arousal_{name}"]).all()
    assert grown.partner_contingency.std() > 0.1
    assert grown.lab_expected_support.std() > 0.01

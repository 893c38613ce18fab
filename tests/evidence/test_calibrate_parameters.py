"""The calibrated parameters that come with the package."""

from pathlib import Path

import pandas as pd
import pytest

from bowlby.evidence.calibration.parameters import (
    packaged_calibration,
    packaged_parameters,
    packaged_screening,
)

RUN = Path(__file__).parents[2] / "benchmarks" / "calibrated" / "region.csv"


def test_the_calibrated_values_lie_in_the_ranges_that_were_searched():
    values = packaged_calibration()
    assert set(values) == {p.name for p in packaged_parameters()}
    assert all(p.low <= values[p.name] <= p.high for p in packaged_parameters())


def test_the_calibrated_values_are_those_of_the_run_beside_them():
    region = pd.read_csv(RUN).set_index("parameter").calibrated
    assert packaged_calibration() == pytest.approx(region.to_dict(), rel=1e-5)


def test_what_moves_a_finding_is_told_largest_first_for_every_parameter():
    screened = packaged_screening("sens-security")
    effects = [s.effect for s in screened]
    assert effects == sorted(effects, reverse=True)
    assert {s.parameter for s in screened} == {p.name for p in packaged_parameters()}
    assert screened[0].parameter == "childhood.population.contingency_sd"
    assert all(abs(s.mean) <= s.effect + 1e-6 for s in screened)


def test_a_sign_was_not_screened():
    assert packaged_screening("rsa-sync-pos") == ()

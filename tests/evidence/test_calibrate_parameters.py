"""The calibrated parameters that come with the package."""

from pathlib import Path

import pandas as pd
import pytest

from bowlby.courses.messages import CourseError
from bowlby.courses.parameters import calibrated
from bowlby.evidence.calibration.parameters import (
    packaged_parameters,
    packaged_screening,
    read_priors,
)

RUN = Path(__file__).parents[2] / "benchmarks" / "calibrated" / "region.csv"


def test_the_calibrated_values_lie_in_the_ranges_that_were_searched():
    values = calibrated()
    assert set(values) == {p.name for p in packaged_parameters()}
    assert all(p.low <= values[p.name] <= p.high for p in packaged_parameters())


def test_the_calibrated_values_are_those_of_the_run_beside_them():
    region = pd.read_csv(RUN).set_index("parameter").calibrated
    assert calibrated() == pytest.approx(region.to_dict(), rel=1e-5)


def test_what_moves_a_finding_is_told_largest_first_for_every_parameter():
    screened = packaged_screening("sens-security")
    effects = [s.effect for s in screened]
    assert effects == sorted(effects, reverse=True)
    assert {s.parameter for s in screened} == {p.name for p in packaged_parameters()}
    assert screened[0].parameter == "childhood.population.contingency_sd"
    assert all(abs(s.mean) <= s.effect + 1e-6 for s in screened)


def test_a_sign_was_not_screened():
    assert packaged_screening("rsa-sync-pos") == ()


def test_any_number_of_the_theory_may_be_calibrated(tmp_path):
    (tmp_path / "p.csv").write_text("name,low,high\ntheory.oxytocin.release,0.01,0.05\n")
    (found,) = read_priors(tmp_path / "p.csv")
    assert (found.default, found.unit) == (0.02, "1/s")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "theory.oxytocin.relaese,0,1",
            r"line 2: no number .*; did you mean 'theory.oxytocin.r",
        ),
        ("theory.oxytocin.release,0,7", r"no range within that of .*, 0 to 0.2 1/s"),
        ("theory.oxytocin.release,0.1,0.05", r"0.1 to 0.05 is no range"),
        ("theory.oxytocin.release,a,b", r"are no numbers"),
    ],
)
def test_a_prior_that_cannot_be_is_named(tmp_path, row, said):
    (tmp_path / "p.csv").write_text(f"name,low,high\n{row}\n")
    with pytest.raises(CourseError, match=said):
        read_priors(tmp_path / "p.csv")

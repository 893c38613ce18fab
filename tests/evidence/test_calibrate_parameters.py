"""The calibrated parameters that come with the package."""

from pathlib import Path

import pandas as pd
import pytest

from bowlby.evidence.calibration.parameters import packaged_calibration, packaged_parameters

RUN = Path(__file__).parents[2] / "benchmarks" / "calibrated" / "region.csv"


def test_the_calibrated_values_lie_in_the_ranges_that_were_searched():
    values = packaged_calibration()
    assert set(values) == {p.name for p in packaged_parameters()}
    assert all(p.low <= values[p.name] <= p.high for p in packaged_parameters())


def test_the_calibrated_values_are_those_of_the_run_beside_them():
    region = pd.read_csv(RUN).set_index("parameter").calibrated
    assert packaged_calibration() == pytest.approx(region.to_dict(), rel=1e-5)

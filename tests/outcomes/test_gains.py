"""Sudden gains against R suddengains 0.7.2, every cell (see the reference's README)."""

import numpy as np
import pandas as pd
import pytest

from bowlby.outcomes.gains import criteria, sudden_gains


@pytest.fixture(scope="module")
def bdi(shared_data):
    table = pd.read_csv(shared_data / "suddengains" / "sgdata.csv").set_index("id")
    made = table[[f"bdi_s{i}" for i in range(1, 13)]].astype(float)
    made.columns = range(1, 13)
    return made


def cells(shared_data, kind, part):
    path = (
        shared_data / "reference" / "suddengains" / f"{kind}_bdi_crit1_7_adjusted_details.csv"
    )
    table = pd.read_csv(path)
    return table[[f"{kind}_{part}{s}to{s + 1}" for s in range(2, 11)]].astype(float).to_numpy()


@pytest.mark.parametrize(
    ("part", "field"),
    [("crit1_", "first"), ("crit2_", "second"), ("crit3_", "third"), ("", "is_gain")],
)
@pytest.mark.parametrize("kind", ["sg", "sl"])
def test_every_cell_equals_r(shared_data, bdi, kind, part, field):
    made = criteria(
        bdi.to_numpy(), cutoff=7, is_loss=kind == "sl", convention="suddengains"
    )  # fmt: skip
    np.testing.assert_array_equal(getattr(made, field), cells(shared_data, kind, part))


def test_a_fixed_critical_t_finds_26_gains_in_17_clients(bdi):
    found = criteria(bdi.to_numpy(), cutoff=7, critical=2.776).is_gain == 1.0
    assert (found.sum(), found.any(1).sum()) == (26, 17)


def test_a_loss_must_rise_by_a_quarter():
    course = np.array([[20.0, 20, 21, 28, 28, 28, 28]])
    assert criteria(course, cutoff=7, is_loss=True).is_gain[0].tolist() == [0, 1, 0, 0]


def test_a_gain_of_a_scale_where_higher_is_better_is_found():
    table = pd.DataFrame([[10.0, 10, 11, 20, 21, 20, 21]], index=["A"], columns=range(1, 8))
    found = sudden_gains(table, cutoff=5, sign=1)
    assert found[["kind", "session", "before", "after"]].values.tolist() == [
        ["gain", 3, 11, 20]
    ]


def test_a_gain_lost_by_half_is_called_reversed():
    table = pd.DataFrame([[30.0, 30, 31, 15, 15, 16, 26]], index=["A"], columns=range(1, 8))
    assert sudden_gains(table, cutoff=7).reversed.tolist() == [True]


def test_no_gain_is_sought_in_three_sessions():
    table = pd.DataFrame([[30.0, 10, 10]], index=["A"], columns=range(1, 4))
    assert sudden_gains(table, cutoff=7).empty

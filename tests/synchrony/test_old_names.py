"""Results of earlier releases are read; what is written bears the names of today."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bowlby.figures import overview_figure, specification_figure
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.old_names import (
    COLUMNS,
    ENTRIES,
    VARIABLES,
    renamed_columns,
    renamed_entries,
    renamed_variables,
)

MIGRATION = Path(__file__).parents[2] / "docs" / "reference" / "migration.md"


@pytest.fixture(scope="module")
def measured() -> xr.Dataset:
    x, y = np.random.default_rng(1).normal(size=(2, 600))
    pair = SignalPair("motion", "motion", x, y, 5.0, 0.0, "", ("a", "b"), ())
    return measure_pair(pair, Settings(window_s=20.0, max_lag_s=2.0, surrogates=19))


def test_old_columns_are_read():
    old = pd.DataFrame({"effect": [1.0], "effect_low": [0.0], "moment_p": [0.5], "p": [0.1]})
    assert list(renamed_columns(old)) == ["z", "z_low", "cluster_p", "p"]


def test_a_column_of_today_is_never_replaced_by_an_old_one():
    both = pd.DataFrame({"effect": [1.0], "z": [2.0]})
    assert renamed_columns(both).z.tolist() == [2.0]


def test_no_old_name_is_written(measured):
    assert not (VARIABLES.keys() - {"coverage"}) & set(measured.variables)


def test_an_old_dataset_becomes_that_of_today(measured):
    old = measured.rename({new: old for old, new in VARIABLES.items()})
    xr.testing.assert_identical(renamed_variables(old), measured)


def test_a_dataset_of_today_stays_as_it_is(measured):
    xr.testing.assert_identical(renamed_variables(measured), measured)


def test_an_old_run_json_is_read():
    assert renamed_entries({"self_check": True, "csv": False}) == {
        "false_positives": True, "csv": False,
    }  # fmt: skip


def test_figures_draw_a_summary_of_an_earlier_release():
    old = pd.DataFrame(
        {"recording": ["s1", "s2"], "signal": "motion", "effect": [1.0, 2.0],
         "effect_low": [0.0, 1.0], "effect_high": [2.0, 3.0], "p": [0.2, 0.01]}
    )  # fmt: skip
    assert overview_figure(old).axes


def test_figures_draw_specifications_of_an_earlier_release():
    old = pd.DataFrame({"window_s": [10.0, 20.0], "effect": [1.0, 2.0], "p": [0.2, 0.01]})
    assert specification_figure(old).axes


@pytest.mark.parametrize(
    ("old", "new"), [*VARIABLES.items(), *COLUMNS.items(), *ENTRIES.items()]
)
def test_the_migration_page_names_every_change(old, new):
    rows = [line for line in MIGRATION.read_text(encoding="utf-8").splitlines() if "|" in line]
    assert any(f"`{old}`" in row and f"`{new}`" in row for row in rows)

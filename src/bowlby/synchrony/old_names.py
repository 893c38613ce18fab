"""Names that earlier releases gave: read wherever results are loaded again, never written.

docs/reference/migration.md holds the same for people, files and options among it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "effect": "z",
    "effect_low": "z_low",
    "effect_high": "z_high",
    "moment": "episode",
    "moment_p": "cluster_p",
}
"""Columns of tables (summary, windows, specifications) and variables of datasets."""

VARIABLES = {**COLUMNS, "coverage": "window_coverage", "used": "coverage"}
"""Variables of a measured dataset; `coverage` meant that of a window before."""

ENTRIES = {"self_check": "false_positives"}
"""Entries of run.json."""


def renamed_columns(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table under today's column names; a column that has its name today is kept."""
    return table.rename(columns={old: new for old, new in COLUMNS.items() if new not in table})


def renamed_variables(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset of `measure_pair` under today's names."""
    is_old = any(name in dataset for name in VARIABLES if name != "coverage")
    names = {old: new for old, new in VARIABLES.items() if is_old and old in dataset}
    return dataset.rename(names)


def renamed_entries(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a run.json under today's names."""
    return {ENTRIES.get(key, key): value for key, value in content.items()}

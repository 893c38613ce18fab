"""Simulated results as tables for R and pandas."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    import pandas as pd


def readout_table(readouts: xr.Dataset) -> "pd.DataFrame":
    """A row per dyad (and arm) or member of a couple, a column per readout."""
    if "member" in readouts.dims:
        return _by_member(readouts, readout_table)
    flat = readouts.drop_vars([n for n in readouts.variables if readouts[n].dims != ("dyad",)])
    return flat.to_dataframe().reset_index()


def encounter_table(encounters: xr.Dataset) -> "pd.DataFrame":
    """A row per dyad and encounter (of a couple: and member), a column per variable.

    A variable with labels becomes a column per label.
    """
    import pandas as pd

    if "member" in encounters.dims:
        return _by_member(encounters, encounter_table)
    n, m = encounters.sizes["dyad"], encounters.sizes["encounter"]
    columns: dict[str, np.ndarray] = {
        "dyad": np.repeat(encounters.dyad.to_numpy(), m),
        "arm": np.repeat(encounters.arm.to_numpy(), m),
        "encounter": np.tile(np.arange(m), n),
    }
    for name in ("phase", "week", "session", "age_years", "place"):
        if name not in encounters.coords:
            continue
        columns[name] = np.tile(encounters[name].to_numpy(), n)
    for name, variable in encounters.data_vars.items():
        values = variable.to_numpy().reshape(n * m, -1)
        if variable.ndim == 2:
            columns[str(name)] = values[:, 0]
            continue
        labels = encounters[variable.dims[2]].to_numpy()
        for i, label in enumerate(labels):
            columns[f"{name}_{label}"] = values[:, i]
    return pd.DataFrame(columns)


def _by_member(
    data: xr.Dataset, table_of: Callable[[xr.Dataset], "pd.DataFrame"]
) -> "pd.DataFrame":
    """Tables of each member, one below the other, household by household."""
    import pandas as pd

    tables = []
    for member in data.member.to_numpy():
        table = table_of(data.sel(member=member, drop=True))
        table.insert(1, "member", member)
        tables.append(table)
    order = [name for name in ("dyad", "encounter", "member") if name in tables[0]]
    return pd.concat(tables).sort_values(order, kind="stable").reset_index(drop=True)

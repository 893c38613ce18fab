"""Tidy tables of a study: one row per estimate, in Parquet and CSV."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    import pandas as pd

SUMMARY_COLUMNS = (
    "recording", "signal", "measure", "estimate", "null_mean", "null_sd", "z", "p",
    "leader", "peak_lag_s", "coverage", "z_low", "z_high", "phase", "lag_low_s", "lag_high_s",
    "excess", "excess_se", "smallest_p",
)  # fmt: skip


def summary_table(
    datasets: Iterable[xr.Dataset], labels: Mapping[str, Mapping[str, str]]
) -> "pd.DataFrame":
    """One row per recording, signal and statistic; the default statistic comes first."""
    import pandas as pd

    rows = []
    for dataset in datasets:
        name = dataset.attrs["recording"]
        for i, statistic in enumerate(dataset.statistic.values):
            values = {
                key: dataset[key].values[i].item()
                for key in ("estimate", "null_mean", "null_sd", "z", "p", "leader",
                            "peak_lag_s", "lag_low_s", "lag_high_s", "excess", "excess_se",
                            "z_low", "z_high")
            }  # fmt: skip
            rows.append(
                {
                    "recording": name,
                    "signal": dataset.attrs["signal"],
                    "measure": str(statistic),
                    **values,
                    "smallest_p": dataset.attrs["smallest_p"],
                    "coverage": dataset.coverage.values[i].item(),
                    "phase": _phase(dataset, str(statistic), values["peak_lag_s"]),
                    **labels.get(name, {}),
                }
            )
    table = pd.DataFrame(rows)
    extra = [column for column in table.columns if column not in SUMMARY_COLUMNS]
    return table.reindex(columns=[*SUMMARY_COLUMNS, *extra])


def _phase(dataset: xr.Dataset, statistic: str, peak_lag_s: float) -> str:
    """Whether the mean signed correlation at the peak is positive or negative."""
    if not statistic.startswith("wcc"):
        return ""
    at = int(np.argmin(np.abs(dataset.lag_s.values - peak_lag_s)))
    return "in-phase" if dataset.in_phase.values[at] >= 0 else "anti-phase"


def lag_table(dataset: xr.Dataset) -> "pd.DataFrame":
    """Mean profile over lags with its surrogate bands, a row per lag."""
    return _columns(dataset, "lag", {"lag_s": "lag_s"}, "profile")


def window_table(dataset: xr.Dataset) -> "pd.DataFrame":
    """Running synchrony, peaks and synchronous episodes, a row per window."""
    names = {"window_start_s": "window_start_s", "window_peak_lag_s": "peak_lag_s",
             "window_peak": "peak", "window_coverage": "coverage", "episode": "episode",
             "cluster_p": "cluster_p"}  # fmt: skip
    return _columns(dataset, "window", names, "running")


def _columns(
    dataset: xr.Dataset, dim: str, names: Mapping[str, str], prefix: str
) -> "pd.DataFrame":
    import pandas as pd

    chosen = {str(new): old for old, new in names.items() if old in dataset.variables}
    chosen |= {str(n): str(n) for n in dataset.data_vars if str(n).startswith(prefix)}
    columns = {
        new: dataset[old].values for new, old in chosen.items() if dataset[old].dims == (dim,)
    }
    front = {"recording": dataset.attrs["recording"], "signal": dataset.attrs["signal"]}
    return pd.DataFrame(front | columns)


def wcc_table(dataset: xr.Dataset) -> "pd.DataFrame":
    """Window-by-lag values, a row per cell."""
    import pandas as pd

    starts, lags = dataset.window_start_s.values, dataset.lag_s.values
    return pd.DataFrame(
        {
            "recording": dataset.attrs["recording"],
            "signal": dataset.attrs["signal"],
            "window_start_s": np.repeat(starts, len(lags)),
            "lag_s": np.tile(lags, len(starts)),
            "value": dataset.wcc.values.ravel(),
        }
    )


def write_table(table: "pd.DataFrame", stem: Path, *, csv: bool = True) -> None:
    """Write `stem.parquet`, and `stem.csv` at full precision if requested."""
    table.to_parquet(stem.with_suffix(".parquet"), index=False)
    if csv:
        table.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")


def write_long_table(parts: Iterable["pd.DataFrame"], stem: Path, *, csv: bool) -> None:
    """Write many tables of one form as one, without holding them all at once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None
    try:
        for number, part in enumerate(parts):
            table = pa.Table.from_pandas(part, preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(stem.with_suffix(".parquet"), table.schema)
            writer.write_table(table.cast(writer.schema))
            if csv:
                part.to_csv(
                    stem.with_suffix(".csv"), mode="a" if number else "w",
                    header=not number, index=False, lineterminator="\n",
                )  # fmt: skip
    finally:
        if writer is not None:
            writer.close()


def null_table(dataset: xr.Dataset) -> "pd.DataFrame":
    """Surrogates' values, a row per statistic and surrogate."""
    import pandas as pd

    null: Sequence[np.ndarray] = dataset.null.values
    count = dataset.sizes["surrogate"]
    return pd.DataFrame(
        {
            "recording": dataset.attrs["recording"],
            "signal": dataset.attrs["signal"],
            "measure": np.repeat(dataset.statistic.values.astype(object), count),
            "surrogate": np.tile(np.arange(count), len(null)),
            "value": np.concatenate(null),
        }
    )

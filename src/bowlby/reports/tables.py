"""The report's tables as text cells that a page can sort."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.figures.style import format_p
from bowlby.figures.views import statistic_title
from bowlby.reports.numbers import minus
from bowlby.reports.page import Cell, Table

if TYPE_CHECKING:
    import pandas as pd

_RESULT_COLUMNS = (
    *("recording", "signal", "measure", "estimate", "null_mean", "null_sd"),
    *("z", "z_low", "z_high", "p", "smallest_p", "leader", "phase", "peak_lag_s", "lag_low_s"),
    *("lag_high_s", "excess", "excess_se", "coverage"),
)


def summary_table(
    summary: "pd.DataFrame", main: "pd.DataFrame", datasets: Sequence[xr.Dataset]
) -> dict[str, Any]:
    """Summary as text cells with sort keys, each row with its dataset's place in the viewer."""
    if not len(summary):
        return {"header": [], "rows": []}
    labels = [c for c in summary if c not in _RESULT_COLUMNS]
    columns = [*(c for c in _RESULT_COLUMNS if c in summary), *labels]
    first = set(zip(main["recording"], main["signal"], main["measure"], strict=True))
    positions = {(d.attrs["recording"], d.attrs["signal"]): i for i, d in enumerate(datasets)}
    rows = []
    for record in summary.to_dict(orient="records"):
        key = (record["recording"], record["signal"])
        rows.append(
            {
                "is_main": (*key, record["measure"]) in first,
                "is_beyond": bool(record["p"] < 0.05),
                "viewer": positions.get(key, ""),
                "cells": [_table_cell(column, record[column]) for column in columns],
            }
        )
    return {"header": [_column_title(str(c)) for c in columns], "rows": rows}


def _table_cell(column: str, value: Any) -> dict[str, Any]:
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if column == "measure":
        return {"text": statistic_title(str(value)), "key": str(value), "is_number": False}
    if not is_number:
        return {"text": _cell(value), "key": _cell(value), "is_number": False}
    if not np.isfinite(value):
        return {"text": "–", "key": "", "is_number": True}
    shown = {
        "p": lambda v: format_p(v).removeprefix("p ").removeprefix("= "),
        "coverage": lambda v: f"{100 * v:.0f} %",
        "peak_lag_s": lambda v: f"{v:.2f}",
        "z": lambda v: f"{v:.2f}",
        "z_low": lambda v: f"{v:.2f}",
        "z_high": lambda v: f"{v:.2f}",
    }.get(column, _cell)
    return {"text": shown(value).replace("-", "−"), "key": f"{value:.6g}", "is_number": True}


def _column_title(column: str) -> str:
    return {
        "measure": "statistic", "null_mean": "surrogates' mean", "null_sd": "surrogates' SD",
        "z_low": "from", "z_high": "to",
        "peak_lag_s": "peak lag (s)",
    }.get(column, column.replace("_", " "))  # fmt: skip


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return "–"
    if isinstance(value, float | np.floating):
        return f"{value:.3g}" if abs(value) >= 1 or value == 0 else f"{value:.3f}"
    return str(value)


def csv_uri(summary: "pd.DataFrame") -> str:
    """The whole summary as a file that the page carries within itself."""
    text = summary.to_csv(index=False)
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def groups_table(groups: "pd.DataFrame") -> Table:
    """Comparison of groups as cells."""
    return Table(
        header=[str(column).replace("_", " ") for column in groups],
        rows=[
            [Cell(minus(f" {_cell(value)}").strip()) for value in row]
            for row in groups.itertuples(index=False)
        ],
    )

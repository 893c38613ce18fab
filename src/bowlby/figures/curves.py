"""Curves of a model: a small panel per variable."""

from textwrap import fill

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    DOUBLE_MM,
    GROUP_COLOURS,
    INK,
    new_figure,
    sequential_map,
    styled,
)

_NAMED = 6


def drawable(curves: xr.Dataset) -> list[str]:
    """Names of the variables that are a line or a few: one or two dimensions, some number."""
    return [
        str(name)
        for name, data in curves.data_vars.items()
        if data.ndim in (1, 2) and data.dtype.kind in "fiub" and np.isfinite(data).any()
    ]


@styled
def curves_figure(curves: xr.Dataset) -> Figure:
    """Every variable in its panel, two columns wide.

    Args:
        curves: Variables of one dimension (a line) or two (a line for each value of the second)
            with `long_name` and `units`.

    Raises:
        ValueError: If there is nothing to draw.
    """
    names = drawable(curves)
    if not names:
        raise ValueError(
            "These curves hold no variable of one or two dimensions with a number."
        )
    columns = min(3 if len(names) > 4 else 2, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure(DOUBLE_MM if columns > 1 else 120.0, 52.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        _draw(axes, curves[name])
        title = str(curves[name].attrs.get("long_name", name.replace("_", " ")))
        axes.set_title(fill(title[:1].upper() + title[1:], 90 // columns))
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    return figure


def _draw(axes: Axes, data: xr.DataArray) -> None:
    along = str(data.dims[0])
    x, labels = _place(data, along)
    lines = data.to_numpy().astype(float).reshape(data.sizes[along], -1).T
    few = len(lines) <= _NAMED
    colours = (
        [INK] if len(lines) == 1
        else GROUP_COLOURS if few
        else sequential_map()(np.linspace(0.25, 1.0, len(lines)))
    )  # fmt: skip
    for i, (line, colour) in enumerate(zip(lines, colours, strict=False)):
        axes.plot(
            x, line, color=colour, label=_label(data, i),
            marker="o" if len(x) < 15 else "", markersize=2.5,
            linestyle="none" if labels and len(x) > 1 and len(lines) == 1 else "-",
        )  # fmt: skip
    if labels:
        axes.set_xticks(x, labels, rotation=20 if max(map(len, labels)) > 6 else 0)
    axes.set_xlabel(
        _axis_label(data[along]) if along in data.coords else along.replace("_", " ")
    )
    unit = str(data.attrs.get("units", ""))
    axes.set_ylabel("" if unit == "1" else unit)
    axes.margins(y=0.08)
    if len(lines) > 1:
        handles, names = axes.get_legend_handles_labels()
        chosen = range(len(lines)) if few else (0, len(lines) // 2, len(lines) - 1)
        axes.legend(
            [handles[i] for i in chosen], [names[i] for i in chosen],
            title=str(data.dims[1]).replace("_", " "), title_fontsize=7.0, handlelength=1.2,
            **({} if few else {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}),
        )  # fmt: skip


def _place(data: xr.DataArray, along: str) -> tuple[np.ndarray, list[str]]:
    """Positions along the axis, and their labels if they are words."""
    if along not in data.coords:
        return np.arange(data.sizes[along]), []
    values = data[along].to_numpy()
    if values.dtype.kind in "fiub":
        return values.astype(float), []
    return np.arange(len(values)), [str(value) for value in values]


def _label(data: xr.DataArray, index: int) -> str:
    if data.ndim == 1:
        return str(data.name)
    dim = data.dims[1]
    value = data[dim].to_numpy()[index] if dim in data.coords else index
    return f"{value:g}" if isinstance(value, float | int | np.number) else str(value)


def _axis_label(coordinate: xr.DataArray) -> str:
    name = str(coordinate.attrs.get("long_name", str(coordinate.name).replace("_", " ")))
    unit = coordinate.attrs.get("units", "")
    return f"{name} ({unit})" if unit else name

"""One composition that shows a study at a glance."""

from typing import TYPE_CHECKING

import xarray as xr
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.lag_map import draw_colour_bar, draw_lag_map
from bowlby.figures.lag_profile import draw_lag_profile
from bowlby.figures.pseudo_dyads import draw_pseudo
from bowlby.figures.study import draw_overview, recording_order
from bowlby.figures.style import DOUBLE_MM, new_figure, panel_letter, styled
from bowlby.figures.traces import draw_running, draw_traces
from bowlby.figures.views import signal_title, value_label

if TYPE_CHECKING:
    import pandas as pd


@styled
def hero_figure(
    dataset: xr.Dataset,
    summary: "pd.DataFrame",
    *,
    real: FloatArray | None = None,
    pseudo: FloatArray | None = None,
    d: float = float("nan"),
    p: float = float("nan"),
) -> Figure:
    """One recording on the left, the study on the right, 183 mm wide.

    Args:
        dataset: The recording to show.
        summary: Rows of the study as for `overview_figure`, one signal.
        real: Estimates of real recordings; with `pseudo`, a panel of both is added.
        pseudo: Estimates of pseudo-pairs.
        d: Standardised difference of real and pseudo.
        p: p of the difference.
    """
    figure = new_figure(DOUBLE_MM, 126.0)
    grid = figure.add_gridspec(1, 2, width_ratios=(1.5, 1.0))
    left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    rows = left.subplots(4, 1, gridspec_kw={"height_ratios": (0.8, 0.8, 1.1, 2.1)})
    draw_traces(rows[0], rows[1], dataset, bins=500)
    draw_running(rows[2], dataset)
    rows[2].set_xlabel("")
    rows[2].tick_params(labelbottom=False)
    image = draw_lag_map(rows[3], dataset)
    draw_colour_bar(left, rows[3], image, dataset)
    left.align_ylabels(rows[:3])
    rows[0].set_title(f"One recording: {signal_title(dataset).lower()}")
    panel_letter(rows[0], "a")
    has_pseudo = real is not None and pseudo is not None
    ratios = (1.15, 1.35, 0.9) if has_pseudo else (1.0, 1.5)
    panels = right.subplots(len(ratios), 1, gridspec_kw={"height_ratios": ratios})
    draw_lag_profile(panels[0], dataset)
    panels[0].set_title("Who leads, by how much")
    panel_letter(panels[0], "b")
    draw_overview(panels[1], summary, recording_order(summary), named=False)
    panels[1].set_xlabel("z against surrogates")
    panels[1].set_title(f"All {len(summary)} recordings")
    panel_letter(panels[1], "c")
    if real is not None and pseudo is not None:
        draw_pseudo(panels[2], real, pseudo, d=d, p=p)
        panels[2].set_xlabel(f"Estimate ({value_label(dataset)})")
        panels[2].set_title("Real and pseudo-dyads")
        panel_letter(panels[2], "d")
    return figure

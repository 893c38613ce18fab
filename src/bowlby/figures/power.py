"""Power of a planned study over dyads, one panel for each number of sessions."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from bowlby.figures.style import DOUBLE_MM, MUTED, new_figure, sequential_map, styled

if TYPE_CHECKING:
    import pandas as pd


@styled
def power_figure(table: "pd.DataFrame") -> Figure:
    """Power of the study over dyads, a line for each length of a session.

    Args:
        table: What `bowlby.studies.power.power` returned.
    """
    sessions = sorted(table["sessions"].unique())
    minutes = sorted(table["minutes"].unique())
    figure = new_figure(DOUBLE_MM, 70.0)
    panels = figure.subplots(1, len(sessions), sharey=True, squeeze=False)[0]
    colours = sequential_map()(np.linspace(0.3, 0.85, len(minutes)))
    for axes, count in zip(panels, sessions, strict=True):
        for colour, length in zip(colours, minutes, strict=True):
            rows = table[(table["sessions"] == count) & (table["minutes"] == length)]
            rows = rows.sort_values("dyads")
            axes.plot(
                rows["dyads"], rows["power_study"], color=colour, marker="o", markersize=3,
                label=f"{length:g} min",
            )  # fmt: skip
        axes.axhline(0.8, color=MUTED, linewidth=0.6, linestyle="--")
        axes.set_title(f"{count} session{'s' if count > 1 else ''} a dyad")
        axes.set_xlabel("dyads")
        axes.set_ylim(0.0, 1.03)
    panels[0].set_ylabel("power")
    panels[-1].legend(title="a session", loc="lower right")
    return figure

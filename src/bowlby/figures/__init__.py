"""Figures: a result goes in, a matplotlib Figure comes out; nothing is computed here."""

from bowlby.figures.coherence import coherence_figure
from bowlby.figures.hero import hero_figure
from bowlby.figures.lag_map import lag_map_figure
from bowlby.figures.lag_profile import lag_profile_figure
from bowlby.figures.null_distribution import null_figure
from bowlby.figures.pseudo_dyads import false_positives_figure, pseudo_dyads_figure
from bowlby.figures.specification import specification_figure
from bowlby.figures.study import (
    lead_lag_figure,
    overview_figure,
    sessions_figure,
)
from bowlby.figures.style import figure_png, figure_svg
from bowlby.figures.traces import traces_figure

__all__ = [
    "coherence_figure",
    "false_positives_figure",
    "figure_png",
    "figure_svg",
    "hero_figure",
    "lag_map_figure",
    "lag_profile_figure",
    "lead_lag_figure",
    "null_figure",
    "overview_figure",
    "pseudo_dyads_figure",
    "sessions_figure",
    "specification_figure",
    "traces_figure",
]

"""What a report is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import xarray as xr

from bowlby.reports.page import Section
from bowlby.synchrony.mismatched import FalsePositives
from bowlby.synchrony.pseudo_dyads import PseudoDyads

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Failure:
    """A recording that could not be measured.

    Attributes:
        recording: Its name.
        file: The file, if one is to blame.
        message: What is wrong and what to do.
    """

    recording: str
    file: str
    message: str


@dataclass(frozen=True)
class ExtraFigure:
    """A figure drawn elsewhere.

    Attributes:
        title: Its heading.
        caption: What it shows.
        svg: The SVG, as `figure_svg` returns it.
    """

    title: str
    caption: str
    svg: str


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Everything a report shows.

    Attributes:
        title: The report's heading.
        datasets: Results of `measure_pair`, one per recording and signal.
        summary: One row per recording, signal and statistic: `recording`, `signal`, `measure`,
            `estimate`, `null_mean`, `null_sd`, `z`, `z_low`, `z_high`, `p`,
            `leader`, `peak_lag_s`, `coverage` and the recordings' labels such as `group`,
            `dyad`, `session`. The first row of a recording and signal is its main result.
        version: Version of bowlby.
        command: The command that made the report.
        created: When, as text.
        failed: Recordings that could not be measured.
        skipped: Files that were left out, with the reason.
        false_positives: How often pseudo-dyads are called synchronous.
        pseudo_dyads: Real dyads against pseudo-dyads.
        groups: Comparison of groups: a table, or text.
        multiverse: One row per specification; see `specification_figure`.
        figures: Figures drawn elsewhere.
        sections: Sections made elsewhere, such as those of phases and events.
    """

    title: str
    datasets: Sequence[xr.Dataset]
    summary: "pd.DataFrame"
    version: str = ""
    command: str = ""
    created: str = ""
    failed: Sequence[Failure] = ()
    skipped: Sequence[str] = ()
    false_positives: FalsePositives | None = None
    pseudo_dyads: PseudoDyads | None = None
    groups: "pd.DataFrame | str | None" = None
    multiverse: "pd.DataFrame | None" = None
    figures: Sequence[ExtraFigure] = field(default=())
    sections: Sequence[Section] = field(default=())

"""The report's figures as they stand on the page, each with its caption."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from bowlby.figures.calibration import pseudo_figure, self_check_figure
from bowlby.figures.lag_map import lag_map_figure
from bowlby.figures.lag_profile import lag_profile_figure
from bowlby.figures.null_distribution import null_figure
from bowlby.figures.specification import specification_figure
from bowlby.figures.study import lead_lag_figure, overview_figure, sessions_figure
from bowlby.figures.style import figure_svg, format_p
from bowlby.figures.traces import traces_figure
from bowlby.figures.views import has_surrogates, named_signal, signal_title, statistic_title
from bowlby.reports.coherence import measured_coherence_figure
from bowlby.reports.content import ReportContent
from bowlby.reports.inline import inline_svg
from bowlby.reports.wording import has_sessions, one_line, rows_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Drawing:
    """A figure on the page.

    Attributes:
        svg: The inline SVG element.
        caption: Text below it.
        is_narrow: True for a figure of one column.
    """

    svg: str
    caption: str
    is_narrow: bool = False


def draw_recording(index: int, dataset: xr.Dataset) -> dict[str, Any]:
    """Static figures of one recording and signal."""
    name, signal = str(dataset.attrs["recording"]), signal_title(dataset)
    about = f"{name}, {signal}: "
    line = one_line(dataset)
    first, second = dataset.attrs["first"], dataset.attrs["second"]
    drawings = [
        _draw(
            traces_figure(dataset, bins=480), f"r{index}t",
            about + "both signals and synchrony. " + line,
            f"Signals of {first} and {second} (lowest and highest value at this width) and "
            "running synchrony, the mean over lags in each window. Green: moments beyond "
            "chance. Hatched: missing.",
        ),
        _draw(
            lag_map_figure(dataset), f"r{index}m", about + "synchrony by time and lag. " + line,
            f"Each column is a window, each row a lag; above the dashed line {first} leads, "
            f"below it {second}. The path follows the peak nearest lag 0. Grey: no value.",
        ),
        _draw(
            lag_profile_figure(dataset), f"r{index}p", about + "mean synchrony by lag. " + line,
            "Mean over windows at each lag. Positive lags: "
            f"{first} leads. Above the dashed line is beyond chance at any lag.",
            is_narrow=True,
        ),
        _draw(
            null_figure(dataset), f"r{index}n", about + "surrogates' values. " + line,
            "What surrogates give, and the recording.", is_narrow=True,
        ),
    ]  # fmt: skip
    coherence = measured_coherence_figure(dataset)
    if coherence is not None:
        drawings.append(
            _draw(
                coherence, f"r{index}c", about + "wavelet coherence by time and period.",
                "Coherence of each rhythm over time. Hatched: too close to an end or a gap to "
                f"be told. Arrows show phase: up, {first} is ahead.",
            )
        )  # fmt: skip
    is_beyond = bool(has_surrogates(dataset) and float(dataset.p[0]) < 0.05)
    return {
        "name": name, "signal": signal, "line": line, "drawings": drawings,
        "is_beyond": is_beyond,
    }  # fmt: skip


def draw_study(study: ReportContent, main: "pd.DataFrame") -> list[Drawing]:
    """Overview of all recordings; nothing for a single one."""
    if len(main) < 2 or not np.isfinite(main["effect"].to_numpy(float)).any():
        return []
    drawings = [
        _draw(
            overview_figure(main), "overview", "Effect of every recording with its interval.",
            "Distance of each recording from its surrogates, with a 95 % interval over "
            "windows. Filled dots exceed chance at p < .05.",
            is_narrow=main["signal"].nunique() == 1,
        )
    ]  # fmt: skip
    roles = {(str(d.attrs["first"]), str(d.attrs["second"])) for d in study.datasets}
    first, second = roles.pop() if len(roles) == 1 else ("first partner", "second partner")
    for signal in dict.fromkeys(main["signal"]):
        rows = rows_of(main, str(signal))
        title = named_signal(str(signal)).lower()
        drawings.append(
            _draw(
                lead_lag_figure(rows, first=first, second=second), f"lead-{signal}",
                f"Peak lag and effect of every recording, {title}.",
                f"Where each recording's lag profile peaks ({title}). Right of 0: {first} "
                f"leads. A peak lag means little where the effect is near 0.",
                is_narrow=True,
            )
        )  # fmt: skip
        if has_sessions(rows):
            drawings.append(
                _draw(
                    sessions_figure(rows), f"sessions-{signal}",
                    f"Effect by dyad and session, {title}.",
                    f"Synchrony above chance by dyad and session ({title}).", is_narrow=True,
                )
            )  # fmt: skip
    return drawings


def draw_self_check(study: ReportContent) -> Drawing | None:
    """Histogram of p-values of mismatched pairs, if they were measured."""
    check = study.self_check
    if check is None:
        return None
    return _draw(
        self_check_figure(
            np.asarray(check.p), rate=check.rate, low=check.low, high=check.high,
            alpha=check.alpha,
        ),
        "selfcheck", f"Histogram of p-values of mismatched pairs. {check.statement}",
        f"p-values of the {statistic_title(check.statistic).lower()} in {check.pairs} pairs of "
        "people who never met. An honest test spreads them evenly.",
        is_narrow=True,
    )  # fmt: skip


def draw_between(study: ReportContent) -> Drawing | None:
    """Real against pseudo-dyads, if they were compared."""
    between = study.between
    if between is None:
        return None
    return _draw(
        pseudo_figure(between.real, between.pseudo, d=between.d, p=between.p), "between",
        f"Estimates of real and pseudo-dyads, {format_p(between.p)}.",
        "Estimates of real recordings (ticks) and of pseudo-pairs made of people from "
        "different dyads.",
        is_narrow=True,
    )  # fmt: skip


def draw_multiverse(study: ReportContent) -> Drawing | None:
    """Specification curve, if there is more than one specification."""
    if study.multiverse is None or len(study.multiverse) < 2:
        return None
    return _draw(
        specification_figure(study.multiverse), "multiverse",
        "Effects of all specifications, sorted, with the choices that made them.",
        "Every dot above is one way of measuring; the dots below it say which.",
    )  # fmt: skip


def _draw(
    figure: Figure, salt: str, label: str, caption: str, *, is_narrow: bool = False
) -> Drawing:
    svg = figure_svg(figure, salt=salt, dpi=120.0, digits=1)
    return Drawing(inline_svg(svg, label=label), caption, is_narrow)

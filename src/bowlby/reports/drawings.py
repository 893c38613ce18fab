"""The report's figures as they stand on the page, each with its caption."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.figures.lag_map import lag_map_figure
from bowlby.figures.lag_profile import lag_profile_figure
from bowlby.figures.null_distribution import null_figure
from bowlby.figures.pseudo_dyads import false_positives_figure, pseudo_dyads_figure
from bowlby.figures.specification import specification_figure
from bowlby.figures.study import lead_lag_figure, overview_figure, sessions_figure
from bowlby.figures.style import format_p
from bowlby.figures.traces import traces_figure
from bowlby.figures.views import has_surrogates, named_signal, signal_title, statistic_title
from bowlby.reports.coherence import measured_coherence_figure
from bowlby.reports.content import ReportContent
from bowlby.reports.page import Drawing, draw
from bowlby.reports.wording import has_sessions, one_line, rows_of

if TYPE_CHECKING:
    import pandas as pd


def draw_recording(index: int, dataset: xr.Dataset) -> dict[str, Any]:
    """Static figures of one recording and signal."""
    name, signal = str(dataset.attrs["recording"]), signal_title(dataset)
    about = f"{name}, {signal}: "
    line = one_line(dataset)
    first, second = dataset.attrs["first"], dataset.attrs["second"]
    drawings = [
        draw(
            traces_figure(dataset, bins=480), f"r{index}t",
            about + "both signals and synchrony. " + line,
            f"Signals of {first} and {second} (lowest and highest value at this width) and "
            "running synchrony, the mean over lags in each window. Green: synchronous "
            "episodes, beyond chance. Hatched: missing.",
        ),
        draw(
            lag_map_figure(dataset), f"r{index}m", about + "synchrony by time and lag. " + line,
            f"Each column is a window, each row a lag; above the dashed line {first} leads, "
            f"below it {second}. The path follows the peak nearest lag 0. Grey: no value.",
        ),
        draw(
            lag_profile_figure(dataset), f"r{index}p", about + "mean synchrony by lag. " + line,
            "Mean over windows at each lag. Positive lags: "
            f"{first} leads. Above the dashed line is beyond chance at any lag.",
            is_narrow=True,
        ),
        draw(
            null_figure(dataset), f"r{index}n", about + "surrogates' values. " + line,
            "Values of the surrogates, and of the recording.", is_narrow=True,
        ),
    ]  # fmt: skip
    coherence = measured_coherence_figure(dataset)
    if coherence is not None:
        drawings.append(
            draw(
                coherence, f"r{index}c", about + "wavelet coherence by time and period.",
                "Coherence of each rhythm over time. Hatched: too close to an end or a gap to "
                f"compute. Arrows show phase: up, {first} is ahead.",
            )
        )  # fmt: skip
    is_beyond = bool(has_surrogates(dataset) and float(dataset.p[0]) < 0.05)
    return {
        "name": name, "signal": signal, "line": line, "drawings": drawings,
        "is_beyond": is_beyond,
    }  # fmt: skip


def draw_study(study: ReportContent, main: "pd.DataFrame") -> list[Drawing]:
    """Overview of all recordings; nothing for a single one."""
    if len(main) < 2 or not np.isfinite(main["z"].to_numpy(float)).any():
        return []
    drawings = [
        draw(
            overview_figure(main), "overview",
            "z against surrogates of every recording with its interval.",
            "z is each recording's distance from its surrogates' mean, in their standard "
            "deviations, with a 95 % interval over windows. Filled: p < .05.",
            is_narrow=main["signal"].nunique() == 1,
        )
    ]  # fmt: skip
    roles = {(str(d.attrs["first"]), str(d.attrs["second"])) for d in study.datasets}
    first, second = roles.pop() if len(roles) == 1 else ("first partner", "second partner")
    for signal in dict.fromkeys(main["signal"]):
        rows = rows_of(main, str(signal))
        title = named_signal(str(signal)).lower()
        drawings.append(
            draw(
                lead_lag_figure(rows, first=first, second=second), f"lead-{signal}",
                f"Peak lag and z of every recording, {title}.",
                f"Where each recording's lag profile peaks ({title}). Right of 0: {first} "
                f"leads. A peak lag means little where z is near 0.",
                is_narrow=True,
            )
        )  # fmt: skip
        if has_sessions(rows):
            drawings.append(
                draw(
                    sessions_figure(rows), f"sessions-{signal}",
                    f"z by dyad and session, {title}.",
                    f"z against surrogates by dyad and session ({title}).", is_narrow=True,
                )
            )  # fmt: skip
    return drawings


def draw_false_positives(study: ReportContent) -> Drawing | None:
    """Histogram of p-values of pseudo-dyads, if they were measured."""
    check = study.false_positives
    if check is None:
        return None
    return draw(
        false_positives_figure(
            np.asarray(check.p), rate=check.rate, low=check.low, high=check.high,
            alpha=check.alpha,
        ),
        "false-positives", f"Histogram of p-values of pseudo-dyads. {check.statement}",
        f"p-values of the {statistic_title(check.statistic).lower()} in {check.pairs} "
        "pseudo-dyads. An honest test spreads them evenly.",
        is_narrow=True,
    )  # fmt: skip


def draw_pseudo_dyads(study: ReportContent) -> Drawing | None:
    """Real against pseudo-dyads, if they were compared."""
    found = study.pseudo_dyads
    if found is None:
        return None
    return draw(
        pseudo_dyads_figure(found.real, found.pseudo, d=found.d, p=found.p), "pseudo",
        f"Estimates of real and pseudo-dyads, {format_p(found.p)}.",
        "Estimates of real dyads (ticks) and of pseudo-dyads.",
        is_narrow=True,
    )  # fmt: skip


def draw_multiverse(study: ReportContent) -> Drawing | None:
    """Specification curve, if there is more than one specification."""
    if study.multiverse is None or len(study.multiverse) < 2:
        return None
    return draw(
        specification_figure(study.multiverse), "multiverse",
        "z of all specifications, sorted, with the choices that made them.",
        "Each dot above is one way of measuring. The dots below it say which.",
    )  # fmt: skip

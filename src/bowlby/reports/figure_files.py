"""Figures as files, for papers and slides."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

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
from bowlby.reports.coherence import measured_coherence_figure
from bowlby.reports.content import ReportContent
from bowlby.reports.wording import has_sessions, main_rows, rows_of

_RECORDING_FIGURES: tuple[tuple[str, Callable[..., Figure]], ...] = (
    ("traces", traces_figure),
    ("map", lag_map_figure),
    ("profile", lag_profile_figure),
    ("surrogates", null_figure),
)


def write_figures(folder: Path, study: ReportContent) -> tuple[Path, ...]:
    """Write every figure as SVG and PNG (200 dpi); the same study gives the same bytes.

    Args:
        folder: Folder to write to; made if it does not exist.
        study: What to draw.

    Returns:
        The files, in the order they were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, draw in _figures(study):
        figure = draw()
        svg, png = folder / f"{name}.svg", folder / f"{name}.png"
        png.write_bytes(figure_png(figure))
        svg.write_text(figure_svg(figure, salt=name), encoding="utf-8")
        written += [svg, png]
    return tuple(written)


def file_names(names: list[str]) -> list[str]:
    """Names that any file system takes, each only once."""
    taken: dict[str, int] = {}
    safe: list[str] = []
    for name in names:
        base = re.sub(r"[^\w.-]+", "_", name).strip("._")[:80] or "recording"
        count = taken.get(base.lower(), 0) + 1
        taken[base.lower()] = count
        safe.append(base if count == 1 else f"{base}_{count}")
    return safe


def _figures(study: ReportContent) -> Iterator[tuple[str, Callable[[], Figure]]]:
    names = file_names([f"{d.attrs['recording']}_{d.attrs['signal']}" for d in study.datasets])
    for name, dataset in zip(names, study.datasets, strict=True):
        for kind, draw in _RECORDING_FIGURES:
            yield f"{name}_{kind}", lambda draw=draw, dataset=dataset: draw(dataset)
        coherence = measured_coherence_figure(dataset)
        if coherence is not None:
            yield f"{name}_coherence", lambda coherence=coherence: coherence
    yield from _study_figures(study)


def _study_figures(study: ReportContent) -> Iterator[tuple[str, Callable[[], Figure]]]:
    main = main_rows(study.summary) if len(study.summary) else study.summary
    if len(main) > 1 and np.isfinite(main["z"].to_numpy(float)).any():
        yield "study_overview", lambda: overview_figure(main)
        roles = {(str(d.attrs["first"]), str(d.attrs["second"])) for d in study.datasets}
        first, second = roles.pop() if len(roles) == 1 else ("first partner", "second partner")
        signals = list(dict.fromkeys(main["signal"]))
        for signal, name in zip(signals, file_names([str(s) for s in signals]), strict=True):
            rows = rows_of(main, str(signal))
            yield (
                f"study_lead_lag_{name}",
                lambda rows=rows: lead_lag_figure(rows, first=first, second=second),
            )
            if has_sessions(rows):
                yield f"study_sessions_{name}", lambda rows=rows: sessions_figure(rows)
    if (against := study.pseudo_dyads) is not None:
        yield (
            "study_pseudo_dyads",
            lambda: pseudo_dyads_figure(against.real, against.pseudo, d=against.d, p=against.p),
        )
    if (check := study.false_positives) is not None:
        yield (
            "false_positives",
            lambda: false_positives_figure(
                np.asarray(check.p), rate=check.rate, low=check.low, high=check.high,
                alpha=check.alpha,
            ),
        )  # fmt: skip
    if (multiverse := study.multiverse) is not None and len(multiverse) > 1:
        yield "specification_curve", lambda: specification_figure(multiverse)

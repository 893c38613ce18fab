"""The summary of one measured pair: a row for each statistic, and the labelled dataset."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony import combined
from bowlby.synchrony.excess import Excess
from bowlby.synchrony.lagged_correlation import LaggedCorrelation
from bowlby.synchrony.leading import PeakLag
from bowlby.synchrony.measures import Measure
from bowlby.synchrony.peaks import pick_peaks
from bowlby.synchrony.segment_table import Averages, Scale
from bowlby.synchrony.significance import (
    Comparison,
    block_bootstrap_se,
    compare,
    lag_bands,
    synchronous_episodes,
)
from bowlby.synchrony.surrogates import (
    NEIGHBOURS,
    CutShift,
    NearPermutation,
    SegmentPermutation,
    Surrogate,
)
from bowlby.synchrony.windowed import Surrogated, mean_over
from bowlby.synchrony.windows import Windows


@dataclass(frozen=True)
class Row:
    """One statistic of a summary.

    Attributes:
        name: Its name.
        comparison: Its value against the surrogates'.
        null: The surrogates' values.
        se: Standard error of the value over windows; NaN if unknown.
        coverage: Share of samples that was used.
        peak_lag_s: Lag of its own (s), of measures that have one; NaN for the windowed
            correlation's.
    """

    name: str
    comparison: Comparison
    null: FloatArray
    se: float
    coverage: float
    peak_lag_s: float = np.nan

    @property
    def is_windowed(self) -> bool:
        """Whether it is one of the windowed correlation's."""
        return self.name.startswith("wcc")

    def untested(self) -> "Row":
        """The same without a p, where no outcome could be significant."""
        return replace(self, comparison=replace(self.comparison, p=np.nan))


def windowed_rows(
    matrix: LaggedCorrelation,
    scale: Scale,
    found: Surrogated,
    first: str,
    windows: Windows,
    rng: np.random.Generator,
) -> list[Row]:
    """Combined statistic, peak, mean, lag 0 and lead-lag asymmetry; `first` comes first."""
    values, null = scale(matrix.r), found.long[slice(1, None)]
    profile = mean_over(values, axis=0)
    is_signed = not scale.is_absolute
    leads, follows = matrix.lag_s > 0, matrix.lag_s < 0
    zero = int(np.argmin(np.abs(matrix.lag_s)))
    peak = int(np.nanargmax(np.abs(profile)))
    block = max(1, round(windows.window_s / windows.step_s))
    coverage = float(matrix.coverage.mean())

    def row(
        name: str,
        of_profile: Callable[[FloatArray], FloatArray],
        of_window: FloatArray,
        *,
        is_two_sided: bool = False,
    ) -> Row:
        nulls = of_profile(null.profile)
        estimate = float(of_profile(profile[None])[0])
        return Row(
            name=name,
            comparison=compare(estimate, nulls, is_two_sided=is_two_sided),
            null=nulls,
            se=block_bootstrap_se(of_window, block=block, rng=rng),
            coverage=coverage,
        )

    def asymmetry(profiles: FloatArray) -> FloatArray:
        return mean_over(profiles[:, leads], axis=1) - mean_over(profiles[:, follows], axis=1)

    rows = [
        row("wcc_peak", lambda p: np.nanmax(np.abs(p), axis=1), values[:, peak]),
        row(
            "wcc_mean",
            lambda p: mean_over(p, axis=1),
            mean_over(values, axis=1),
            is_two_sided=is_signed,
        ),
        row("wcc_lag0", lambda p: p[:, zero], values[:, zero], is_two_sided=is_signed),
    ]
    if leads.any():
        rows.append(
            row(
                "wcc_lead",
                asymmetry,
                mean_over(values[:, leads], axis=1) - mean_over(values[:, follows], axis=1),
                is_two_sided=True,
            )
        )
    if first == combined.NAME:
        rows.append(_combined_row(found, coverage))
    rows.sort(key=lambda each: each.name != first)
    return rows


def first_values(found: Surrogated, statistic: str) -> FloatArray:
    """A statistic of the recording (first) and of each surrogate."""
    if statistic == combined.NAME:
        return combined.combined(found)
    profile = found.long.profile
    if statistic == "wcc_peak":
        return np.nanmax(np.abs(profile), axis=1)
    return (
        profile[:, profile.shape[1] // 2] if statistic == "wcc_lag0" else mean_over(profile, 1)
    )


def _combined_row(found: Surrogated, coverage: float) -> Row:
    largest = combined.combined(found)
    return Row(
        name=combined.NAME,
        comparison=compare(float(largest[0]), largest[1:]),
        null=largest[1:],
        se=np.nan,
        coverage=coverage,
    )


def measure_row(
    measure: Measure,
    pair: SignalPair,
    surrogate: Surrogate,
    count: int,
    rng: np.random.Generator,
) -> Row:
    """Estimate another measure on the recording and on surrogates.

    Where segments would be shuffled one partner is shifted round the session instead, with a
    gap: these measures see the seams of segments. The recording is ranked with such a gap, and
    shown without.
    """
    own = measure.estimate(pair.x, pair.y, rate_hz=pair.rate_hz)
    if isinstance(surrogate, SegmentPermutation):
        pairs = _shift_of(surrogate).pairs(pair.x, pair.y, count, rate_hz=pair.rate_hz, rng=rng)
    else:
        made = surrogate.series(pair.y, count, rate_hz=pair.rate_hz, rng=rng)
        pairs = ((pair.x, series) for series in chain([pair.y], made))
    ranked, *null = (measure.estimate(x, y, rate_hz=pair.rate_hz).value for x, y in pairs)
    null = np.array(null)
    p = compare(ranked, null).p
    return Row(
        name=measure.name,
        comparison=replace(compare(own.value, null), p=p),
        null=null,
        se=np.nan,
        coverage=own.coverage,
        peak_lag_s=own.peak_lag_s,
    )


def _shift_of(surrogate: SegmentPermutation) -> CutShift:
    """The shift in place of a permutation, near where that is near."""
    segment_s = surrogate.segment_s or CutShift.min_shift_s
    is_near = isinstance(surrogate, NearPermutation)
    return CutShift(segment_s, NEIGHBOURS * segment_s if is_near else None)


def matrix_dataset(matrix: LaggedCorrelation, scale: Scale, averages: Averages) -> xr.Dataset:
    """Window-by-lag values, running synchrony and lag profile, each with its null."""
    null = averages[slice(1, None)]
    values = scale(matrix.r)
    window, profile = mean_over(values, axis=1), mean_over(values, axis=0)
    peak_lag_s, peak_value = pick_peaks(values, matrix.lag_s)
    data: dict[str, Any] = {
        "wcc": (("window", "lag"), values),
        "in_phase": ("lag", mean_over(matrix.r, axis=0)),
        "window_coverage": ("window", matrix.coverage.mean(axis=1)),
        "window_peak_lag_s": ("window", peak_lag_s),
        "window_peak": ("window", peak_value),
        "running": ("window", window),
        "profile": ("lag", profile),
    }
    if len(null.profile):
        bands = lag_bands(profile, null.profile, is_absolute=scale.is_absolute)
        episodes = synchronous_episodes(window, null.window)
        data |= {
            "running_null_mean": ("window", episodes.null_mean),
            "running_null_high": ("window", episodes.null_high),
            "episode": ("window", episodes.cluster),
            "cluster_p": ("window", episodes.p),
            "profile_null_mean": ("lag", bands.null_mean),
            "profile_null_low": ("lag", bands.low),
            "profile_null_high": ("lag", bands.high),
            "profile_p": ("lag", bands.p),
            "profile_p_family": ("lag", bands.p_family),
            "profile_family_high": ((), np.array(bands.family_high)),
        }
    coords = {"window_start_s": ("window", matrix.start_s), "lag_s": ("lag", matrix.lag_s)}
    return xr.Dataset(data, coords)


def rows_dataset(
    rows: list[Row], count: int, *, lag: PeakLag, leader: str, size: Excess
) -> xr.Dataset:
    """Summary statistics by name.

    Lag and leader are those of the one rule in every row of the windowed correlation. The
    effect size, which belongs to the recording, stands in the first.
    """
    z = np.array([row.comparison.z for row in rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        half = 1.96 * np.array([row.se for row in rows])
        half = half / np.array([row.comparison.null_sd for row in rows])
    nan = [np.nan] * (len(rows) - 1)
    columns = {
        "estimate": [row.comparison.estimate for row in rows],
        "null_mean": [row.comparison.null_mean for row in rows],
        "null_sd": [row.comparison.null_sd for row in rows],
        "z": z,
        "z_low": z - half,
        "z_high": z + half,
        "p": [row.comparison.p for row in rows],
        "leader": [leader if row.is_windowed else "" for row in rows],
        "peak_lag_s": [lag.lag_s if row.is_windowed else row.peak_lag_s for row in rows],
        "lag_low_s": [lag.low_s if row.is_windowed else np.nan for row in rows],
        "lag_high_s": [lag.high_s if row.is_windowed else np.nan for row in rows],
        "coverage": [row.coverage for row in rows],
        "excess": [size.value, *nan],
        "excess_se": [size.se, *nan],
    }
    data: dict[str, Any] = {
        key: ("statistic", np.asarray(values)) for key, values in columns.items()
    }
    if count:
        data["null"] = (("statistic", "surrogate"), np.stack([row.null for row in rows]))
    return xr.Dataset(data, coords={"statistic": [row.name for row in rows]})

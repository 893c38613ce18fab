"""Measure one pair of signals: matrix, summary statistics, surrogates, one labelled dataset."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.preparation import prepare
from bowlby.recordings.recording import Recording, SignalPair
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.lagged_correlation import LaggedCorrelation
from bowlby.synchrony.measures import MEASURES, Measure
from bowlby.synchrony.peaks import pick_peaks
from bowlby.synchrony.segment_table import NullAverages, Scale
from bowlby.synchrony.significance import (
    Comparison,
    block_bootstrap_se,
    compare,
    lag_bands,
    synchronous_episodes,
)
from bowlby.synchrony.surrogates import (
    SURROGATES,
    CircularShift,
    SegmentPermutation,
    Surrogate,
)
from bowlby.synchrony.windowed import correlation_matrix, mean_over, surrogate_averages
from bowlby.synchrony.windows import Windows

Progress = Callable[[], None]


@dataclass(frozen=True)
class Settings:
    """What to measure and how; None takes the convention's or the signal kind's default.

    Attributes:
        convention: Key of `CONVENTIONS`.
        window_s: Length of a window (s).
        step_s: Time from one window to the next (s).
        max_lag_s: Largest lag, each way (s).
        lag_step_s: Time between lags (s); None looks at every sample.
        absolute: Average absolute values, so that in-phase and anti-phase both count.
        fisher: Average Fisher's z instead of r.
        surrogate: Key of `SURROGATES`.
        segment_s: Length of a permuted segment (s); None takes the window's.
        surrogates: Number of surrogates, 0 for no test.
        measures: `"wcc"` and keys of `MEASURES`, or `"all"`.
        smooth_s: Moving average before comparison (s); 0 for none.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).
        seed: Seed of everything random.
    """

    convention: str = "bowlby"
    window_s: float | None = None
    step_s: float | None = None
    max_lag_s: float | None = None
    lag_step_s: float | None = None
    absolute: bool | None = None
    fisher: bool | None = None
    surrogate: str = "segments"
    segment_s: float | None = None
    surrogates: int = 999
    measures: tuple[str, ...] = ("wcc",)
    smooth_s: float | None = None
    min_coverage: float = 0.5
    seed: int = 1

    def __post_init__(self) -> None:
        """Check names and ranges."""
        known = ("wcc", "all", *MEASURES)
        for value, choices, option in (
            (self.convention, tuple(CONVENTIONS), "convention"),
            (self.surrogate, tuple(SURROGATES), "surrogate"),
            *((measure, known, "measures") for measure in self.measures),
        ):
            if value not in choices:
                raise ValueError(f"{option}={value!r} is not one of {', '.join(choices)}.")
        if self.surrogates < 0:
            raise ValueError(f"surrogates={self.surrogates} must be 0 (no test) or more.")
        if not 0 < self.min_coverage <= 1:
            raise ValueError(f"min_coverage={self.min_coverage} must be above 0 and at most 1.")
        if self.smooth_s is not None and not self.smooth_s >= 0:
            raise ValueError(f"smooth_s={self.smooth_s} must be 0 (none) or more.")
        if self.segment_s is not None and not self.segment_s > 0:
            raise ValueError(f"segment_s={self.segment_s} must be positive.")

    def windows(self, kind: str) -> Windows:
        """Timing for a kind of signal, its defaults where nothing was set."""
        default = KINDS[kind]
        window = default.window_s if self.window_s is None else self.window_s
        step = self.step_s
        if step is None:
            step = default.step_s if self.window_s is None else window / 2
        lag = default.max_lag_s if self.max_lag_s is None else self.max_lag_s
        return Windows(window, step, lag, self.lag_step_s)

    def scale(self) -> Scale:
        """How correlations are transformed."""
        convention = CONVENTIONS[self.convention]
        return Scale(
            convention.is_absolute if self.absolute is None else self.absolute,
            convention.is_fisher if self.fisher is None else self.fisher,
        )

    def prepared(
        self, recording: Recording, signals: Sequence[str] | None = None
    ) -> tuple[SignalPair, ...]:
        """Prepare a recording the way the convention does.

        Conventions of other packages take signals as they are, unless smoothing is requested.
        """
        is_ours = CONVENTIONS[self.convention].smooths
        smooth_s = 0.0 if self.smooth_s is None and not is_ours else self.smooth_s
        return prepare(recording, smooth_s=smooth_s, signals=signals, as_rmea=not is_ours)

    def other_measures(self) -> tuple[Measure, ...]:
        """The measures requested beside the windowed correlation."""
        names = tuple(MEASURES) if "all" in self.measures else self.measures
        return tuple(MEASURES[name] for name in names if name != "wcc")


def default_statistic(settings: Settings) -> str:
    """Name of the first statistic of a summary, which pseudo-dyads are tested with too."""
    return CONVENTIONS[settings.convention].statistic


@dataclass(frozen=True)
class _Row:
    """One statistic of a summary."""

    name: str
    comparison: Comparison
    null: FloatArray
    se: float
    leader: str
    peak_lag_s: float
    coverage: float


def measure_pair(
    pair: SignalPair,
    settings: Settings | None = None,
    *,
    name: str = "",
    on_progress: Progress = lambda: None,
) -> xr.Dataset:
    """Measure the synchrony of two people's signal, against surrogates.

    Args:
        pair: Prepared signals of both partners.
        settings: What to measure and how.
        name: The recording's name; it also seeds the surrogates, so a recording's numbers do
            not depend on what else is measured.
        on_progress: Called after each measure.

    Returns:
        Dataset with dims `window`, `lag`, `time`, `statistic`, `surrogate`; see
        docs/reference/dataset.md.

    Raises:
        ValueError: If the recording is too short or has too few valid samples.
    """
    settings = settings or Settings()
    rng = np.random.default_rng([settings.seed, zlib.crc32(f"{name}|{pair.signal}".encode())])
    convention, scale = CONVENTIONS[settings.convention], settings.scale()
    windows = settings.windows(pair.kind)
    matrix = correlation_matrix(
        pair.x, pair.y, rate_hz=pair.rate_hz, windows=windows, convention=convention,
        min_coverage=settings.min_coverage,
    )  # fmt: skip
    surrogate = _surrogate(settings, matrix.window_s, windows.max_lag_s)
    if settings.surrogates:
        null = surrogate_averages(
            pair.x, pair.y, rate_hz=pair.rate_hz, windows=windows, convention=convention,
            scale=scale, surrogate=surrogate, count=settings.surrogates, rng=rng,
            min_coverage=settings.min_coverage,
        )  # fmt: skip
    else:
        null = NullAverages(
            np.empty((0, len(matrix.lag_s))), np.empty((0, len(matrix.start_s)))
        )
    on_progress()
    _check_start(pair, windows)
    rows = _windowed_rows(matrix, scale, null, pair.roles, windows, rng)
    rows.sort(key=lambda row: row.name != convention.statistic)
    for measure in settings.other_measures():
        rows.append(_measure_row(measure, pair, surrogate, settings.surrogates, rng))
        on_progress()
    rows = _without_leader(rows, pair, windows)
    dataset = _matrix_dataset(matrix, scale, null)
    dataset = dataset.merge(_rows_dataset(rows, settings.surrogates))
    time_s = pair.start_s + np.arange(len(pair.x)) / pair.rate_hz
    dataset = dataset.assign_coords(time_s=("time", time_s)).assign(
        x=("time", pair.x), y=("time", pair.y)
    )
    dataset["window_start_s"] = dataset.window_start_s + pair.start_s
    dataset.attrs = {
        "recording": name,
        "signal": pair.signal,
        "kind": pair.kind,
        "unit": pair.unit,
        "first": pair.roles[0],
        "second": pair.roles[1],
        "rate_hz": pair.rate_hz,
        "window_s": matrix.window_s,
        "step_s": windows.window_s if convention.is_segmentwise else windows.step_s,
        "max_lag_s": windows.max_lag_s,
        "convention": convention.name,
        "is_absolute": int(scale.is_absolute),
        "is_fisher": int(scale.is_fisher),
        "surrogate": surrogate.name,
        "surrogates": settings.surrogates,
        "surrogate_warning": surrogate.warning,
        "steps": list(pair.steps),
        "lag_sign": f"positive lag: {pair.roles[0]} leads",
    }
    return dataset


def _check_start(pair: SignalPair, windows: Windows) -> None:
    """Refuse signals whose clocks may lie further apart than the lags that are looked at."""
    if pair.start_uncertainty_s > max(windows.max_lag_s / 2, 1.0 / pair.rate_hz):
        raise ValueError(
            f"nothing tells when the two people's {pair.signal} began against one another "
            f"({pair.steps[0] if pair.steps else 'no times'}) Give the seconds to add to the "
            "second file's clock with --offset, e.g. --offset 0 if both began together."
        )


def _without_leader(rows: list[_Row], pair: SignalPair, windows: Windows) -> list[_Row]:
    """No leader is named where the clocks are known less well than the lags are apart.

    Clocks that are merely unsure keep their lag, with its uncertainty told in the steps.
    """
    step_s = windows.lag_step_s or 1.0 / pair.rate_hz
    if pair.start_uncertainty_s <= step_s:
        return rows
    return [replace(row, leader="") for row in rows]


def _surrogate(settings: Settings, window_s: float, max_lag_s: float) -> Surrogate:
    if settings.surrogate == SegmentPermutation.name:
        return SegmentPermutation(settings.segment_s or window_s)
    if settings.surrogate == CircularShift.name:
        # A shift no longer than a lag would keep the real pairing in view.
        return CircularShift(2 * max_lag_s + window_s / 2)
    return SURROGATES[settings.surrogate]()


def _windowed_rows(
    matrix: LaggedCorrelation,
    scale: Scale,
    null: NullAverages,
    roles: tuple[str, str],
    windows: Windows,
    rng: np.random.Generator,
) -> list[_Row]:
    """Peak, mean, lag 0 and lead–lag asymmetry of the window-by-lag matrix."""
    values = scale(matrix.r)
    profile = mean_over(values, axis=0)
    is_signed = not scale.is_absolute
    leads, follows = matrix.lag_s > 0, matrix.lag_s < 0
    zero = int(np.argmin(np.abs(matrix.lag_s)))
    peak = int(np.nanargmax(np.abs(profile)))
    block = max(1, round(windows.window_s / windows.step_s))
    coverage = float(matrix.coverage.mean())
    peak_lag_s = float(matrix.lag_s[peak])

    def row(
        name: str,
        of_profile: Callable[[FloatArray], FloatArray],
        of_window: FloatArray,
        *,
        is_two_sided: bool = False,
        leader: str = "",
    ) -> _Row:
        nulls = of_profile(null.profile)
        estimate = float(of_profile(profile[None])[0])
        return _Row(
            name=name,
            comparison=compare(estimate, nulls, is_two_sided=is_two_sided),
            null=nulls,
            se=block_bootstrap_se(of_window, block=block, rng=rng),
            leader=leader or _leader(peak_lag_s, roles),
            peak_lag_s=peak_lag_s,
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
        # Lags can be uneven by chance too: what leads is what exceeds the surrogates' mean.
        usual = float(np.mean(asymmetry(null.profile))) if len(null.profile) else 0.0
        lead = float(asymmetry(profile[None])[0]) - usual
        rows.append(
            row(
                "wcc_lead",
                asymmetry,
                mean_over(values[:, leads], axis=1) - mean_over(values[:, follows], axis=1),
                is_two_sided=True,
                leader=_leader(lead, roles),
            )
        )
    return rows


def _leader(signed: float, roles: tuple[str, str]) -> str:
    if not np.isfinite(signed):
        return ""
    if signed == 0:
        return "neither"
    return roles[0] if signed > 0 else roles[1]


def _measure_row(
    measure: Measure,
    pair: SignalPair,
    surrogate: Surrogate,
    count: int,
    rng: np.random.Generator,
) -> _Row:
    """Estimate another measure on the recording and on the same kind of surrogates."""
    own = measure.estimate(pair.x, pair.y, rate_hz=pair.rate_hz)
    null = np.array(
        [
            measure.estimate(pair.x, series, rate_hz=pair.rate_hz).value
            for series in surrogate.series(pair.y, count, rate_hz=pair.rate_hz, rng=rng)
        ]
    )
    return _Row(
        name=measure.name,
        comparison=compare(own.value, null),
        null=null,
        se=np.nan,
        leader=_leader(own.peak_lag_s, pair.roles),
        peak_lag_s=own.peak_lag_s,
        coverage=own.coverage,
    )


def _matrix_dataset(matrix: LaggedCorrelation, scale: Scale, null: NullAverages) -> xr.Dataset:
    """Window-by-lag values, running synchrony and lag profile, each with its null."""
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


def _rows_dataset(rows: list[_Row], count: int) -> xr.Dataset:
    """Summary statistics by name."""
    z = np.array([row.comparison.z for row in rows])
    half = np.array([1.96 * row.se / row.comparison.null_sd for row in rows])
    columns = {
        "estimate": [row.comparison.estimate for row in rows],
        "null_mean": [row.comparison.null_mean for row in rows],
        "null_sd": [row.comparison.null_sd for row in rows],
        "z": z,
        "z_low": z - half,
        "z_high": z + half,
        "p": [row.comparison.p for row in rows],
        "leader": [row.leader for row in rows],
        "peak_lag_s": [row.peak_lag_s for row in rows],
        "coverage": [row.coverage for row in rows],
    }
    data: dict[str, Any] = {
        key: ("statistic", np.asarray(values)) for key, values in columns.items()
    }
    if count:
        data["null"] = (("statistic", "surrogate"), np.stack([row.null for row in rows]))
    return xr.Dataset(data, coords={"statistic": [row.name for row in rows]})

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
from bowlby.synchrony import combined
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.directed_influence import DirectedInfluence, foresight
from bowlby.synchrony.excess import excess
from bowlby.synchrony.held_bands import refused
from bowlby.synchrony.lagged_correlation import LaggedCorrelation
from bowlby.synchrony.leading import peak_lag
from bowlby.synchrony.measures import MEASURES, Measure
from bowlby.synchrony.rhythms import shared_rhythm_s
from bowlby.synchrony.segment_table import Scale
from bowlby.synchrony.significance import LEVEL, compare, smallest_p
from bowlby.synchrony.summary_rows import (
    Row,
    first_values,
    matrix_dataset,
    measure_row,
    rows_dataset,
    windowed_rows,
)
from bowlby.synchrony.surrogates import (
    SURROGATES,
    CircularShift,
    SegmentPermutation,
    Surrogate,
    refuse_unlike_tails,
)
from bowlby.synchrony.windowed import Surrogated, correlation_matrix, surrogate_averages
from bowlby.synchrony.windows import Windows

STATISTICS = (combined.NAME, "wcc_peak", "wcc_mean", "wcc_lag0")
"""What `Settings.statistic` may be; `wcc_peak` was the default until version 0.2."""

# Motion is smoothed over .5 s: lags closer than this look at the same movement.
_LAG_STEP_S = 0.2
_FEWEST_SEGMENTS = 6
# With segments of so many times what a shared rhythm lasts unrelated people keep the level.
_RHYTHMS_PER_SEGMENT = 3.0

Progress = Callable[[], None]


@dataclass(frozen=True)
class Timing:
    """What a recording is looked at with.

    Attributes:
        windows: The windows of the matrix.
        short: The short windows looked at too, if any.
        segment_s: Length of a permuted segment (s).
        note: What was chosen otherwise than usual, and why.
        untestable: Why nothing can be shown within this recording; empty if something can.
    """

    windows: Windows
    short: Windows | None
    segment_s: float
    note: str = ""
    untestable: str = ""


@dataclass(frozen=True)
class Settings:
    """What to measure and how; None takes the convention's or the signal kind's default.

    Attributes:
        convention: Key of `CONVENTIONS`.
        statistic: Key of `STATISTICS`, the one that is tested first; `wcc_combined` looks at
            short windows beside the others.
        window_s: Length of a window (s).
        short_s: Length of the short windows (s); with a window of one's own there are none
            unless this is set.
        step_s: Time from one window to the next (s).
        max_lag_s: Largest lag, each way (s).
        lag_step_s: Time between lags (s); None looks at every sample.
        absolute: Average absolute values, so that in-phase and anti-phase both count.
        fisher: Average Fisher's z instead of r.
        surrogate: Key of `SURROGATES`.
        segment_s: Length of a permuted segment (s); None takes the signal kind's, or a
            window's where that or another statistic was chosen.
        surrogates: Number of surrogates, 0 for no test.
        measures: `"wcc"` and keys of `MEASURES`, or `"all"`.
        smooth_s: Moving average before comparison (s); 0 for none.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).
        seed: Seed of everything random.
    """

    convention: str = "bowlby"
    statistic: str | None = None
    window_s: float | None = None
    short_s: float | None = None
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
            (self.statistic or STATISTICS[0], STATISTICS, "statistic"),
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
        if self.short_s is not None and not self.short_s > 0:
            raise ValueError(f"short_s={self.short_s} must be positive.")
        if self.first_statistic == combined.NAME and not CONVENTIONS[self.convention].smooths:
            raise ValueError(
                f"statistic={combined.NAME!r} is defined for the bowlby convention; "
                f"{self.convention} has wcc_peak, wcc_mean and wcc_lag0."
            )
        refuse_unlike_tails(self.surrogate, is_absolute=self.scale().is_absolute)

    @property
    def first_statistic(self) -> str:
        """The statistic that is tested first: the one chosen, or the convention's.

        The combined statistic is a place among surrogates; without any the peak stands first.
        """
        chosen = self.statistic or CONVENTIONS[self.convention].statistic
        is_untested = chosen == combined.NAME and not self.surrogates
        return "wcc_peak" if is_untested else chosen

    def windows(self, kind: str) -> Windows:
        """Timing for a kind of signal, its defaults where nothing was set.

        Raises:
            ValueError: If a lag would be longer than a window.
        """
        default = KINDS[kind]
        window = default.window_s if self.window_s is None else self.window_s
        step = self.step_s
        if step is None:
            step = default.step_s if self.window_s is None else window / 2
        lag = default.max_lag_s if self.max_lag_s is None else self.max_lag_s
        if lag > window > 0:
            raise ValueError(
                f"Lags to {lag:g} s are longer than windows of {window:g} s, so that a window "
                f"would meet none of its own time. Use --max-lag {window:g} or less, or a "
                "longer --window."
            )
        return Windows(window, step, lag, self.lag_step_s)

    def timing(self, kind: str, duration_s: float) -> Timing:
        """Long and short windows and segments for a recording of some length.

        A recording of fewer than six segments has so few orders of them that little can be
        shown. Where nothing else was asked for, short windows alone are looked at then, in
        segments of two.
        """
        windows = self.windows(kind)
        segment_s = self.segment_s
        if segment_s is None:
            is_ours = self.first_statistic == combined.NAME and self.window_s is None
            segment_s = KINDS[kind].segment_s if is_ours else windows.window_s
        short_s = self.short_s
        if short_s is None and self.window_s is None:
            short_s = KINDS[kind].short_s
        is_combined = self.first_statistic == combined.NAME
        if self.segment_s is not None and self.segment_s > duration_s / 2:
            raise ValueError(
                f"Segments of {segment_s:g} s cannot change places in a recording of "
                f"{duration_s:.0f} s. Use a --segment of {duration_s / 6:.0f} s or less."
            )
        if not is_combined or short_s is None or not short_s < windows.window_s:
            return Timing(windows, None, segment_s)
        if windows.max_lag_s > short_s:
            note = (
                f"Lags to {windows.max_lag_s:g} s are longer than short windows of "
                f"{short_s:g} s, which take no part."
            )
            return Timing(windows, None, segment_s, note)
        finest = max(windows.lag_step_s or 0.0, _LAG_STEP_S)
        short = Windows(short_s, short_s / 2, windows.max_lag_s, finest)
        is_free = self.window_s is None and self.step_s is None and self.segment_s is None
        if is_free and duration_s - windows.max_lag_s < _FEWEST_SEGMENTS * segment_s:
            note = (
                f"Too short for windows of {windows.window_s:g} s: windows of {short_s:g} s "
                f"alone, in segments of {2 * short_s:g} s."
            )
            return Timing(
                replace(short, lag_step_s=windows.lag_step_s), None, 2 * short_s, note
            )
        return Timing(windows, short, segment_s)

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

    def rng(self, name: str) -> np.random.Generator:
        """Random numbers that hang on the seed and a name, and on nothing else."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def other_measures(self) -> tuple[Measure, ...]:
        """The measures requested beside the windowed correlation."""
        names = tuple(MEASURES) if "all" in self.measures else self.measures
        return tuple(MEASURES[name] for name in names if name != "wcc")


def default_statistic(settings: Settings) -> str:
    """Name of the first statistic of a summary, which pseudo-dyads are tested with too."""
    return settings.first_statistic


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
    shown, pair = pair, compared(pair, settings)
    rng = settings.rng(f"{name}|{pair.signal}")
    convention, scale = CONVENTIONS[settings.convention], settings.scale()
    timing = _timed(pair, settings)
    windows = timing.windows
    seen = {
        "rate_hz": pair.rate_hz, "convention": convention, "min_coverage": settings.min_coverage
    }  # fmt: skip
    matrix = correlation_matrix(pair.x, pair.y, windows=windows, **seen)
    surrogate = _surrogate(settings, timing.segment_s, windows.max_lag_s)
    found = surrogate_averages(
        pair.x, pair.y, windows=windows, short=timing.short, scale=scale, surrogate=surrogate,
        count=settings.surrogates, rng=rng, **seen,
    )  # fmt: skip
    on_progress()
    _check_start(pair, windows)
    first = settings.first_statistic
    rows = windowed_rows(matrix, scale, found, first, windows, rng)
    smallest = smallest_p(found.identical, settings.surrogates)
    if (smallest > LEVEL and found.identical) or timing.untestable:
        rows = [row.untested() for row in rows]
    fine = matrix
    if timing.short is not None:
        every_lag = replace(timing.short, lag_step_s=windows.lag_step_s)
        fine = correlation_matrix(pair.x, pair.y, windows=every_lag, **seen)
        timing = replace(timing, short=replace(every_lag, step_s=timing.short.step_s))
    step_s = (timing.short or windows).step_s
    block = max(1, round(max(timing.segment_s, windows.window_s) / step_s))
    at = peak_lag(_tracked(fine, scale, found), fine.lag_s, block=block, rng=rng)
    size = excess(found, block=block, rng=rng)
    others, notes = _other_rows(pair, settings, surrogate, rng, on_progress)
    rows += others
    notes = [*filter(None, [timing.untestable]), *notes]
    is_led = rows[0].comparison.p <= LEVEL and _knows_clocks(pair, windows)
    leader = at.leader(pair.roles) if is_led else ""
    summary = rows_dataset(rows, settings.surrogates, lag=at, leader=leader, size=size)
    dataset = matrix_dataset(matrix, scale, found.long).merge(summary)
    dataset = _with_signals(dataset, shown)
    dataset.attrs = {
        "recording": name,
        **_attributes_of(pair),
        "window_s": matrix.window_s,
        "step_s": windows.window_s if convention.is_segmentwise else windows.step_s,
        "short_window_s": found.short_s[0],
        "max_lag_s": windows.max_lag_s,
        "convention": convention.name,
        "is_absolute": int(scale.is_absolute),
        "is_fisher": int(scale.is_fisher),
        "surrogate": surrogate.name,
        "surrogates": settings.surrogates,
        "surrogate_warning": surrogate.warning,
        "smallest_p": smallest,
        "steps": [*pair.steps, *filter(None, [timing.note]), *notes],
        "notes": notes,
        "lag_sign": f"positive lag: {pair.roles[0]} leads",
    }
    return dataset


def _with_signals(dataset: xr.Dataset, pair: SignalPair) -> xr.Dataset:
    """A dataset with the signals as they were recorded, on the recording's clock."""
    time_s = pair.start_s + np.arange(len(pair.x)) / pair.rate_hz
    dataset = dataset.assign_coords(time_s=("time", time_s)).assign(
        x=("time", pair.x), y=("time", pair.y)
    )
    dataset["window_start_s"] = dataset.window_start_s + pair.start_s
    return dataset


def _attributes_of(pair: SignalPair) -> dict[str, Any]:
    """What a dataset says of the signal and the two people."""
    return {
        "signal": pair.signal,
        "kind": pair.kind,
        "unit": pair.unit,
        "first": pair.roles[0],
        "second": pair.roles[1],
        "rate_hz": pair.rate_hz,
    }


def _other_rows(
    pair: SignalPair,
    settings: Settings,
    surrogate: Surrogate,
    rng: np.random.Generator,
    on_progress: Progress,
) -> tuple[list[Row], list[str]]:
    """Rows of the measures that need no windows, and why some are not there."""
    rows: list[Row] = []
    notes: list[str] = []
    for measure in settings.other_measures():
        reason = refused(measure, pair)
        if measure.name == DirectedInfluence.name:
            notes += filter(None, [foresight(measure.name, pair.kind, pair.signal)])
        notes += filter(None, [reason])
        if not reason:
            rows.append(measure_row(measure, pair, surrogate, settings.surrogates, rng))
        on_progress()
    return rows, notes


def compared(pair: SignalPair, settings: Settings) -> SignalPair:
    """The pair as the windows see it: the rate of change of what only drifts.

    Source:
        Marci, Ham, Moran & Orr (2007), Journal of Nervous and Mental Disease 195, 103-111:
        concordance of the slopes of skin conductance.
    """
    if not KINDS[pair.kind].is_by_change or settings.first_statistic != combined.NAME:
        return pair
    x, y = (np.gradient(series) * pair.rate_hz for series in (pair.x, pair.y))
    step = "Compared on the rate of change: levels of two people drift alike by chance."
    return replace(pair, x=x, y=y, steps=(*pair.steps, step))


def standing(pair: SignalPair, settings: Settings, rng: np.random.Generator) -> float:
    """Distance of a pair's first statistic from its surrogates' mean, in their SD.

    Raises:
        ValueError: If the recording is too short or has too few valid samples.
    """
    pair = compared(pair, settings)
    timing = _timed(pair, settings)
    found = surrogate_averages(
        pair.x, pair.y, rate_hz=pair.rate_hz, windows=timing.windows, short=timing.short,
        convention=CONVENTIONS[settings.convention], scale=settings.scale(),
        surrogate=_surrogate(settings, timing.segment_s, timing.windows.max_lag_s),
        count=settings.surrogates, rng=rng, min_coverage=settings.min_coverage,
    )  # fmt: skip
    values = first_values(found, settings.first_statistic)
    return compare(float(values[0]), values[1:]).z


def _timed(pair: SignalPair, settings: Settings) -> Timing:
    """Timing of a pair: segments as long as a rhythm of both people asks for."""
    duration_s = len(pair.x) / pair.rate_hz
    timing = settings.timing(pair.kind, duration_s)
    is_shuffled = issubclass(SURROGATES[settings.surrogate], SegmentPermutation)
    is_free = settings.segment_s is None and settings.window_s is None
    if not (is_shuffled and is_free and settings.first_statistic == combined.NAME):
        return timing
    lasts_s = shared_rhythm_s(
        pair.x, pair.y, rate_hz=pair.rate_hz, window_s=timing.windows.window_s
    )
    needed_s = _RHYTHMS_PER_SEGMENT * lasts_s
    if needed_s <= timing.segment_s:
        return timing
    segment_s = max(timing.segment_s, min(needed_s, duration_s / _FEWEST_SEGMENTS))
    if 2 * segment_s < needed_s:
        told = (
            f"{pair.signal} of both people keeps one rhythm for about {lasts_s:.0f} s: within "
            f"{duration_s / 60:.0f} min chance looks like coupling, so nothing is tested. "
            f"Record at least {_FEWEST_SEGMENTS * needed_s / 120:.0f} min, or compare with "
            "pseudo-dyads."
        )
        return replace(timing, segment_s=segment_s, untestable=told)
    told = (
        f"{pair.signal} of both people keeps one rhythm for about {lasts_s:.0f} s: segments of "
        f"{segment_s:.0f} s instead of {timing.segment_s:.0f} s."
    )
    return replace(timing, segment_s=segment_s, note=f"{timing.note} {told}".strip())


def _tracked(fine: LaggedCorrelation, scale: Scale, found: Surrogated) -> FloatArray:
    """The values whose mean over windows shows the lag best: absolute, or signed.

    Whichever mean profile's highest point stands further out of the surrogates'.
    """
    signed = Scale(is_absolute=False, is_fisher=scale.is_fisher)(fine.r)
    if not scale.is_absolute:
        return signed
    height = combined.standardised(combined.summaries(found.fine))[0]
    return signed if height[1] > height[0] else np.abs(signed)


def _check_start(pair: SignalPair, windows: Windows) -> None:
    """Refuse signals whose clocks may lie further apart than the lags that are looked at."""
    if pair.start_uncertainty_s > max(windows.max_lag_s / 2, 1.0 / pair.rate_hz):
        raise ValueError(
            f"nothing tells when the two people's {pair.signal} began against one another "
            f"({pair.steps[0] if pair.steps else 'no times'}) Give the seconds to add to the "
            "second file's clock with --offset, e.g. --offset 0 if both began together."
        )


def _knows_clocks(pair: SignalPair, windows: Windows) -> bool:
    """Whether the clocks are known as well as the lags are apart.

    Clocks that are merely unsure keep their lag, with its uncertainty told in the steps.
    """
    return pair.start_uncertainty_s <= (windows.lag_step_s or 1.0 / pair.rate_hz)


def _surrogate(settings: Settings, segment_s: float, max_lag_s: float) -> Surrogate:
    kind = SURROGATES[settings.surrogate]
    if issubclass(kind, SegmentPermutation):
        return kind(segment_s)
    if kind is CircularShift:
        # A shift no longer than a lag would keep the real pairing in view.
        return CircularShift(2 * max_lag_s + segment_s / 2)
    return kind()

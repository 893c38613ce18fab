"""The window-by-lag matrix of two signals, and that of its surrogates, in any convention."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from bowlby._types import BoolArray, FloatArray, IntArray
from bowlby.synchrony.conventions import Convention
from bowlby.synchrony.lagged_correlation import LaggedCorrelation, lagged_correlation
from bowlby.synchrony.segment_table import (
    Averages,
    Scale,
    block_averages,
    blocks_of,
    moved,
    n_blocks,
    short_blocks,
    unbroken,
)
from bowlby.synchrony.segmentwise import SegmentPairs, segment_pairs
from bowlby.synchrony.surrogates import SegmentPermutation, Surrogate
from bowlby.synchrony.windows import WindowPlan, Windows, plan_windows

# Blocks shorter than this share of a window make the table larger than the work it saves.
_MOST_BLOCKS_PER_WINDOW = 64


def correlation_matrix(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    windows: Windows,
    convention: Convention,
    min_coverage: float = 0.5,
) -> LaggedCorrelation:
    """Correlate two signals by window and lag, the way `convention` does.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples, as many.
        rate_hz: Sampling rate (Hz).
        windows: Timing (s); a segmentwise convention ignores the step.
        convention: Whose definition to use.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).

    Raises:
        ValueError: If the recording is too short, or no cell has enough valid samples.
    """
    if convention.is_segmentwise:
        pairs = _segment_pairs(x, y, rate_hz, windows)
        own = np.arange(len(pairs.r))
        matrix = LaggedCorrelation(
            r=pairs.r[own, own],
            coverage=np.isfinite(pairs.r[own, own]).astype(float),
            start_s=pairs.start_s,
            lag_s=pairs.lag_s,
            window_s=pairs.length / rate_hz,
        )
    else:
        plan = _plan(len(x), windows, rate_hz, convention)
        matrix = lagged_correlation(x, y, plan, min_coverage=min_coverage)
    if not np.isfinite(matrix.r).any():
        raise ValueError(
            f"No window of {matrix.window_s:g} s has {min_coverage:.0%} valid samples of two "
            "signals that vary. Use a shorter --window, or leave the recording out."
        )
    return matrix


@dataclass(frozen=True, eq=False)
class Surrogated:
    """A recording and its surrogates, averaged in the same way.

    Attributes:
        long: Averages over the windows, the recording's first (1 + surrogates rows).
        short: The same of short windows, where there are any.
        unmet: Which of the finer windows of each surrogate pair unbroken stretches of two
            different moments (surrogates x windows of `short`, or of `long`).
        identical: Surrogates that are the recording itself.
        short_s: Length and step of the short windows as computed (s).
    """

    long: Averages
    short: Averages | None
    unmet: BoolArray
    identical: int = 0
    short_s: tuple[float, float] = (np.nan, np.nan)

    @property
    def fine(self) -> Averages:
        """The averages over the shorter windows."""
        return self.long if self.short is None else self.short


def surrogate_averages(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    windows: Windows,
    convention: Convention,
    scale: Scale,
    surrogate: Surrogate,
    count: int,
    rng: np.random.Generator,
    short: Windows | None = None,
    min_coverage: float = 0.5,
) -> Surrogated:
    """Average the window-by-lag matrices of a recording and of `count` surrogates.

    Segment permutations are looked up in a table of block products where windows are whole
    numbers of blocks; other surrogates are computed one by one.

    Args:
        x: First partner's samples, kept as they are.
        y: Second partner's samples, made anew in each surrogate.
        rate_hz: Sampling rate (Hz).
        windows: Timing (s).
        convention: Whose definition to use.
        scale: How correlations are transformed before they are averaged.
        surrogate: How surrogates are made.
        count: How many.
        rng: Random generator.
        short: Timing of short windows, looked at beside the others (s).
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).

    Raises:
        ValueError: If the recording is too short or a signal has no valid sample.
    """
    if np.isnan(x).all() or np.isnan(y).all():
        raise ValueError("A signal has no valid sample.")
    if isinstance(surrogate, SegmentPermutation):
        if convention.is_segmentwise:
            pairs = _segment_pairs(x, y, rate_hz, windows)
            return _permuted_segments(pairs, scale, count, rng)
        plan = _plan(len(x), windows, rate_hz, convention)
        segment_s = surrogate.segment_s or plan.length / rate_hz
        surrogate = replace(surrogate, segment_s=segment_s)
        if not plan.is_backward and plan.length <= _MOST_BLOCKS_PER_WINDOW * plan.block:
            per_segment = max(1, round(segment_s * rate_hz / plan.block))
            orders = surrogate.orders(n_blocks(len(x), plan), per_segment, count, rng=rng)
            cuts = (np.arange(orders.shape[1]) + rng.integers(per_segment)) % per_segment == 0
            return _looked_up(x, y, plan, short, orders, cuts, scale, min_coverage)
    plan = _plan(len(x), windows, rate_hz, convention)
    rows: list[list[FloatArray]] = []
    identical = -1
    for series in chain([y], surrogate.series(y, count, rate_hz=rate_hz, rng=rng)):
        identical += np.array_equal(series, y, equal_nan=True)
        row = []
        for timing in filter(None, (windows, short)):
            args = {"rate_hz": rate_hz, "windows": timing, "convention": convention}
            row.append(correlation_matrix(x, series, min_coverage=min_coverage, **args).r)
        rows.append(row)
    averages = [_averages(matrices, scale) for matrices in zip(*rows, strict=True)]
    fine = averages[-1]
    return Surrogated(
        long=averages[0],
        short=averages[1] if short else None,
        unmet=np.ones((count, fine.highest.shape[1]), dtype=np.bool_),
        identical=identical,
        short_s=(short.window_s, short.step_s) if short else (np.nan, np.nan),
    )


def _looked_up(
    x: FloatArray,
    y: FloatArray,
    plan: WindowPlan,
    short: Windows | None,
    orders: IntArray,
    cuts: BoolArray,
    scale: Scale,
    min_coverage: float,
) -> Surrogated:
    """Both kinds of windows of the same permutations, from the table of block products.

    A short window over a seam joins two moments, which lowers the correlations of signals as
    slow as the window. Such windows take no part, and as many of the recording's do not.
    """
    own = np.arange(orders.shape[1])
    identical = int((orders == own).all(axis=1).sum())
    with_own = np.vstack([own, orders])
    blocks = blocks_of(len(x), plan)
    long = block_averages(x, y, blocks, with_own, scale, min_coverage=min_coverage)
    fine = short and short_blocks(
        len(x), plan, window_s=short.window_s, step_s=short.step_s,
        lag_step_s=short.lag_step_s or 1.0 / plan.rate_hz,
    )  # fmt: skip
    if not fine:
        used = unbroken(blocks, orders, cuts) & moved(blocks, orders)
        return Surrogated(long, None, used, identical)
    used = unbroken(fine, with_own, cuts)
    part_s = plan.block / fine.parts / plan.rate_hz
    return Surrogated(
        long=long,
        short=block_averages(
            x, y, fine, with_own, scale, min_coverage=min_coverage, used=used,
            with_windows=False,
        ),
        unmet=used[1:] & moved(fine, orders),
        identical=identical,
        short_s=(float(fine.last[0] - fine.first[0]) * part_s, part_s),
    )  # fmt: skip


def _averages(matrices: Iterable[FloatArray], scale: Scale) -> Averages:
    """Averages of window-by-lag correlations, a row each."""
    signed_scale = Scale(is_absolute=False, is_fisher=scale.is_fisher)
    rows = []
    for r in matrices:
        signed = signed_scale(r)
        size = np.abs(signed)
        own = size if scale.is_absolute else signed
        with np.errstate(invalid="ignore"):
            highest = np.fmax.reduce(size, axis=1)
        rows.append((mean_over(size, 0), mean_over(signed, 0), mean_over(own, 1), highest))
    size, signed, window, highest = (np.stack(column) for column in zip(*rows, strict=True))
    return Averages(size, signed, window, highest, scale.is_absolute)


def mean_over(values: FloatArray, axis: int) -> FloatArray:
    """Mean of the valid cells along one axis, NaN where there are none."""
    valid = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(valid, values, 0.0).sum(axis=axis) / valid.sum(axis=axis)


def _plan(n: int, windows: Windows, rate_hz: float, convention: Convention) -> WindowPlan:
    return plan_windows(
        n,
        windows,
        rate_hz=rate_hz,
        is_exact=convention.is_exact,
        is_backward=convention.is_backward,
    )


def _segment_pairs(
    x: FloatArray, y: FloatArray, rate_hz: float, windows: Windows
) -> SegmentPairs:
    return segment_pairs(
        x, y, rate_hz=rate_hz, segment_s=windows.window_s, max_lag_s=windows.max_lag_s
    )


def _permuted_segments(
    pairs: SegmentPairs, scale: Scale, count: int, rng: np.random.Generator
) -> Surrogated:
    n = len(pairs.r)
    if math.factorial(min(n, 12)) < count:
        raise ValueError(
            f"{n} segments have only {math.factorial(n)} orders, fewer than the {count} "
            "surrogates requested. Use a shorter --window or fewer --surrogates."
        )
    own = np.arange(n)
    orders = rng.permuted(np.tile(own, (count, 1)), axis=1)
    chosen = (pairs.r[own, order] for order in chain([own], orders))
    return Surrogated(
        long=_averages(chosen, scale),
        short=None,
        unmet=orders != own,
        identical=int((orders == own).all(axis=1).sum()),
    )

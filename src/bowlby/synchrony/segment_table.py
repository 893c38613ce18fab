"""Every segment-permutation surrogate from one table of block products.

Cut both signals into blocks and multiply every block of one with every block of the other. A
surrogate that pairs block `i` of the first partner with block `order[i]` of the second, at any
lag, is then a sum of table entries: ten surrogates or ten thousand need the same matrix
products. The samples a lag reaches beyond a block are those that really followed it,
so no correlation is taken across a seam.

Blocks may be cut into parts, so that short windows are looked up for the same surrogates as
long ones: part `q` of a block only ever meets part `q` of another.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import BoolArray, FloatArray, IntArray
from bowlby.synchrony import _kernels
from bowlby.synchrony.lagged_correlation import standardise
from bowlby.synchrony.windows import WindowPlan, offsets_of

_LARGEST_R = float(np.tanh(10.0))
# Products of as many factors of at most 2 and at least 4e-9 neither overflow nor vanish.
_LAGS_PER_LOGARITHM = 16


@dataclass(frozen=True)
class Scale:
    """How correlations become values that are averaged.

    Attributes:
        is_absolute: Take absolute values, so in-phase and anti-phase both count.
        is_fisher: Take Fisher's z, bounded by 10.
    """

    is_absolute: bool = True
    is_fisher: bool = True

    def __call__(self, r: FloatArray) -> FloatArray:
        """Transform correlations."""
        values = np.arctanh(np.clip(r, -_LARGEST_R, _LARGEST_R)) if self.is_fisher else r
        return np.abs(values) if self.is_absolute else values


@dataclass(frozen=True, eq=False)
class Averages:
    """Averages of each surrogate's window-by-lag matrix.

    Attributes:
        size: Mean over windows of the absolute value at each lag (surrogates x lags).
        signed: Mean over windows of the signed value at each lag (surrogates x lags).
        window: Mean over lags in each window (surrogates x windows), or no column at all.
        highest: Largest absolute value over lags in each window (surrogates x windows), NaN in
            windows without a value.
        is_absolute: Whether `profile` and `window` are of absolute values.
    """

    size: FloatArray
    signed: FloatArray
    window: FloatArray
    highest: FloatArray
    is_absolute: bool = True

    @property
    def profile(self) -> FloatArray:
        """Mean over windows at each lag, absolute or signed (surrogates x lags)."""
        return self.size if self.is_absolute else self.signed

    def __getitem__(self, rows: slice) -> "Averages":
        """The same of some surrogates."""
        return Averages(
            self.size[rows], self.signed[rows], self.window[rows], self.highest[rows],
            self.is_absolute,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Blocks:
    """Windows as runs of parts of blocks.

    Attributes:
        block: Length of a block (samples).
        count: Blocks.
        cuts: Where the parts of a block begin and end (samples, parts + 1).
        first: First part of each window.
        last: Part after the last of each window.
        lags: Lags in samples, increasing; positive means the first partner leads.
    """

    block: int
    count: int
    cuts: IntArray
    first: IntArray
    last: IntArray
    lags: IntArray

    @property
    def parts(self) -> int:
        """Parts of a block."""
        return len(self.cuts) - 1

    @property
    def edges(self) -> IntArray:
        """Where every part begins, and the end of the last (samples)."""
        begins = np.arange(self.count)[:, None] * self.block + self.cuts[:-1]
        return np.append(begins.ravel(), self.count * self.block)

    @property
    def length(self) -> IntArray:
        """Samples in each window."""
        edges = self.edges
        return edges[self.last] - edges[self.first]


def n_blocks(n_samples: int, plan: WindowPlan) -> int:
    """Blocks that can be paired at every lag."""
    return (n_samples - int(plan.lags[-1])) // plan.block


def blocks_of(n_samples: int, plan: WindowPlan) -> Blocks:
    """The windows of a plan, which are whole blocks."""
    first = plan.starts // plan.block
    return Blocks(
        block=plan.block,
        count=n_blocks(n_samples, plan),
        cuts=np.array([0, plan.block]),
        first=first,
        last=first + plan.length // plan.block,
        lags=plan.lags,
    )


def short_blocks(
    n_samples: int, plan: WindowPlan, *, window_s: float, step_s: float, lag_step_s: float
) -> Blocks | None:
    """Short windows within the blocks of a plan, as near to their length as parts allow.

    Args:
        n_samples: Length of the recording (samples).
        plan: The long windows, whose blocks are re-ordered.
        window_s: Length of a short window (s).
        step_s: Time from one to the next (s).
        lag_step_s: Time between lags (s), at least a sample.

    Returns:
        The windows; None where they would have fewer than ten samples or not be shorter.
    """
    count = n_blocks(n_samples, plan)
    parts = max(1, round(plan.block / plan.rate_hz / step_s))
    per_window = max(1, round(window_s * plan.rate_hz * parts / plan.block))
    length = per_window * plan.block / parts
    if length < 10 or length >= plan.length or parts > plan.block:
        return None
    stride = max(1, round(lag_step_s * plan.rate_hz))
    reach = int(plan.lags[-1]) // stride
    first = np.arange(count * parts - per_window + 1)
    return Blocks(
        block=plan.block,
        count=count,
        cuts=np.rint(np.linspace(0, plan.block, parts + 1)).astype(np.int64),
        first=first,
        last=first + per_window,
        lags=np.arange(-reach, reach + 1) * stride,
    )


def unbroken(blocks: Blocks, orders: IntArray, cuts: BoolArray) -> BoolArray:
    """Windows of each order without a seam (orders x windows).

    Args:
        blocks: Windows.
        orders: Orders of blocks (orders x blocks).
        cuts: Whether a segment begins at each block (blocks). Windows over these count as
            broken in the order as recorded, which has no seam, so that it loses as many.
    """
    is_seam = np.diff(orders, axis=1) != 1
    is_seam |= ~is_seam.any(axis=1, keepdims=True) & cuts[1:]
    before = np.cumsum(np.pad(is_seam, ((0, 0), (1, 0))), axis=1)
    first, last = blocks.first // blocks.parts, (blocks.last - 1) // blocks.parts
    return before[:, last] == before[:, first]


def moved(blocks: Blocks, orders: IntArray) -> BoolArray:
    """Windows of each order that pair two different moments throughout (orders x windows)."""
    stays = np.cumsum(np.pad(orders == np.arange(blocks.count), ((0, 0), (1, 0))), axis=1)
    first, last = blocks.first // blocks.parts, (blocks.last - 1) // blocks.parts
    return stays[:, last + 1] == stays[:, first]


def block_averages(
    x: FloatArray,
    y: FloatArray,
    blocks: Blocks,
    orders: IntArray,
    scale: Scale,
    *,
    min_coverage: float = 0.5,
    used: BoolArray | None = None,
    with_windows: bool = True,
) -> Averages:
    """Average the lagged correlations of surrogates that re-order the second partner's blocks.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples.
        blocks: Windows and lags.
        orders: For each surrogate, the block of `y` that meets each block of `x`
            (surrogates x blocks); the identity gives the recording itself.
        scale: How correlations are transformed before they are averaged.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).
        used: Windows that take part in each surrogate (surrogates x windows); None for all.
        with_windows: Whether means over lags in each window are wanted too.
    """
    x, y = standardise(x), standardise(y)
    size, signed = np.empty((2, len(blocks.lags), len(orders)))
    highest = np.full((len(orders), len(blocks.first)), -1.0)
    means = _MeansOverLags(len(orders), len(blocks.first) if with_windows else 0, scale)
    if used is None:
        used = np.ones((len(orders), len(blocks.first)), dtype=np.bool_)
    add_lag = _with_gaps if np.isnan(x).any() or np.isnan(y).any() else _without_gaps
    for k, offsets in enumerate(zip(*offsets_of(blocks.lags), strict=True)):
        add_lag(
            (x, y), offsets, blocks, orders, used, scale, min_coverage,
            (size[k], signed[k], *means.arrays, highest),
        )  # fmt: skip
        means.after_lag(k)
    highest[highest < 0.0] = np.nan
    if scale.is_fisher:
        highest = np.arctanh(highest)
    return Averages(size.T, signed.T, means.found(), highest, scale.is_absolute)


def null_averages(
    x: FloatArray,
    y: FloatArray,
    plan: WindowPlan,
    orders: IntArray,
    scale: Scale,
    *,
    min_coverage: float = 0.5,
) -> Averages:
    """`block_averages` of the windows of a plan."""
    return block_averages(
        x, y, blocks_of(len(x), plan), orders, scale, min_coverage=min_coverage
    )


class _MeansOverLags:
    """Running means over lags of every surrogate's windows."""

    def __init__(self, rows: int, windows: int, scale: Scale) -> None:
        self._is_fisher = scale.is_fisher
        self._total = np.zeros((rows, windows))
        self._up = np.full((rows, windows), 1.0 if scale.is_fisher else 0.0)
        self._down = np.ones((rows, windows))
        self._count = np.zeros((rows, windows))
        self.arrays = (self._up, self._down, self._count)

    def after_lag(self, k: int) -> None:
        if self._is_fisher and k % _LAGS_PER_LOGARITHM == _LAGS_PER_LOGARITHM - 1:
            self._take_logarithm()

    def _take_logarithm(self) -> None:
        self._total += 0.5 * np.log(self._up / self._down)
        self._up[:] = 1.0
        self._down[:] = 1.0

    def found(self) -> FloatArray:
        if self._is_fisher:
            self._take_logarithm()
        with np.errstate(invalid="ignore", divide="ignore"):
            return (self._total if self._is_fisher else self._up) / self._count


def _without_gaps(
    signals, offsets, blocks: Blocks, orders, used, scale: Scale, _: float, sums
) -> None:
    x, y = (_cut(v, o, blocks) for v, o in zip(signals, offsets, strict=True))
    begins = blocks.cuts[:-1]
    y_sum, y_squares = (np.add.reduceat(v, begins, axis=1) for v in (y, y * y))
    x_sum, x_squares = (
        np.concatenate([[0.0], np.cumsum(np.add.reduceat(v, begins, axis=1))])
        for v in (x, x * x)
    )
    length = blocks.length.astype(float)
    x_sum = x_sum[blocks.last] - x_sum[blocks.first]
    x_spread = x_squares[blocks.last] - x_squares[blocks.first] - x_sum**2 / length
    _kernels.look_up(
        _products(x, y, blocks), x_sum, x_spread, y_sum, y_squares, orders, used,
        blocks.first, blocks.last, length, scale.is_absolute, scale.is_fisher, *sums,
    )  # fmt: skip


def _with_gaps(
    signals, offsets, blocks: Blocks, orders, used, scale: Scale, min_coverage: float, sums
) -> None:
    x, y = (_cut(v, o, blocks) for v, o in zip(signals, offsets, strict=True))
    x_valid, y_valid = (np.isfinite(v).astype(float) for v in (x, y))
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    pairs = ((x_valid, y_valid), (x, y_valid), (x_valid, y), (x * x, y_valid),
             (x_valid, y * y), (x, y))  # fmt: skip
    products = np.stack([_products(a, b, blocks) for a, b in pairs], axis=-1)
    # Counts are sums of ones: half a pair below what is asked for tells them apart.
    fewest = np.maximum(3.0, min_coverage * blocks.length) - 0.5
    _kernels.look_up_with_gaps(
        products, orders, used, blocks.first, blocks.last, fewest, scale.is_absolute,
        scale.is_fisher, *sums,
    )  # fmt: skip


def _cut(x: FloatArray, offset: int, blocks: Blocks) -> FloatArray:
    """Blocks as rows, moved by an offset."""
    return x[offset : offset + blocks.count * blocks.block].reshape(blocks.count, blocks.block)


def _products(x: FloatArray, y: FloatArray, blocks: Blocks) -> FloatArray:
    """Sum of products of every part of every block with that of every other."""
    products = np.empty((blocks.count, blocks.count, blocks.parts))
    for q in range(blocks.parts):
        part = slice(blocks.cuts[q], blocks.cuts[q + 1])
        products[:, :, q] = x[:, part] @ y[:, part].T
    return products

"""Every segment-permutation surrogate from one table of block products.

Cut both signals into blocks and multiply every block of one with every block of the other. A
surrogate that pairs block `i` of the first partner with block `order[i]` of the second, at any
lag, is then a sum of table entries: ten surrogates or ten thousand need the same matrix
products. The samples a lag reaches beyond a block are those that really followed it,
so no correlation is taken across a seam.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.synchrony import _kernels
from bowlby.synchrony.lagged_correlation import standardise
from bowlby.synchrony.windows import WindowPlan

_LARGEST_R = float(np.tanh(10.0))


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
class NullAverages:
    """Averages of each surrogate's window-by-lag matrix.

    Attributes:
        profile: Mean over windows at each lag (surrogates x lags).
        window: Mean over lags in each window (surrogates x windows).
    """

    profile: FloatArray
    window: FloatArray


def n_blocks(n_samples: int, plan: WindowPlan) -> int:
    """Blocks that can be paired at every lag."""
    return (n_samples - int(plan.lags[-1])) // plan.block


def null_averages(
    x: FloatArray,
    y: FloatArray,
    plan: WindowPlan,
    orders: IntArray,
    scale: Scale,
    *,
    min_coverage: float = 0.5,
) -> NullAverages:
    """Average the lagged correlations of surrogates that re-order the second partner's blocks.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples.
        plan: Windows and lags, anchored forward.
        orders: For each surrogate, the block of `y` that meets each block of `x`
            (surrogates x blocks); the identity gives the recording itself.
        scale: How correlations are transformed before they are averaged.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).
    """
    x, y = standardise(x), standardise(y)
    count = orders.shape[1]
    first_block = plan.starts // plan.block
    per_window = plan.length // plan.block
    profile = np.empty((len(plan.lags), len(orders)))
    window_sum = np.zeros((len(orders), len(plan.starts)))
    window_count = np.zeros((len(orders), len(plan.starts)))
    x_offset, y_offset = plan.offsets
    has_gaps = bool(np.isnan(x).any() or np.isnan(y).any())
    settings = (orders, first_block, per_window)
    switches = (scale.is_absolute, scale.is_fisher)
    for k in range(len(plan.lags)):
        x_blocks = _blocks(x, x_offset[k], plan.block, count)
        y_blocks = _blocks(y, y_offset[k], plan.block, count)
        sums = (profile[k], window_sum, window_count)
        if has_gaps:
            products = _products_of_valid_pairs(x_blocks, y_blocks)
            fewest = max(3.0, min_coverage * plan.length)
            _kernels.look_up_with_gaps(products, *settings, fewest, *switches, *sums)
        else:
            _kernels.look_up(
                x_blocks @ y_blocks.T,
                x_blocks.sum(axis=1),
                np.einsum("ij,ij->i", x_blocks, x_blocks),
                y_blocks.sum(axis=1),
                np.einsum("ij,ij->i", y_blocks, y_blocks),
                *settings,
                plan.length,
                *switches,
                *sums,
            )
    with np.errstate(invalid="ignore"):
        return NullAverages(profile.T, window_sum / window_count)


def _blocks(x: FloatArray, offset: int, block: int, count: int) -> FloatArray:
    return x[offset : offset + count * block].reshape(count, block)


def _products_of_valid_pairs(x: FloatArray, y: FloatArray) -> FloatArray:
    x_valid, y_valid = (np.isfinite(v).astype(float) for v in (x, y))
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    pairs = ((x_valid, y_valid), (x, y_valid), (x_valid, y), (x * x, y_valid),
             (x_valid, y * y), (x, y))  # fmt: skip
    return np.stack([a @ b.T for a, b in pairs], axis=-1)

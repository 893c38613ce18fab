"""Least squares whose error needs no equal spread, for few people."""

from typing import NamedTuple

import numpy as np

from bowlby._types import FloatArray


class RobustSlope(NamedTuple):
    """A slope with its 95 % interval and p."""

    slope: float
    low: float
    high: float
    p: float


def robust_slope(y: FloatArray, x: FloatArray) -> RobustSlope:
    """Slope by least squares, with HC2 standard error and degrees of freedom of its own.

    Between two groups the error is that of Welch's t-test. With few people, or a predictor of
    which a few hold most of the spread, the error itself is unsure: fewer degrees of freedom
    say so.

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Imbens & Kolesar (2016), Review
        of Economics and Statistics 98, 701-712.
    """
    from scipy.stats import t

    design = np.column_stack([np.ones(len(x)), x])
    solved = np.linalg.pinv(design)
    rest = np.eye(len(x)) - design @ solved
    free = np.diag(rest)
    slope, residual = float(solved[1] @ y), rest @ y
    # A row that its own coefficient fits has no residual and no share in the error.
    has_rest = free > 1e-10
    weight = np.where(has_rest, solved[1] ** 2 / np.where(has_rest, free, 1.0), 0.0)
    error = float(np.sqrt(weight @ residual**2))
    df = float((weight @ free) ** 2 / (weight @ rest**2 @ weight))
    half = float(t.isf(0.025, df)) * error
    p = float(2 * t.sf(abs(slope) / error, df)) if error > 0.0 else np.nan
    return RobustSlope(slope, slope - half, slope + half, p)

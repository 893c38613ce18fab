"""P-values corrected for the number of tests."""

import numpy as np
from numpy.typing import ArrayLike

from bowlby._types import FloatArray


def holm(p: ArrayLike) -> FloatArray:
    """Holm's p-values, in the order given.

    Written out, since that of statsmodels collects garbage at every call, which takes longer
    than the analysis of a trial.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(stepped, 1.0)
    return found

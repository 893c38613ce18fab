"""P-values corrected for the number of tests."""

import numpy as np
from numpy.typing import ArrayLike

from bowlby._types import FloatArray


def holm(p: ArrayLike) -> FloatArray:
    """Holm's p-values, in the order given; what is missing stays so and is not counted.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70; by statsmodels.
    """
    from statsmodels.stats.multitest import multipletests

    found = np.array(p, float)
    known = np.isfinite(found)
    if known.any():
        found[known] = multipletests(found[known], method="holm")[1]
    return found

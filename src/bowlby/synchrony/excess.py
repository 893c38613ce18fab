"""How much synchrony: an effect size that does not depend on how long a recording is.

In each window the two partners' highest absolute correlation over lags is taken, and the mean
of the same for windows that pair different moments of the same two people is taken away.
Windows are as long in every recording, so the expectation is the same for five minutes and for
forty; only the standard error shrinks. (z against surrogates grows with the length instead.)

In units of Fisher's z, or of r with raw correlations. 0 is expected without coupling.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.significance import block_bootstrap_se
from bowlby.synchrony.windowed import Surrogated, mean_over


@dataclass(frozen=True)
class Excess:
    """Synchrony of matching over that of other moments.

    Attributes:
        value: The difference.
        se: Standard error over windows.
    """

    value: float
    se: float


def excess(found: Surrogated, *, block: int, rng: np.random.Generator) -> Excess:
    """Excess of a recording, from its shorter windows.

    Args:
        found: The recording and its surrogates.
        block: Windows drawn together for the standard error, at least as many as overlap.
        rng: Random generator.
    """
    if not len(found.unmet):
        return Excess(np.nan, np.nan)
    own, others = found.fine.highest[0], found.fine.highest[1:]
    others = np.where(found.unmet, others, np.nan)
    apart: FloatArray = own - mean_over(others, axis=0)
    apart = apart[np.isfinite(apart)]
    if not len(apart):
        return Excess(np.nan, np.nan)
    return Excess(float(apart.mean()), block_bootstrap_se(apart, block=block, rng=rng))

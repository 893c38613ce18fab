"""What every measure of synchrony returns, and how it is called."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bowlby._types import FloatArray


@dataclass(frozen=True)
class Estimate:
    """One number for a pair of series.

    Attributes:
        value: The larger, the more synchronised the two are; NaN if it cannot be computed.
        peak_lag_s: Lag of the highest synchrony (s), positive if the first leads; NaN
            if the measure knows no lag.
        coverage: Share of the samples that was used, 0 to 1.
    """

    value: float
    peak_lag_s: float
    coverage: float


NOTHING = Estimate(np.nan, np.nan, 0.0)
"""The estimate from too little data, or from a series that never changes."""


class Measure(Protocol):
    """A measure with its settings; calling `estimate` twice gives the same answer."""

    @property
    def name(self) -> str:
        """Key in datasets and on the command line."""
        ...

    @property
    def title(self) -> str:
        """What figures call it."""
        ...

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Estimate the synchrony of two series, NaN where missing, sampled at `rate_hz`."""
        ...

"""Who leads: the lag of the profile's peak, with an interval, and when a leader is named.

One rule holds everywhere: a leader is named where synchrony is shown (p <= .05) and the
interval of the peak's lag excludes 0. The interval comes from drawing stretches of windows
anew, so it is as wide as the lag is unsure over the recording.

Source:
    Politis & Romano (1992), circular block bootstrap; percentile interval. The rule is ours.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.significance import block_draws

DRAWS = 500


@dataclass(frozen=True)
class PeakLag:
    """Lag of the highest point of the mean profile.

    Attributes:
        lag_s: The lag (s), positive if the first partner leads.
        low_s: Lower end of its 95 % interval (s).
        high_s: Upper end (s).
    """

    lag_s: float
    low_s: float
    high_s: float

    def leader(self, roles: tuple[str, str]) -> str:
        """The partner who leads, empty where the interval does not exclude 0."""
        if self.low_s > 0.0:
            return roles[0]
        return roles[1] if self.high_s < 0.0 else ""


def peak_lag(
    values: FloatArray, lag_s: FloatArray, *, block: int, rng: np.random.Generator
) -> PeakLag:
    """Find the lag at which the mean over windows is furthest from 0.

    Args:
        values: Signed or absolute correlations (windows x lags), NaN where there is none.
        lag_s: Lags (s), evenly spaced.
        block: Windows drawn together, at least as many as overlap.
        rng: Random generator.

    Returns:
        The lag with its interval, widened by half the distance of lags either way.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    weights = block_draws(len(values), block=block, draws=DRAWS, rng=rng)
    weights = np.vstack([np.ones(len(values)), weights])
    with np.errstate(invalid="ignore", divide="ignore"):
        profiles = np.abs((weights @ filled) / (weights @ known))
    peaks = lag_s[np.argmax(np.nan_to_num(profiles, nan=-1.0), axis=1)]
    half = (lag_s[1] - lag_s[0]) / 2.0 if len(lag_s) > 1 else 0.0
    low, high = np.quantile(peaks[1:], [0.025, 0.975])
    return PeakLag(float(peaks[0]), float(low - half), float(high + half))

"""Peak picking: at which lag the partners meet in each window."""

import numpy as np

from bowlby._types import FloatArray


def pick_peaks(
    values: FloatArray, lag_s: FloatArray, *, reach_s: float = 0.5
) -> tuple[FloatArray, FloatArray]:
    """Find in each window the local maximum nearest to lag 0.

    A lag is a peak if no value within `reach_s` on either side is higher and the values further
    out fall below it; windows without one have NaN, never the edge of the lag axis.

    Args:
        values: Correlations (windows x lags).
        lag_s: Lags (s).
        reach_s: Distance within which a peak must be the highest (s).

    Returns:
        Lag of each window's peak (s) and its value, NaN where there is none.

    Source:
        The rule of Boker et al. (2002), Psychological Methods 7, 338-355, without its loess.
    """
    lag, height = np.full((2, len(values)), np.nan)
    reach = max(1, round(reach_s / (lag_s[1] - lag_s[0]))) if len(lag_s) > 1 else 1
    if len(lag_s) <= 2 * reach:
        return lag, height
    # As scipy.signal.argrelmax, which takes 50 MB of every process that measures.
    inner = slice(reach, len(lag_s) - reach)
    is_peak = np.isfinite(values[:, inner])
    for k in range(1, reach + 1):
        before, after = values[:, reach - k : inner.stop - k], values[:, reach + k :]
        is_peak &= values[:, inner] > before
        is_peak &= values[:, inner] > after[:, : is_peak.shape[1]]
    rows, columns = np.nonzero(is_peak)
    columns += reach
    nearest_last = np.argsort(-np.abs(lag_s[columns]), kind="stable")
    rows, columns = rows[nearest_last], columns[nearest_last]
    lag[rows] = lag_s[columns]
    height[rows] = values[rows, columns]
    return lag, height

"""How long people stay: the Kaplan-Meier curve.

Source:
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bowlby._types import FloatArray


@dataclass(frozen=True)
class Survival:
    """Share who are still there.

    Attributes:
        session: Sessions, from 0.
        share: Share still there after each.
        low: Lower end of its interval.
        high: Upper end.
    """

    session: np.ndarray
    share: FloatArray
    low: FloatArray
    high: FloatArray


def survival(time: np.ndarray, has_left: np.ndarray, last: int, *, alpha: float) -> Survival:
    """Kaplan-Meier estimate with intervals on the log-log scale.

    Where nobody or everybody has left the interval is the estimate itself.

    Args:
        time: Session after which each person left, or the last one seen.
        has_left: Whether that was leaving; else the person is censored then.
        last: Sessions to go up to.
        alpha: One minus the level of the interval.

    Source:
        Greenwood's variance, log-log interval of Kalbfleisch & Prentice (1980), The Statistical
        Analysis of Failure Time Data, 15; both as scipy computes them.
    """
    session = np.arange(last + 1)
    seen = stats.CensoredData(uncensored=time[has_left], right=time[~has_left])
    curve = stats.ecdf(seen).sf
    share = np.asarray(curve.evaluate(session), float)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # log(-log(share)) has no value at shares of 0 and 1.
        warnings.filterwarnings("ignore", "The confidence interval is undefined")
        interval = curve.confidence_interval(1.0 - alpha, method="log-log")
    inner = (share > 0.0) & (share < 1.0)
    low, high = (
        np.where(inner, end.evaluate(session), share) for end in (interval.low, interval.high)
    )
    return Survival(session, share, low, high)

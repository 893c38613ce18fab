"""Did this client change, by each definition of reliable change.

Every index of this file is linear in the score after, index = (x2 - centre(x1)) / error, so the
score from which on a client counts as improved is known before therapy, and with it what chance
gives (chance.py).

x1, x2 scores before and after; M1, s1, M2, s2 their means and SDs; r reliability; d = +1 if
higher is better, else -1.

Sources:
    Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59(1), 12-19 (JT).
    Gulliksen-Lord-Novick, Hsu-Linn-Lord, Edwards-Nunnally, Nunnally-Kotsch and
    Hageman-Arrindell as compared by Claus, Wager & Bonnet (2024), Journal of Statistical
    Software 111(1), and in R clinicalsignificance 3.0, whose numbers the tests hold.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.outcomes.yardstick import Yardstick, critical

INDICES = ("JT", "GLN", "HLL", "EN", "NK", "HA")
CONVENTIONS = ("bowlby", "clinicalsignificance")
NAMES = {
    "JT": "Jacobson & Truax",
    "GLN": "Gulliksen, Lord & Novick",
    "HLL": "Hsu, Linn & Lord",
    "EN": "Edwards & Nunnally",
    "NK": "Nunnally & Kotsch",
    "HA": "Hageman & Arrindell",
    "HLM": "Multilevel slope",
    "RC": "Published reliable change",
    "percentage": "Percentage",
    "anchor": "Smallest important difference",
}


@dataclass(frozen=True)
class Moments:
    """Moments that the indices need.

    Attributes:
        mean_pre: M1.
        sd_pre: s1.
        mean_post: M2.
        sd_post: s2.
        correlation: Correlation of scores before and after.
        reliability: r.
        reliability_post: Reliability after (NK).
        source: Where they come from, in words.
    """

    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    correlation: float
    reliability: float
    reliability_post: float
    source: str

    @property
    def sem(self) -> float:
        """Standard error of one measurement."""
        return self.sd_pre * float(np.sqrt(1.0 - self.reliability))

    @property
    def r_dd(self) -> float:
        """Reliability of the difference scores (Hageman & Arrindell, 1999)."""
        v1, v2 = self.sd_pre**2, self.sd_post**2
        shared = 2.0 * self.sd_pre * self.sd_post * self.correlation
        true = v1 * (1 - self.sem**2 / v1) + v2 * (1 - self.sem**2 / v2) - shared
        return true / (v1 + v2 - shared)


def sample_moments(
    pre: FloatArray, post: FloatArray, *, reliability: float, reliability_post: float = np.nan
) -> Moments:
    """Moments of the clients at hand, as the R package takes them.

    Raises:
        ValueError: If all scores before are equal.
    """
    sd = float(np.std(pre, ddof=1)) if len(pre) > 1 else 0.0
    if not sd > 0.0:
        raise ValueError(
            f"All {len(pre)} scores before are equal ({pre[0] if len(pre) else 'none'}), so "
            "they "
            "have no SD to judge by. Give --sd of a published sample."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        r = float(np.corrcoef(pre, post)[0, 1]) if np.std(post) > 0 else 0.0
    return Moments(
        float(np.mean(pre)), sd, float(np.mean(post)), float(np.std(post, ddof=1)), r,
        reliability, reliability_post if np.isfinite(reliability_post) else reliability,
        "of the clients at hand",
    )  # fmt: skip


def published_moments(yard: Yardstick, pre: FloatArray, post: FloatArray) -> Moments:
    """Moments of the published population; those after and the correlation from the clients."""
    own = len(pre) > 2 and np.std(pre) > 0 and np.std(post) > 0
    return Moments(
        yard.clinical_mean, yard.sd, float(np.mean(post)) if len(post) else np.nan,
        float(np.std(post, ddof=1)) if len(post) > 1 else np.nan,
        float(np.corrcoef(pre, post)[0, 1]) if own else np.nan,
        yard.reliability, yard.reliability, "published",
    )  # fmt: skip


def centre_and_error(method: str, pre: FloatArray, m: Moments) -> tuple[FloatArray, float]:
    """Where the index is 0, for each score before, and its standard error.

    Args:
        method: One of `INDICES`.
        pre: Scores before.
        m: Moments.
    """
    r, s1 = m.reliability, m.sd_pre
    expected = m.mean_pre + r * (pre - m.mean_pre)
    s_diff = s1 * float(np.sqrt(2.0 * (1.0 - r)))
    if method == "JT":
        return pre, s_diff
    if method == "GLN":
        return expected, s1 * float(np.sqrt(1.0 - r**2))
    if method == "HLL":
        return m.mean_post + r * (pre - m.mean_pre), s1 * float(np.sqrt(1.0 - r**2))
    if method == "EN":
        return expected, m.sem
    if method == "NK":
        error = r**2 * s1**2 * (1.0 - r) + s1**2 * (1.0 - m.reliability_post)
        return expected, float(np.sqrt(error))
    if method == "HA":
        rdd = m.r_dd
        if not 0.0 < rdd <= 1.0:
            return np.full_like(pre, np.nan), float("nan")
        return pre - (m.mean_post - m.mean_pre) * (1.0 - rdd) / rdd, s_diff / float(
            np.sqrt(rdd)
        )
    raise ValueError(f"{method!r} is not one of {', '.join(INDICES)}.")


def critical_value(method: str, level: float) -> float:
    """Limit of the index: two-sided, but one-sided for HA, as its authors have it."""
    return float(stats.norm.isf(1.0 - level)) if method == "HA" else critical(level)


@dataclass(frozen=True)
class Limits:
    """Scores after from which on a client counts as improved, or as deteriorated.

    Attributes:
        improved: One per client.
        deteriorated: One per client.
        index: Index of each client; NaN where the method has none.
        critical: Limit of the index; NaN where the method has none.
    """

    improved: FloatArray
    deteriorated: FloatArray
    index: FloatArray
    critical: float = float("nan")

    def said(self, post: FloatArray, sign: int) -> tuple[np.ndarray, np.ndarray]:
        """Whether each client improved, and whether each deteriorated."""
        if np.isfinite(self.critical):  # The index itself, so that no limit is rounded.
            return sign * self.index > self.critical, sign * self.index < -self.critical
        gain = sign * (post - self.improved)
        loss = sign * (self.deteriorated - post)
        return gain >= 0, loss >= 0


def limits(
    method: str,
    pre: FloatArray,
    post: FloatArray,
    m: Moments,
    *,
    sign: int,
    level: float = 0.95,
) -> Limits:
    """Limits and index of a linear index.

    Args:
        method: One of `INDICES`.
        pre: Scores before.
        post: Scores after.
        m: Moments.
        sign: +1 if higher is better, else -1.
        level: Level of the index.
    """
    centre, error = centre_and_error(method, pre, m)
    z = critical_value(method, level)
    return Limits(
        centre + sign * z * error,
        centre - sign * z * error,
        (post - centre) / error,
        critical=z,
    )


def amount_limits(pre: FloatArray, amount: FloatArray | float, *, sign: int) -> Limits:
    """Limits of a fixed amount: a reliable change or smallest important difference."""
    nothing = np.full(len(pre), np.nan)
    return Limits(pre + sign * amount, pre - sign * amount, nothing)


def percentage_limits(
    pre: FloatArray, *, sign: int, better: float, worse: float, convention: str = "bowlby"
) -> Limits:
    """Limits of a percentage of the score before.

    A score before of 0 has no percentage: no answer. The R package calls such a client both
    improved and deteriorated.

    Args:
        pre: Scores before.
        sign: +1 if higher is better, else -1.
        better: Share that counts as improved (0 to 1).
        worse: Share that counts as deteriorated.
        convention: `clinicalsignificance` to do as the R package does.
    """
    size = np.abs(pre)
    if convention == "bowlby":
        size = np.where(size > 0, size, np.nan)
    nothing = np.full(len(pre), np.nan)
    return Limits(pre + sign * better * size, pre - sign * worse * size, nothing)


def change(
    pairs: pd.DataFrame,
    yard: Yardstick,
    *,
    method: str = "JT",
    moments: Moments | None = None,
    level: float | None = None,
    percent: tuple[float, float] = (0.5, 0.3),
    important: float = float("nan"),
    convention: str = "bowlby",
) -> pd.DataFrame:
    """Change of every client by one definition.

    Args:
        pairs: A row a client: client, before, after.
        yard: Numbers to judge by.
        method: JT, GLN, HLL, EN, NK, HA, RC (the published reliable change), percentage or
            anchor; HLM needs every score (`multilevel.slope_change`).
        moments: Moments; the published ones by default.
        level: Level of the indices; the yardstick's by default.
        percent: Shares that count as improved and as deteriorated (percentage).
        important: Smallest important difference (anchor).
        convention: `bowlby` or `clinicalsignificance`.

    Returns:
        client, before, after, change, index, improved_at, deteriorated_at, improved,
        deteriorated.

    Raises:
        ValueError: If a number the method needs is not known; says which.
    """
    pre, post = pairs.before.to_numpy(float), pairs.after.to_numpy(float)
    found = method_limits(
        method, pre, post, yard, moments=moments, level=level, percent=percent,
        important=important, convention=convention,
    )  # fmt: skip
    improved, deteriorated = found.said(post, yard.sign)
    return pd.DataFrame(
        {
            "client": pairs.client.to_numpy(), "before": pre, "after": post,
            "change": post - pre, "index": found.index, "improved_at": found.improved,
            "deteriorated_at": found.deteriorated, "improved": improved,
            "deteriorated": deteriorated,
        }
    )  # fmt: skip


def method_limits(
    method: str, pre: FloatArray, post: FloatArray, yard: Yardstick, *,
    moments: Moments | None, level: float | None, percent: tuple[float, float],
    important: float, convention: str,
) -> Limits:  # fmt: skip
    """The limits of one method by its name."""
    if method == "RC":
        _need(np.isfinite(yard.reliable_change), "RC", "the reliable change", "reliable_change",
              yard)  # fmt: skip
        return amount_limits(pre, yard.reliable_change, sign=yard.sign)
    if method == "anchor":
        if not important > 0:
            raise ValueError("anchor: give --important, the smallest important difference.")
        return amount_limits(pre, important, sign=yard.sign)
    if method == "percentage":
        return percentage_limits(pre, sign=yard.sign, better=percent[0], worse=percent[1],
                                 convention=convention)  # fmt: skip
    m = moments or published_moments(yard, pre, post)
    _need(np.isfinite(m.reliability), method, "the reliability", "reliability", yard)
    _need(np.isfinite(m.sd_pre), method, "an SD", "sd", yard)
    if method in ("GLN", "HLL", "EN", "NK", "HA"):
        _need(np.isfinite(m.mean_pre), method, "the population's mean", "clinical_mean", yard)
    if method == "HA" and not 0.0 < m.r_dd <= 1.0:
        raise ValueError(
            "HA: the differences of these clients have no reliability (measurement error "
            "explains all of them), so this method has no answer."
        )
    return limits(method, pre, post, m, sign=yard.sign, level=level or yard.level)


def _need(is_there: object, method: str, what: str, name: str, yard: Yardstick) -> None:
    if not is_there:
        option = name.replace("_", "-")
        raise ValueError(
            f"{method} needs {what} of {yard.instrument}: "
            f"{yard.missing.get(name, 'not known')} with --{option}."
        )

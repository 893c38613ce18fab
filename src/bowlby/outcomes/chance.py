"""What chance gives: shares of each class among clients whose true score did not move.

Given a score before and no true change, the score after is normal with mean M + r (x1 - M) and
variance s^2 (1 - r^2), where M, s and r belong to the population the clients were picked from.
So whoever was picked for a high score comes down without any therapy (regression to the mean),
and the share called improved is known for each client before therapy.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bowlby._types import FloatArray
from bowlby.outcomes.change import Limits
from bowlby.outcomes.yardstick import Yardstick, critical

COURSES = 20_000


@dataclass(frozen=True)
class Chance:
    """Expected shares without true change.

    Attributes:
        improved: Share improved (recovered among them).
        recovered: Share recovered.
        deteriorated: Share deteriorated (harmed among them).
        harmed: Share harmed.
        assumption: What was assumed, in words.
    """

    improved: float
    recovered: float
    deteriorated: float
    harmed: float
    assumption: str


def chance(pre: FloatArray, found: Limits, yard: Yardstick) -> Chance | None:
    """Expected shares of these clients, had nothing changed; None where no error is known.

    Args:
        pre: Scores before.
        found: Limits of the method.
        yard: Numbers to judge by.
    """
    mean, error, said = _after(pre, yard)
    if not np.isfinite(error).all():
        return None
    sign, cut = yard.sign, yard.cutoff

    def beyond(limit: FloatArray, side: int) -> float:
        """Share of scores after that lie on one side of a limit."""
        p = stats.norm.sf(side * (limit - mean) / error)
        return float(np.nanmean(p)) if np.isfinite(p).any() else float("nan")

    clinical = yard.is_clinical(pre)
    both = np.maximum(sign * found.improved, sign * cut) * sign
    harmed = np.minimum(sign * found.deteriorated, sign * cut) * sign
    infinite = np.full(len(pre), np.inf)
    has_cut = np.isfinite(cut)
    return Chance(
        beyond(found.improved, sign),
        beyond(np.where(clinical, both, sign * infinite), sign) if has_cut else float("nan"),
        beyond(found.deteriorated, -sign),
        beyond(np.where(clinical, -sign * infinite, harmed), -sign)
        if has_cut
        else float("nan"),
        said,
    )


def _after(pre: FloatArray, yard: Yardstick) -> tuple[FloatArray, FloatArray, str]:
    """Mean and SD of the score after, without true change."""
    m, s, r = yard.clinical_mean, yard.sd, yard.reliability
    if np.isfinite([m, s, r]).all():
        spread = np.full(len(pre), s * np.sqrt(1.0 - r**2))
        return (
            m + r * (pre - m),
            spread,
            (
                f"no true change; population mean {m:g}, SD {s:g}, reliability {r:g}, "
                "so regression to the mean is in it"
            ),
        )
    spread = np.full(len(pre), yard.sem * np.sqrt(2.0))
    return (
        pre,
        spread,
        (
            "no true change; measurement error only: without the population's mean and SD, "
            "regression to the mean is not in it"
        ),
    )


def chance_of_ever(sessions: int, *, level: float = 0.95, seed: int = 1) -> float:
    """Share of unchanged clients whom an index read every session calls deteriorated once.

    Args:
        sessions: Sessions after the first score.
        level: Two-sided level of the index.
        seed: Of the simulation (20,000 courses).
    """
    errors = np.random.default_rng(seed).normal(size=(COURSES, sessions + 1))
    index = (errors[:, 1:] - errors[:, :1]) / np.sqrt(2.0)
    return float((index.max(1) > critical(level)).mean())

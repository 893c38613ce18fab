"""Change of attachment in two dimensions, and "moved into the secure region" as a probability.

delta is the change of anxiety and avoidance; measurement errors of the two are taken as
independent. D^2 = delta' (2 Sigma_e)^-1 delta above the 95 % point of chi^2(2) is a reliable
move. The secure region is one SD around the norm of both; whether the true scores are in it is
a probability, never a box, and no cut is made at the midpoint of the scale, which no source
gives.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray

LIKELY, UNLIKELY = 0.8, 0.2


@dataclass(frozen=True)
class AttachmentChange:
    """Moves of all clients.

    Attributes:
        table: client, anxiety_before, avoidance_before, anxiety_after, avoidance_after,
            distance (D^2), p, is_reliable, direction (toward or away from the norm), and
            p_secure_before, p_secure_after, moved_into_secure.
        expected_by_chance: Share of unchanged clients called reliably moved.
    """

    table: pd.DataFrame
    expected_by_chance: float = 0.05

    def said_of(self, client: str) -> dict[str, Any] | None:
        """A client's row, or None."""
        row = self.table[self.table.client == client]
        if not len(row):
            return None
        return {str(name): value for name, value in row.iloc[0].to_dict().items()}


def attachment_change(
    anxiety: pd.DataFrame,
    avoidance: pd.DataFrame,
    *,
    sem: tuple[float, float],
    norm_mean: tuple[float, float],
    norm_sd: tuple[float, float],
) -> AttachmentChange:
    """Move of every client who has both scales twice.

    Args:
        anxiety: client, before, after.
        avoidance: client, before, after.
        sem: Standard errors of anxiety and avoidance.
        norm_mean: Means of the norm.
        norm_sd: SDs of the norm.

    Raises:
        ValueError: If an error or SD is not known or not positive.
    """
    numbers = (*sem, *norm_mean, *norm_sd)
    if not np.isfinite(numbers).all() or min(*sem, *norm_sd) <= 0:
        raise ValueError(
            "Attachment change needs the standard error, the norm's mean and its SD of both "
            "scales. Those of ECR-R are known from memory only: pass --accept-unverified, or "
            "write them into a TOML of your own."
        )
    both = anxiety.merge(avoidance, on="client", suffixes=("_anxiety", "_avoidance"))
    before = both[["before_anxiety", "before_avoidance"]].to_numpy(float)
    after = both[["after_anxiety", "after_avoidance"]].to_numpy(float)
    error, centre, spread = np.array(sem), np.array(norm_mean), np.array(norm_sd)
    distance = (((after - before) / (np.sqrt(2.0) * error)) ** 2).sum(1)
    is_reliable = distance > stats.chi2.isf(0.05, 2)
    nearer = _far(after, centre, spread) < _far(before, centre, spread)
    secure_before = secure_probability(before, error, centre, spread)
    secure_after = secure_probability(after, error, centre, spread)
    moved = is_reliable & (secure_before < UNLIKELY) & (secure_after > LIKELY)
    return AttachmentChange(
        pd.DataFrame({
            "client": both.client, "anxiety_before": before[:, 0],
            "avoidance_before": before[:, 1], "anxiety_after": after[:, 0],
            "avoidance_after": after[:, 1], "distance": distance,
            "p": stats.chi2.sf(distance, 2), "is_reliable": is_reliable,
            "direction": np.where(nearer, "toward the norm", "away from the norm"),
            "p_secure_before": secure_before, "p_secure_after": secure_after,
            "moved_into_secure": moved,
        })
    )  # fmt: skip


def _far(x: FloatArray, centre: FloatArray, spread: FloatArray) -> FloatArray:
    return (((x - centre) / spread) ** 2).sum(1)


def secure_probability(
    score: FloatArray, sem: FloatArray, centre: FloatArray, spread: FloatArray
) -> FloatArray:
    """Probability that both true scores are within one SD of the norm, given the scores.

    Args:
        score: Anxiety and avoidance (client, 2).
        sem: Standard errors (2).
        centre: Means of the norm (2).
        spread: SDs of the norm (2).
    """
    above = stats.norm.cdf((centre + spread - score) / sem)
    below = stats.norm.cdf((centre - spread - score) / sem)
    return (above - below).prod(1)

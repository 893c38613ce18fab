"""Where the clinical range begins, and the class each client ends in.

Source:
    Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59(1), 12-19. Their
    criterion b uses the SD of the functional population; R clinicalsignificance 3.0 uses that
    of the clinical one, which `convention="clinicalsignificance"` repeats.
"""

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.outcomes.change import Moments
from bowlby.outcomes.yardstick import Yardstick

CLASSES = ("recovered", "improved", "unchanged", "deteriorated", "harmed")


def cutoff(
    kind: str,
    *,
    sign: int,
    clinical: tuple[float, float],
    functional: tuple[float, float] | None = None,
    convention: str = "bowlby",
) -> float:
    """Cut-off a, b or c of Jacobson and Truax.

    Args:
        kind: `a` (2 SD from the clinical mean), `b` (2 SD from the functional mean) or `c`
            (between both, by their SDs).
        sign: +1 if higher is better, else -1.
        clinical: Mean and SD of the clinical population.
        functional: Mean and SD of the functional population (b and c).
        convention: `clinicalsignificance` for its form of b.

    Raises:
        ValueError: If b or c lack the functional population, or the kind is not known.
    """
    mean, sd = clinical
    if kind == "a":
        return mean + 2.0 * sign * sd
    if kind not in ("b", "c"):
        raise ValueError(f"cut-off {kind!r} is not one of a, b, c.")
    if functional is None or not np.isfinite(functional).all():
        raise ValueError(
            f"Cut-off {kind} needs --functional-mean and --functional-sd of people who are "
            "well."
        )
    mean_f, sd_f = functional
    if kind == "b":
        return mean_f - 2.0 * sign * (sd if convention == "clinicalsignificance" else sd_f)
    return (sd * mean_f + sd_f * mean) / (sd + sd_f)


def true_score_cutoff(
    kind: str, m: Moments, *, sign: int, functional: tuple[float, float]
) -> float:
    """Hageman and Arrindell's cut-off: SDs of true scores in the place of observed ones.

    Args:
        kind: `a` or `c`.
        m: Moments.
        sign: +1 if higher is better, else -1.
        functional: Mean and SD of the functional population.
    """
    clinical_sd = m.sd_pre * float(np.sqrt(m.reliability))
    functional_sd = float(np.sqrt(max(functional[1] ** 2 - m.sem**2, 0.0)))
    return cutoff(
        kind, sign=sign, clinical=(m.mean_pre, clinical_sd),
        functional=(functional[0], functional_sd),
    )  # fmt: skip


def surely_functional(post: FloatArray, m: Moments, *, at: float, sign: int) -> np.ndarray:
    """Whether true scores after are beyond the cut-off by one-sided 95 %, as HA has it.

    Args:
        post: Scores after.
        m: Moments.
        at: Cut-off of `true_score_cutoff`.
        sign: +1 if higher is better, else -1.
    """
    reliability = 1.0 - m.sem**2 / m.sd_post**2
    true = m.mean_post + (post - m.mean_post) * reliability
    return sign * (true - at) / (np.sqrt(reliability) * m.sem) > stats.norm.isf(0.05)


def classify(
    changes: pd.DataFrame,
    yard: Yardstick,
    *,
    at: float | None = None,
    functional: np.ndarray | None = None,
    convention: str = "bowlby",
) -> pd.DataFrame:
    """The class of every client, with the probability that the class beside it is true.

    recovered: clinical before, functional after, improved. harmed: functional before, clinical
    after, deteriorated. `p_functional` is the chance that the true score after is on the
    functional side, given the score and its standard error and nothing else.

    Args:
        changes: Of `change`.
        yard: Numbers to judge by.
        at: The cut-off; the yardstick's by default.
        functional: Who is functional after, where the method has a rule of its own (HA).
        convention: `clinicalsignificance` calls harmed whoever is not surely functional after;
            here the score after must be in the clinical range.
    """
    limit = yard.cutoff if at is None else at
    pre, post = changes.before.to_numpy(float), changes.after.to_numpy(float)
    if not np.isfinite(limit):
        kind = np.where(changes.improved, "improved",
                np.where(changes.deteriorated, "deteriorated", "unchanged"))  # fmt: skip
        return changes.assign(clinical_before=None, functional_after=None,
                              p_functional=np.nan, category=kind)  # fmt: skip
    clinical = _is_clinical(pre, limit, yard.sign)
    is_out = ~_is_clinical(post, limit, yard.sign)
    if functional is None:
        functional = is_out
    in_range = ~functional if convention == "clinicalsignificance" else ~is_out
    improved, worse = changes.improved.to_numpy(bool), changes.deteriorated.to_numpy(bool)
    category = np.select(
        [improved & clinical & functional, improved, worse & ~clinical & in_range, worse],
        ["recovered", "improved", "harmed", "deteriorated"], "unchanged",
    )  # fmt: skip
    return changes.assign(
        clinical_before=clinical, functional_after=functional,
        p_functional=side_probability(post, limit, yard), category=category,
    )  # fmt: skip


def _is_clinical(x: FloatArray, limit: float, sign: int) -> np.ndarray:
    return x >= limit if sign < 0 else x < limit


def side_probability(x: FloatArray, limit: float, yard: Yardstick) -> FloatArray:
    """Probability that the true score is on the functional side of the cut-off."""
    if not np.isfinite(yard.sem):
        return np.full(len(x), np.nan)
    return stats.norm.cdf(yard.sign * (x - limit) / yard.sem)

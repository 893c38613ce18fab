"""Does the model agree with a finding, and would it without the responsible mechanism?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bowlby._types import FloatArray
from bowlby.evidence.findings import Finding
from bowlby.statistics.intervals import mean_half_width

Verdict = Literal["explained", "compatible", "missed", "not addressed", "fitted", "met"]

GUESSED_R, GUESSED_D = 0.20, 0.30
"""A guess that needs no model: this correlation or difference, with the right sign."""


@dataclass(frozen=True)
class Estimate:
    """A statistic of the model over seeds.

    Attributes:
        mean: Mean over seeds.
        low: Lower end of the 95 % interval of the mean (t distribution).
        high: Upper end.
        values: One per seed.
    """

    mean: float
    low: float
    high: float
    values: tuple[float, ...]


def estimate(values: Sequence[float]) -> Estimate:
    """Mean over seeds with its 95 % t interval; infinitely wide with a single seed."""
    array = np.asarray(values, float)
    mean, half = float(array.mean()), np.inf
    if len(array) > 1 and np.isfinite(array).all():
        half = float(mean_half_width(array))
    return Estimate(mean, mean - half, mean + half, tuple(map(float, array)))


def agrees(finding: Finding, found: Estimate) -> bool:
    """Whether the model agrees with a finding.

    Effects and levels: the mean is in the band. Nulls: the whole interval is in the band, or
    within .2 where none is given. Shapes and signs: the whole interval is above 0, as measures
    of shapes and signs are positive when right.
    """
    if finding.scale == "nulls":
        low = -0.2 if finding.low is None else finding.low
        high = 0.2 if finding.high is None else finding.high
        return low <= found.low and found.high <= high
    if finding.low is None or finding.high is None:
        return found.low > 0.0
    return finding.low <= found.mean <= finding.high


def verdict(finding: Finding, full: Estimate | None, ablated: Estimate | None) -> Verdict:
    """Verdict on a finding.

    Args:
        finding: The finding.
        full: The full model; None where it has no such output.
        ablated: Without the responsible mechanism; None where that was not run.

    Returns:
        `explained` when the full model agrees and the ablated one does not; `compatible` when
        both agree; `met` when the full one agrees and the ablation was not run; `missed` when
        the full one does not agree; `fitted` for rows that set a cut-off of the model.
    """
    if full is None:
        return "not addressed"
    if not finding.is_scored:
        return "fitted"
    if not agrees(finding, full):
        return "missed"
    if ablated is None:
        return "met"
    return "compatible" if agrees(finding, ablated) else "explained"


def guess(finding: Finding) -> float | None:
    """What one would guess without a model; None where there is no number to guess."""
    if finding.scale == "nulls":
        return no_effect(finding)
    if finding.scale != "effects" or finding.low is None or finding.high is None:
        return None
    size = {"r": GUESSED_R, "beta": GUESSED_R, "d": GUESSED_D, "g": GUESSED_D, "SMD": GUESSED_D}
    if finding.statistic not in size:
        return None
    return float(np.sign(finding.low + finding.high) * size[finding.statistic])


def distance(finding: Finding, value: float) -> float:
    """|value - published| in half-bands; NaN where no band or number was published."""
    if finding.low is None or finding.high is None:
        return float("nan")
    return abs(value - published_number(finding)) / (0.5 * (finding.high - finding.low))


def published_number(finding: Finding) -> float:
    """The published number, no effect for nulls in words; NaN where there is none."""
    try:
        return float(finding.published)
    except ValueError:
        return no_effect(finding) if finding.scale == "nulls" else float("nan")


def no_effect(finding: Finding) -> float:
    """What no effect is: 0, or the middle of a band that leaves 0 out, as that of a ratio."""
    if finding.low is None or finding.high is None or finding.low <= 0.0 <= finding.high:
        return 0.0
    return 0.5 * (finding.low + finding.high)


@dataclass(frozen=True)
class Comparison:
    """The model against the guess, over groups of findings.

    Attributes:
        model: Mean distance of the model from the published numbers (half-bands).
        guess: The same of the guess.
        advantage: Guess minus model; positive when the model is nearer.
        low: Lower end of its 95 % bootstrap interval over groups.
        high: Upper end.
        groups: Number of groups compared.
    """

    model: float
    guess: float
    advantage: float
    low: float
    high: float
    groups: int


def against_guess(
    findings: Sequence[Finding], found: Mapping[str, Estimate], *, seed: int = 0
) -> Comparison:
    """Compare the model with the guess where both give a number; a group counts once.

    The defaults of the model have not been estimated from these rows, so that every row is out
    of fold.
    """
    pairs: dict[str, list[tuple[float, float]]] = {}
    for finding in findings:
        guessed = guess(finding)
        if guessed is None or finding.slug not in found or not finding.is_scored:
            continue
        distances = (distance(finding, found[finding.slug].mean), distance(finding, guessed))
        if np.isfinite(distances).all():
            pairs.setdefault(finding.group, []).append(distances)
    if not pairs:
        nothing = float("nan")
        return Comparison(nothing, nothing, nothing, nothing, nothing, 0)
    means: FloatArray = np.array([np.mean(values, axis=0) for values in pairs.values()])
    rng = np.random.default_rng(seed)
    gained = means[:, 1] - means[:, 0]
    resampled = rng.choice(gained, (4000, len(gained))).mean(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    model, guessed = means.mean(axis=0)
    return Comparison(
        float(model), float(guessed), float(gained.mean()), float(low), float(high), len(pairs)
    )

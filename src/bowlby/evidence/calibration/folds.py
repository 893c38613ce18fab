"""Out of fold: how near the model comes to findings that it was not fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.evidence.calibration.matching import Region, Targets, find_region
from bowlby.evidence.findings import Finding
from bowlby.evidence.scoring import Comparison, Estimate, against_guess, guess

FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """Groups that were left out, and the region without them.

    Attributes:
        groups: Groups of findings that were left out.
        region: The region that the other findings leave.
    """

    groups: tuple[str, ...]
    region: Region


@dataclass(frozen=True)
class Forecast:
    """A prediction of a finding by parameters that were fitted without its group.

    Attributes:
        value: At the best point of the fold's region.
        low: 5 % quantile over the fold's region.
        high: 95 % quantile.
    """

    value: float
    low: float
    high: float


def groups_of(targets: Targets) -> tuple[str, ...]:
    """Groups of the targets."""
    return tuple(dict.fromkeys(finding.group for finding in targets.findings))


def make_folds(groups: Sequence[str], count: int, *, seed: int) -> list[tuple[str, ...]]:
    """Groups dealt out at random to `count` folds."""
    shuffled = np.random.default_rng(seed).permutation(sorted(groups))
    return [tuple(map(str, shuffled[i::count])) for i in range(min(count, len(shuffled)))]


def fit_folds(
    targets: Targets,
    cube: FloatArray,
    *,
    count: int = FOLDS,
    seed: int,
    on_done=lambda *_: None,
) -> list[Fold]:
    """The region without each fold in turn."""
    dealt, folds = make_folds(groups_of(targets), count, seed=seed), []
    for groups in dealt:
        folds.append(Fold(groups, find_region(targets.without(groups), cube, seed=seed)))
        on_done(len(folds), len(dealt))
    return folds


def forecasts(targets: Targets, folds: Sequence[Fold]) -> dict[str, Forecast]:
    """The emulators' prediction of each finding at the parameters fitted without its group."""
    found = {}
    for fold in folds:
        left = Targets(
            tuple(f for f in targets.findings if f.group in fold.groups), targets.emulators
        )
        best, _ = left.predict(fold.region.best[None])
        over, _ = left.predict(fold.region.points)
        low, high = np.quantile(over, [0.05, 0.95], axis=0)
        for i, slug in enumerate(left.slugs):
            found[slug] = Forecast(float(best[0, i]), float(low[i]), float(high[i]))
    return found


def compared(
    findings: Sequence[Finding], values: Mapping[str, float], *, seed: int
) -> Comparison:
    """Values against the guess that needs no model."""
    found = {slug: Estimate(value, -np.inf, np.inf, (value,)) for slug, value in values.items()}
    return against_guess(findings, found, seed=seed)


def is_in_band(finding: Finding, value: float) -> bool:
    """Whether a value lies in a finding's band."""
    assert finding.low is not None
    assert finding.high is not None
    return finding.low <= value <= finding.high


def missed_by_guess(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings for which the guess lies outside the band."""
    guesses = [(finding, guess(finding)) for finding in findings]
    return tuple(f for f, value in guesses if value is not None and not is_in_band(f, value))

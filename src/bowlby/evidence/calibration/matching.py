"""History matching: which parameters the published findings do not rule out.

A point is implausible for a finding when the published number is far from what the emulator
expects there, for how well either is known:

    I = |expected - published| / sqrt(variance of the emulator + (half-band / 2)^2)

A half-band is about two standard errors of the published number. What no point can reach is no
question of parameters and rules nothing out; it is listed. A point belongs to the region when
no more groups of findings are implausible there than cannot be helped.

Source: Craig, Goldstein, Seheult & Smith (1997), in Case Studies in Bayesian Statistics III,
37-93; Andrianakis et al. (2015), PLoS Computational Biology 11, e1003968. The limit of three is
Pukelsheim's (1994) rule. Counting groups, and leaving out what is beyond reach, are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bowlby._types import BoolArray, FloatArray
from bowlby.evidence.calibration.emulator import Emulator, predicted
from bowlby.evidence.findings import Finding
from bowlby.evidence.scoring import distance, published_number

LIMIT = 3.0
"""Implausibility beyond which a point is ruled out by a finding."""

LEAST_VOLUME = 0.005
"""Smallest share of the prior that is called a region."""

ROUNDS, CANDIDATES = 14, 192
"""Of the search for the region's best point."""


@dataclass(frozen=True)
class Targets:
    """What the emulators are held against.

    Attributes:
        findings: Scored findings with a band, a published number and an emulator.
        emulators: Of each finding, by slug.
    """

    findings: tuple[Finding, ...]
    emulators: Mapping[str, Emulator]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(finding.slug for finding in self.findings)

    @property
    def published(self) -> FloatArray:
        """The published numbers (findings,)."""
        return np.array([published_number(finding) for finding in self.findings])

    @property
    def half_bands(self) -> FloatArray:
        """Half the width of each band (findings,)."""
        return np.array([half_band(finding) for finding in self.findings])

    def predict(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Expected values and variances (points, findings)."""
        return predicted(self.emulators, self.slugs, points)

    def without(self, groups: Sequence[str]) -> "Targets":
        """The targets of other groups only."""
        kept = tuple(f for f in self.findings if f.group not in groups)
        return Targets(kept, self.emulators)


@dataclass(frozen=True)
class Region:
    """Parameters that the findings do not rule out.

    Attributes:
        points: Points of the region (points, parameters), from -1 to 1.
        volume: Their share of the prior.
        strict_volume: Share of the prior that no reachable finding rules out.
        allowed: Groups that may be implausible at a point of the region.
        out_of_reach: Findings that are implausible everywhere.
        best: Point of the region with the smallest expected distance from the findings.
        score: That distance (half-bands, mean over groups).
    """

    points: FloatArray
    volume: float
    strict_volume: float
    allowed: int
    out_of_reach: tuple[str, ...]
    best: FloatArray
    score: float


def half_band(finding: Finding) -> float:
    """Half the width of a finding's band."""
    assert finding.low is not None
    assert finding.high is not None
    return 0.5 * (finding.high - finding.low)


def is_target(finding: Finding) -> bool:
    """Whether a finding can be calibrated against: it is scored and gives a number."""
    return finding.is_scored and bool(np.isfinite(distance(finding, 0.0)))


def implausibility(mean: FloatArray, variance: FloatArray, targets: Targets) -> FloatArray:
    """Implausibility (points, findings) of predictions."""
    spread = np.sqrt(variance + (0.5 * targets.half_bands) ** 2)
    return np.abs(mean - targets.published) / spread


def expected_score(mean: FloatArray, variance: FloatArray, targets: Targets) -> FloatArray:
    """Expected distance from the published numbers (points,): half-bands, mean over groups.

    The mean of a folded normal distribution: what the emulator does not know counts against a
    point.
    """
    off, sd = mean - targets.published, np.sqrt(variance) + 1e-12
    density = np.exp(-0.5 * (off / sd) ** 2) * np.sqrt(2.0 / np.pi)
    expected = (sd * density + off * (2.0 * ndtr(off / sd) - 1.0)) / targets.half_bands
    return np.stack([expected[:, of].mean(1) for of in _of_groups(targets)], 1).mean(1)


def _of_groups(targets: Targets) -> list[list[int]]:
    columns: dict[str, list[int]] = {}
    for column, finding in enumerate(targets.findings):
        columns.setdefault(finding.group, []).append(column)
    return list(columns.values())


def implausible_groups(odd: FloatArray, targets: Targets, reachable: BoolArray) -> FloatArray:
    """Number of groups (points,) with a reachable finding beyond the limit."""
    beyond = (odd > LIMIT) & reachable
    return np.stack([beyond[:, of].any(1) for of in _of_groups(targets)], 1).sum(1)


def find_region(targets: Targets, cube: FloatArray, *, seed: int) -> Region:
    """The region that is not ruled out, and its best point.

    Args:
        targets: Findings and emulators.
        cube: Points that fill the prior (points, parameters), from -1 to 1.
        seed: Seed of the search for the best point.
    """
    mean, variance = targets.predict(cube)
    odd = implausibility(mean, variance, targets)
    reachable = odd.min(0) <= LIMIT
    groups = implausible_groups(odd, targets, reachable)
    least = max(1, round(LEAST_VOLUME * len(cube)))
    allowed = int(np.partition(groups, least - 1)[least - 1])
    inside = groups <= allowed
    score = expected_score(mean, variance, targets)

    def is_inside(mean: FloatArray, variance: FloatArray) -> BoolArray:
        return implausible_groups(
            implausibility(mean, variance, targets), targets, reachable
        ) <= (allowed)

    starts = np.flatnonzero(inside)[np.argsort(score[inside])[:16]]
    best, value = _search(targets, cube[starts], score[starts], is_inside, seed)
    slugs = np.array(targets.slugs)
    return Region(
        points=cube[inside], volume=float(inside.mean()),
        strict_volume=float((groups == 0).mean()), allowed=allowed,
        out_of_reach=tuple(map(str, slugs[~reachable])), best=best, score=value,
    )  # fmt: skip


def _search(targets, points, scores, is_inside, seed) -> tuple[FloatArray, float]:
    """Smallest score inside the region, by steps that become smaller."""
    rng, kept = np.random.default_rng(seed), len(points)
    for step in 0.3 * 0.8 ** np.arange(ROUNDS):
        parents = points[rng.integers(len(points), size=CANDIDATES)]
        tried = np.clip(parents + step * rng.standard_normal(parents.shape), -1.0, 1.0)
        mean, variance = targets.predict(tried)
        stays = is_inside(mean, variance)
        points = np.concatenate([points, tried[stays]])
        scores = np.concatenate([scores, expected_score(mean, variance, targets)[stays]])
        order = np.argsort(scores)[:kept]
        points, scores = points[order], scores[order]
    return points[0], float(scores[0])


def spread_out(points: FloatArray, count: int) -> FloatArray:
    """Points far from each other: the first, then always the farthest from those taken."""
    taken = [0]
    nearest = np.full(len(points), np.inf)
    while len(taken) < min(count, len(points)):
        nearest = np.minimum(nearest, np.linalg.norm(points - points[taken[-1]], axis=1))
        taken.append(int(np.argmax(nearest)))
    return points[taken]


@dataclass(frozen=True)
class Pull:
    """Two findings that pull against each other.

    Attributes:
        first: Slug.
        second: Slug.
        both: Share of the prior that neither rules out.
        chance: The share if they were unrelated.
    """

    first: str
    second: str
    both: float
    chance: float


def pulls(targets: Targets, cube: FloatArray, most: int = 12) -> list[Pull]:
    """Pairs of findings of different groups that agree together less often than apart.

    Only findings that rule out some of the prior and not all of it can pull; strongest first.
    """
    mean, variance = targets.predict(cube)
    stays = implausibility(mean, variance, targets) <= LIMIT
    share = stays.mean(0)
    open_ = np.flatnonzero((share > 0.01) & (share < 0.9))
    found = []
    for at, i in enumerate(open_):
        for j in open_[at + 1 :]:
            first, second = targets.findings[i], targets.findings[j]
            both, chance = float((stays[:, i] & stays[:, j]).mean()), float(share[i] * share[j])
            if first.group != second.group and both < 0.6 * chance:
                found.append(Pull(first.slug, second.slug, both, chance))
    return sorted(found, key=lambda pull: pull.both / pull.chance)[:most]

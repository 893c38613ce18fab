"""Synchrony of three people and more: what a family or a group does together.

Three views of one recording of N people on one clock, each against the same null: every person
is shifted round the session by a time of their own, so that each keeps their whole course and
only the people's moments no longer match.

* `mean_of_pairs`: mean over windows and pairs of the absolute Fisher z at lag 0,
* `cluster_phase`: how closely the people keep their usual distances from their common phase,
* `shared_variance`: share of the largest eigenvalue of the people's correlations, averaged over
  windows; 1/N for people who have nothing to do with one another in long windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.phase import cluster_phase
from bowlby.synchrony.significance import Comparison, compare
from bowlby.synchrony.stretches import runs

MEASURES = ("mean_of_pairs", "cluster_phase", "shared_variance")
_PERIODS_S = (4.0, 16.0)
_MOST_HZ = 4.0


@dataclass(frozen=True, eq=False)
class GroupSignal:
    """One signal of several people on one clock.

    Attributes:
        name: What the group is called.
        signal: The signal's name.
        people: Roles, as many as rows of `values`.
        values: Samples (person x moment), NaN where missing.
        rate_hz: Sampling rate (Hz).
    """

    name: str
    signal: str
    people: tuple[str, ...]
    values: FloatArray
    rate_hz: float


@dataclass(frozen=True)
class GroupMeasure:
    """One measure of a group.

    Attributes:
        measure: Its name.
        comparison: The estimate against groups whose people were shifted apart.
        windows: Windows or moments it rests on.
        reason: Why there is no estimate, or empty.
    """

    measure: str
    comparison: Comparison
    windows: int
    reason: str = ""


def measure_group(
    group: GroupSignal,
    *,
    window_s: float,
    step_s: float,
    max_lag_s: float,
    surrogates: int = 999,
    seed: int = 1,
) -> tuple[GroupMeasure, ...]:
    """All three measures of a group against people who are shifted apart.

    Args:
        group: The people's signal.
        window_s: Length of a window (s).
        step_s: Time between windows (s).
        max_lag_s: Largest lag of a pair (s); shifts are longer.
        surrogates: Number of surrogates, 0 for no test.
        seed: Seed of the shifts.

    Raises:
        ValueError: If there are fewer than three people, or the session is too short to shift
            its people apart.

    Source:
        Frank & Richardson (2010), Physica D 239, 2084-2092, and Richardson et al. (2012),
        Frontiers in Physiology 3, 405 (cluster phase).
    """
    if len(group.people) < 3:
        raise ValueError(f"{group.name}: {len(group.people)} people are a pair, not a group.")
    rate = group.rate_hz
    smallest = int(np.ceil((2 * max_lag_s + window_s / 2) * rate))
    length = group.values.shape[1]
    if 2 * smallest >= length:
        raise ValueError(
            f"{group.name}: {length / rate:.0f} s of all people together are too short to "
            f"shift them apart by {smallest / rate:.0f} s each way. Use a shorter --window."
        )
    rng = np.random.default_rng(seed)
    measures = GroupMeasures(group.values, rate, window_s, step_s)
    own = measures.of(np.zeros(len(group.people), dtype=int))
    null = np.array([
        measures.of(_apart(len(group.people), length, smallest, rng)) for _ in range(surrogates)
    ]).reshape(surrogates, len(own))  # fmt: skip
    counts = (measures.windows, measures.moments, measures.windows)
    return tuple(
        GroupMeasure(
            name, compare(float(own[i]), null[:, i]), count,
            "" if np.isfinite(own[i]) else "too few moments at which all were recorded",
        )
        for i, (name, count) in enumerate(zip(MEASURES, counts, strict=True))
    )  # fmt: skip


def _apart(people: int, length: int, smallest: int, rng: np.random.Generator) -> np.ndarray:
    """A shift for each person, such that any two are at least `smallest` samples apart.

    Where so many people do not fit, at least neighbours in order are.
    """
    for _ in range(200):
        shifts = rng.integers(0, length, people)
        between = np.abs(shifts[:, None] - shifts[None, :])
        between = np.minimum(between, length - between)[~np.eye(people, dtype=bool)]
        if between.min() >= smallest:
            return shifts
    gap = length / people
    return np.round(rng.permutation(people) * gap + rng.uniform(0, gap)).astype(int) % length


class GroupMeasures:
    """The measures of a group, for any shifts of its people and any choice among them.

    Args:
        values: Samples (person x moment), NaN where missing.
        rate_hz: Sampling rate (Hz).
        window_s: Length of a window (s).
        step_s: Time between windows (s).
    """

    def __init__(self, values: FloatArray, rate_hz: float, window_s: float, step_s: float):
        self.values = values
        self.length = max(3, round(window_s * rate_hz))
        self.step = max(1, round(step_s * rate_hz))
        last = values.shape[1] - self.length
        self.starts = np.arange(0, max(last, 0) + 1, self.step)
        self.windows = len(self.starts)
        block = max(1, int(rate_hz / _MOST_HZ + 1e-9))
        self.phases = [_phases(row, block, rate_hz / block) for row in values]
        self.block = block
        self.moments = int(np.isfinite(np.stack(self.phases)).all(axis=0).sum())

    def of(self, shifts: np.ndarray, people: np.ndarray | None = None) -> FloatArray:
        """Values of `MEASURES` for some people (by default all), each shifted by so much."""
        chosen = range(len(self.values)) if people is None else people.tolist()
        shifted = np.stack(
            [np.roll(self.values[i], s) for i, s in zip(chosen, shifts, strict=True)]
        )
        pairs, share = self._windows(shifted)
        phases = np.stack(
            [
                np.roll(self.phases[i], s // self.block)
                for i, s in zip(chosen, shifts, strict=True)
            ]
        )
        known = np.isfinite(phases).all(axis=0)
        cluster = cluster_phase(phases[:, known]) if known.sum() > 10 else np.nan
        return np.array([pairs, cluster, share])

    def _windows(self, values: FloatArray) -> tuple[float, float]:
        upper = np.triu_indices(len(values), 1)
        pairs, shares = [], []
        for start in self.starts:
            part = values[:, start : start + self.length]
            known = np.isfinite(part).all(axis=0)
            if 2 * known.sum() < self.length or (np.ptp(part[:, known], axis=1) == 0).any():
                continue
            r: FloatArray = np.asarray(np.corrcoef(part[:, known]), dtype=np.float64)
            pairs.append(np.abs(np.arctanh(np.clip(r[upper], -0.999999, 0.999999))).mean())
            shares.append(np.linalg.eigvalsh(r)[-1] / len(values))
        return (
            float(np.mean(pairs)) if pairs else np.nan,
            float(np.mean(shares)) if shares else np.nan,
        )


def _phases(values: FloatArray, block: int, rate_hz: float) -> FloatArray:
    """Phase of each block of samples (rad), NaN in gaps, their edges and short stretches."""
    from bowlby.synchrony.phase import _analytic

    n = len(values) // block
    with np.errstate(invalid="ignore"):
        means = values[: n * block].reshape(n, block).mean(axis=1)
    found = np.full(n, np.nan)
    edge = round(_PERIODS_S[1] / 2 * rate_hz)
    if _PERIODS_S[1] * rate_hz <= 2:
        return found
    for run in runs(np.isfinite(means)):
        if run.stop - run.start < 2 * _PERIODS_S[1] * rate_hz or np.ptp(means[run]) == 0:
            continue
        centred = means[run] - means[run].mean()
        phase = np.angle(_analytic(centred, rate_hz, _PERIODS_S))
        found[run.start + edge : run.stop - edge] = phase[edge : len(phase) - edge]
    return found


def family_wise(z: Sequence[float], null_z: Sequence[FloatArray]) -> list[float]:
    """Give p of each pair of a group, corrected for having looked at all its pairs.

    Each pair's z is ranked among the largest z over pairs of one surrogate each. Surrogates of
    pairs are drawn apart; pairs that share a person go together, so this errs on the safe side.

    Args:
        z: Each pair's z against its own surrogates.
        null_z: Each pair's surrogates on the same scale (surrogates).
    """
    if not null_z or not all(len(row) for row in null_z):
        return [np.nan] * len(z)
    count = min(map(len, null_z))
    with np.errstate(invalid="ignore"):
        largest = np.nanmax(np.stack([row[:count] for row in null_z]), axis=0)
    return [
        float((1 + np.sum(largest >= value - 1e-12)) / (1 + count))
        if np.isfinite(value)
        else np.nan
        for value in z
    ]

"""Two people as one linear system: who carries on, and who moves whom.

    s_t = A s_(t-1) + u_t,    o_t = s_t + e_t

s holds both people's hidden states, standardised; the diagonal of A is how much each carries on
(actor), the rest how much each follows the other's state a step before (partner). u may be
correlated, which is what moves both at once. e is error of measurement: without it in the model
actor effects are too small and partner effects take what it hides. Gaps are left out exactly;
what changes over more than two minutes is taken away first.

Source:
    Kenny, Kashy & Cook (2006), Dyadic Data Analysis (actor and partner); Kalman (1960) with
    maximum likelihood; linear coregulation as in Helm, Miller, Kahle, Troxel & Hastings (2018),
    Multivariate Behavioral Research 53, 521-543.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.significance import rank_p
from bowlby.synchrony.stretches import coarsen
from bowlby.synchrony.surrogates import CutShift

_LEAST_STEPS = 50
_START = np.array([0.7, 0.0, 0.0, 0.7, -0.5, 0.0, -0.5, -2.0, -2.0])
_NAMES = ("actor", "partner", "partner", "actor")


@dataclass(frozen=True)
class Effect:
    """What a person's next state follows.

    Attributes:
        outcome: `first` or `second`: whose state is moved.
        effect: `actor` (by their own state a step before) or `partner` (by the other's).
        estimate: Standard deviations per standard deviation and step.
        low: Lower end of the 95 % interval (Wald; of partner effects at least as wide as the
            spread of surrogates, as no model is quite that of a signal).
        high: Upper end.
        p: Two-sided p: of partner effects among surrogates if any, else from the interval.
        lag_s: How long before (s); NaN for several lags together.
    """

    outcome: str
    effect: str
    estimate: float
    low: float
    high: float
    p: float
    lag_s: float


@dataclass(frozen=True)
class Coregulation:
    """The fitted system.

    Attributes:
        effects: Entries of A by rows: first's actor, first's partner (second moves first),
            second's partner (first moves second), second's actor.
        at_once: Correlation of what moves both at the same step.
        reliability: Share of each person's variance that is not error of measurement.
        step_s: Length of a step (s).
        steps: Steps with a value of either person.
    """

    effects: tuple[Effect, ...]
    at_once: float
    reliability: tuple[float, float]
    step_s: float
    steps: int


def coregulation(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    step_s: float = 1.0,
    surrogates: int = 0,
    seed: int = 1,
) -> Coregulation:
    """Fit two people's series as one linear system.

    Args:
        x: First person's samples, NaN where missing.
        y: Second person's samples, as many.
        rate_hz: Sampling rate (Hz).
        step_s: Length of a step (s); series are averaged over steps.
        surrogates: Shifts of one person against the other that partner effects are ranked
            among; 0 takes the Wald test.
        seed: Seed of the shifts.

    Raises:
        ValueError: If there are fewer than 50 steps with both people, or nothing varies.
    """
    coarse = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=1.0 / step_s).without_level()
    if coarse.valid.sum() < _LEAST_STEPS:
        raise ValueError(
            f"{coarse.valid.sum()} steps of {step_s:g} s have both people; at least "
            f"{_LEAST_STEPS} are needed. Use a shorter step."
        )
    seen = coarse.scaled()
    best = _fit(seen, _START)
    a, noise, error = _parts(best)
    se = np.sqrt(np.diag(np.linalg.inv(_curvature(partial(_cost, seen), best)))[:4])
    p = _wald_p(best[:4], se)
    if surrogates:
        drawn = _shifted(seen, best, surrogates, seed)
        p[1:3] = [rank_p(abs(column[0]), np.abs(column[1:])) for column in drawn.T]
        se[1:3] = np.fmax(se[1:3], np.sqrt((drawn[1:] ** 2).mean(axis=0)))
    variance = _stationary(a, noise)
    effects = tuple(
        Effect(
            "first" if k < 2 else "second", _NAMES[k], float(best[k]),
            float(best[k] - 1.96 * se[k]), float(best[k] + 1.96 * se[k]), float(p[k]),
            1.0 / coarse.rate_hz,
        )
        for k in range(4)
    )  # fmt: skip
    share = np.diag(variance) / (np.diag(variance) + error)
    return Coregulation(
        effects=effects,
        at_once=float(noise[0, 1] / np.sqrt(noise[0, 0] * noise[1, 1])),
        reliability=(float(share[0]), float(share[1])),
        step_s=1.0 / coarse.rate_hz,
        steps=int(np.isfinite(seen).any(axis=1).sum()),
    )


def _parts(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A, covariance of u and variances of e from the nine free numbers."""
    root = np.array([[np.exp(values[4]), 0.0], [values[5], np.exp(values[6])]])
    return values[:4].reshape(2, 2), root @ root.T, np.exp(values[7:9])


def _cost(seen: FloatArray, values: FloatArray) -> float:
    """Negative log-likelihood of the free numbers; very large where the system explodes."""
    from bowlby.synchrony import _kalman_kernels

    a, noise, error = _parts(values)
    if np.abs(np.linalg.eigvals(a)).max() >= 1.0:
        return 1e10
    return -float(_kalman_kernels.log_likelihood(seen, a, noise, error))


def _fit(seen: FloatArray, start: FloatArray) -> FloatArray:
    """The free numbers of the highest likelihood."""
    from scipy.optimize import minimize

    bounds = [(-0.999, 0.999)] * 4 + [(-6.0, 2.0), (-3.0, 3.0), (-6.0, 2.0)] + [(-9.0, 1.0)] * 2
    return minimize(partial(_cost, seen), start, method="L-BFGS-B", bounds=bounds).x


def _curvature(cost, at: FloatArray, step: float = 1e-3) -> FloatArray:
    """Second derivatives by central differences; flat directions are held."""
    n = len(at)
    moves = np.eye(n) * step
    found = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            a, b = moves[i], moves[j]
            corners = cost(at + a + b) - cost(at + a - b) - cost(at - a + b) + cost(at - a - b)
            found[i, j] = found[j, i] = corners / (4 * step**2)
    # An error of measurement of nearly 0 has no curvature; it is then taken as known.
    flat = np.diag(found) < 1e-3
    found[flat] = 0.0
    found[:, flat] = 0.0
    found[flat, flat] = 1.0
    return found


def _stationary(a: FloatArray, noise: FloatArray) -> FloatArray:
    from scipy.linalg import solve_discrete_lyapunov

    return np.asarray(solve_discrete_lyapunov(a, noise))


def _wald_p(estimate: FloatArray, se: FloatArray) -> FloatArray:
    from scipy.stats import norm

    return np.asarray(2 * norm.sf(np.abs(estimate / se)))


def _shifted(seen: FloatArray, best: FloatArray, count: int, seed: int) -> FloatArray:
    """Both partner effects in the recording with a gap (first) and in shifts of the second."""
    start = best.copy()
    start[[1, 2, 5]] = 0.0  # Unrelated people: no partner effects, nothing that moves both.
    rng = np.random.default_rng(seed)
    pairs = CutShift().pairs(seen[:, 0], seen[:, 1], count, rate_hz=1.0, rng=rng)
    return np.array([_fit(np.column_stack(pair), start)[1:3] for pair in pairs])

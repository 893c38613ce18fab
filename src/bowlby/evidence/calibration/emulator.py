"""Emulators: a Gaussian process per finding, from parameters to its expected value.

A run is one noisy look at a finding, with few people. The process has a trend, a smooth
departure with a length per parameter, and a noise that is learnt with them.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.linalg import cho_solve
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel
from threadpoolctl import threadpool_limits

from bowlby._types import FloatArray

LEAST_RUNS, LEAST_SHARE = 8, 2.0 / 3.0
"""Runs, and share of all runs, in which a statistic must be defined."""

STEPS = 25
"""Steps of the search for lengths."""


@dataclass(frozen=True)
class Emulator:
    """What the runs say about one output.

    Attributes:
        process: GaussianProcessRegressor on the cube from -1 to 1, of standardised values.
        centre: Mean of the runs.
        scale: Standard deviation of the runs.
        noise: Standard deviation of one run about its expected value.
        runs: Runs used.
        q2: Share of the runs' variance predicted when each run is left out.
        coverage: Share of left-out runs inside their 95 % interval.
    """

    process: Any
    centre: float
    scale: float
    noise: float
    runs: int
    q2: float
    coverage: float

    @property
    def best_q2(self) -> float:
        """Largest share that could be predicted: the rest is noise of small samples."""
        return max(0.0, 1.0 - (self.noise / self.scale) ** 2)

    def predict(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Expected value (points,) and the variance of our knowledge of it, without noise."""
        mean, sd = self.process.predict(points, return_std=True)
        noise = (self.noise / self.scale) ** 2
        variance = np.maximum(np.square(sd) - noise, 0.0)
        return self.centre + self.scale * mean, self.scale**2 * variance


def fit_emulator(points: FloatArray, values: FloatArray) -> Emulator | None:
    """An emulator from runs; None where the statistic is undefined too often, or constant.

    Args:
        points: Parameters of the runs (runs, parameters), from -1 to 1.
        values: Values (runs,); NaN where undefined.
    """
    there = np.isfinite(values)
    if there.sum() < max(LEAST_RUNS, LEAST_SHARE * len(values)) or values[there].std() == 0.0:
        return None
    x, y = points[there], values[there]
    centre, scale = float(y.mean()), float(y.std())
    lengths = RBF(cast(Any, np.full(x.shape[1], 3.0)), (0.5, 50.0))
    smooth = ConstantKernel(0.3, (1e-3, 10.0)) * lengths
    trend = ConstantKernel(0.05, (1e-4, 10.0)) * DotProduct(1.0, "fixed")
    kernel = smooth + trend + WhiteKernel(0.5, (1e-4, 2.0))
    process: Any = GaussianProcessRegressor(
        kernel, alpha=1e-8, optimizer=cast(Any, _short_search)
    )
    with warnings.catch_warnings():
        # A length at its upper bound is an answer: the parameter does not matter.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, (y - centre) / scale)
    noise = float(np.sqrt(process.kernel_.k2.noise_level))
    q2, coverage = _left_out(process)
    return Emulator(process, centre, scale, scale * noise, len(x), q2, coverage)


def _short_search(objective, start: FloatArray, bounds: FloatArray):
    """Lengths and variances; few steps, as the last ones change no prediction."""
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}
    )
    return found.x, found.fun


def _left_out(process: Any) -> tuple[float, float]:
    """Q2 and coverage with each run left out in turn, lengths held.

    Source:
        Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, eq. 5.10-5.12.
    """
    y = process.y_train_
    inverse = cho_solve((process.L_, True), np.eye(len(y)))
    precision = np.diag(inverse)
    error = (inverse @ y) / precision
    q2 = 1.0 - np.sum(error**2) / np.sum((y - y.mean()) ** 2)
    return float(q2), float(np.mean(np.abs(error) <= 1.96 / np.sqrt(precision)))


def fit_emulators(
    points: FloatArray,
    outputs: Mapping[str, FloatArray],
    *,
    on_done: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Emulator]:
    """Emulators by name of output; outputs that cannot be emulated are left out."""
    fitted = {}
    # Matrices of a few hundred runs are slower on several threads than on one.
    with threadpool_limits(1):
        for done, (name, values) in enumerate(outputs.items(), 1):
            emulator = fit_emulator(points, values)
            if emulator is not None:
                fitted[name] = emulator
            on_done(done, len(outputs))
    return fitted


def predicted(
    emulators: Mapping[str, Emulator], names: Sequence[str], points: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Means and variances (points, names) of several outputs."""
    with threadpool_limits(1):
        both = [emulators[name].predict(points) for name in names]
    return np.stack([mean for mean, _ in both], 1), np.stack([var for _, var in both], 1)

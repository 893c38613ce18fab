"""Screening: which parameter moves which output, by Morris's elementary effects.

Source: Morris (1991), Technometrics 33, 161-174; mean absolute effect by Campolongo, Cariboni &
Saltelli (2007), Environmental Modelling & Software 22, 1509-1518; computed by SALib on the
emulators, so that effects are of expected values, without the noise of small samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from SALib.analyze import morris as analysis
from SALib.sample import morris as sampling
from threadpoolctl import threadpool_limits

from bowlby._types import FloatArray
from bowlby.evidence.calibration.emulator import Emulator

TRAJECTORIES, LEVELS = 60, 6


@dataclass(frozen=True)
class Effects:
    """Effects of every parameter on an output, over the whole prior range.

    Attributes:
        size: Mean absolute effect (parameters,), in the output's own unit.
        mean: Mean effect, with sign.
        spread: Standard deviation of effects: curvature and interactions.
        interval: Half-width of the 95 % interval of the size.
    """

    size: FloatArray
    mean: FloatArray
    spread: FloatArray
    interval: FloatArray


def screen(
    emulators: Mapping[str, Emulator], names: tuple[str, ...], *, seed: int
) -> dict[str, Effects]:
    """Effects of the parameters on each output.

    Args:
        emulators: By name of output.
        names: Parameters, in the order of the emulators' inputs.
        seed: Seed of the trajectories.
    """
    problem = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[-1.0, 1.0]] * len(names),
    }
    points = sampling.sample(problem, TRAJECTORIES, num_levels=LEVELS, seed=seed)
    found = {}
    with threadpool_limits(1):
        for name, emulator in emulators.items():
            mean, _ = emulator.predict(points)
            told = analysis.analyze(problem, points, mean, num_levels=LEVELS, seed=seed)
            found[name] = Effects(
                *(told[k].astype(float) for k in ("mu_star", "mu", "sigma", "mu_star_conf"))
            )
    return found

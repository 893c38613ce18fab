"""Looming and dismissing as a delayed regulator.

One body's arousal is regulated by another who answers late:

    dx = (-x / recovery - gain x(t - latency)) dt + noise dW

Little gain leaves arousal unanswered (dismissing); near the critical gain the pair oscillates
(looming). The best gain, and how much it helps, depend on the latency.

Source: ours; the stationary variance is that of the linear delayed Langevin equation (Kuechler &
Mensch 1992).
"""

import numpy as np
import xarray as xr

from bowlby.published.reproduction import Reproduction, Target
from bowlby.theory.regulation import best_gain, critical_gain, stationary_variance

RECOVERY_S = 30.0
LATENCIES_S = (1.0, 3.0, 5.0, 10.0)

_BEST = (0.730, 0.238, 0.139, 0.065)
_VARIANCE = (0.096, 0.257, 0.386, 0.609)
_CRITICAL = (1.592, 0.545, 0.336, 0.179)


def run(*, seed: int = 0) -> Reproduction:
    """Best gain, its variance and the stability limit at four latencies; `seed` has no effect."""
    del seed
    checks: dict[str, float] = {}
    targets: dict[str, Target] = {}
    alone = stationary_variance(0.0, RECOVERY_S, 1.0, 1.0)
    gains = np.linspace(0.0, 1.55, 200)
    curves = np.full((len(LATENCIES_S), len(gains)), np.nan)
    for i, latency in enumerate(LATENCIES_S):
        best, edge = best_gain(RECOVERY_S, latency), critical_gain(RECOVERY_S, latency)
        found = {
            "best_gain": (best, _BEST[i]),
            "relative_variance": (
                stationary_variance(best, RECOVERY_S, latency, 1.0) / alone,
                _VARIANCE[i],
            ),
            "critical_gain": (edge, _CRITICAL[i]),
        }
        for name, (value, target) in found.items():
            check = f"{name}_latency_{latency:g}s"
            checks[check] = value
            targets[check] = Target(target, 0.02 * target, "derived")
        checks[f"best_gain_times_latency_{latency:g}s"] = best * latency
        targets[f"best_gain_times_latency_{latency:g}s"] = Target(0.69, 0.05, "derived")
        stable = gains < 0.995 * edge
        curves[i, stable] = [
            stationary_variance(gain, RECOVERY_S, latency, 1.0) / alone
            for gain in gains[stable]
        ]
    data = xr.Dataset(
        {
            "variance": (
                ("latency", "gain"),
                np.where(curves < 3.0, curves, np.nan),
                {"long_name": "variance of arousal, relative to no regulation", "units": "1"},
            )
        },
        {
            "latency": (
                "latency",
                np.array(LATENCIES_S),
                {"long_name": "latency", "units": "s"},
            ),
            "gain": ("gain", gains, {"long_name": "gain", "units": "1/s"}),
        },
    )
    return Reproduction(
        "regulator", "Neither ignoring nor controlling: the best gain depends on latency",
        "Linear delayed regulator (analytic)", checks, targets, data,
    )  # fmt: skip

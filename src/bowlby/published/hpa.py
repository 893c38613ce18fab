"""Stress axis with glands: a pulse, two months and half a year of stress.

The equations are those of `bowlby.theory.stress_axis`. After long stress the glands are large:
cortisol returns over weeks, and ACTH stays blunted for months.

Source: Karin et al. (2020), Molecular Systems Biology 16, e9510 (equations); the numbers were
computed by an independent implementation.
"""

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from bowlby.published.reproduction import Reproduction, Target
from bowlby.theory.stress_axis import StressAxis, StressState

_FIXED_POINTS = {1: (0.9853, 1.0149), 2: (1.8262, 1.0952), 4: (2.8980, 1.3803)}


def course(drive: np.ndarray, dt_s: float) -> StressState:
    """Hormones and glands from rest under a drive given at every step (leading axis: time)."""
    axis = StressAxis()

    def step(state, u):
        state = axis.step(state, u, dt_s=dt_s)
        return state, state

    with jax.enable_x64(True):
        rest = axis.rest(jnp.asarray(1.0))
        _, states = jax.lax.scan(step, rest, jnp.asarray(drive))
        return jax.tree.map(np.asarray, states)


def run(*, seed: int = 0) -> Reproduction:
    """Fixed points, a pulse of ten minutes, and long stress; `seed` has no effect."""
    del seed
    found: dict[str, tuple[float, float]] = {}
    with jax.enable_x64(True):
        for u, (cortisol, pituitary) in _FIXED_POINTS.items():
            rest = StressAxis().rest(jnp.asarray(float(u)))
            found[f"cortisol_at_rest_u{u}"] = float(rest.cortisol), cortisol
            found[f"pituitary_at_rest_u{u}"] = float(rest.pituitary), pituitary
    found |= _pulse()
    month, curve = _long(60)
    half_year, _ = _long(180)
    found |= {
        "cortisol_after_60d": (month["cortisol"], 1.87),
        "adrenal_after_60d": (month["adrenal"], 1.55),
        "acth_blunted_after_60d": (month["blunted"], 0.84),
        "acth_lowest_day_after_60d": (month["lowest_day"], 44.0),
        "acth_recovered_day_after_60d": (month["acth_day"], 149.0),
        "cortisol_recovered_day_after_60d": (month["cortisol_day"], 68.0),
        "acth_blunted_after_180d": (half_year["blunted"], 0.74),
        "acth_recovered_day_after_180d": (half_year["acth_day"], 152.0),
    }
    checks = {name: value for name, (value, _) in found.items()}
    targets = {
        name: Target(target, 0.01 * target, "independent")
        for name, (_, target) in found.items()
    }
    return Reproduction(
        "hpa", "A stress axis with glands: recovery lags safety by months",
        "Karin et al. (2020), Molecular Systems Biology 16, e9510", checks, targets, curve,
        second_hand="The equations were taken from a notebook of the authors, not from the paper.",
    )  # fmt: skip


def _pulse() -> dict[str, tuple[float, float]]:
    """Drive 4 for ten minutes."""
    dt_s = 1.0
    minutes = np.arange(1, 6 * 3600 + 1) * dt_s / 60.0
    states = course(np.where(minutes <= 10.0, 4.0, 1.0), dt_s)
    found = {}
    levels = {
        "crh": (states.crh, 1.0, 3.45, 10.0),
        "acth": (states.acth, 1.0, 1.67, 16.9),
        "cortisol": (states.cortisol, 0.98531, 1.147, 55.6),
    }
    for name, (values, rest, height, minute) in levels.items():
        peak = int(np.argmax(values))
        found[f"{name}_peak_after_pulse"] = float(values[peak] / rest), height
        found[f"{name}_peak_minute"] = float(minutes[peak]), minute
    values = states.cortisol / 0.98531 - 1.0
    peak = int(np.argmax(values))
    half = peak + int(np.argmax(values[peak:] < 0.5 * values[peak]))
    found["cortisol_half_recovery_min"] = float(minutes[half] - minutes[peak]), 64.0
    return found


def _long(days: int) -> tuple[dict[str, float], xr.Dataset]:
    """Drive 2 for some days, then rest."""
    dt_s = 30.0
    day = np.arange(1, (days + 220) * 2880 + 1) * dt_s / 86400.0
    states = course(np.where(day <= days, 2.0, 1.0), dt_s)
    at_end = int(days * 2880) - 1
    after = slice(at_end + 2880, None)
    since = day[after] - days
    acth, cortisol = states.acth[after], states.cortisol[after] / 0.98531
    lowest = int(np.argmin(acth))
    apart = np.flatnonzero(np.abs(acth - 1.0) > 0.05)
    high = np.flatnonzero(np.abs(cortisol - 1.0) > 0.05)
    found = {
        "cortisol": float(states.cortisol[at_end] / 0.98531),
        "adrenal": float(states.adrenal[at_end] / 0.98531),
        "blunted": float(acth[lowest]),
        "lowest_day": float(since[lowest]),
        "acth_day": float(since[apart[-1]]),
        "cortisol_day": float(since[high[-1]]),
    }
    thin = slice(2879, None, 2880)
    levels = np.stack([states.cortisol[thin], states.acth[thin], states.adrenal[thin]])
    curve = xr.Dataset(
        {
            "level": (
                ("substance", "day"), levels,
                {"long_name": f"after {days} days of stress", "units": "rest = 1"},
            )
        },
        {
            "substance": ["cortisol", "ACTH", "adrenal cortex"],
            "day": ("day", day[thin], {"long_name": "time", "units": "d"}),
        },
    )  # fmt: skip
    return found, curve

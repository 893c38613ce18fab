"""Regulation of one body by another: a delayed regulator.

    da = (-a / recovery - gain a(t - latency)) dt + noise dW

With a gain near 0 distress stays unanswered (dismissing); near the critical gain the pair
oscillates and escalates (looming); the best gain lies between, and how much it helps depends on
the latency. No term rewards the middle.

Source: ours (docs/explanation/mechanisms.md); stationary variance of the linear delayed
Langevin equation: Kuechler & Mensch (1992), Stochastics and Stochastics Reports 40, 23-42.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter

LATENCY_STEPS = 6
"""Length of the memory of past arousal (s): longest latency of regulation plus one."""


class Regulation(Mechanism):
    """How strongly and how late figures answer the care-seeker's arousal."""

    strength: Scalar = parameter(
        1.0,
        low=0.0,
        high=3.0,
        unit="1",
        meaning="factor on every figure's regulation",
        source="ours: how strongly one regulates differs between people and acts, not here",
    )
    latency: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="factor on every figure's latency",
        source="ours: how late one answers differs between people, not here",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "coupling": {"strength": 0.0},
        "latency": {"latency": 0.0},
    }

    def pull(
        self,
        past: Float[Array, "delay *dyads"],
        contact: Scalar,
        gain: Scalar,
        latency_s: Scalar,
    ) -> Float[Array, "*dyads"]:
        """Drive on the care-seeker's arousal (1/s).

        Args:
            past: The care-seeker's arousal at steps of one second, newest first; the latency
                is interpolated between them.
            contact: Share of the figure that reaches the care-seeker (0 to 1).
            gain: Pull per unit of seen arousal (1/s, >= 0).
            latency_s: Time until the pull follows what is seen (s, 0 to 5).
        """
        return -self.strength * gain * contact * delayed(past, self.latency * latency_s)


def delayed(past: Float[Array, "delay *dyads"], latency_s: Scalar) -> Float[Array, "*dyads"]:
    """Value `latency_s` ago, of a history at steps of one second, newest first."""
    age = jnp.arange(past.shape[0]).reshape(-1, *(1,) * (past.ndim - 1))
    return summed(jnp.clip(1.0 - jnp.abs(age - latency_s), 0.0, 1.0) * past, 0)


def remember(past: Float[Array, "delay *dyads"], level: Scalar) -> Float[Array, "delay *dyads"]:
    """History with the newest level in front."""
    return jnp.concatenate([level[None], past[:-1]])


def critical_gain(recovery_s: float, latency_s: float) -> float:
    """Gain at which the pair starts to oscillate without end (1/s).

    Solves w = -tan(w latency) / recovery in (pi / 2, pi) / latency; the gain is
    sqrt(w^2 + 1 / recovery^2).

    Raises:
        ValueError: If the latency is not positive: without latency every gain is stable.
    """
    from scipy.optimize import brentq

    if latency_s <= 0.0:
        raise ValueError(f"latency_s={latency_s} has no critical gain: it must be positive.")
    rate = 1.0 / recovery_s
    low, high = (0.5 * np.pi + 1e-12) / latency_s, np.pi / latency_s

    def edge(turn: float) -> float:
        return float(turn * np.cos(turn * latency_s) + rate * np.sin(turn * latency_s))

    return float(np.hypot(float(brentq(edge, low, high)), rate))  # pyright: ignore[reportArgumentType]


def stationary_variance(
    gain: float, recovery_s: float, latency_s: float, noise: float
) -> float:
    """Variance of the seeker's arousal in the long run; infinite beyond the critical gain.

    Raises:
        ValueError: If the gain is negative.
    """
    if gain < 0.0:
        raise ValueError(f"gain={gain} is negative; a regulator needs a gain of 0 or more.")
    rate = 1.0 / recovery_s
    if latency_s > 0.0 and gain >= critical_gain(recovery_s, latency_s):
        return float("inf")
    if gain > rate:
        turn = np.sqrt(gain**2 - rate**2)
        shape = (1.0 + gain / turn * np.sin(turn * latency_s)) / (
            rate + gain * np.cos(turn * latency_s)
        )
    elif gain == rate:
        shape = (1.0 + gain * latency_s) / (2.0 * rate)
    else:
        turn = np.sqrt(rate**2 - gain**2)
        shape = (1.0 + gain / turn * np.sinh(turn * latency_s)) / (
            rate + gain * np.cosh(turn * latency_s)
        )
    return float(0.5 * noise**2 * shape)


def best_gain(recovery_s: float, latency_s: float) -> float:
    """Gain with the smallest long-run variance (1/s)."""
    from scipy.optimize import minimize_scalar

    edge = critical_gain(recovery_s, latency_s)
    found = minimize_scalar(
        lambda gain: stationary_variance(gain, recovery_s, latency_s, 1.0),
        bounds=(0.0, 0.999 * edge),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(cast("Any", found).x)

"""Arousal: a level that events push away from its set point and that recovers by itself.

    da = (-a / recovery + drive) dt + noise dW
    room = 1 - initial_value (1 - fright) max(a, 0) / highest

a = 0 is the set point, positive is hyper-arousal, negative hypo-arousal. What arouses, arouses
less the more aroused one is already: by `room`. Whoever is alarmed is not alarmed without end,
so that a quarrel, and a bad hour, end. Fright is not lessened so: fear readies the body for
more of it.

Source: the leaky integrator is ours (docs/explanation/mechanisms.md); exact step of a linear
stochastic equation: Gillespie (1996), Physical Review E 54, 2084-2091; the law of initial
values: Wilder (1967), Stimulus and response, in words; startle is greater in fear: Lang,
Bradley & Cuthbert (1990), Psychological Review 97, 377-395, in words.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Arousal(Mechanism):
    """Arousal of one body."""

    recovery_s: Scalar = parameter(
        90.0,
        low=10.0,
        high=3600.0,
        unit="s",
        meaning="time constant of recovery when left alone",
        source="ours: people alone calm down over minutes",
    )
    noise: Scalar = parameter(
        0.06,
        low=0.0,
        high=0.5,
        unit="1/sqrt(s)",
        meaning="standard deviation gained in one second",
        source="ours: arousal at rest then has a standard deviation near .4",
    )
    lowest: Scalar = parameter(
        -3.0,
        low=-10.0,
        high=0.0,
        unit="arousal",
        meaning="least arousal of a body",
        source="ours: bodies saturate",
    )
    highest: Scalar = parameter(
        4.0,
        low=0.0,
        high=10.0,
        unit="arousal",
        meaning="greatest arousal of a body",
        source="ours: bodies saturate, at twice what overwhelms",
    )
    initial_value: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far arousal that is there leaves less room for more",
        source="law of initial values (Wilder 1967), in words",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"initial_value": {"initial_value": 0.0}}

    def room(self, level: Scalar, fright: Scalar = 0.0) -> Float[Array, "*dyads"]:
        """Factor on what arouses a body (0 to 1).

        Args:
            level: Its arousal.
            fright: How far it is fright that arouses (0 to 1).
        """
        full = jnp.clip(level / self.highest, 0.0, 1.0)
        return 1.0 - self.initial_value * (1.0 - fright) * full

    def step(
        self, level: Scalar, drive: Scalar, noise: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Arousal after `dt_s` seconds of a constant drive.

        Exact for the linear equation between the bounds, so any step length is stable.

        Args:
            level: Arousal now.
            drive: What pushes it (1/s).
            noise: Random number of mean 0 and variance 1.
            dt_s: Length of the step (s).
        """
        kept = jnp.exp(-dt_s / self.recovery_s)
        spread = self.noise * jnp.sqrt(0.5 * self.recovery_s * (1.0 - kept**2))
        moved = level * kept + drive * self.recovery_s * (1.0 - kept) + spread * noise
        return jnp.clip(moved, self.lowest, self.highest)

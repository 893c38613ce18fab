"""Contingency: what comes whatever I do tells nothing of the other.

    iota = 1 - repeats [answers] (share of this act in the last minutes)
    likelihood of a cue -> likelihood^iota

Bond, information, naming and content weigh by iota too. An act that answers nothing says so
each time: to be ignored again is to be ignored.

Source: "mirroring and responding to one another", Holmes & Slade (2019), in words; infants and
contingent mirroring: Gergely & Watson (1996), International Journal of Psychoanalysis 77,
1181-1212, in words; the equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter


class Contingency(Mechanism):
    """How far an act tells something."""

    repeats: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far an act loses its worth by being all there is",
        source="ours: what is always there carries no information",
    )
    memory_s: Scalar = parameter(
        194.96,
        low=10.0,
        high=3600.0,
        unit="s",
        meaning="time over which acts are remembered within a session",
        source="ours: a twentieth in ten seconds",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"contingency": {"repeats": 0.0}}

    def of(
        self,
        made: Float[Array, "act *dyads"],
        lately: Float[Array, "act *dyads"],
        answers: Float[Array, "act *dyads"],
    ) -> Float[Array, "*dyads"]:
        """iota, 0 to 1, of an act.

        Args:
            made: The act, one-hot.
            lately: Shares of acts over the last minutes.
            answers: How far each act answers need (0 to 1).
        """
        return 1.0 - self.repeats * summed(made * lately * (answers > 0.0), 0)

    def step(
        self,
        lately: Float[Array, "act *dyads"],
        made: Float[Array, "act *dyads"],
        *,
        dt_s: Scalar,
    ) -> Float[Array, "act *dyads"]:
        """Shares of late acts after `dt_s` seconds of one."""
        return lately + (1.0 - jnp.exp(-dt_s / self.memory_s)) * (made - lately)

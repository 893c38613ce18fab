"""Interventions: what a therapist can do, a row each (`interventions.csv`).

How each looks when it meets the moment (likelihood under each stance), how far it answers need,
what it asks of the client (pressure), what it tells (information, relative to ten ordinary
seconds), how far it speaks of the old model itself (content), names a feeling (naming), soothes
at perfect attunement (1/s), and the contact it makes, relative to what the client's action
makes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float
from bowlby.maths.short_axis import summed
from bowlby.theory.intervention_rows import COLUMNS, built_in_rows
from bowlby.theory.vocabulary import STANCES


class Interventions(eqx.Module):
    """Numbers of all interventions.

    Attributes:
        names: Their names, in order.
        looks: Likelihood of what each shows under each stance, when it fits.
        answers: How far each answers need.
        pressure: How much each asks.
        information: What each tells.
        content: How far each speaks of the old model.
        naming: How far each names a feeling.
        soothing: Regulation by each at perfect attunement (1/s).
        contact: Contact of each, relative.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    looks: Float[Array, "act u"]
    answers: Float[Array, "act"]
    pressure: Float[Array, "act"]
    information: Float[Array, "act"]
    content: Float[Array, "act"]
    naming: Float[Array, "act"]
    soothing: Float[Array, "act"]
    contact: Float[Array, "act"]

    def index(self, name: str) -> int:
        """Number of an intervention."""
        return self.names.index(name)

    def column(self, name: str) -> np.ndarray:
        """One of `COLUMNS` of every intervention."""
        if name in STANCES:
            return np.asarray(self.looks)[:, STANCES.index(name)]
        return np.asarray(getattr(self, name))

    def look(self, made: Float[Array, "act *dyads"]) -> Float[Array, "u *dyads"]:
        """How the act made looks when it fits, one-hot or probabilities."""
        looks = jnp.asarray(self.looks)
        looks = looks.reshape(*looks.shape, *(1,) * (made.ndim + 1 - looks.ndim))
        return summed(looks * made[:, None], 0)


def interventions(rows: Sequence[Mapping[str, Any]]) -> Interventions:
    """Interventions from rows of `COLUMNS`."""

    # NumPy's until they are compiled: who reads a course needs no device.
    def column(name: str) -> Any:
        return np.array([float(row[name]) for row in rows], np.float32)

    looks = cast("Any", np.stack([column(stance) for stance in STANCES], axis=1))
    names = tuple(str(row["name"]) for row in rows)
    rest = {name: column(name) for name in COLUMNS if name not in STANCES}
    return Interventions(names, looks, **rest)


@cache
def built_in() -> Interventions:
    """The interventions that come with bowlby."""
    return interventions(built_in_rows())

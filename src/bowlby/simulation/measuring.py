"""Who scores people: what a method, an occasion and error leave in a score.

    x = latent + spread (sqrt(m / c) M + sqrt(o / c) O + sqrt(e / c) E)

M is shared by all scores of one method and informant of a person, O by those of one occasion; E
is a score's own. So two scores of one questionnaire agree more than their constructs do, and
two informants agree less. Shares and spread are those of `bowlby.theory.instruments`.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import PRNGKeyArray
from bowlby.simulation.population import READOUT_STREAM, normals
from bowlby.theory.instruments import Instrument, instruments

_METHOD, _OCCASION, _ERROR = (READOUT_STREAM + 2**20 * (1 + i) for i in range(3))


class Marks(NamedTuple):
    """Random keys of what method, occasion and error leave in scores, one per dyad each."""

    method: PRNGKeyArray
    occasion: PRNGKeyArray
    error: PRNGKeyArray


class Observer:
    """Who scores people: the same day and the same questionnaire leave the same mark.

    Args:
        marks: What they leave.
        own: Instruments that replace the package's, by score.
    """

    def __init__(self, marks: Marks, own: Mapping[str, Instrument] | None = None) -> None:
        self.marks, self._own = marks, dict(own or {})
        self._instruments = {**instruments(), **self._own}
        self._drawn: dict[int, np.ndarray] = {}

    def instrument(self, name: str) -> Instrument | None:
        """How a score is observed; None for those reported as they are."""
        return self._instruments.get(name)

    def again(self, keys: PRNGKeyArray) -> "Observer":
        """The same methods with the same people, on other occasions and with other errors."""
        return Observer(Marks(self.marks.method, keys, keys), self._own)

    def of(self, at: np.ndarray) -> "Observer":
        """The same methods with some of the people, by their places."""
        return Observer(Marks(*(keys[at] for keys in self.marks)), self._own)

    def with_others(self, others: Sequence["Observer"]) -> "Observer":
        """The same methods with more people, who were scored by others so far."""
        marks = zip(self.marks, *(other.marks for other in others), strict=True)
        return Observer(Marks(*map(jnp.concatenate, marks)), self._own)

    def of_others(self, keys: PRNGKeyArray) -> "Observer":
        """The same instruments with other people."""
        return Observer(Marks(keys, keys, keys), self._own)

    def score(self, name: str, latent: np.ndarray, *, occasion: str) -> np.ndarray:
        """A score of everybody.

        Args:
            name: The score; those without an instrument are reported as they are.
            latent: What it is meant to measure.
            occasion: The day.
        """
        instrument = self.instrument(name)
        if instrument is None:
            return np.asarray(latent)
        who = f"{instrument.method} {instrument.informant}"
        return instrument.observed(
            latent,
            self._normal(self.marks.method, _METHOD, who),
            self._normal(self.marks.occasion, _OCCASION, f"{who} {occasion}"),
            self._normal(self.marks.error, _ERROR, name),
        )

    def _normal(self, keys: PRNGKeyArray, stream: int, name: str) -> np.ndarray:
        """Standard normal numbers that belong to a name."""
        at = stream + zlib.crc32(name.encode()) % 2**20
        if at not in self._drawn:
            self._drawn[at] = normals(keys, at, 1)[0]
        return self._drawn[at]

"""Instruments: how a score is observed, with a construct, a method, an informant and error.

    e = 1 - reliability,    c = 1 - m - o - e

c, m, o and e are the shares of construct, method, occasion and error in the variance of the
score among those of whom they are known: everybody of the default population, or its clients
(`AMONG`). There the latent quantity has the standard deviation `spread`.
`bowlby.simulation.measuring` scores people with them.

Source: the multitrait-multimethod model of Campbell & Fiske (1959), Psychological Bulletin 56,
81-105; states and traits: Steyer, Schmitt & Eid (1999), European Journal of Personality 13,
389-408. The table is `instruments.csv`, each row with its source.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np

from bowlby.theory.theory import nearest

METHODS = (
    "coded behaviour", "interview", "self-report", "report by another", "physiology", "task",
)  # fmt: skip
"""Ways to observe people."""


AMONG = ("everybody", "clients")
"""Of whom shares and spread hold; clients are those of the clinic's cut-off or above it."""


@dataclass(frozen=True)
class Instrument:
    """How one score is observed; shares are of its variance among those of whom they hold.

    Attributes:
        construct: What it is meant to measure.
        method: One of `METHODS`.
        informant: Who reports or whose body it is.
        reliability: Share of the variance that is not error of measurement.
        kind: Kind of reliability: inter-rater, internal consistency, ...
        occasion_share: Share that belongs to the day.
        method_share: Share that belongs to the method and its informant.
        direction: 1 where the mark of the method raises the score, -1 where it lowers it: who
            answers in a dark mood reports more distress and less alliance.
        spread: Standard deviation of the latent quantity among them.
        low: Floor of the scale.
        high: Its ceiling.
        step: Size of its steps; 0 for a continuous score.
        among: Of whom shares and spread hold, one of `AMONG`.
        source: Where the shares come from.
    """

    construct: str
    method: str
    informant: str
    reliability: float
    kind: str
    occasion_share: float
    method_share: float
    spread: float
    direction: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    step: float = 0.0
    among: str = "everybody"
    source: str = ""

    def __post_init__(self) -> None:
        """Check that it can exist."""
        if self.method not in METHODS:
            raise ValueError(f"method {self.method!r}: one of {', '.join(METHODS)} is expected")
        if self.among not in AMONG:
            raise ValueError(f"among {self.among!r}: one of {', '.join(AMONG)} is expected")
        for name in ("reliability", "occasion_share", "method_share"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} = {value:g}: a share is 0 to 1")
        if self.construct_share <= 0.0:
            raise ValueError(
                f"reliability {self.reliability:g} less occasion {self.occasion_share:g} and "
                f"method {self.method_share:g} leaves {self.construct_share:g} of the variance "
                "for the construct; their sum must stay below the reliability"
            )
        if self.spread < 0.0 or self.step < 0.0 or self.low >= self.high:
            raise ValueError(
                f"spread {self.spread:g}, step {self.step:g}: 0 or more; floor {self.low:g} "
                f"below ceiling {self.high:g}"
            )

    @property
    def construct_share(self) -> float:
        """Share of the variance that belongs to the construct: squared validity."""
        return self.reliability - self.occasion_share - self.method_share

    @property
    def noise(self) -> float:
        """Standard error of measurement, in the score's own unit."""
        return self._size(1.0 - self.reliability)

    def added_variance(self) -> dict[str, float]:
        """Variance that observing adds, by source, in the score's own unit."""
        return {
            "method": self._size(self.method_share) ** 2,
            "occasion": self._size(self.occasion_share) ** 2,
            "error": self.noise**2,
        }

    def observed(
        self, latent: np.ndarray, method: np.ndarray, occasion: np.ndarray, error: np.ndarray
    ) -> np.ndarray:
        """Scores from latent values and standard normal numbers."""
        score = (
            np.asarray(latent)
            + self.direction * self._size(self.method_share) * method
            + self._size(self.occasion_share) * occasion
            + self.noise * error
        )
        if self.step:
            score = np.round(score / self.step) * self.step
        return np.clip(score, self.low, self.high)

    def _size(self, share: float) -> float:
        return self.spread * float(np.sqrt(share / self.construct_share))


@cache
def instruments() -> Mapping[str, Instrument]:
    """The instruments of the package, by score."""
    text = files("bowlby.theory").joinpath("instruments.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType({row.pop("score"): _of(row) for row in rows})


def _of(row: dict[str, str]) -> Instrument:
    words = ("construct", "method", "informant", "kind", "among", "source")
    numbers: dict[str, Any] = {k: float(v) for k, v in row.items() if k not in words and v}
    told: dict[str, Any] = {k: row[k] for k in words}
    return Instrument(**told, **numbers)


def changed(name: str, **values: Any) -> Instrument:
    """An instrument of the package with other values.

    Raises:
        ValueError: If there is no such score, or the values are impossible.
    """
    if name not in instruments():
        raise ValueError(f"no instrument scores {name!r}{nearest(name, instruments())}")
    return replace(instruments()[name], **values)


def without_error() -> dict[str, dict[str, float]]:
    """What `[measures]` of a course says where every score is what it measures."""
    exact = {"reliability": 1.0, "method_share": 0.0, "occasion_share": 0.0}
    return {name: dict(exact) for name in instruments()}

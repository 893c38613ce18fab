"""A codebook: what an instrument reports.

Latent quantities are never reported as if they had been seen. Each score is a latent quantity
plus noise of a stated size; classes have fixed cut-offs.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Readout(NamedTuple):
    """A column of the table of readouts.

    Attributes:
        meaning: What it is.
        unit: Its unit or values.
        noise: Standard deviation of the measurement error, in the readout's own unit.
    """

    meaning: str
    unit: str
    noise: float = 0.0


Codebook = Mapping[str, Readout]
Scores = dict[str, np.ndarray]


def with_error(readout: Readout, latent: np.ndarray, error: np.ndarray) -> np.ndarray:
    """A latent quantity as it is measured, from standard normal numbers."""
    return np.asarray(latent) + readout.noise * error


def mean_of(rows: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    """Mean of a variable over encounters that took place; missing where none did."""
    return nanmean([row[name] for row in rows])


def nanmean(values: Sequence[np.ndarray]) -> np.ndarray:
    """Mean over encounters that took place; missing where none did."""
    stacked = np.stack(values)
    there = np.isfinite(stacked)
    total = np.where(there, stacked, 0.0).sum(0)
    count = there.sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

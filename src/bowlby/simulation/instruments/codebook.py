"""A codebook: what an instrument reports.

Latent quantities are never reported as if they had been seen: `simulation/measuring.py` says
how each score is observed. Classes have fixed cut-offs.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Readout(NamedTuple):
    """A column of the table of readouts.

    Attributes:
        meaning: What it is.
        unit: Its unit or values.
        noise: Standard error of measurement, in the readout's own unit; 0 where nothing says
            how it is observed.
    """

    meaning: str
    unit: str
    noise: float = 0.0


Codebook = Mapping[str, Readout]
Scores = dict[str, np.ndarray]


def mean_of(rows: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    """Mean of a variable over encounters that took place; missing where none did."""
    return nanmean([row[name] for row in rows])


def first_of(rows: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    """A variable in the first encounter that took place; missing where none did."""
    stacked = np.stack([row[name] for row in rows])
    first = np.isfinite(stacked).argmax(0)[None]
    return np.take_along_axis(stacked, first, 0)[0]


def nanmean(values: Sequence[np.ndarray]) -> np.ndarray:
    """Mean over encounters that took place; missing where none did."""
    stacked = np.stack(values)
    there = np.isfinite(stacked)
    total = np.where(there, stacked, 0.0).sum(0)
    count = there.sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

"""Symptoms: internalising and externalising, before, after and at follow-up.

Internalising is half distress in life, half expected free energy of life (hopelessness);
externalising half protest in distress per tick of life, half hyper-arousal in life; both in
standard deviations of the default population's adult life.
"""

from collections.abc import Mapping

import numpy as np

from bowlby.simulation.instruments.codebook import (
    Codebook,
    Readout,
    Scores,
    mean_of,
    with_error,
)
from bowlby.simulation.lives import Rows

SPANS: Mapping[str, str] = {
    "before": "before",
    "after": "over the last four sessions",
    "follow_up": "in the last four weeks",
}

CODEBOOK: Codebook = {
    **{
        f"internalising_{span}": Readout(
            f"distress and hopelessness in life, {when}", "SD", 0.4
        )
        for span, when in SPANS.items()
    },
    **{
        f"externalising_{span}": Readout(
            f"protest and hyper-arousal in life, {when}", "SD", 1.15
        )
        for span, when in SPANS.items()
    },
}

DISTRESS_NORM = (0.466, 0.375)
VALUE_NORM = (-1.133, 0.653)
PROTEST_NORM = (0.0089, 0.0139)
HYPER_NORM = (0.461, 0.396)
"""Mean and standard deviation in the default population's adult life."""

WEEKS = 4
"""Weeks over which symptoms are asked for."""


def internalising(distress: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Half distress in life, half expected free energy of life (hopelessness), in SD."""
    return 0.5 * (distress - DISTRESS_NORM[0]) / DISTRESS_NORM[1] + 0.5 * (
        (value - VALUE_NORM[0]) / VALUE_NORM[1]
    )


def externalising(protest: np.ndarray, hyper: np.ndarray) -> np.ndarray:
    """Half protest in distress per tick of life, half hyper-arousal in life, in SD."""
    return 0.5 * (protest - PROTEST_NORM[0]) / PROTEST_NORM[1] + 0.5 * (
        (hyper - HYPER_NORM[0]) / HYPER_NORM[1]
    )


def score(rows: list[Rows], waiting: int, sessions: int, errors: np.ndarray) -> Scores:
    """Scores of the three spans that there are (six rows of standard normal errors)."""
    before = rows[max(waiting - WEEKS, 0) : waiting]
    after = rows[waiting : waiting + sessions][-WEEKS:]
    found: Scores = {}
    for i, (name, span) in enumerate(zip(SPANS, (before, after, rows[-WEEKS:]), strict=True)):
        if not span:
            continue
        latent = internalising(mean_of(span, "life_distress"), mean_of(span, "life_value"))
        key = f"internalising_{name}"
        found[key] = with_error(CODEBOOK[key], latent, errors[i])
        latent = externalising(
            mean_of(span, "life_protest_rate"), mean_of(span, "life_arousal")
        )
        key = f"externalising_{name}"
        found[key] = with_error(CODEBOOK[key], latent, errors[3 + i])
    return found

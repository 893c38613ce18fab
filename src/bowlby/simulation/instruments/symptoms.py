"""Symptoms: internalising and externalising, before, after and at follow-up.

Internalising is half distress in life, half expected free energy of life (hopelessness), and
what constitution and illness add; externalising half protest in distress per tick of life, half
arousal that is acted out; both in standard deviations of observed scores in the default
population's adult life.
"""

from collections.abc import Mapping

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores, mean_of
from bowlby.simulation.lives import Rows
from bowlby.simulation.measuring import Observer

SPANS: Mapping[str, str] = {
    "before": "before",
    "after": "over the last four sessions",
    "follow_up": "in the last four weeks",
}

CODEBOOK: Codebook = {
    **{
        f"internalising_{span}": Readout(f"distress and hopelessness in life, {when}", "SD")
        for span, when in SPANS.items()
    },
    **{
        f"externalising_{span}": Readout(
            f"protest and arousal that is acted out in life, {when}", "SD"
        )
        for span, when in SPANS.items()
    },
}

DISTRESS_NORM = (0.38, 0.265)
VALUE_NORM = (-1.33, 0.516)
PROTEST_NORM = (0.0107, 0.0251)
ACTED_NORM = (0.24, 0.409)
"""Mean and standard deviation in the default population's adult life."""

INTERNALISING_SD, EXTERNALISING_SD = 1.72, 1.16
"""Standard deviations of observed scores before it: the unit of a score is the SD of scores."""

WEEKS = 4
"""Weeks over which symptoms are asked for."""


def internalising(
    distress: np.ndarray, value: np.ndarray, mood: np.ndarray | float = 0.0
) -> np.ndarray:
    """Half distress in life, half expected free energy of life (hopelessness), in SD.

    Args:
        distress: Distress in life, as it is felt.
        value: Expected free energy of life.
        mood: What constitution and illness add (SD).
    """
    return (
        0.5 * (distress - DISTRESS_NORM[0]) / DISTRESS_NORM[1]
        + 0.5 * (value - VALUE_NORM[0]) / VALUE_NORM[1]
        + mood
    ) / INTERNALISING_SD


def externalising(protest: np.ndarray, acted_out: np.ndarray) -> np.ndarray:
    """Half protest in distress per tick of life, half arousal that is acted out, in SD."""
    return (
        0.5 * (protest - PROTEST_NORM[0]) / PROTEST_NORM[1]
        + 0.5 * (acted_out - ACTED_NORM[0]) / ACTED_NORM[1]
    ) / EXTERNALISING_SD


def score(rows: list[Rows], waiting: int, sessions: int, observer: Observer) -> Scores:
    """Scores of the three spans that there are."""
    before = rows[max(waiting - WEEKS, 0) : waiting]
    after = rows[waiting : waiting + sessions][-WEEKS:]
    found: Scores = {}
    for name, span in zip(SPANS, (before, after, rows[-WEEKS:]), strict=True):
        if not span:
            continue
        of = {key: mean_of(span, f"life_{key}") for key in _PARTS}
        inner = internalising(of["distress"], of["value"], of["mood"])
        outer = externalising(of["protest_rate"], of["acting_out"])
        for kind, latent in (("internalising", inner), ("externalising", outer)):
            key = f"{kind}_{name}"
            found[key] = observer.score(key, latent, occasion=name)
    return found


_PARTS = ("distress", "value", "mood", "protest_rate", "acting_out")

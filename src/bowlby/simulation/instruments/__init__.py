"""Instruments: what an observer would have scored, one file each.

An instrument has a `CODEBOOK`, whose rows are columns of the table of readouts, and a `score`.
Those that always apply are called by `childhood_readouts` and `life_readouts`; `OPTIONAL` ones
are named in a course (`instruments = ["laboratory"]`).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from bowlby.simulation.companions import Known
from bowlby.simulation.dyad import Pace
from bowlby.simulation.instruments import (
    adult_attachment_interview,
    attachment_self_report,
    caregiver_observed,
    couple,
    grown_mind,
    laboratory,
    learning_task,
    session_process,
    still_face,
    strange_situation,
    symptoms,
    trust_game,
)
from bowlby.simulation.instruments.codebook import Readout, Scores
from bowlby.simulation.instruments.synchrony_codebook import CODEBOOK as SYNCHRONY
from bowlby.simulation.lives import Childhood, Client, Dyads, Therapy
from bowlby.theory.instruments import instruments

_CODEBOOKS = {
    **strange_situation.CODEBOOK,
    **adult_attachment_interview.CODEBOOK,
    **attachment_self_report.CODEBOOK,
    **caregiver_observed.CODEBOOK,
    **session_process.CODEBOOK,
    **symptoms.CODEBOOK,
    **grown_mind.CODEBOOK,
    **SYNCHRONY,
    **trust_game.CODEBOOK,
    **laboratory.CODEBOOK,
    **learning_task.CODEBOOK,
    **still_face.CODEBOOK,
    **couple.CODEBOOK,
}

READOUTS: Mapping[str, Readout] = MappingProxyType(
    {
        name: row._replace(noise=instruments()[name].noise) if name in instruments() else row
        for name, row in _CODEBOOKS.items()
    }
)
"""The contract that calibration, fits and the practice page build on."""

Optional = Callable[[Client, Dyads, Known, Pace], Scores]

OPTIONAL: Mapping[str, Optional] = MappingProxyType(
    {
        "laboratory": laboratory.score,
        "learning_task": learning_task.score,
        "still_face": still_face.score,
        "trust_game": lambda client, dyads, _known, pace: trust_game.score(client, dyads, pace),
    }
)
"""Instruments that a course names: applied at its end, to who is at home by then."""


def childhood_readouts(childhood: Childhood, dyads: Dyads) -> Scores:
    """Readouts of a childhood, a value per dyad."""
    observer = dyads.observer
    return (
        strange_situation.score(childhood, observer)
        | adult_attachment_interview.score(childhood, observer)
        | caregiver_observed.score(childhood, dyads, observer)
    )


def life_readouts(therapy: Therapy, dyads: Dyads, waiting: int, sessions: int) -> Scores:
    """Readouts of adult life and therapy, a value per dyad."""
    observer, rows = dyads.observer, therapy.rows
    found = symptoms.score(rows, waiting, sessions, observer)
    found |= attachment_self_report.score(rows, observer)
    treated = rows[waiting : waiting + sessions]
    if treated:
        found |= session_process.score(
            treated, therapy.client, observer, dyads.world.theory.rating
        )
    return found | grown_mind.score(therapy.client, dyads, observer)


def optional_readouts(
    names: tuple[str, ...],
    client: Client,
    dyads: Dyads,
    known: Known,
    pace: Pace,
) -> dict[str, np.ndarray]:
    """Readouts of the instruments that a course names."""
    observer, found = dyads.observer, {}
    for name in names:
        latent = OPTIONAL[name](client, dyads, known, pace)
        found |= {
            key: observer.score(key, value, occasion=name) for key, value in latent.items()
        }
    return found

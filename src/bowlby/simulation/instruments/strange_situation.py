"""Strange Situation: classes from behaviour in two reunions.

The three cut-offs were set so that the default population gives about 52 % B, 15 % A, 10 % C
and 23 % D: those four shares are fitted, nothing else is. The procedure itself is
`bowlby.simulation.strange_situation`.

Source: Ainsworth, Blehar, Waters & Wall (1978); Main & Solomon (1990), in words.
"""

from typing import NamedTuple

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Assessment, Childhood
from bowlby.simulation.measuring import Observer
from bowlby.theory.vocabulary import FRIGHTENING

CODEBOOK: Codebook = {
    "pattern": Readout("Strange Situation class", "A, B, C or D"),
    "pattern_first": Readout("the same at the first of two assessments", "A, B, C or D"),
    "pattern_second": Readout("the same with the second caregiver", "A, B, C or D"),
    "avoidance_scored": Readout("avoidance in the reunions, as coded", "share"),
    "resistance_scored": Readout("resistance in the reunions, as coded", "share"),
    "disorganisation_scored": Readout("disorganisation in the reunions, as coded", "0 or more"),
    **{
        f"{name}_scored_{which}": Readout(f"{name} {when}", "as above")
        for which, when in (
            ("first", "at the first of two assessments"),
            ("second", "with the second caregiver"),
        )
        for name in ("avoidance", "resistance", "disorganisation")
    },
}

AVOIDANT, RESISTANT, DISORGANISED = 0.436, 0.441, 0.429
"""Cut-offs."""

EXPLORING_AVOIDS = 0.5
"""Avoidance scored for exploring while in need, relative to withdrawing."""

HOME_WEIGHT = 2.0
"""Weight of what was shown at home, in ticks of reunion."""

NOT_SOOTHED = 1.0
"""Resistance scored for seeking contact while in need throughout, relative to protesting."""


class Reunion(NamedTuple):
    """Scores of the Strange Situation, without coder error.

    Attributes:
        avoidance: Withdrawing, and exploring while in need.
        resistance: Protesting, and seeking contact without being soothed by it: of all the
            time, since who protests at first and settles does not resist.
        disorganisation: Overwhelmed beside the figure (stilling, disorientation) and in fear of
            it (apprehension), on the root scale of shares.
    """

    avoidance: np.ndarray
    resistance: np.ndarray
    disorganisation: np.ndarray


def reunion_scores(assessed: Assessment) -> Reunion:
    """Behaviour in need over the two reunions, with what was shown at home as weak prior."""
    policy, state = _in_need(assessed.home)
    home = policy / (state + 1e-6)
    seen, need = _in_need(assessed.reunion)
    share = (seen + HOME_WEIGHT * home) / (need + HOME_WEIGHT * home.sum(0) + 1e-6)
    ticks = np.asarray(assessed.reunion["ticks"])
    state = np.asarray(assessed.reunion["distress"])
    overwhelmed = state[3] / ticks
    afraid = np.asarray(assessed.reunion["stance"])[FRIGHTENING] / ticks
    return Reunion(
        share[2] + EXPLORING_AVOIDS * share[1],
        (share[3] + NOT_SOOTHED * (share[0] + share[3])) * need / ticks,
        np.sqrt(0.5 * (overwhelmed + afraid)),
    )


def _in_need(sums):
    return np.asarray(sums["policy"])[1:].sum(0), np.asarray(sums["distress"])[1:].sum(0)


def patterns(scored: Reunion) -> np.ndarray:
    """Classes A, B, C, D from scores as they were coded."""
    avoidance, resistance, disorganisation = scored
    classes = np.where(resistance > RESISTANT, "C", "B")
    classes = np.where((avoidance > AVOIDANT) & (avoidance >= resistance), "A", classes)
    return np.where(disorganisation > DISORGANISED, "D", classes)


def score(childhood: Childhood, observer: Observer) -> Scores:
    """Class at the end of childhood, and at an earlier assessment if there was one."""
    found = {}
    for when, assessed in (
        ("_first", childhood.first_assessed),
        ("_second", childhood.second_assessed),
    ):
        if assessed is not None:
            found |= _scored(assessed, observer, when)
    return found | _scored(childhood.assessed, observer, "")


def _scored(assessed: Assessment, observer: Observer, when: str) -> Scores:
    scored = Reunion(
        *(
            observer.score(f"{name}_scored{when}", latent, occasion=f"reunion{when}")
            for name, latent in reunion_scores(assessed)._asdict().items()
        )
    )
    found = {f"{name}_scored{when}": value for name, value in scored._asdict().items()}
    return found | {f"pattern{when}": patterns(scored)}

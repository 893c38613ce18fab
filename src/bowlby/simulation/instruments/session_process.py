"""Process of a therapy: alliance, understanding, hormones, ruptures, windows, leaving.

Alliance has three parts of equal weight: bond, tasks and goals. Each informant rates what it
can know of them:

    client     trust as it is rated, fit of what is done, expectation of help
    therapist  how well need is read, joining in, expectation of help
    observer   trust, joining in

Joining in is the time in which the client neither withdraws nor protests. Expectation is spoken
of between the two; an observer of single hours does not hear it. To feel understood is to be
given what fits by somebody who is felt to be attuned: who is calm and left alone lacks nothing
and is not understood. Bond and understanding are rated against what was expected before the
first session (`theory/rating.py`).

Source: Bordin (1979), Psychotherapy: Theory, Research and Practice 16, 252-260; three scales:
Horvath & Greenberg (1989), Journal of Counseling Psychology 36, 223-233; how each part is read
from the simulation is ours.
"""

import numpy as np

from bowlby.simulation.instruments.codebook import (
    Codebook,
    Readout,
    Scores,
    first_of,
    mean_of,
    nanmean,
)
from bowlby.simulation.lives import Client, Rows
from bowlby.simulation.measuring import Observer
from bowlby.theory.rating import Rating
from bowlby.theory.vocabulary import ACTIONS

CODEBOOK: Codebook = {
    "alliance_client": Readout("alliance rated by the client, sessions 3 to 6", "0 to 1"),
    "bond_client": Readout("bond rated by the client, sessions 3 to 6", "0 to 1"),
    "tasks_client": Readout("agreement on tasks rated by the client", "0 to 1"),
    "goals_client": Readout("agreement on goals rated by the client", "0 to 1"),
    "alliance_therapist": Readout("alliance rated by the therapist, sessions 3 to 6", "0 to 1"),
    "alliance_observer": Readout("alliance rated by an observer, sessions 3 to 6", "0 to 1"),
    "understanding_perceived": Readout("how understood the client feels", "0 to 1"),
    "understanding_true": Readout("how well the client's need is read", "0 to 1"),
    "cortisol": Readout("cortisol of the client in sessions", "rest = 1"),
    "oxytocin": Readout("oxytocin of the client in sessions (proxy)", "0 to 1", 0.1),
    "surprise_bound": Readout(
        "surprise bound: its fall from first to last sessions", "nat per tick"
    ),
    "window_session": Readout("session in which a new model is first believed", "session"),
    "ruptures": Readout("ruptures per session", "number"),
    "repairs": Readout("repaired ruptures per session", "number"),
    "model_switching": Readout(
        "flips between models of opposite kind, per session", "0 or more"
    ),
    "exit_session": Readout("session after which it ended early", "session"),
    "ended_by": Readout("who ended the therapy", "client, enough or agreed"),
}

EARLY = slice(2, 6)
"""Sessions in which the alliance is rated."""

FLIPS_PER = 300.0
"""Ticks of a session of fifty minutes."""

_NOT_JOINING = [ACTIONS.index("withdraw"), ACTIONS.index("protest")]


def score(treated: list[Rows], client: Client, observer: Observer, law: Rating) -> Scores:
    """Scores of the sessions.

    Args:
        treated: Weeks with sessions.
        client: The client at the end.
        observer: Who scores them.
        law: How a client rates.
    """
    early, expected = treated[EARLY] or treated, first_of(treated, "trust_before")
    trust, tasks, goals, understood, felt = (
        mean_of(early, name)
        for name in ("trust", "fit", "expects", "understanding", "felt_understood")
    )
    bond = np.asarray(law.rated(trust, expected))
    joins = 1.0 - mean_of(early, "action_share")[_NOT_JOINING].sum(0)
    latent = {
        "bond_client": bond,
        "tasks_client": tasks,
        "goals_client": goals,
        "alliance_client": rated(bond, tasks, goals),
        "alliance_therapist": rated(understood, joins, goals),
        "alliance_observer": (trust + joins) / 2.0,
        "understanding_perceived": np.asarray(law.rated(felt, expected)),
        "understanding_true": understood,
    }
    found = {
        name: observer.score(name, value, occasion="early") for name, value in latent.items()
    }
    for name in ("cortisol", "oxytocin"):
        hormone = mean_of(treated, name)[0]
        found[name] = observer.score(name, hormone, occasion="sessions")
    surprise = [row["free_energy_self"] + row["free_energy_other"] for row in treated]
    opened = np.array([_new(row, client) > 0.5 for row in treated])
    left = np.array([row["left"] for row in treated])
    attended = np.array([row["present"] for row in treated]).any(0)
    enough = np.array([row["enough"] for row in treated])
    gone, done = left.any(0), enough.any(0)
    last = np.where(gone, left.argmax(0), enough.argmax(0)) + 1.0
    return found | {
        "surprise_bound": nanmean(surprise[:3]) - nanmean(surprise[-3:]),
        "window_session": np.where(opened.any(0), opened.argmax(0) + 1.0, np.nan),
        "ruptures": mean_of(treated, "ruptures"),
        "repairs": mean_of(treated, "repairs"),
        "model_switching": mean_of(treated, "flips") * FLIPS_PER * _spread(client),
        "exit_session": np.where(gone | done, last, np.nan),
        "ended_by": np.select(
            [gone, done, attended], ["client", "enough", "agreed"], default=""
        ),
    }


def rated(bond: np.ndarray, tasks: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """Alliance of one who knows all three parts (0 to 1 each)."""
    return np.mean([bond, tasks, goals], axis=0)


def _new(row: Rows, client: Client) -> np.ndarray:
    """Belief that this other is not explained by the old model."""
    new = 1.0 - (row["model_belief"] * np.asarray(client.old)).sum(0)
    return np.nan_to_num(new)


def _spread(client: Client) -> np.ndarray:
    """How far the models differ in what they expect of approach."""
    counts = np.asarray(client.experience.memory.counts)
    attuned = (counts / counts.sum(0))[0, 0]
    return attuned.max(0) - attuned.min(0)

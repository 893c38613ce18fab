"""Readouts: what an observer would have scored, with measurement error.

Latent quantities are never reported as if they had been seen. Each score is a latent quantity
plus noise of a stated size (in standard deviations of the latent in the default population);
classes have fixed cut-offs. The three Strange Situation cut-offs were set so that the default
population gives about 52 % B, 15 % A, 10 % C and 23 % D: those four shares are fitted, nothing
else is.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from bowlby.simulation.course import Assessment, Childhood, Client, Dyads, Therapy
from bowlby.simulation.population import READOUT_STREAM, normals


class Readout(NamedTuple):
    """A column of the table of readouts.

    Attributes:
        meaning: What it is.
        unit: Its unit or values.
        noise: Standard deviation of the measurement error, in the readout's own unit.
    """

    meaning: str
    unit: str
    noise: float


READOUTS: Mapping[str, Readout] = MappingProxyType(
    {
        "pattern": Readout("Strange Situation class", "A, B, C or D", 0.12),
        "pattern_first": Readout("the same at the first of two assessments", "A, B, C or D", 0.12),
        "aai": Readout("class like that of the Adult Attachment Interview", "F, Ds, E or U", 0.08),
        "anxiety": Readout("attachment anxiety: protest when distressed in life", "0 to 1", 0.12),
        "avoidance": Readout("attachment avoidance: withdrawal when distressed in life", "0 to 1", 0.12),
        "sensitivity_observed": Readout("observed share of attuned answers to distress", "0 to 1", 0.45),
        "mentalising_observed": Readout("caregiver's mentalising, as scored", "0 to 1", 0.2),
        "threat_index": Readout("caregiver's frightening behaviour, as scored", "share of turns", 0.06),
        "alliance_client": Readout("alliance rated by the client, sessions 3 to 6", "0 to 1", 0.1),
        "alliance_therapist": Readout("alliance rated by the therapist, sessions 3 to 6", "0 to 1", 0.15),
        "understanding_perceived": Readout("how understood the client feels", "0 to 1", 0.1),
        "understanding_true": Readout("how well the client's need is read", "0 to 1", 0.0),
        "internalising_before": Readout("distress and hopelessness in life, before", "SD", 0.4),
        "internalising_after": Readout("the same over the last four sessions", "SD", 0.4),
        "internalising_follow_up": Readout("the same in the last four weeks", "SD", 0.4),
        "externalising_before": Readout("protest and hyper-arousal in life, before", "SD", 1.15),
        "externalising_after": Readout("the same over the last four sessions", "SD", 1.15),
        "externalising_follow_up": Readout("the same in the last four weeks", "SD", 1.15),
        "cortisol": Readout("cortisol of the client in sessions", "rest = 1", 0.2),
        "oxytocin": Readout("oxytocin of the client in sessions (proxy)", "0 to 1", 0.1),
        "agency": Readout("information between own actions and the other's answers", "nat", 0.0),
        "complexity": Readout("relational models in use", "number", 0.0),
        "splitting": Readout("flips between models of opposite kind, per session", "0 or more", 0.0),
        "bound_energy": Readout("fall of surprise from first to last sessions", "nat per tick", 0.0),
        "window_session": Readout("session in which a new model is first believed", "session", 0.0),
        "ruptures": Readout("ruptures per session", "number", 0.0),
        "repairs": Readout("repaired ruptures per session", "number", 0.0),
        "exit_session": Readout("session after which the client left", "session", 0.0),
        "ended_by": Readout("who ended the therapy", "client or agreed", 0.0),
        "synchrony_heart": Readout("synchrony of the inter-beat intervals, mean of the measured sessions", "SD of surrogates", 0.0),
        "synchrony_rsa": Readout("the same of respiratory sinus arrhythmia", "SD of surrogates", 0.0),
        "synchrony_skin": Readout("the same of skin conductance responses", "SD of surrogates", 0.0),
        "synchrony_breath": Readout("the same of breathing", "SD of surrogates", 0.0),
        "synchrony_motion": Readout("the same of motion energy", "SD of surrogates", 0.0),
        "synchrony_heart_strangers": Readout("the same of the hearts of people who never met", "SD of surrogates", 0.0),
        "synchrony_motion_strangers": Readout("the same of the motion of people who never met", "SD of surrogates", 0.0),
        "synchrony_rsa_r": Readout("correlation of respiratory sinus arrhythmia at the same time", "r", 0.0),
        "concordance_skin": Readout("concordance index of skin conductance", "ln ratio", 0.0),
        "synchrony_lag_s": Readout("lag of most synchrony of the hearts; positive: the seeker leads", "s", 0.0),
        "synchrony_lead": Readout("lead of the seeker's heart over the figure's", "SD of surrogates", 0.0),
        "synchrony_leader": Readout("whose heart leads", "seeker or figure", 0.0),
        "trust_repaid": Readout("trust game: share given back as a trustee", "share", 0.0),
        "trust_coaxed": Readout("trust game: low offers answered by approach", "share", 0.0),
        "trust_offer_slope": Readout("trust game: change of the investor's offer", "1/round", 0.0),
        "lab_expected_support": Readout("attuned answers expected of the figure", "share", 0.0),
        "lab_arousal_rest": Readout("hyper-arousal with the figure, without stress", "arousal", 0.0),
        "lab_arousal_alone": Readout("hyper-arousal under stress, alone", "arousal", 0.0),
        "lab_arousal_stranger": Readout("hyper-arousal under stress, with a stranger", "arousal", 0.0),
        "lab_arousal_figure": Readout("hyper-arousal under stress, with the figure", "arousal", 0.0),
        "lab_cortisol_rest": Readout("cortisol with the figure, without stress", "rest = 1", 0.0),
        "lab_cortisol_alone": Readout("cortisol after stress, alone", "rest = 1", 0.0),
        "lab_cortisol_stranger": Readout("cortisol after stress, with a stranger", "rest = 1", 0.0),
        "lab_cortisol_figure": Readout("cortisol after stress, with the figure", "rest = 1", 0.0),
        "lab_figure_cortisol_rest": Readout("the figure's cortisol, without stress", "rest = 1", 0.0),
        "lab_figure_cortisol_figure": Readout("the figure's cortisol after the seeker's stress", "rest = 1", 0.0),
    }
)  # fmt: skip
"""The contract that calibration, fits and the practice page build on."""

DISTRESS_NORM = (0.374, 0.30)
VALUE_NORM = (-1.13, 0.63)
PROTEST_NORM = (0.015, 0.014)
HYPER_NORM = (0.374, 0.185)
"""Mean and standard deviation in the default population's adult life."""

AVOIDANT, RESISTANT, DISORGANISED = 0.20, 0.53, 0.87
"""Cut-offs of the Strange Situation."""


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


class Reunion(NamedTuple):
    """Scores of the Strange Situation, without coder error.

    Attributes:
        avoidance: Withdrawing, and exploring while in need.
        resistance: Protesting.
        disorganisation: Undecided, in conflict, overwhelmed.
    """

    avoidance: np.ndarray
    resistance: np.ndarray
    disorganisation: np.ndarray


def reunion_scores(assessed: Assessment) -> Reunion:
    """Behaviour in need over the two reunions, with what was shown at home as weak prior."""
    policy, state = _in_need(assessed.home)
    home = policy / (state + 1e-6)
    seen, need = _in_need(assessed.reunion)
    share = (seen + 2.0 * home) / (need + 2.0 * home.sum(0) + 1e-6)
    n = need + 1e-6
    entropy = np.asarray(assessed.reunion["entropy"]) / n / np.log(4.0)
    conflict = np.asarray(assessed.reunion["conflict"]) / n
    state = np.asarray(assessed.reunion["distress"])
    overwhelmed = state[3] / state.sum(0)
    return Reunion(share[2] + 0.5 * share[1], share[3], entropy + conflict + 0.3 * overwhelmed)


def _in_need(totals):
    return np.asarray(totals["policy"])[1:].sum(0), np.asarray(totals["distress"])[1:].sum(0)


def patterns(scores: Reunion, noise: np.ndarray) -> np.ndarray:
    """Classes A, B, C, D from scores and coder error (three rows)."""
    size = READOUTS["pattern"].noise
    avoidance, resistance, disorganisation = (
        score + size * error for score, error in zip(scores, noise, strict=True)
    )
    classes = np.where(resistance > RESISTANT, "C", "B")
    classes = np.where((avoidance > AVOIDANT) & (avoidance >= resistance), "A", classes)
    return np.where(disorganisation > DISORGANISED, "D", classes)


def childhood_readouts(childhood: Childhood, dyads: Dyads) -> dict[str, np.ndarray]:
    """Readouts of a childhood, a value per dyad."""
    noise = normals(dyads.keys, READOUT_STREAM, 12)
    home = childhood.assessed.home
    answers = np.asarray(home["stance_distressed"])
    sensitive = answers[0] / (answers.sum(0) + 1e-6)
    stance = np.asarray(home["stance"]) / np.asarray(home["ticks"])
    memory = childhood.client.experience.memory
    expected = np.asarray(memory.counts / memory.counts.sum(0))
    model = (expected * np.asarray(childhood.client.old)).sum(2)
    first = childhood.first_assessed
    before = {}
    if first is not None:
        errors = normals(dyads.keys, READOUT_STREAM + 2, 3)
        before["pattern_first"] = patterns(reunion_scores(first), errors)
    return before | {
        "pattern": patterns(reunion_scores(childhood.assessed), noise[:3]),
        "aai": _interview(model, noise[3:6]),
        "sensitivity_observed": _with("sensitivity_observed", sensitive, noise[6]),
        "mentalising_observed": _with(
            "mentalising_observed", np.asarray(dyads.caregiver.mentalising), noise[7]
        ),
        "threat_index": _with("threat_index", stance[3], noise[8]),
    }


def _interview(model: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """State of mind from the model of childhood p(u | a)."""
    size = READOUTS["aai"].noise
    dismissing = model[2, 0] + size * noise[0]
    preoccupied = 0.5 * (model[0, 3] - model[0, 0]) + 0.5 * model[1].mean(0) + size * noise[1]
    unresolved = model[3].mean(0) + size * noise[2]
    found = np.where(dismissing > 0.42, "Ds", np.where(preoccupied > 0.17, "E", "F"))
    return np.where(unresolved > 0.24, "U", found)


def life_readouts(therapy: Therapy, dyads: Dyads, waiting: int, sessions: int) -> dict:
    """Readouts of adult life and therapy, a value per dyad."""
    noise = normals(dyads.keys, READOUT_STREAM + 1, 16)
    rows = therapy.rows
    before = rows[max(waiting - 4, 0) : waiting]
    treated = rows[waiting : waiting + sessions]
    spans = {"before": before, "after": treated[-4:], "follow_up": rows[-4:]}
    result: dict[str, np.ndarray] = {}
    for i, (name, span) in enumerate(spans.items()):
        if not span:
            continue
        score = internalising(_mean(span, "life_distress"), _mean(span, "life_value"))
        result[f"internalising_{name}"] = _with(f"internalising_{name}", score, noise[i])
        score = externalising(_mean(span, "life_protest_rate"), _mean(span, "life_arousal"))
        result[f"externalising_{name}"] = _with(f"externalising_{name}", score, noise[3 + i])
    result["anxiety"] = _with("anxiety", _mean(rows[:4], "life_protest"), noise[6])
    result["avoidance"] = _with("avoidance", _mean(rows[:4], "life_withdrawal"), noise[7])
    if not treated:
        return result | _mind(therapy.client)
    early = treated[2:6] or treated
    steps = (
        ("alliance_client", "trust", 8), ("alliance_therapist", "understanding", 9),
        ("understanding_perceived", "trust", 10), ("understanding_true", "understanding", 11),
    )  # fmt: skip
    for name, source, i in steps:
        result[name] = _with(name, _mean(early, source), noise[i])
    result["cortisol"] = _with("cortisol", _mean(treated, "cortisol")[0], noise[12])
    result["oxytocin"] = _with("oxytocin", _mean(treated, "oxytocin")[0], noise[13])
    surprise = [row["free_energy_self"] + row["free_energy_other"] for row in treated]
    result["bound_energy"] = _nanmean(surprise[:3]) - _nanmean(surprise[-3:])
    opened = np.array([_new(row, therapy.client) > 0.5 for row in treated])
    result["window_session"] = np.where(opened.any(0), opened.argmax(0) + 1.0, np.nan)
    result["ruptures"], result["repairs"] = (
        _mean(treated, "ruptures"),
        _mean(treated, "repairs"),
    )
    flips = _mean(treated, "flips") * 300.0
    result["splitting"] = flips * _spread(therapy.client)
    left = np.array([row["left"] for row in treated])
    gone = left.any(0)
    attended = np.array([row["present"] for row in treated]).any(0)
    result["exit_session"] = np.where(gone, left.argmax(0) + 1.0, np.nan)
    result["ended_by"] = np.where(gone, "client", np.where(attended, "agreed", ""))
    return result | _mind(therapy.client)


def _new(row, client: Client) -> np.ndarray:
    """Belief that this other is not explained by the old model."""
    new = 1.0 - (row["model_belief"] * np.asarray(client.old)).sum(0)
    return np.nan_to_num(new)


def _spread(client: Client) -> np.ndarray:
    counts = np.asarray(client.experience.memory.counts)
    attuned = (counts / counts.sum(0))[0, 0]
    return attuned.max(0) - attuned.min(0)


def _mind(client: Client) -> dict[str, np.ndarray]:
    """Agency and complexity of a grown mind."""
    memory = client.experience.memory
    counts, belief = np.asarray(memory.counts), np.asarray(client.life_model)
    stance = ((counts / counts.sum(0)) * belief).sum(2)  # u a
    policy = np.asarray(memory.habits)[2:].mean(0)
    policy = policy / policy.sum(0)
    mean = (stance * policy).sum(1)
    gained = (policy * (stance * np.log(stance / mean[:, None])).sum(0)).sum(0)
    weight = np.asarray(memory.weight)
    share = weight / weight.sum(0)
    used = np.exp(-(share * np.log(share + 1e-12)).sum(0))
    return {"agency": gained, "complexity": used}


def _with(name: str, latent: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return latent + READOUTS[name].noise * noise


def _mean(rows, name: str) -> np.ndarray:
    return _nanmean([row[name] for row in rows])


def _nanmean(values) -> np.ndarray:
    """Mean over encounters that took place; missing where none did."""
    stacked = np.stack(values)
    there = np.isfinite(stacked)
    total = np.where(there, stacked, 0.0).sum(0)
    count = there.sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

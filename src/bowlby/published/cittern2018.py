"""Attachment as active inference: seek, seek guardedly, or avoid.

A caregiver attends to a bid with probability q and ignores it otherwise. An infant chooses the
policy with the least expected free energy G; contact shows how the caregiver answers, avoiding
shows nothing:

    -G(seek)    = H(q) + q * seek_attended    + (1 - q) * seek_ignored
    -G(guarded) = H(q) + q * guarded_attended + (1 - q) * guarded_ignored
    -G(avoid)   = 0

with H the entropy of the answer (nats), the information that contact brings. A responsive
caregiver makes seeking best (secure), an unresponsive one avoiding, and in between lies guarded
seeking (ambivalent): only the information makes it so; expected payoff alone never does. Learnt
with counts, avoidance confirms itself: who avoids sees nothing. Three levers undo it: a lower
precision of policies, forgetting, and contact that was not asked for.

Source: Cittern, Nolte, Friston & Edalat (2018), PLoS ONE 13(4), e0193955. The learning run and
its levers are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.optimize import brentq
from scipy.special import digamma, softmax, xlogy

from bowlby._types import FloatArray, IntArray
from bowlby.published.reproduction import Reproduction, Target

POLICIES = ("seek", "guarded", "avoid")
SEEK, GUARDED, AVOID = range(3)
PUBLISHED_PRECISION = 250.0
PHASE_END = 50

RESPONSIVENESS = (0.15, 0.3, 0.4, 0.5, 0.85)
EXPECTED_VALUES = {
    "seek": (-0.977290912194, -0.189135697945, 0.273011667009, 0.693147180560, 1.822709087806),
    "guarded": (
        -0.229790912194,
        0.205864302055,
        0.433011667009,
        0.618147180560,
        0.925209087806,
    ),
    "avoid": (0.0, 0.0, 0.0, 0.0, 0.0),
}
EXPECTED_THRESHOLDS = {
    "avoid to guarded": 0.2234733255,
    "guarded to seek": 0.4680851064,
    "avoid to guarded, payoff alone": 0.5454545455,
    "avoid to seek, payoff alone": 0.5,
}
# Nats that misleading cues must promise for contact to tie with avoiding.
UNRESPONSIVE = (0.05, 0.10, 0.15)
EXPECTED_CUE_INFORMATION = {
    "seek": (1.601484756654, 1.274917026609, 0.977290912194),
    "guarded": (0.618984756654, 0.409917026609, 0.229790912194),
}
LEARNT_RESPONSIVENESS = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.85)
EXPECTED_SHARES = {
    "seek": (0.0, 0.001, 0.014, 0.104, 0.419, 0.801, 0.999),
    "guarded": (0.039, 0.171, 0.549, 0.797, 0.567, 0.198, 0.001),
    "avoid": (0.961, 0.828, 0.438, 0.098, 0.014, 0.001, 0.0),
}
EXPECTED_AVOIDANCE = {
    "precision 8": (0.640, 0.027),
    "precision 32": (0.918, 0.649),
    "precision 250": (0.993, 0.958),
    "precision 250 and forgetting": (0.189, 0.0),
    "precision 250 and unsolicited contact": (0.114, 0.0),
}
EXPECTED_LEARNT = {"precision 32": 0.38, "precision 250": 0.205}
_DERIVED = "derived: closed form or root, evaluated with forty digits"
_INDEPENDENT = "independent: Monte-Carlo with 2000 infants, written before this program"


@dataclass(frozen=True)
class Payoffs:
    """Log-preferences (nats) for what the infant feels; avoiding feels like nothing (0).

    Attributes:
        seek_attended: A bid was answered.
        guarded_attended: A guarded bid was answered.
        guarded_ignored: A guarded bid was ignored.
        seek_ignored: A bid was ignored.
    """

    seek_attended: float = 2.0
    guarded_attended: float = 0.75
    guarded_ignored: float = -0.9
    seek_ignored: float = -2.0


@dataclass(frozen=True)
class Infant:
    """An infant, or a client, before the first episode.

    Attributes:
        precision: Precision of policies (> 0; 250 as reported for the publication).
        payoffs: What is preferred.
        attended: Prior count of answered bids (> 0).
        ignored: Prior count of ignored bids (> 0).
    """

    precision: float = 8.0
    payoffs: Payoffs = field(default_factory=Payoffs)
    attended: float = 1.0
    ignored: float = 1.0


@dataclass(frozen=True)
class Care:
    """A stretch of episodes with one person.

    Attributes:
        responsiveness: Probability that a bid is answered (0 to 1).
        episodes: Number of episodes.
        forgetting: Share of what was learnt that is lost in an episode (0 to 1).
        unsolicited: Probability that the person makes contact without a bid, so that the other
            sees how they answer even when avoiding (0 to 1).
    """

    responsiveness: float
    episodes: int = 200
    forgetting: float = 0.0
    unsolicited: float = 0.0


class Course(NamedTuple):
    """How many infants lived through the care, episode by episode.

    Attributes:
        policy: Policy of each infant, an index into `POLICIES` (episodes x infants).
        expected: Responsiveness that each infant expects after the episode (same shape).
    """

    policy: IntArray
    expected: FloatArray


def answer_entropy(q: float | FloatArray) -> FloatArray:
    """Entropy (nats) of whether a bid is answered, if that has probability `q` (0 to 1)."""
    q = np.asarray(q, dtype=float)
    return -xlogy(q, q) - xlogy(1 - q, 1 - q)


def count_information(attended: FloatArray, ignored: FloatArray) -> FloatArray:
    """Information (nats) about responsiveness that one more answer would bring.

    The mutual information between the answer and the probability of being answered, whose
    belief is a beta distribution with these counts (both > 0).
    """
    total = attended + ignored
    surprise = np.log(total) - digamma(total + 1)
    answered = attended / total * (digamma(attended + 1) - np.log(attended))
    return surprise + answered + ignored / total * (digamma(ignored + 1) - np.log(ignored))


def negative_expected_free_energy(
    q: float | FloatArray,
    payoffs: Payoffs,
    *,
    epistemic_weight: float = 1.0,
    information: float | FloatArray = 0.0,
) -> FloatArray:
    """-G (nats) of the three policies, along a new first axis; larger is better.

    Args:
        q: Probability that a bid is answered (0 to 1).
        payoffs: Log-preferences.
        epistemic_weight: 1 for active inference, 0 for expected payoff alone.
        information: What contact promises to tell beside the answer (nats): about the
            responsiveness itself while it is being learnt, or about misleading cues.
    """
    q = np.asarray(q, dtype=float)
    told = epistemic_weight * answer_entropy(q) + information
    seek = told + q * payoffs.seek_attended + (1 - q) * payoffs.seek_ignored
    guarded = told + q * payoffs.guarded_attended + (1 - q) * payoffs.guarded_ignored
    return np.stack([seek, guarded, np.zeros_like(seek)])


def policy_probabilities(values: FloatArray, precision: float) -> FloatArray:
    """Probabilities of the policies (first axis) with these values of -G (nats)."""
    return softmax(precision * values, axis=0)


def threshold(
    payoffs: Payoffs, better: int, worse: int, *, epistemic_weight: float = 1.0
) -> float:
    """Responsiveness below .6 at which `better` overtakes `worse`.

    Args:
        payoffs: Log-preferences, such that there is one crossing between 0 and .6.
        better: Policy that wins above the threshold, an index into `POLICIES`.
        worse: Policy that wins below it.
        epistemic_weight: 1 for active inference, 0 for expected payoff alone.
    """

    def advantage(q: float) -> float:
        values = negative_expected_free_energy(q, payoffs, epistemic_weight=epistemic_weight)
        return float(values[better] - values[worse])

    return float(brentq(advantage, 0.0, 0.6, xtol=1e-14))  # pyright: ignore[reportArgumentType]


def grow(infant: Infant, care: Sequence[Care], *, infants: int = 2000, seed: int = 0) -> Course:
    """Let many equal infants learn from the same kind of care, one stretch after another.

    Args:
        infant: The infant at the start.
        care: The stretches of care.
        infants: How many infants.
        seed: Seed of what happens to each.
    """
    rng = np.random.default_rng(seed)
    prior = np.array([[infant.attended], [infant.ignored]])
    counts = np.repeat(prior, infants, axis=1)
    policies, expectations = [], []
    for stretch in care:
        for _ in range(stretch.episodes):
            values = negative_expected_free_energy(
                counts[0] / counts.sum(0),
                infant.payoffs,
                information=count_information(*counts),
            )
            policy = _draw(policy_probabilities(values, infant.precision), rng)
            sees = (policy != AVOID) | (rng.random(infants) < stretch.unsolicited)
            answered = rng.random(infants) < stretch.responsiveness
            counts = counts - stretch.forgetting * (counts - prior)
            counts = counts + np.stack([sees & answered, sees & ~answered])
            policies.append(policy)
            expectations.append(counts[0] / counts.sum(0))
    return Course(np.array(policies), np.array(expectations))


def _draw(probabilities: FloatArray, rng: np.random.Generator) -> IntArray:
    return (rng.random(probabilities.shape[1]) > probabilities.cumsum(0)[:2]).sum(0)


def transference() -> dict[str, tuple[Infant, tuple[Care, Care]]]:
    """The clients and the care of the test of being stuck: a childhood, then a new person."""
    childhood, therapy = Care(0.1), Care(0.9)
    rigid = Infant(PUBLISHED_PRECISION)
    return {
        "precision 8": (Infant(8.0), (childhood, therapy)),
        "precision 32": (Infant(32.0), (childhood, therapy)),
        "precision 250": (rigid, (childhood, therapy)),
        "precision 250 and forgetting": (rigid, (childhood, replace(therapy, forgetting=0.03))),
        "precision 250 and unsolicited contact": (
            rigid,
            (childhood, replace(therapy, unsolicited=0.2)),
        ),
    }


def run(*, seed: int = 0) -> Reproduction:
    """Thresholds of the three patterns, their learning, and avoidance meeting a new person.

    Args:
        seed: Seed of the learning runs.
    """
    learnt = [grow(Infant(), [Care(q)], seed=seed) for q in LEARNT_RESPONSIVENESS]
    courses = {
        name: grow(infant, care, seed=seed) for name, (infant, care) in transference().items()
    }
    return Reproduction(
        name="cittern2018",
        title="Ambivalence exists only because contact informs; precision makes avoidance stick",
        citation="Cittern, Nolte, Friston & Edalat (2018), PLoS ONE 13(4), e0193955",
        checks=_exact_checks() | _learning_checks(learnt, courses),
        targets=_targets(),
        curves=_curves(learnt, courses),
        readouts=_readouts(learnt),
        second_hand=(
            "Payoffs, precision and the reported ranges of responsiveness come from a third "
            "party's note on the paper's text; only the abstract was read. The model of "
            "misleading cues and the learning runs are ours."
        ),
    )


def _exact_checks() -> dict[str, float]:
    payoffs = Payoffs()
    values = negative_expected_free_energy(np.array(RESPONSIVENESS), payoffs)
    needed = -negative_expected_free_energy(np.array(UNRESPONSIVE), payoffs)
    guarded_share = [
        _best(np.linspace(0, 1, 10001), payoffs, weight=weight)[GUARDED] for weight in (0, 1)
    ]
    found = {
        "avoid to guarded": threshold(payoffs, GUARDED, AVOID),
        "guarded to seek": threshold(payoffs, SEEK, GUARDED),
        "avoid to guarded, payoff alone": threshold(
            payoffs, GUARDED, AVOID, epistemic_weight=0
        ),
        "avoid to seek, payoff alone": threshold(payoffs, SEEK, AVOID, epistemic_weight=0),
    }
    checks = {f"threshold ({name})": value for name, value in found.items()}
    for policy, name in enumerate(POLICIES):
        for q, value in zip(RESPONSIVENESS, values[policy], strict=True):
            checks[f"-G ({name}; q={q})"] = float(value)
    for name in EXPECTED_CUE_INFORMATION:
        for q, value in zip(UNRESPONSIVE, needed[POLICIES.index(name)], strict=True):
            checks[f"cue_information_to_tie ({name}; q={q})"] = float(value)
    checks["guarded_optimal_share (payoff alone)"] = guarded_share[0]
    checks["guarded_optimal_share"] = guarded_share[1]
    return checks


def _best(q: FloatArray, payoffs: Payoffs, *, weight: float) -> list[float]:
    """Share of the responsiveness values at which each policy is the only best one."""
    values = negative_expected_free_energy(q, payoffs, epistemic_weight=weight)
    others = [np.delete(values, policy, axis=0).max(0) for policy in range(3)]
    return [float(np.mean(values[policy] > others[policy])) for policy in range(3)]


def _learning_checks(learnt: list[Course], courses: dict[str, Course]) -> dict[str, float]:
    checks = {}
    for q, course in zip(LEARNT_RESPONSIVENESS, learnt, strict=True):
        for policy, name in enumerate(POLICIES):
            checks[f"share ({name}; q={q})"] = float(
                np.mean(course.policy[-PHASE_END:] == policy)
            )
    for name, course in courses.items():
        avoids = course.policy == AVOID
        checks[f"avoidance_first ({name})"] = float(avoids[200 : 200 + PHASE_END].mean())
        checks[f"avoidance_last ({name})"] = float(avoids[-PHASE_END:].mean())
        checks[f"expected_responsiveness ({name})"] = float(course.expected[-1].mean())
    return checks


def _targets() -> dict[str, Target]:
    targets = {
        f"threshold ({name})": Target(value, 1e-9, _DERIVED)
        for name, value in EXPECTED_THRESHOLDS.items()
    }
    for name, values in EXPECTED_VALUES.items():
        for q, value in zip(RESPONSIVENESS, values, strict=True):
            targets[f"-G ({name}; q={q})"] = Target(value, 1e-9, _DERIVED)
    for name, values in EXPECTED_CUE_INFORMATION.items():
        for q, value in zip(UNRESPONSIVE, values, strict=True):
            targets[f"cue_information_to_tie ({name}; q={q})"] = Target(value, 1e-9, _DERIVED)
    for name, values in EXPECTED_SHARES.items():
        for q, value in zip(LEARNT_RESPONSIVENESS, values, strict=True):
            targets[f"share ({name}; q={q})"] = Target(value, 0.03, _INDEPENDENT)
    for name, (first, last) in EXPECTED_AVOIDANCE.items():
        targets[f"avoidance_first ({name})"] = Target(first, 0.03, _INDEPENDENT)
        targets[f"avoidance_last ({name})"] = Target(last, 0.03, _INDEPENDENT)
    for name, value in EXPECTED_LEARNT.items():
        targets[f"expected_responsiveness ({name})"] = Target(value, 0.03, _INDEPENDENT)
    targets["guarded_optimal_share (payoff alone)"] = Target(0.0, 0.0, _DERIVED)
    return targets


def _curves(learnt: list[Course], courses: dict[str, Course]) -> xr.Dataset:
    q = np.linspace(0, 1, 201)
    shares = [[np.mean(c.policy[-PHASE_END:] == policy) for policy in range(3)] for c in learnt]
    avoidance = np.stack([np.mean(c.policy == AVOID, axis=1) for c in courses.values()], axis=1)
    return xr.Dataset(
        {
            "negative_expected_free_energy": (
                ("responsiveness", "policy"),
                negative_expected_free_energy(q, Payoffs()).T,
                {"long_name": "Negative expected free energy", "units": "nats"},
            ),
            "share": (
                ("learnt_responsiveness", "policy"),
                np.array(shares),
                {"long_name": "Share of the last 50 of 200 episodes", "units": "1"},
            ),
            "avoidance": (
                ("episode", "case"),
                avoidance,
                {"long_name": "Share who avoid; a responsive person from 201", "units": "1"},
            ),
        },
        coords={
            "responsiveness": (
                "responsiveness",
                q,
                {"long_name": "Probability that a bid is answered", "units": "1"},
            ),
            "learnt_responsiveness": (
                "learnt_responsiveness",
                np.array(LEARNT_RESPONSIVENESS),
                {"long_name": "Probability that a bid is answered", "units": "1"},
            ),
            "policy": list(POLICIES),
            "episode": ("episode", np.arange(1, len(avoidance) + 1), {"long_name": "Episode"}),
            "case": list(courses),
        },
    )


def _readouts(learnt: list[Course]) -> xr.Dataset:
    columns = {
        "responsiveness": np.repeat(LEARNT_RESPONSIVENESS, learnt[0].policy.shape[1]),
        "expected_responsiveness": np.concatenate([c.expected[-1] for c in learnt]),
    }
    for policy, name in enumerate(POLICIES):
        columns[name] = np.concatenate(
            [np.mean(c.policy[-PHASE_END:] == policy, axis=0) for c in learnt]
        )
    return xr.Dataset({name: ("dyad", values) for name, values in columns.items()})

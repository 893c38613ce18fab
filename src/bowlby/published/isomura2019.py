"""Two models of the other: whose doing is it that someone answers?

A client grew up with a caregiver who seldom answered and holds a firm model of him (forty episodes,
q = .12). A therapist answers. Each answer is credited to the old model or to a new one, in
proportion to the evidence of each; each model learns only what is credited to it. The client seeks,
seeks guardedly or avoids as in `cittern2018`, with the information that contact promises: about the
answer, about each model's counts, and about which model applies.

From this alone come a window of fast learning that opens and closes, gains that are sudden, a delay
set by mistrust, uncertainty that peaks before learning does, and endings that either carry over to
the next person or bring the old model back. Nothing in the learning rate is imposed.

Source: Isomura, Parr & Friston (2019), Neural Computation 31, 2390-2431 (several models, each
updated in proportion to its evidence). The therapy is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from bowlby._types import FloatArray, IntArray
from bowlby.published.cittern2018 import (
    AVOID,
    Payoffs,
    answer_entropy,
    count_information,
    negative_expected_free_energy,
    policy_probabilities,
)
from bowlby.published.reproduction import Reproduction, Target

OLD, NEW = 0, 1
CLIENTS = 2000
PRECISION = 32.0
UNSOLICITED = 0.2
THERAPY, ENDING = 80, 10
NEXT_PERSON = 0.8

RESPONSIVENESS = (0.9, 0.7, 0.5, 0.2)
PRIORS = (0.2, 0.05, 0.01, 0.001)
EXPECTED_DELAY = (1, 5, 12, 22)
_INDEPENDENT = "independent: a numpy program written from the same specification, one seed"
_TOLERANCE = 0.03


@dataclass(frozen=True)
class Client:
    """A client at the start of a therapy.

    Attributes:
        mistrust: One minus the prior probability that this other is someone new.
        old_count: Episodes the old model rests on.
        old_responsiveness: Probability of an answer under it.
    """

    mistrust: float = 0.95
    old_count: float = 40.0
    old_responsiveness: float = 0.12


class Stretch(NamedTuple):
    """Episodes with the same other.

    Attributes:
        episodes: How many.
        responsiveness: Probability that a bid is answered.
        hazard: Share of the belief that returns to its prior in each episode.
    """

    episodes: int
    responsiveness: float
    hazard: float = 0.0


class Course(NamedTuple):
    """What happened, (episodes, clients) each.

    Attributes:
        new: Probability that the other is someone new.
        avoids: Whether contact was avoided.
        rate: Effective learning rate: weight of one more answer.
        expected: Expected responsiveness.
        uncertainty: Entropy over the two models (nats).
    """

    new: FloatArray
    avoids: FloatArray
    rate: FloatArray
    expected: FloatArray
    uncertainty: FloatArray


def live(client: Client, stretches: Sequence[Stretch], *, seed: int = 0) -> Course:
    """Let many equal clients live through stretches of care.

    Args:
        client: The client; with `mistrust` 1 there is one model only.
        stretches: With whom.
        seed: Seed.
    """
    rng = np.random.default_rng(seed)
    prior = np.array([[client.mistrust], [1.0 - client.mistrust]])
    belief = np.repeat(prior, CLIENTS, axis=1)
    answered = client.old_count * client.old_responsiveness
    counts = np.ones((2, 2, CLIENTS))
    counts[OLD] = np.array([[answered], [client.old_count - answered]])
    rows: list[tuple[FloatArray, ...]] = []
    for stretch in stretches:
        for _ in range(stretch.episodes):
            belief = (1.0 - stretch.hazard) * belief + stretch.hazard * prior
            each = counts[:, 0] / counts.sum(1)
            expected = (belief * each).sum(0)
            rate = (belief / (counts.sum(1) + 1.0)).sum(0)
            avoids = _policy(belief, counts, each, expected, rng) == AVOID
            sees = ~avoids | (rng.random(CLIENTS) < UNSOLICITED)
            answers = rng.random(CLIENTS) < stretch.responsiveness
            evidence = belief * np.where(answers, each, 1.0 - each)
            belief = np.where(sees, evidence / evidence.sum(0), belief)
            counts[:, 0] += belief * (sees & answers)
            counts[:, 1] += belief * (sees & ~answers)
            uncertainty = -(belief * np.log(belief + 1e-12)).sum(0)
            rows.append((belief[NEW], avoids.astype(float), rate, expected, uncertainty))
    return Course(*(np.stack(column) for column in zip(*rows, strict=True)))


def _policy(
    belief: FloatArray,
    counts: FloatArray,
    each: FloatArray,
    expected: FloatArray,
    rng: np.random.Generator,
) -> IntArray:
    """Policies drawn with all that contact promises to tell."""
    about_counts = (belief * np.stack([count_information(*model) for model in counts])).sum(0)
    about_model = answer_entropy(expected) - (belief * answer_entropy(each)).sum(0)
    values = negative_expected_free_energy(
        expected, Payoffs(), information=about_counts + about_model
    )
    probabilities = policy_probabilities(values, PRECISION)
    return (rng.random(CLIENTS) > probabilities.cumsum(0)[:2]).sum(0)


def run(*, seed: int = 0) -> Reproduction:
    """Therapies with several persons, one model against two, delays of mistrust, endings.

    Args:
        seed: Seed.
    """
    courses = {q: live(Client(), [Stretch(150, q)], seed=seed) for q in RESPONSIVENESS}
    single = live(Client(mistrust=1.0), [Stretch(150, 0.9)], seed=seed)
    checks, targets = _therapies(courses, single)
    for prior, episodes in zip(PRIORS, EXPECTED_DELAY, strict=True):
        course = live(Client(mistrust=1.0 - prior), [Stretch(60, 0.9)], seed=seed)
        name = f"episode_of_half_belief (prior={prior:g})"
        checks[name] = float(np.argmax(course.new.mean(1) > 0.5) + 1)
        targets[name] = Target(float(episodes), 1.0, _INDEPENDENT)
    found, expected = _endings(seed)
    checks |= found
    targets |= expected
    return Reproduction(
        name="isomura2019",
        title="Answers credited to an old or a new model: a window opens, and endings decide",
        citation="Isomura, Parr & Friston (2019), Neural Computation 31, 2390-2431",
        checks=checks,
        targets=targets,
        curves=_curves(courses, single),
        readouts=xr.Dataset(
            {
                "responsiveness": ("dyad", np.repeat(RESPONSIVENESS, CLIENTS)),
                "believes_new": ("dyad", np.concatenate([c.new[59] for c in courses.values()])),
                "expected_responsiveness": (
                    "dyad",
                    np.concatenate([c.expected[59] for c in courses.values()]),
                ),
            }
        ),
        second_hand=(
            "Only the abstract was read. The two-model client, its therapy and its endings are "
            "this project's minimal version, not the paper's simulations."
        ),
    )


def _therapies(
    courses: dict[float, Course], single: Course
) -> tuple[dict[str, float], dict[str, Target]]:
    checks: dict[str, float] = {}
    targets: dict[str, Target] = {}

    def check(name: str, value: float, expected: float, tolerance: float = _TOLERANCE) -> None:
        checks[name] = float(value)
        targets[name] = Target(expected, tolerance, _INDEPENDENT)

    good = courses[0.9]
    for episode, new, avoids in ((10, 0.746, 0.214), (30, 0.993, 0.006), (60, 1.0, 0.0)):
        check(f"new (q=0.9; episode={episode})", good.new[episode - 1].mean(), new)
        check(f"avoidance (q=0.9; episode={episode})", good.avoids[episode - 1].mean(), avoids)
    for q, peak, at in ((0.9, 0.110, 8), (0.7, 0.088, 10), (0.5, 0.062, 13)):
        rate = courses[q].rate.mean(1)
        check(f"peak_rate (q={q})", rate.max(), peak, 0.01)
        check(f"peak_episode (q={q})", rate.argmax() + 1.0, at, 2.0)
    rate = good.rate.mean(1)
    for episode, expected in ((1, 0.040), (30, 0.043), (120, 0.009)):
        check(f"rate (q=0.9; episode={episode})", rate[episode - 1], expected, 0.005)
    middling = courses[0.5].avoids.mean(1)
    check("avoidance (q=0.5; episode=10)", middling[9], 0.67)
    check("avoidance (q=0.5; episode=60)", middling[59], 0.148)
    check("new (q=0.2; last)", courses[0.2].new[-1].mean(), 0.006)
    check("avoidance (q=0.2; last)", courses[0.2].avoids[-1].mean(), 0.976)
    check("first_rate (one model)", single.rate[0].mean(), 0.024, 0.005)
    rise = np.diff(single.expected, axis=0).max(0).mean()
    check("largest_rise (one model)", rise, 0.021)
    rise = np.diff(good.expected, axis=0).max(0).mean()
    check("largest_rise (two models)", rise, 0.220)
    entropy = good.uncertainty.mean(1)
    check("peak_uncertainty", entropy.max(), 0.351)
    check("peak_uncertainty_episode", entropy.argmax() + 1.0, 3.0, 1.0)
    return checks, targets


_EXPECTED_ENDINGS = {
    (0.2, 0.9): (0.034, 0.062), (0.2, 0.5): (0.570, 0.419),
    (0.05, 0.9): (0.009, 0.039), (0.05, 0.5): (0.451, 0.378),
}  # fmt: skip


def _endings(seed: int) -> tuple[dict[str, float], dict[str, Target]]:
    """Endings, announced and kept reliable or faltering; then a new person."""
    checks: dict[str, float] = {}
    targets: dict[str, Target] = {}
    for (hazard, q), (during, after) in _EXPECTED_ENDINGS.items():
        stretches = [
            Stretch(THERAPY, 0.9), Stretch(ENDING, q, hazard), Stretch(20, NEXT_PERSON),
        ]  # fmt: skip
        avoids = live(Client(), stretches, seed=seed).avoids.mean(1)
        case = f"hazard={hazard:g}; q={q:g}"
        ending, beginning = THERAPY + ENDING, THERAPY + ENDING + 5
        checks[f"ending_avoidance ({case})"] = float(avoids[THERAPY:ending].max())
        checks[f"next_avoidance ({case})"] = float(avoids[ending:beginning].mean())
        targets[f"ending_avoidance ({case})"] = Target(during, _TOLERANCE, _INDEPENDENT)
        targets[f"next_avoidance ({case})"] = Target(after, _TOLERANCE, _INDEPENDENT)
    untreated = live(Client(), [Stretch(5, NEXT_PERSON)], seed=seed).avoids
    checks["next_avoidance (no therapy)"] = float(untreated.mean())
    targets["next_avoidance (no therapy)"] = Target(0.745, _TOLERANCE, _INDEPENDENT)
    return checks, targets


def _curves(courses: dict[float, Course], single: Course) -> xr.Dataset:
    names = [*(f"q = {q:g}" for q in courses), "q = 0.9, one model"]
    every = [*courses.values(), single]

    def curve(attribute: str, long_name: str, units: str) -> xr.Variable:
        values = np.stack([getattr(course, attribute).mean(1) for course in every], axis=1)
        return xr.Variable(
            ("episode", "case"), values, {"long_name": long_name, "units": units}
        )

    episodes = np.arange(1, len(single.new) + 1)
    return xr.Dataset(
        {
            "rate": curve("rate", "Effective learning rate", "1/episode"),
            "new": curve("new", "Belief that the other is someone new", "probability"),
            "avoids": curve("avoids", "Share who avoid", "1"),
            "uncertainty": curve("uncertainty", "Uncertainty about who the other is", "nats"),
        },
        coords={
            "episode": ("episode", episodes, {"long_name": "Episode"}),
            "case": names,
        },
    )

"""Optimal development under uncertainty: sample cues, then specialise step by step.

An individual is born into environment 0 or 1, which lasts for life, and does not know which. Every
period brings one cue, that names the right environment with probability `reliability`; then
the individual takes one step towards phenotype 0 or towards phenotype 1, or waits. No step can
be undone. With y0 and y1 steps and the final belief b that it is environment 1, fitness is

    (1 - b) f(y0) + b f(y1) - weight * ((1 - b) g(y1) + b g(y0))

with f what matching steps earn and g what mismatched ones cost. Backward induction over belief and
steps gives the best step in every state; equally good ones are drawn by lot.

Source: Panchanathan & Frankenhuis (2016), Proceedings of the Royal Society B 283, 20152439;
equations as in the published code of its replication.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from bowlby._types import BoolArray, FloatArray, IntArray

CURVATURE = 0.2
# Options whose values differ by no more than this share are equally good.
TIE = 1e-12

Shape = Callable[[IntArray, int], FloatArray]


def linear(steps: IntArray, periods: int) -> FloatArray:
    """Every step counts the same; `periods` steps count `periods` in all three shapes."""
    del periods
    return steps.astype(float)


def increasing(steps: IntArray, periods: int) -> FloatArray:
    """Every step counts more than the one before."""
    return periods * np.expm1(CURVATURE * steps) / np.expm1(CURVATURE * periods)


def diminishing(steps: IntArray, periods: int) -> FloatArray:
    """Every step counts less than the one before."""
    return periods * np.expm1(-CURVATURE * steps) / np.expm1(-CURVATURE * periods)


@dataclass(frozen=True)
class Ecology:
    """What development has adapted to.

    Attributes:
        prior: Probability of environment 1 at birth (0 to 1, both excluded).
        reliability: Probability that a cue names the right environment, one for each period
            (0 to 1, both excluded).
        benefit: What steps towards the right phenotype earn.
        penalty: What steps towards the wrong phenotype cost.
        penalty_weight: Weight of that cost.

    Raises:
        ValueError: If there is no period or a probability is not between 0 and 1.
    """

    prior: float
    reliability: tuple[float, ...]
    benefit: Shape = linear
    penalty: Shape = linear
    penalty_weight: float = 1.0

    def __post_init__(self) -> None:
        """Check the probabilities."""
        if not self.reliability:
            raise ValueError("reliability is empty; give one probability for each period.")
        for probability in (self.prior, *self.reliability):
            if not 0 < probability < 1:
                raise ValueError(
                    f"prior and reliability must lie between 0 and 1, both excluded; "
                    f"{probability} does not."
                )

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.reliability)


class Progress(NamedTuple):
    """Where individuals stand in their development.

    Attributes:
        belief: Which of the beliefs possible at this age, an index into `Plan.log_odds`.
        toward_0: Steps taken towards phenotype 0.
        toward_1: Steps taken towards phenotype 1.
    """

    belief: IntArray
    toward_0: IntArray
    toward_1: IntArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Optimal development in one ecology.

    Attributes:
        value: Expected fitness at birth.
        log_odds: Log-odds of environment 1 that are possible after 0, 1, ... cues.
        heard: For each period, the index of the belief after a cue (beliefs before x cue 0
            or 1).
        best: For each period, whether a step towards 0, a step towards 1 and waiting are
            among the best (3 x beliefs after the cue x steps towards 0 x steps towards 1).
    """

    value: float
    log_odds: tuple[FloatArray, ...]
    heard: tuple[IntArray, ...]
    best: tuple[BoolArray, ...]

    def advance(
        self, period: int, progress: Progress, cue: IntArray, lot: FloatArray
    ) -> Progress:
        """Hear a cue and take the best step.

        Args:
            period: Which period, from 0.
            progress: State before the cue.
            cue: Environment that the cue names (0 or 1).
            lot: Lot that decides between equally good steps (0 to 1, 1 excluded). The same lot
                gives the same step wherever the same ones are best.
        """
        belief = self.heard[period][progress.belief, cue]
        best = self.best[period][:, belief, progress.toward_0, progress.toward_1]
        rank = np.floor(lot * best.sum(0))
        chosen = (best.cumsum(0) > rank).argmax(0)
        return Progress(
            belief, progress.toward_0 + (chosen == 0), progress.toward_1 + (chosen == 1)
        )


def birth(individuals: int) -> Progress:
    """Newborn individuals."""
    nothing = np.zeros(individuals, dtype=np.int64)
    return Progress(nothing, nothing, nothing)


def best_plan(ecology: Ecology) -> Plan:
    """Solve an ecology by backward induction.

    With constant reliability the beliefs recombine, and there are `period + 1` of them; where it
    changes with age there may be as many as cue histories.
    """
    log_odds, heard = _beliefs(ecology)
    value = _fitness(ecology, expit(log_odds[-1]))
    best: list[BoolArray] = []
    for period in reversed(range(ecology.periods)):
        # The edge that is padded is out of reach: nobody has taken so many steps by then.
        options = np.stack(
            [
                np.pad(value[:, 1:, :], ((0, 0), (0, 1), (0, 0)), mode="edge"),
                np.pad(value[:, :, 1:], ((0, 0), (0, 0), (0, 1)), mode="edge"),
                value,
            ]
        )
        chosen = options.max(0)
        best.insert(0, np.isclose(options, chosen, rtol=TIE, atol=TIE))
        belief, reliability = expit(log_odds[period]), ecology.reliability[period]
        names_1 = belief * reliability + (1 - belief) * (1 - reliability)
        names_1 = names_1[:, None, None]
        after = heard[period]
        value = (1 - names_1) * chosen[after[:, 0]] + names_1 * chosen[after[:, 1]]
    return Plan(float(value[0, 0, 0]), log_odds, heard, tuple(best))


def _beliefs(ecology: Ecology) -> tuple[tuple[FloatArray, ...], tuple[IntArray, ...]]:
    """Beliefs possible at every age, and how cues lead from one to the next."""
    log_odds = [np.array([logit(ecology.prior)])]
    heard = []
    for weight in logit(np.array(ecology.reliability)):
        after = np.stack([log_odds[-1] - weight, log_odds[-1] + weight], axis=1)
        _, first, index = np.unique(
            after.ravel().round(9), return_index=True, return_inverse=True
        )
        log_odds.append(after.ravel()[first])
        heard.append(index.reshape(after.shape))
    return tuple(log_odds), tuple(heard)


def _fitness(ecology: Ecology, belief: FloatArray) -> FloatArray:
    """Expected fitness at maturity (beliefs x steps towards 0 x steps towards 1)."""
    steps = np.arange(ecology.periods + 1)
    earned = ecology.benefit(steps, ecology.periods)
    cost = ecology.penalty_weight * ecology.penalty(steps, ecology.periods)
    b = belief[:, None, None]
    in_0 = earned[:, None] - cost[None, :]
    in_1 = earned[None, :] - cost[:, None]
    return (1 - b) * in_0 + b * in_1


def grow(plan: Plan, cues: IntArray, lots: FloatArray) -> IntArray:
    """Mature phenotypes of individuals who live through these cues.

    Args:
        plan: The plan they follow.
        cues: Environment that each cue names, 0 or 1 (individuals x periods).
        lots: Lots for equally good steps, 0 to 1 (same shape).

    Returns:
        Steps towards 0, towards 1, and waits (individuals x 3).
    """
    progress = birth(len(cues))
    for period in range(cues.shape[1]):
        progress = plan.advance(period, progress, cues[:, period], lots[:, period])
    return phenotype(progress, cues.shape[1])


def phenotype(progress: Progress, periods: int) -> IntArray:
    """Steps towards 0, towards 1, and waits after all periods (individuals x 3)."""
    _, toward_0, toward_1 = progress
    return np.stack([toward_0, toward_1, periods - toward_0 - toward_1], axis=1)


def phenotypic_distance(first: IntArray, second: IntArray, periods: int) -> FloatArray:
    """Distance between phenotypes as a share of the largest, sqrt(2) times `periods`.

    Waits count as a third direction beside the two kinds of step.
    """
    return np.linalg.norm(first - second, axis=1) / (np.sqrt(2) * periods)

"""Sensitive periods without a clock: plasticity falls as experience settles the question.

Individuals live for twenty periods in one of two environments and develop as well as can be (the
model is in `_sensitive_periods`). Plasticity at an age is what the environment still decides from
then on: an individual and a clone share all cues up to that age, then the clone is moved to the
other environment and hears independent cues of that one; equally good steps are decided by
the same lots. Plasticity is the mean distance between the two mature phenotypes, waits counted as a
third kind of step, as a share of the largest distance.

A strong prior closes the window if cues are weak, not if they are good. Consistent cues close it
faster; against a strong prior, weak but consistent cues open it.

Source: Panchanathan & Frankenhuis (2016), Proceedings of the Royal Society B 283, 20152439. The
clones' measure and the numbers are ours.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from bowlby._types import FloatArray, IntArray
from bowlby.published._sensitive_periods import (
    Ecology,
    Plan,
    Shape,
    best_plan,
    diminishing,
    grow,
    increasing,
    linear,
    phenotypic_distance,
)
from bowlby.published.reproduction import Reproduction, Target

PERIODS = 20
AGES = (0, 2, 5, 10, 15, 19)
CONSISTENCY_AGE = 5
CONSISTENCIES = ("3-2", "4-1", "5-0")
# Distances spread by less than .5, so the mean is good to .003.
INDIVIDUALS = 30_000
SHOWN = 2000


class Case(NamedTuple):
    """Benefit and penalty of the same shape, a prior, and a constant reliability of cues."""

    shape: Shape
    prior: float
    reliability: float

    @property
    def ecology(self) -> Ecology:
        """What development has adapted to."""
        reliability = (self.reliability,) * PERIODS
        return Ecology(self.prior, reliability, self.shape, self.shape)

    def __str__(self) -> str:
        """Shape, prior and reliability."""
        return f"{self.shape.__name__}; prior={self.prior}; reliability={self.reliability}"


EXPECTED_VALUES = {
    Case(linear, 0.5, 0.55): 4.846217,
    Case(linear, 0.5, 0.75): 17.094180,
    Case(linear, 0.5, 0.95): 19.765432,
    Case(linear, 0.7, 0.55): 8.570747,
    Case(linear, 0.9, 0.55): 16.003222,
    Case(linear, 0.9, 0.75): 18.653074,
    Case(increasing, 0.5, 0.75): 16.297484,
    Case(diminishing, 0.5, 0.55): 5.736737,
    Case(diminishing, 0.5, 0.75): 18.456076,
}
EXPECTED_PLASTICITY = {
    Case(linear, 0.5, 0.55): (0.456, 0.360, 0.253, 0.124, 0.044, 0.008),
    Case(linear, 0.5, 0.75): (0.857, 0.694, 0.446, 0.130, 0.015, 0.001),
    Case(linear, 0.5, 0.95): (0.988, 0.816, 0.519, 0.058, 0.0, 0.0),
    Case(linear, 0.7, 0.55): (0.155, 0.135, 0.105, 0.056, 0.020, 0.002),
    Case(linear, 0.9, 0.55): (0.006, 0.005, 0.003, 0.002, 0.001, 0.0),
    Case(linear, 0.9, 0.75): (0.750, 0.576, 0.337, 0.080, 0.008, 0.0),
    Case(increasing, 0.5, 0.75): (0.856, 0.668, 0.414, 0.115, 0.013, 0.001),
    Case(diminishing, 0.5, 0.55): (0.402, 0.362, 0.283, 0.140, 0.047, 0.008),
    Case(diminishing, 0.5, 0.75): (0.759, 0.679, 0.469, 0.137, 0.015, 0.001),
    Case(linear, 0.9, 0.95): (0.988,),
}
EXPECTED_BY_CONSISTENCY = {
    Case(linear, 0.5, 0.75): (0.584, 0.426, 0.272),
    Case(linear, 0.7, 0.55): (0.089, 0.128, 0.138),
}
_EXACT = "independent: exact dynamic programme, written before this program"
_INDEPENDENT = "independent: Monte-Carlo with 20000 individuals, written before this program"


class Clones(NamedTuple):
    """Individuals and what moving a clone of each did.

    Attributes:
        environment: Environment of each individual (0 or 1).
        cues: Environment that each cue named (individuals x periods).
        phenotype: Steps towards 0, towards 1, and waits (individuals x 3).
        distance: Distance to the clone, 0 to 1, for each age at which one was moved
            (ages x individuals).
    """

    environment: IntArray
    cues: IntArray
    phenotype: IntArray
    distance: FloatArray

    @property
    def plasticity(self) -> FloatArray:
        """Mean distance at each age."""
        return self.distance.mean(1)

    def consistency(self) -> IntArray:
        """Majority among the first five cues of each individual (3 to 5)."""
        named_1 = self.cues[:, :CONSISTENCY_AGE].sum(1)
        return np.maximum(named_1, CONSISTENCY_AGE - named_1)


def move_clones(
    ecology: Ecology,
    plan: Plan,
    ages: tuple[int, ...] = AGES,
    *,
    individuals: int = INDIVIDUALS,
    seed: int = 0,
) -> Clones:
    """Move a clone of every individual to the other environment, at each of some ages.

    Args:
        ecology: What they live in; environments are drawn from its prior.
        plan: The plan they follow.
        ages: Number of cues heard before the clone is moved.
        individuals: How many individuals.
        seed: Seed of environments, cues and lots.
    """
    rng = np.random.default_rng(seed)
    environment = (rng.random(individuals) < ecology.prior).astype(np.int64)
    cues = _cues(environment, ecology, rng)
    elsewhere = _cues(1 - environment, ecology, rng)
    lots = rng.random(cues.shape)
    phenotype = grow(plan, cues, lots)
    period = np.arange(ecology.periods)
    distance = [
        phenotypic_distance(
            phenotype,
            grow(plan, np.where(period < age, cues, elsewhere), lots),
            ecology.periods,
        )
        for age in ages
    ]
    return Clones(environment, cues, phenotype, np.array(distance))


def _cues(environment: IntArray, ecology: Ecology, rng: np.random.Generator) -> IntArray:
    right = rng.random((len(environment), ecology.periods)) < ecology.reliability
    return np.where(right, environment[:, None], 1 - environment[:, None])


def run(*, seed: int = 0) -> Reproduction:
    """Optimal values, and plasticity by age, prior, reliability and consistency of cues.

    Args:
        seed: Seed of the individuals.
    """
    checks, clones = {}, {}
    for case in EXPECTED_PLASTICITY:
        plan = best_plan(case.ecology)
        clones[case] = move_clones(case.ecology, plan, seed=seed)
        checks[f"optimal_value ({case})"] = plan.value
        for age, plasticity in zip(AGES, clones[case].plasticity, strict=True):
            checks[f"plasticity ({case}; age={age})"] = float(plasticity)
    for case in EXPECTED_BY_CONSISTENCY:
        for cues, plasticity in zip(CONSISTENCIES, _by_consistency(clones[case]), strict=True):
            checks[f"plasticity ({case}; age=5; cues {cues})"] = float(plasticity)
    return Reproduction(
        name="panchanathan2016",
        title="Sensitive periods from experience: what consistent cues settle closes",
        citation=(
            "Panchanathan & Frankenhuis (2016), Proceedings of the Royal Society B 283, 20152439"
        ),
        checks=checks,
        targets=_targets(),
        curves=_curves(clones),
        readouts=_readouts(clones),
        second_hand=(
            "The equations were taken from the published code of a replication and only the "
            "abstract was read; twenty periods and the measure of plasticity are ours, so that "
            "the paper's own figures are not compared."
        ),
    )


def _by_consistency(clones: Clones) -> FloatArray:
    distance = clones.distance[AGES.index(CONSISTENCY_AGE)]
    majority = clones.consistency()
    return np.array([distance[majority == most].mean() for most in (3, 4, 5)])


def _targets() -> dict[str, Target]:
    targets = {
        f"optimal_value ({case})": Target(value, 1e-6, _EXACT)
        for case, value in EXPECTED_VALUES.items()
    }
    for case, values in EXPECTED_PLASTICITY.items():
        for age, value in zip(AGES, values, strict=False):
            targets[f"plasticity ({case}; age={age})"] = Target(value, 0.01, _INDEPENDENT)
    for case, values in EXPECTED_BY_CONSISTENCY.items():
        for cues, value in zip(CONSISTENCIES, values, strict=True):
            name = f"plasticity ({case}; age=5; cues {cues})"
            targets[name] = Target(value, 0.02, _INDEPENDENT)
    return targets


def _curves(clones: dict[Case, Clones]) -> xr.Dataset:
    return xr.Dataset(
        {
            "plasticity": (
                ("age", "case"),
                np.stack([found.plasticity for found in clones.values()], axis=1),
                {"long_name": "What the environment still decides", "units": "1"},
            ),
            "plasticity_by_consistency": (
                ("majority", "consistency_case"),
                np.stack([_by_consistency(clones[c]) for c in EXPECTED_BY_CONSISTENCY], axis=1),
                {"long_name": "Plasticity after five cues", "units": "1"},
            ),
        },
        coords={
            "age": ("age", np.array(AGES), {"long_name": "Cues heard", "units": "1"}),
            "case": [str(case) for case in clones],
            "majority": (
                "majority",
                np.array([3, 4, 5]),
                {"long_name": "Cues of the first five that agree", "units": "1"},
            ),
            "consistency_case": [str(case) for case in EXPECTED_BY_CONSISTENCY],
        },
    )


def _readouts(clones: dict[Case, Clones]) -> xr.Dataset:
    """The first individuals of the cases that are looked at by consistency."""
    shown = {case: clones[case] for case in EXPECTED_BY_CONSISTENCY}
    parts = {
        "prior": [np.full(SHOWN, case.prior) for case in shown],
        "reliability": [np.full(SHOWN, case.reliability) for case in shown],
        "environment": [found.environment[:SHOWN] for found in shown.values()],
        "majority": [found.consistency()[:SHOWN] for found in shown.values()],
        "plasticity_5": [
            found.distance[AGES.index(CONSISTENCY_AGE), :SHOWN] for found in shown.values()
        ],
        "toward_0": [found.phenotype[:SHOWN, 0] for found in shown.values()],
        "toward_1": [found.phenotype[:SHOWN, 1] for found in shown.values()],
        "waits": [found.phenotype[:SHOWN, 2] for found in shown.values()],
    }
    return xr.Dataset({name: ("dyad", np.concatenate(part)) for name, part in parts.items()})

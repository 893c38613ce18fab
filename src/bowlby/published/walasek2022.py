"""A late sensitive period needs cues that become more reliable.

The model is that of `panchanathan2016` for ten periods, but the reliability of cues changes with
age: it stays at .75, falls from .95 to .55, or rises from .55 to .95 in equal steps. Plasticity at
an age is the mean distance between the mature phenotypes of an individual and a clone who heard the
opposite cue at that age, all other cues and the lots between equally good steps being the same.
It is computed exactly, over all cue histories and lots.

The individuals live in environment 1, the one that priors above .5 favour. That is a choice: with
environments drawn from the prior the peak for rising reliability, linear fitness and a prior of .9
lies at age 4 instead of 5, and no other peak moves. Even here ages 4 and 5 differ by 3e-5 only. At
constant reliability ages 0 and 1 tie exactly in two cases (linear with a prior of .9, diminishing
with .5); the earliest age counts.

Source: Walasek, Frankenhuis & Panchanathan (2022), Behavioral Ecology 33(1), 101-114. The flipped
cue and the numbers are ours.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.published._sensitive_periods import (
    Ecology,
    Plan,
    Progress,
    Shape,
    best_plan,
    birth,
    diminishing,
    linear,
    phenotype,
    phenotypic_distance,
)
from bowlby.published.reproduction import Reproduction, Target

PERIODS = 10
CONSTANT = (0.75,) * PERIODS
RISING = tuple(np.linspace(0.55, 0.95, PERIODS).tolist())
RELIABILITIES = {"constant": CONSTANT, "falling": RISING[::-1], "rising": RISING}
PRIORS = (0.5, 0.7, 0.9)
SHAPES: tuple[Shape, ...] = (linear, diminishing)
EXPECTED_PEAKS = {
    ("constant", linear): (0, 0, 0),
    ("constant", diminishing): (0, 0, 0),
    ("falling", linear): (0, 0, 0),
    ("falling", diminishing): (0, 0, 0),
    ("rising", linear): (1, 3, 5),
    ("rising", diminishing): (2, 2, 3),
}
_INDEPENDENT = "independent: an implementation written before this program"

# Two or three steps may be equally good. A lot between two of these bounds decides all such draws,
# for the individual and the clone alike.
_LOT_BOUNDS = np.array([0, 1 / 3, 1 / 2, 2 / 3, 1])
_LOTS = (_LOT_BOUNDS[1:] + _LOT_BOUNDS[:-1]) / 2
_LOT_PROBABILITIES = np.diff(_LOT_BOUNDS)


class Pairs(NamedTuple):
    """Individuals with their clones, one row for each way in which the two can stand.

    Attributes:
        individual: The individuals.
        clone: The clones.
        probability: Probability of each row.
    """

    individual: Progress
    clone: Progress
    probability: FloatArray


def flip_plasticity(ecology: Ecology, plan: Plan) -> FloatArray:
    """How much one opposite cue at each age changes the mature phenotype in environment 1.

    Args:
        ecology: What they live in.
        plan: The plan they follow.

    Returns:
        Expected distance (0 to 1) for each age, from 0 (the first cue).
    """
    return np.array([_flipped_at(age, ecology, plan) for age in range(ecology.periods)])


def _flipped_at(age: int, ecology: Ecology, plan: Plan) -> float:
    pairs = Pairs(birth(1), birth(1), np.ones(1))
    for period, reliability in enumerate(ecology.reliability):
        pairs = _merged(
            [
                _next(
                    pairs,
                    plan,
                    period,
                    cue=cue,
                    flipped=period == age,
                    lot=lot,
                    share=p * share,
                )
                for (cue, p), (lot, share) in product(
                    ((0, 1 - reliability), (1, reliability)),
                    zip(_LOTS, _LOT_PROBABILITIES, strict=True),
                )
            ]
        )
    individual, clone = (
        phenotype(one, ecology.periods) for one in (pairs.individual, pairs.clone)
    )
    distance = phenotypic_distance(individual, clone, ecology.periods)
    return float(pairs.probability @ distance)


def _next(
    pairs: Pairs, plan: Plan, period: int, *, cue: int, flipped: bool, lot: float, share: float
) -> Pairs:
    heard = np.full(len(pairs.probability), cue)
    lots = np.full(len(pairs.probability), lot)
    return Pairs(
        plan.advance(period, pairs.individual, heard, lots),
        plan.advance(period, pairs.clone, 1 - heard if flipped else heard, lots),
        pairs.probability * share,
    )


def _merged(branches: list[Pairs]) -> Pairs:
    """All branches together, equal rows added up."""
    columns = [
        np.concatenate(column)
        for column in zip(*((*b.individual, *b.clone) for b in branches), strict=True)
    ]
    probability = np.concatenate([branch.probability for branch in branches])
    code = np.ravel_multi_index(columns, tuple(int(c.max()) + 1 for c in columns))
    _, first, row = np.unique(code, return_index=True, return_inverse=True)
    kept = [column[first] for column in columns]
    return Pairs(
        Progress(*kept[:3]),
        Progress(*kept[3:]),
        np.bincount(row, weights=probability),  # pyright: ignore[reportArgumentType]
    )


def peak_age(plasticity: FloatArray) -> int:
    """Earliest age (in cues) of the largest plasticity; differences below 1e-9 are ties."""
    return int(np.argmax(plasticity > plasticity.max() - 1e-9))


def run(*, seed: int = 0) -> Reproduction:
    """Plasticity by age for constant, falling and rising reliability; `seed` has no effect."""
    del seed
    plasticity = {}
    for (course, reliability), shape, prior in product(RELIABILITIES.items(), SHAPES, PRIORS):
        ecology = Ecology(prior, reliability, shape, shape)
        plasticity[course, shape, prior] = flip_plasticity(ecology, best_plan(ecology))
    return Reproduction(
        name="walasek2022",
        title="A window opens late only if cues become more reliable",
        citation=(
            "Walasek, Frankenhuis & Panchanathan (2022), Behavioral Ecology 33(1), 101-114"
        ),
        checks={_name(*case): float(peak_age(values)) for case, values in plasticity.items()},
        targets={
            _name(course, shape, prior): Target(float(peak), 0.0, _INDEPENDENT)
            for (course, shape), peaks in EXPECTED_PEAKS.items()
            for prior, peak in zip(PRIORS, peaks, strict=True)
        },
        curves=_curves(plasticity),
        second_hand=(
            "Only the abstract was read: the courses of reliability, ten periods, the flipped "
            "cue and the peak ages are ours; the paper's claim is only that a late peak needs "
            "rising reliability."
        ),
    )


def _name(course: str, shape: Shape, prior: float) -> str:
    return f"peak_age ({course} reliability; {shape.__name__}; prior={prior})"


def _curves(plasticity: dict[tuple[str, Shape, float], FloatArray]) -> xr.Dataset:
    curves = {
        f"plasticity_{course}": (
            ("age", "case"),
            np.stack([plasticity[course, *case] for case in product(SHAPES, PRIORS)], axis=1),
            {"long_name": f"Effect of one opposite cue, {course} reliability", "units": "1"},
        )
        for course in RELIABILITIES
    }
    reliability = (
        ("age", "course"),
        np.array(list(RELIABILITIES.values())).T,
        {"long_name": "Probability that a cue is right", "units": "1"},
    )
    return xr.Dataset(
        {**curves, "reliability": reliability},
        coords={
            "age": (
                "age",
                np.arange(PERIODS),
                {"long_name": "Cues heard before", "units": "1"},
            ),
            "case": [f"{s.__name__}; prior={p}" for s, p in product(SHAPES, PRIORS)],
            "course": list(RELIABILITIES),
        },
    )

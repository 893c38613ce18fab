"""Randomisation: who gets which arm and which therapist, at which site and when.

Lists are drawn beforehand, one for each stratum; minimisation looks at who is in already. Each
repetition of a trial has its own.

Sources:
    Matts & Lachin (1988), Controlled Clinical Trials 9, 327-344 (blocks of random length).
    Pocock & Simon (1975), Biometrics 31, 103-115 (minimisation). Han et al. (2009), Statistics
    in Medicine 28, 3329-3346 (with unequal allocation). Hussey & Hughes (2007), Contemporary
    Clinical Trials 28, 182-191 (stepped wedge).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from bowlby.courses.course import Course
from bowlby.courses.trial import allocation_of, reference_arm, treated_arms, trial_of
from bowlby.courses.trial import arm_names as names_of

ROUNDS = (1, 2, 3)
"""Lengths of a block, as multiples of the shortest that holds the allocation: nobody who knows
the last arms can tell the next."""

PREFERRED = 0.8
"""Chance of the arm that balances best, in minimisation.

Source:
    Pocock & Simon (1975) use 3/4 and more; .8 is common in practice.
"""

Before = Mapping[str, np.ndarray]
"""What is known of clients before randomisation, in the order of enrolment."""


class Allocation(NamedTuple):
    """Where each client goes, in the order of enrolment.

    Attributes:
        arm: Number of the arm.
        therapist: Number of the therapist; -1 on a waiting list.
        site: Number of the site.
        week: Week of the calendar in which the client is randomised.
        period: Period of a stepped wedge; 0 in other designs.
        option: Number of what follows if a client does not respond; -1 in designs of one stage.
    """

    arm: np.ndarray
    therapist: np.ndarray
    site: np.ndarray
    week: np.ndarray
    period: np.ndarray
    option: np.ndarray


def clients_of(design: Course) -> int:
    """Clients who are randomised."""
    return trial_of(design).clients_per_arm * sum(allocation_of(design))


def allocate(design: Course, before: Before, *, repetition: int = 0) -> Allocation:
    """Randomise clients, and divide them among therapists.

    Args:
        design: The trial.
        before: What is known of the clients; as far as `trial.strata` names it.
        repetition: 0 for the trial itself; each repetition has its own list.
    """
    trial, n = trial_of(design), clients_of(design)
    rng = np.random.default_rng([design.seed, repetition, 1])
    site = rng.integers(trial.sites, size=n)
    week = _weeks(n, trial.recruited_per_week, rng)
    period = np.zeros(n, int)
    if trial.steps:
        arm, therapist, period = _stepped(design, n, rng)
    elif trial.randomisation == "therapists":
        arm, therapist = _of_therapists(design, site, rng)
    else:
        arm = _arms(design, {**before, "site": site}, n, rng)
        therapist = _therapists(design, arm, site, rng)
    return Allocation(arm, therapist, site, week, period, _options(design, arm, repetition))


def _options(design: Course, arm: np.ndarray, repetition: int) -> np.ndarray:
    """What each client goes on with without response, drawn beforehand in blocks."""
    stage, rng = (
        trial_of(design).second_stage,
        np.random.default_rng([design.seed, repetition, 6]),
    )
    option = np.full(len(arm), -1)
    for number, name in enumerate(names_of(design)):
        if stage and (options := stage.options.get(name)):
            mine = np.flatnonzero(arm == number)
            option[mine] = _blocks(len(mine), np.ones(len(options), int), rng)
    return option


def strata_of(design: Course, before: Before) -> dict[str, np.ndarray]:
    """The level of each client on what randomisation is balanced for."""
    return {
        name: np.searchsorted(cuts, before[name], side="right")
        if cuts
        else np.unique(before[name], return_inverse=True)[1]
        for name, cuts in trial_of(design).strata.items()
    }


def _weeks(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Calendar weeks of a Poisson process; all 0 without a rate."""
    return np.floor(np.cumsum(rng.exponential(1.0 / rate, n))) if rate else np.zeros(n)


def _arms(design: Course, before: Before, n: int, rng: np.random.Generator) -> np.ndarray:
    trial, weights = trial_of(design), np.array(allocation_of(design))
    levels = strata_of(design, before)
    if trial.randomisation == "simple":
        return rng.choice(len(weights), n, p=weights / weights.sum())
    if trial.randomisation == "minimisation":
        return _minimised(np.column_stack(list(levels.values())), weights, rng)
    arm = np.empty(n, int)
    stacked = np.column_stack([np.zeros(n, int), *levels.values()])
    stratum = np.unique(stacked, axis=0, return_inverse=True)[1].ravel()
    for each in np.unique(stratum):
        mine = np.flatnonzero(stratum == each)
        arm[mine] = _blocks(len(mine), weights, rng)
    return arm


def _blocks(n: int, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A list of permuted blocks of random length; whole blocks where `n` allows."""
    one = np.repeat(np.arange(len(weights)), weights)
    made: list[np.ndarray] = []
    left = n
    while left > 0:
        rounds = min(int(rng.choice(ROUNDS)), -(-left // len(one)))
        made.append(rng.permutation(np.tile(one, rounds))[:left])
        left -= len(made[-1])
    return np.concatenate(made)


def _minimised(levels: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each client mostly to the arm that leaves the levels of all factors most alike.

    Args:
        levels: Level of each client on each factor (client, factor).
        weights: How many of each arm for how many of the others.
        rng: Random numbers.
    """
    n, factors = levels.shape
    counts = np.zeros((factors, levels.max() + 1, len(weights)))
    arm, share = np.empty(n, int), weights / weights.sum()
    for i, mine in enumerate(levels):
        now = counts[np.arange(factors), mine]
        after = (now + np.eye(len(weights))[:, None, :]) / weights
        unlike = np.ptp(after, axis=2).sum(1)
        best = unlike <= unlike.min() + 1e-12
        chance = np.where(best, share / share[best].sum(), 0.0)
        if not best.all():
            rest = np.where(best, 0.0, share / share[~best].sum())
            chance = PREFERRED * chance + (1.0 - PREFERRED) * rest
        arm[i] = rng.choice(len(weights), p=chance)
        counts[np.arange(factors), mine, arm[i]] += 1.0
    return arm


def _therapists(
    design: Course, arm: np.ndarray, site: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Clients of each arm and site divided evenly among its therapists."""
    trial = trial_of(design)
    therapist = np.full(len(arm), -1)
    for number, treated in enumerate(treated_arms(design)):
        first = number * trial.therapists_per_arm if trial.therapists == "nested" else 0
        for place in range(trial.sites) if treated else ():
            mine = np.flatnonzero((arm == number) & (site == place))
            who = np.arange(place, trial.therapists_per_arm, trial.sites)
            therapist[mine] = first + rng.permutation(who[np.arange(len(mine)) % len(who)])
    return therapist


def _of_therapists(
    design: Course, site: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Therapists randomised to arms; clients divided among all therapists of their site."""
    trial, arms = trial_of(design), len(design.arms)
    n = trial.therapists_per_arm * arms
    place = np.arange(n) % trial.sites
    of_therapist = np.empty(n, int)
    for each in range(trial.sites):
        mine = np.flatnonzero(place == each)
        of_therapist[mine] = rng.permutation(np.arange(len(mine)) % arms)
    therapist = np.empty(len(site), int)
    for each in range(trial.sites):
        mine, who = np.flatnonzero(site == each), np.flatnonzero(place == each)
        therapist[mine] = rng.permutation(who[np.arange(len(mine)) % len(who)])
    return of_therapist[therapist], therapist


def _stepped(
    design: Course, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arm, therapist and period of a stepped wedge; all therapists begin in the reference."""
    trial = trial_of(design)
    reference = names_of(design).index(reference_arm(design))
    period = np.arange(n) * (trial.steps + 1) // n
    changes = rng.permutation(np.arange(trial.therapists_per_arm) % trial.steps) + 1
    therapist = np.empty(n, int)
    for each in range(trial.steps + 1):
        mine = np.flatnonzero(period == each)
        therapist[mine] = rng.permutation(np.arange(len(mine)) % trial.therapists_per_arm)
    has_changed = period >= changes[therapist]
    return np.where(has_changed, 1 - reference, reference), therapist, period

"""Randomisation: who gets which arm and which therapist."""

from typing import NamedTuple

import numpy as np

from bowlby.courses.course import Course
from bowlby.courses.trial import treated_arms, trial_of


class Allocation(NamedTuple):
    """Where each client goes, in the order of enrolment.

    Attributes:
        arm: Number of the arm.
        therapist: Number of the therapist, unlike those of other arms; -1 on a waiting list.
    """

    arm: np.ndarray
    therapist: np.ndarray


def allocate(design: Course, *, repetition: int = 0) -> Allocation:
    """Randomise clients to arms in permuted blocks, and divide each arm's among its therapists.

    Args:
        design: The trial.
        repetition: 0 for the trial itself; each repetition has its own list.
    """
    arms, each = len(design.arms), trial_of(design).clients_per_arm
    rng = np.random.default_rng([design.seed, repetition, 1])
    arm = np.concatenate([rng.permutation(arms) for _ in range(each)])
    therapist = np.full(len(arm), -1)
    for number, treated in enumerate(treated_arms(design)):
        if treated:
            first = number * trial_of(design).therapists_per_arm
            seen = np.arange(each) % trial_of(design).therapists_per_arm
            therapist[arm == number] = first + rng.permutation(seen)
    return Allocation(arm, therapist)


def is_missing(design: Course, clients: int, *, repetition: int = 0) -> np.ndarray:
    """Whose outcomes are lost at random: exactly the stated share, rounded."""
    rng = np.random.default_rng([design.seed, repetition, 2])
    lost = np.zeros(clients, bool)
    lost[rng.permutation(clients)[: round(trial_of(design).missing * clients)]] = True
    return lost

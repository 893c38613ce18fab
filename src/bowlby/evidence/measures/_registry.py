"""Which function computes which finding."""

from collections.abc import Callable
from typing import NamedTuple

from bowlby.evidence.samples import Samples

Compute = Callable[[Samples], float]


class Measure(NamedTuple):
    """How a finding is computed from the model.

    Attributes:
        slug: The finding.
        compute: From the samples of one seed to the study's statistic.
    """

    slug: str
    compute: Compute

    @property
    def how(self) -> str:
        """What the function's documentation says."""
        return (self.compute.__doc__ or "").split("\n\n")[0].strip()

    @property
    def is_own(self) -> bool:
        """Whether it is of a user's file."""
        return not self.compute.__module__.startswith("bowlby.")


MEASURES: dict[str, Measure] = {}
"""Slug to measure; users add their own with `measures`."""


def measures(*slugs: str) -> Callable[[Compute], Compute]:
    """Register a function as the measure of findings."""

    def register(compute: Compute) -> Compute:
        for slug in slugs:
            MEASURES[slug] = Measure(slug, compute)
        return compute

    return register

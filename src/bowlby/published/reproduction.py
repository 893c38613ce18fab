"""What a published model, run as a special case, gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import xarray as xr


@dataclass(frozen=True)
class Target:
    """A number that the model must give.

    Attributes:
        value: The number.
        tolerance: Largest absolute difference that still counts as the same.
        source: Where the number comes from: `published`, `derived` or `independent`
            (computed by an independent implementation), and whose.
    """

    value: float
    tolerance: float
    source: str


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A published model's run.

    Attributes:
        name: Name of the preset.
        title: What it shows, in one line.
        citation: The publication.
        checks: Name to the number that this run gave.
        targets: Name to the number it must give, for every check that has one.
        curves: What to draw: variables of one dimension (a line) or two (a line for each value
            of the second), with `long_name` and `units` in their attributes.
        readouts: One row per simulated agent or dyad (dimension `dyad`); empty where the model
            has no agents.
        second_hand: What of it could not be checked with the publication, in one sentence.
    """

    name: str
    title: str
    citation: str
    checks: Mapping[str, float]
    targets: Mapping[str, Target]
    curves: xr.Dataset
    readouts: xr.Dataset = field(default_factory=xr.Dataset)
    second_hand: str = ""

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the checks outside their tolerance."""
        return tuple(
            name
            for name, target in self.targets.items()
            if not abs(self.checks[name] - target.value) <= target.tolerance
        )

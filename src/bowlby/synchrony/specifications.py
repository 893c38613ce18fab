"""The same question under every reasonable way to compute it.

Source:
    Steegen, Tuerlinckx, Gelman & Vanpaemel (2016), Perspectives on Psychological Science 11;
    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4 (specification curve).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.measuring import Settings


@dataclass(frozen=True)
class Choices:
    """The values each choice may take; all combinations are computed.

    Attributes:
        window_s: Window lengths (s).
        step_share: Steps, as shares of the window.
        max_lag_s: Largest lags (s).
        smooth_s: Moving averages (s).
        surrogate: Kinds of surrogate.
        convention: Conventions.
        absolute: Absolute or signed values.
    """

    window_s: tuple[float, ...] = (15.0, 30.0, 60.0)
    step_share: tuple[float, ...] = (0.5, 1.0)
    max_lag_s: tuple[float, ...] = (3.0, 5.0)
    smooth_s: tuple[float, ...] = (0.0, 0.5)
    surrogate: tuple[str, ...] = ("segments", "shift")
    convention: tuple[str, ...] = ("bowlby", "rmea", "susy")
    absolute: tuple[bool, ...] = (True, False)

    def __post_init__(self) -> None:
        """Check that every choice has a value."""
        for field in fields(self):
            if not getattr(self, field.name):
                raise ValueError(f"{field.name} has no value to choose from.")


def specifications(settings: Settings, choices: Choices) -> tuple[Settings, ...]:
    """Every combination of choices as settings, without repeats.

    Combinations that mean the same are computed once: the susy convention knows neither steps
    nor circular shifts of single samples.
    """
    found: dict[Settings, None] = {}
    for window, share, lag, smooth, surrogate, convention, absolute in itertools.product(
        choices.window_s, choices.step_share, choices.max_lag_s, choices.smooth_s,
        choices.surrogate, choices.convention, choices.absolute,
    ):  # fmt: skip
        is_segmentwise = convention == "susy"
        specification = replace(
            settings,
            window_s=window,
            step_s=window if is_segmentwise else window * share,
            max_lag_s=lag,
            smooth_s=smooth,
            surrogate="segments" if is_segmentwise else surrogate,
            convention=convention,
            # One summary a specification: the combined statistic is a choice of all of them.
            statistic="wcc_peak" if CONVENTIONS[convention].smooths else None,
            absolute=absolute,
            measures=("wcc",),
        )
        found[specification] = None
    return tuple(found)


def describe(specifications: Sequence[Settings]) -> list[dict[str, object]]:
    """The choices of each specification, as rows of a table."""
    names = (
        "convention", "window_s", "step_s", "max_lag_s", "smooth_s", "surrogate", "absolute",
    )  # fmt: skip
    return [{name: getattr(s, name) for name in names} for s in specifications]

"""Outcomes: from questionnaires to courses, signals and reports that say how often they err.

The public functions are loaded when first used, so importing the package is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bowlby.outcomes.attachment import attachment_change
    from bowlby.outcomes.change import change
    from bowlby.outcomes.course import fit_course
    from bowlby.outcomes.cutoffs import classify, cutoff
    from bowlby.outcomes.forecasting import expect, forecast
    from bowlby.outcomes.gains import sudden_gains
    from bowlby.outcomes.instruments.scoring import score
    from bowlby.outcomes.ruptures import ruptures
    from bowlby.outcomes.signals import off_course
    from bowlby.outcomes.therapists import therapist_effects

__all__ = [
    "attachment_change",
    "change",
    "classify",
    "cutoff",
    "expect",
    "fit_course",
    "forecast",
    "off_course",
    "ruptures",
    "score",
    "sudden_gains",
    "therapist_effects",
]

_HOMES = {
    "attachment_change": "attachment",
    "change": "change",
    "classify": "cutoffs",
    "cutoff": "cutoffs",
    "expect": "forecasting",
    "fit_course": "course",
    "forecast": "forecasting",
    "off_course": "signals",
    "ruptures": "ruptures",
    "score": "instruments.scoring",
    "sudden_gains": "gains",
    "therapist_effects": "therapists",
}


def __getattr__(name: str) -> Any:
    """Load a public function when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bowlby.outcomes' has no attribute {name!r}")
    return getattr(import_module(f"bowlby.outcomes.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

"""Interpersonal synchrony: its measures, and the surrogates they are tested against.

What is here by name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bowlby.synchrony.phase import cluster_phase
    from bowlby.synchrony.recurrence import categorical_recurrence

__all__ = ["categorical_recurrence", "cluster_phase"]

_HOME = {"categorical_recurrence": "recurrence", "cluster_phase": "phase"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'bowlby.synchrony' has no attribute {name!r}")
    return getattr(import_module(f"bowlby.synchrony.{_HOME[name]}"), name)

"""The theory: one file a mechanism, with its law, its declared numbers and what it is without.

Attributes:
    Theory: Every mechanism; what runs.
    TheoryError: A theory cannot be used.
    Mechanism: Base of a mechanism of one's own.
    parameter: A declared number of a mechanism.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bowlby.theory.declared import Mechanism, parameter
    from bowlby.theory.theory import Theory, TheoryError

__all__ = ["Mechanism", "Theory", "TheoryError", "parameter"]

_HOMES = {
    "Mechanism": "bowlby.theory.declared",
    "parameter": "bowlby.theory.declared",
    "Theory": "bowlby.theory.theory",
    "TheoryError": "bowlby.theory.theory",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used: the vocabulary needs no JAX."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bowlby.theory' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

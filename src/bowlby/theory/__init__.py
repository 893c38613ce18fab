"""The theory: one file a mechanism, with its law, its declared numbers and what it is without.

Attributes:
    Theory: Every mechanism; what runs.
    TheoryError: A theory cannot be used.
    Mechanism: Base of a mechanism of one's own.
    parameter: A declared number of a mechanism.
"""

from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.theory import Theory, TheoryError

__all__ = ["Mechanism", "Theory", "TheoryError", "parameter"]

"""Array aliases of the JAX side."""

from typing import TYPE_CHECKING, Any

from jax import Array
from jaxtyping import ArrayLike, Bool, Float, Int, PRNGKeyArray, Real

if TYPE_CHECKING:
    # A float, a numpy or a JAX number: checkers cannot follow arithmetic over the three.
    Scalar = Any
else:
    Scalar = Real[ArrayLike, "*dyads"]
"""One number, or one per dyad along trailing axes."""

__all__ = ["Array", "ArrayLike", "Bool", "Float", "Int", "PRNGKeyArray", "Real", "Scalar"]

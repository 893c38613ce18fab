"""Formulas that a mapping file gives for a signal, such as `x / 1024 * 3.3 / 0.132`."""

import ast
import operator
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError

_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


def computed(formula: str, x: FloatArray) -> FloatArray:
    """A formula of numbers, `x` and + - * / **, and nothing else."""

    def value(node: ast.AST) -> Any:
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id == "x":
            return x
        raise RecordingError(
            f"formula {formula!r}: only numbers, x and + - * / ** are understood, as in "
            "x / 1024 * 3.3 / 0.132."
        )

    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError as error:
        raise RecordingError(f"formula {formula!r}: cannot be read ({error.msg}).") from error
    with np.errstate(all="ignore"):
        return np.asarray(value(tree), dtype=np.float64) + 0.0 * x

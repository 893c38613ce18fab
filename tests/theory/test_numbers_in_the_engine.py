"""No number of the theory without a name: literals in the bodies of laws and of the engine."""

import ast
from importlib.resources import files

import pytest

PLAIN = {0.0, 0.5, 1.0, 2.0}
"""Numbers that are structure: nothing, half, all, both."""

JUSTIFIED = {
    "simulation/instruments/adult_attachment_interview.py": {},
    "simulation/instruments/caregiver_observed.py": {1e-6: "guard"},
    "simulation/instruments/grown_mind.py": {1e-12: "guard"},
    "simulation/instruments/strange_situation.py": {1e-6: "guard", 4.0: "categories"},
    "simulation/observables.py": {
        0.25: "one action of four", 0.125: "half of that", 1e-6: "guard", 4.0: "categories",
    },
    "simulation/seeker.py": {0.25: "one action of four", 3.0: "categories but one"},
    "simulation/tick.py": {0.25: "one stance of four"},
    "simulation/strange_situation.py": {1e-9: "guard"},
    "simulation/population.py": {},
    "theory/relational_models.py": {
        0.25: "one action of four", 3.0: "categories but one",
        1e-9: "guard", 1e-12: "guard", 1e-20: "guard",
    },
    "theory/stress_axis.py": {
        3.5: "half a week", 4.0: "Karin et al. 2020: GR", 3.0: "the same", 64.0: "GR, solved",
        16.0: "GR, solved", 0.25: "fourth root", 86400.0: "seconds of a day",
    },
    "theory/regulation.py": {1e-12: "guard", 0.999: "inside the edge", 1e-9: "tolerance"},
    "maths/random_words.py": {65536.0: "16 bits", 4.0: "half of eight bits"},
}  # fmt: skip
"""By file: what stands in a body, and what it is."""

OUTSIDE = (
    "emission.py",
    "own_laws.py",
    "instruments/synchrony.py",
    "instruments/synchrony_codebook.py",
)
"""Emission declares how recorders see bodies, at its top; own_laws.py tries laws on a grid."""


def engine_files():
    package = files("bowlby")
    for part in ("theory", "simulation", "simulation/company", "simulation/instruments"):
        for entry in sorted(package.joinpath(part).iterdir(), key=lambda e: e.name):
            name = f"{part}/{entry.name}"
            if entry.name.endswith(".py") and not name.endswith(OUTSIDE):
                yield name, entry.read_text("utf-8")


def literals(source):
    """Floats in function bodies: not defaults, not declarations at the top of a class."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Constant) and isinstance(node.value, float):
                        yield abs(node.value)


@pytest.mark.parametrize(("name", "source"), list(engine_files()), ids=lambda v: v[:60])
def test_every_number_has_a_name_or_a_reason(name, source):
    unnamed = set(literals(source)) - PLAIN - set(JUSTIFIED.get(name, {}))
    assert not unnamed, f"{name}: {sorted(unnamed)}"

"""What a generative model must be: each function raises a ValueError if it is not."""

from typing import TYPE_CHECKING

from bowlby.agents import checks
from bowlby.maths._arrays import Array

if TYPE_CHECKING:
    from bowlby.agents.generative_model import GenerativeModel, Policies


def require_structure(model: "GenerativeModel") -> None:
    """Lengths, and every index of a factor or control in its range."""
    n = len(model.D)
    for name, one in (("A", model.A), ("D", model.D)):
        if not one:
            raise ValueError(f"{name} is empty; a model needs at least one entry of it.")
    for name, one, per, wanted in (
        ("C", model.C, "modality (array of A)", len(model.A)),
        ("A_factors", model.A_factors, "modality (array of A)", len(model.A)),
        ("pA", model.pA, "modality (array of A)", len(model.A)),
        ("blocks", model.blocks, "array of B", len(model.B)),
        ("pB", model.pB, "array of B", len(model.B)),
        ("pD", model.pD, "factor (array of D)", n),
    ):
        checks.require_length(name, len(one), wanted, per)
    named = [(f"A_factors[{m}]", factors) for m, factors in enumerate(model.A_factors)]
    named += [(f"blocks[{g}].given", block.given) for g, block in enumerate(model.blocks)]
    for name, factors in named:
        if len(set(factors)) < len(factors) or not set(factors) <= set(range(n)):
            raise ValueError(
                f"{name} is {tuple(factors)}; it names factors from 0 to {n - 1}, each once."
            )
    moved = sorted(f for block in model.blocks for f in block.moves)
    if moved != list(range(n)):
        raise ValueError(
            f"The blocks of B move factors {moved}; each factor from 0 to "
            f"{n - 1} must be moved exactly once."
        )


def require_shapes(model: "GenerativeModel") -> None:
    """Every array as large as D, `A_factors`, `blocks` and the policies say."""
    require = checks.require_shape
    for f, d in enumerate(model.D):
        require(f"D[{f}]", d.shape, [d.size], "one axis of states")
    sizes = model.factors
    for m, (a, given) in enumerate(zip(model.A, model.A_factors, strict=True)):
        require(f"A[{m}]", a.shape[1:], [sizes[f] for f in given], "after outcomes")
        require(f"C[{m}]", model.C[m].shape, a.shape[:1], "one per outcome")
    for g, (b, block) in enumerate(zip(model.B, model.blocks, strict=True)):
        wanted = [sizes[f] for f in (*block.moves, *block.given)]
        require(f"B[{g}]", b.shape[: len(wanted)], wanted, "next, present")
    require("E", model.E.shape, [len(model.policies)], "one per policy")
    for name, count, array in _counted(model):
        require(name, count.shape, array.shape, "as what it counts")
    _require_policies(model.policies, model.controls)


def _counted(model: "GenerativeModel") -> list[tuple[str, Array, Array]]:
    """Name, counts and expectation of all that is learnt."""
    every = [("pE", model.pE, model.E)]
    for name, counts, arrays in (
        ("pA", model.pA, model.A),
        ("pB", model.pB, model.B),
        ("pD", model.pD, model.D),
    ):
        every += [
            (f"{name}[{i}]", c, x) for i, (c, x) in enumerate(zip(counts, arrays, strict=True))
        ]
    return [(name, count, array) for name, count, array in every if count is not None]


def _require_policies(policies: "Policies", controls: tuple[int, ...]) -> None:
    depth = len(policies[0]) if policies else 0
    for i, policy in enumerate(policies):
        if not depth or len(policy) != depth:
            raise ValueError(
                f"Policy {i} has {len(policy)} steps; all need as many, 1 or more."
            )
        for t, action in enumerate(policy):
            fits = len(action) == len(controls) and all(
                0 <= u < n for u, n in zip(action, controls, strict=True)
            )
            if not fits:
                raise ValueError(
                    f"Policy {i} does {tuple(action)} at step {t}; the model's controls have "
                    f"{controls} states, each chosen from 0."
                )


def require_values(model: "GenerativeModel") -> None:
    """Probabilities, preferences and counts that are such, where they are known."""
    for m, a in enumerate(model.A):
        checks.require_probabilities(f"A[{m}]", a)
    for g, (b, block) in enumerate(zip(model.B, model.blocks, strict=True)):
        checks.require_probabilities(f"B[{g}]", b, len(block.moves))
    for m, c in enumerate(model.C):
        checks.require_finite(
            f"C[{m}]", c, "What must never happen has a large cost, such as -20 nats."
        )
    for f, d in enumerate(model.D):
        checks.require_probabilities(f"D[{f}]", d)
    checks.require_probabilities("E", model.E)
    for name, count, _ in _counted(model):
        checks.require_counts(name, count)

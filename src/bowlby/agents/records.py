"""Records with names: the ticks of an agent as an xarray dataset."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import jax
import numpy as np

from bowlby.agents.agent import Tick
from bowlby.agents.generative_model import GenerativeModel, marginal

if TYPE_CHECKING:
    import xarray as xr

Names = Mapping[str, Sequence[str]]
"""Each factor (modality, control) and its states (outcomes), in the order of the model."""


def to_xarray(
    model: GenerativeModel,
    record: Tick,
    *,
    factors: Names | None = None,
    modalities: Names | None = None,
    controls: Names | None = None,
    leading: Sequence[str] = ("tick",),
) -> "xr.Dataset":
    """The record of `run` or `replay` as a dataset whose axes have names.

    Its variables, after the leading axes: `observation` (modality; -1 where missing), `belief`
    (one axis per factor; for exact inference only), `belief_NAME` for each factor,
    `action_taken` (control), `policy_probability`, `expected_free_energy` and its parts
    (policy), `log_probability` (action), `free_energy`, `complexity`, `inaccuracy` and (exact
    inference) `surprise` (modality). Policies and actions are named by what they do: "go", or
    "stay, then go" over two steps.

    Args:
        model: The model that the record is of.
        record: Ticks along leading axes.
        factors: Name of each factor, with the names of its states; numbers when left out.
        modalities: Name of each modality, with the names of its outcomes.
        controls: Name of each control, with the names of its states.
        leading: Names of the leading axes: ("tick",), or ("agent", "tick") for a batch.

    Raises:
        ValueError: If there are not as many names as factors, states and so on, or as leading
            axes.
    """
    import xarray as xr

    states = _named("factor", factors, model.factors)
    outcomes = _named("modality", modalities, model.outcomes)
    moves = _named("control", controls, model.controls)
    axes = record.observation.ndim - 1
    if axes != len(leading):
        raise ValueError(
            f"leading={tuple(leading)} names {len(leading)} axes and the record has {axes}."
        )
    data = {
        name: ((*leading, *dims), np.asarray(values))
        for name, (dims, values) in (
            _beliefs(record, tuple(states), axes) | _numbers(record)
        ).items()
    }
    coordinates = {
        **states,
        "modality": list(outcomes),
        "control": list(moves),
        "action": [_action(a, moves) for a in model.actions],
        "policy": [", then ".join(_action(a, moves) for a in p) for p in model.policies],
    }
    dataset = xr.Dataset(data, coordinates)
    for name in set(data) - {"observation", "action_taken"}:
        dataset[name].attrs["units"] = "1" if name.startswith(("belief", "policy_")) else "nat"
    dataset["observation"].attrs["outcomes"] = [
        f"{modality}: {', '.join(names)}" for modality, names in outcomes.items()
    ]
    return dataset


def _numbers(record: Tick) -> dict[str, tuple[tuple[str, ...], jax.Array]]:
    """Dimensions (after the leading ones) and values of all but beliefs."""
    seen, expected = record.perception, record.expected_free_energy
    found: dict[str, tuple[tuple[str, ...], jax.Array]] = {
        "observation": (("modality",), record.observation),
        "free_energy": ((), seen.free_energy),
        "complexity": ((), seen.complexity),
        "inaccuracy": (("modality",), seen.inaccuracy),
        "expected_free_energy": (("policy",), expected.total),
        "policy_probability": (("policy",), record.policy),
        "log_probability": (("action",), record.log_probability),
        "action_taken": (("control",), record.action),
    }
    found |= {name: (("policy",), values) for name, values in vars(expected).items()}
    if seen.surprise is not None:
        found["surprise"] = (("modality",), seen.surprise)
    return found


def _beliefs(
    record: Tick, factors: tuple[str, ...], axes: int
) -> dict[str, tuple[tuple[str, ...], jax.Array]]:
    belief, single = record.perception.belief, {}
    for f, name in enumerate(factors):
        of_factor = lambda belief, f=f: marginal(belief, [f])  # noqa: E731
        for _ in range(axes):
            of_factor = jax.vmap(of_factor)
        single[f"belief_{name}"] = ((name,), of_factor(belief))
    return single if isinstance(belief, tuple) else {"belief": (factors, belief), **single}


def _action(action: Sequence[int], controls: dict[str, list[str]]) -> str:
    return " & ".join(names[u] for u, names in zip(action, controls.values(), strict=True))


def _named(what: str, names: Names | None, sizes: Sequence[int]) -> dict[str, list[str]]:
    """Names of each factor (modality, control) and its states, made up where left out."""
    if names is None:
        return {f"{what}_{i}": [str(x) for x in range(n)] for i, n in enumerate(sizes)}
    found = tuple(len(each) for each in names.values())
    if found != tuple(sizes):
        raise ValueError(
            f"The names of each {what} are {found} in number; the model has {tuple(sizes)}."
        )
    return {name: list(each) for name, each in names.items()}

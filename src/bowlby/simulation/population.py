"""Populations: who takes part, drawn from distributions with one key per dyad."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import RelationalMind
from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.simulation.dyad import Figure, Seeker, Switches
from bowlby.simulation.protocols import FORCED, PROTOCOLS, Propensities, propensity_table
from bowlby.simulation.therapy import INTERVENTIONS, Protocol


class Caregivers(NamedTuple):
    """Distribution of caregivers: three channels, two of them correlated with mentalising.

    Attributes:
        contingency: Mean of r.
        mentalising: Mean of logit m_f.
        threat: Mean of ln h.
        contingency_sd: Standard deviation of r.
        mentalising_sd: Standard deviation of logit m_f.
        threat_sd: Standard deviation of ln h.
    """

    contingency: float = 0.6
    mentalising: float = 0.7
    threat: float = -1.0
    contingency_sd: float = 1.1
    mentalising_sd: float = 1.2
    threat_sd: float = 1.1


_CORRELATIONS = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, -0.2], [0.0, -0.2, 1.0]])


def dyad_keys(seed: int, dyads: np.ndarray) -> PRNGKeyArray:
    """One key per dyad number, whoever else is simulated."""
    key = jax.random.key(seed)
    return jax.vmap(lambda dyad: jax.random.fold_in(key, dyad))(jnp.asarray(dyads))


def normals(keys: PRNGKeyArray, stream: int, count: int) -> np.ndarray:
    """Standard normal numbers (count, dyads) of a named stream."""
    draw = jax.vmap(lambda key: jax.random.normal(jax.random.fold_in(key, stream), (count,)))
    return np.asarray(draw(keys)).T


CAREGIVER_STREAM, SEEKER_STREAM, PARTNER_STREAM, THERAPIST_STREAM, READOUT_STREAM = range(
    2**30, 2**30 + 5
)
LATER_STREAM = 2**30 + 10


def caregivers(
    keys: PRNGKeyArray, population: Caregivers, *, stability: float = 1.0
) -> dict[str, np.ndarray]:
    """Traits of one caregiver per dyad.

    Args:
        keys: One per dyad.
        population: What they are drawn from.
        stability: Correlation of each channel with what it is at stability 1: the same
            caregivers later, their distribution unchanged.
    """
    drawn = stability * normals(keys, CAREGIVER_STREAM, 3)
    if stability < 1.0:
        drawn = drawn + (1.0 - stability**2) ** 0.5 * normals(keys, LATER_STREAM, 3)
    z = np.linalg.cholesky(_CORRELATIONS) @ drawn
    means, sds = population[:3], population[3:]
    r, m, h = (mean + sd * values for mean, sd, values in zip(means, sds, z, strict=True))
    return {"contingency": r, "mentalising": 1.0 / (1.0 + np.exp(-m)), "threat": np.exp(h)}


def shifts(keys: PRNGKeyArray, count: int) -> list[PRNGKeyArray]:
    """Keys of the caregivers on shift, one set for each encounter."""
    return [
        jax.vmap(lambda k, i=i: jax.random.fold_in(k, 2**28 + i))(keys) for i in range(count)
    ]


def partners(keys: PRNGKeyArray, quality: float = 0.0) -> dict[str, np.ndarray]:
    """Traits of one partner in life per dyad: ordinary good-enough others.

    Args:
        keys: One per dyad.
        quality: By how much all are better than that (standard deviations).
    """
    z = normals(keys, PARTNER_STREAM, 3)
    return {
        "contingency": 0.7 + 0.35 * (z[0] + quality),
        "mentalising": 1.0 / (1.0 + np.exp(-(0.6 + 0.4 * (z[1] + quality)))),
        "threat": np.exp(-2.0 + 0.6 * (z[2] - quality)),
    }


def therapist_population(
    seed: int, therapist: np.ndarray, *, skill_sd: float = 1.0
) -> dict[str, np.ndarray]:
    """Traits of the numbered therapist of each dyad.

    Skill, of the given standard deviation, moves mentalising, latency, repair and own
    attachment together.
    """
    skill, anxious, avoidant = normals(dyad_keys(seed, therapist), THERAPIST_STREAM, 3)
    skill = skill_sd * skill
    return {
        "mentalising": 1.0 / (1.0 + np.exp(-(0.6 + skill))),
        "latency_s": np.clip(2.2 - 0.8 * skill, 0.5, 5.0),
        "repair": np.clip(0.55 + 0.25 * skill, 0.05, 0.95),
        "anxiety": np.clip(np.exp(-1.5 - 0.4 * skill + 0.3 * anxious), 0.0, 1.0),
        "avoidance": np.clip(np.exp(-1.5 - 0.4 * skill + 0.3 * avoidant), 0.0, 1.0),
        "contagion": 0.03 * np.exp(-0.2 * skill),
    }


def seekers(keys: PRNGKeyArray, values: dict[str, float]) -> Seeker:
    """Seekers with given parameters (of the mind or of the body) and individual reactivity."""
    n = len(keys)
    mind_names = RelationalMind.__dataclass_fields__
    mind = {name: value for name, value in values.items() if name in mind_names}
    own = {name: value for name, value in values.items() if name not in mind_names}
    spread = own.pop("reactivity_sd", 0.25) * normals(keys, SEEKER_STREAM, 1)[0]
    reactivity = own.pop("reactivity", 1.0) * np.exp(spread)
    return filled(Seeker(RelationalMind(**mind), reactivity=reactivity, **own), n)


def figures(n: int, traits: Mapping[str, Any]) -> Figure:
    """Figures with given traits."""
    return filled(Figure(**traits), n)


def protocols(
    n: int, name: str, custom: tuple[Propensities, Propensities] | None, switch_session: int
) -> Protocol:
    """A protocol for `n` dyads, by name or with propensities of one's own."""
    early, late = (
        jnp.broadcast_to(
            jnp.asarray(propensity_table(p))[..., None], (len(INTERVENTIONS), 2, 2, n)
        )
        for p in custom or PROTOCOLS[name]
    )
    is_forced, chooses = name in FORCED, name == "active_inference"
    one = jnp.ones(n, jnp.float32)
    return Protocol(early, late, switch_session * one, is_forced * one, chooses * one)


def switches(ablated: tuple[str, ...] = ()) -> Switches:
    """Switches with the named mechanisms off."""
    on = Switches(**dict.fromkeys(ablated, 0.0))
    return jax.tree.map(lambda value: jnp.float32(value), on)


def filled(module: eqx.Module, n: int):
    """The module with every number repeated for each dyad."""

    def fill(leaf) -> Array:
        return jnp.broadcast_to(jnp.asarray(leaf, jnp.float32), (n,))

    return jax.tree.map(fill, module)

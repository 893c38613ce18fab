"""The Strange Situation: two separations, two reunions, nothing learnt.

Source: Ainsworth, Blehar, Waters & Wall (1978), Patterns of Attachment; shortened to the
episodes that are scored.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import PRNGKeyArray
from bowlby.simulation.bodies import ContactTable
from bowlby.simulation.dyad import MODELS
from bowlby.simulation.encounter import (
    BLOCK,
    Pair,
    People,
    Setting,
    Totals,
    care_block,
    no_totals,
)

_AWAY = np.zeros(2 * BLOCK, np.float32)
_AWAY[18:36] = _AWAY[54:72] = 1.0
_REUNION = np.zeros(2 * BLOCK, np.float32)
_REUNION[36:48] = _REUNION[72:84] = 1.0


def strange_situation(
    pair: Pair,
    keys: PRNGKeyArray,
    number: int,
    people: People,
    table: ContactTable,
    setting: Setting,
    *,
    depth: int,
) -> Totals:
    """Sums over two reunions of two minutes, each after three minutes of separation.

    Nothing of it is learnt: it is a probe.
    """
    n = pair.trust.shape[0]
    reunion = no_totals(n, MODELS)
    for half in range(2):
        span = slice(half * BLOCK, (half + 1) * BLOCK)
        away = _AWAY[span]
        pair, _, trace = care_block(
            pair, no_totals(n, MODELS), keys, jnp.asarray(number + half), jnp.asarray(away),
            people, table, setting, depth=depth, keeps_ticks=True,
        )  # fmt: skip
        reunion = _reunions(reunion, trace, jnp.asarray(_REUNION[span]))
    return reunion


@eqx.filter_jit
def _reunions(totals, trace, counted):
    """Policy by distress, entropy, fear and conflict over the counted ticks."""
    weight = counted.reshape(-1, 1)
    state = jax.nn.one_hot(trace["distress"], 4, axis=1)  # tick s dyads
    uneasy = weight * (1.0 - state[:, 0])
    policy = trace["policy"]
    entropy = -(policy * jnp.log(policy + 1e-9)).sum(1)
    conflict = 2.0 * jnp.minimum(policy[:, 0] + policy[:, 3], policy[:, 2])
    return totals | {
        "ticks": totals["ticks"] + weight.sum(0),
        "policy": totals["policy"]
        + (weight[:, None, None] * state[:, :, None] * policy[:, None]).sum(0),
        "distress": totals["distress"] + (weight[:, None] * state).sum(0),
        "entropy": totals["entropy"] + (uneasy * entropy).sum(0),
        "conflict": totals["conflict"] + (uneasy * conflict).sum(0),
        "stance": totals["stance"] + (weight[:, None] * trace["stance"]).sum(0),
        "arousal": totals["arousal"] + (weight * jnp.abs(trace["arousal"][:, -1, 0])).sum(0),
    }

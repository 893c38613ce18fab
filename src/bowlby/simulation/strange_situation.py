"""The Strange Situation: two separations, two reunions, nothing learnt.

Source: Ainsworth, Blehar, Waters & Wall (1978), Patterns of Attachment; shortened to the
episodes that are scored.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import PRNGKeyArray
from bowlby.simulation.company.caregiver import CAREGIVER, AtHome
from bowlby.simulation.dyad import Pace, People
from bowlby.simulation.encounter import BLOCK, block
from bowlby.simulation.observables import Sums, zero_sums
from bowlby.simulation.tick import Pair

AWAY_S = ((180.0, 360.0), (540.0, 720.0))
"""When the figure is away (s)."""

REUNION_S = ((360.0, 480.0), (720.0, 840.0))
"""When the reunions are scored (s)."""

LENGTH_S = 1000.0
"""Length of the procedure (s)."""


def strange_situation(
    pair: Pair,
    keys: PRNGKeyArray,
    number: int,
    people: People,
    setting: AtHome,
    *,
    pace: Pace,
) -> Sums:
    """Sums over two reunions of two minutes, each after three minutes of separation.

    Nothing of it is learnt: it is a probe.
    """
    n, theory = pair.trust.shape[0], people.world.theory
    reunion = zero_sums(n, theory)
    begins = np.arange(0.0, LENGTH_S, pace.tick_s)
    away, counted = _within(begins, AWAY_S), _within(begins, REUNION_S)
    for i in range(len(begins) // BLOCK):
        span = slice(i * BLOCK, (i + 1) * BLOCK)
        pair, _, trace = block(
            pair,
            zero_sums(n, theory),
            keys,
            jnp.asarray(number + i),
            jnp.broadcast_to(away[span][:, None], (BLOCK, n)),
            people,
            setting,
            figure=CAREGIVER,
            pace=pace,
            keeps_ticks=True,
        )
        reunion = _reunions(reunion, trace, jnp.asarray(counted[span]))
    return reunion


def _within(times: np.ndarray, spans: tuple[tuple[float, float], ...]) -> np.ndarray:
    inside = [(times >= start) & (times < end) for start, end in spans]
    return np.any(inside, axis=0).astype(np.float32)


@eqx.filter_jit
def _reunions(sums, trace, counted):
    """Policy by distress, and what is seen of the figure, over the counted ticks."""
    weight = counted.reshape(-1, 1)
    state = jax.nn.one_hot(trace["distress"], 4, axis=1)  # tick s dyads
    policy = trace["policy"]
    return sums | {
        "ticks": sums["ticks"] + weight.sum(0),
        "policy": sums["policy"]
        + (weight[:, None, None] * state[:, :, None] * policy[:, None]).sum(0),
        "distress": sums["distress"] + (weight[:, None] * state).sum(0),
        "stance": sums["stance"] + (weight[:, None] * trace["perceived_stance"]).sum(0),
        "arousal": sums["arousal"] + (weight * jnp.abs(trace["arousal"][:, -1, 0])).sum(0),
    }

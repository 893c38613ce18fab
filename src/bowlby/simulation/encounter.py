"""Encounters: blocks of ticks of a care-seeker with a figure.

One compiled block serves every encounter of a kind of figure, every arm and every theory whose
laws are the same: all that differs is data. Summaries are sums over ticks; the ticks themselves
are kept only when asked.
"""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.maths.random_words import random_words
from bowlby.simulation.dyad import Pace, People
from bowlby.simulation.observables import Sums, Trace, added, joined_ticks, kept, zero_sums
from bowlby.simulation.tick import Figure, Pair, chance_of, tick, words_of

BLOCK = 50
"""Ticks in a block."""


@eqx.filter_jit
def block(
    pair: Pair,
    sums: Sums,
    keys: PRNGKeyArray,
    number: Array,
    cues: Any,
    people: People,
    setting: Any,
    *,
    figure: Figure,
    pace: Pace,
    keeps_ticks: bool,
) -> tuple[Pair, Sums, Trace | None]:
    """A block of ticks with a figure.

    Args:
        pair: The two at the start.
        sums: Sums so far in this encounter.
        keys: One key per dyad.
        number: Which block of each dyad's random stream.
        cues: What each tick is told from outside (tick, ...), by the kind of figure; the block
            is as long as this.
        people: Who meets.
        setting: What the encounter is like, by the kind of figure.
        figure: The kind of figure.
        pace: Length of a tick, actions looked ahead.
        keeps_ticks: Whether to return the ticks.
    """
    words = random_words(keys, number, cues.shape[0], words_of(pace))
    turns = None
    if pace.ticks_of_turn > 1:
        first = jnp.arange(len(words)) // pace.ticks_of_turn * pace.ticks_of_turn
        turns = words[first]

    def step(state, inputs):
        pair, sums = state
        word, turn, cue = inputs
        chance = chance_of(word, pace, turn)
        ticked = tick(pair, figure, people, setting, cue, chance, pace)
        return (ticked.after, added(sums, ticked)), kept(ticked) if keeps_ticks else None

    (pair, sums), ticks = jax.lax.scan(step, (pair, sums), (words, turns, cues))
    return pair, sums, ticks


def encounter(
    pair: Pair,
    keys: PRNGKeyArray,
    numbers: Sequence[int],
    cue: Array,
    people: People,
    setting: Any,
    *,
    figure: Figure,
    pace: Pace,
    keeps_ticks: bool = False,
) -> tuple[Pair, Sums, dict[str, Any]]:
    """An encounter of several blocks in which every tick is told the same.

    Args:
        pair: The two at the start.
        keys: One key per dyad.
        numbers: Blocks of each dyad's random stream.
        cue: What every tick is told from outside.
        people: Who meets.
        setting: What the encounter is like.
        figure: The kind of figure.
        pace: Length of a tick, actions looked ahead.
        keeps_ticks: Whether to return the ticks.

    Returns:
        The pair at the end, sums and kept ticks.
    """
    sums, traces = zero_sums(pair.trust.shape[0], people.world.theory), []
    cues = jnp.broadcast_to(cue, (BLOCK, *jnp.shape(cue)))
    for number in numbers:
        pair, sums, trace = block(
            pair,
            sums,
            keys,
            jnp.asarray(number),
            cues,
            people,
            setting,
            figure=figure,
            pace=pace,
            keeps_ticks=keeps_ticks,
        )
        traces.append(trace)
    return pair, sums, joined_ticks(traces)

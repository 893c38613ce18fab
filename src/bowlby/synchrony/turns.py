"""Turn-taking: who speaks how much, how fast they answer, and whether that is by chance.

Speech is on or off, and two people who talk to one another take turns: their speech goes
against each other by nature, so a correlation of it says nothing and is not given. What is
tested is the timing. The null turns the second person's whole speech round the session by a
random time: both keep every stretch and pause of theirs, and only the match is at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.significance import Comparison, compare

BACK_CHANNEL_S = 1.0
_FEWEST_ANSWERS = 10

Spans = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Turn:
    """One turn.

    Attributes:
        person: 0 for the first, 1 for the second.
        begin_s: Begin (s).
        end_s: End (s).
    """

    person: int
    begin_s: float
    end_s: float


@dataclass(frozen=True)
class TurnMeasure:
    """One number about the two people's talk.

    Attributes:
        name: What it is.
        person: 0, 1, or None where it is about both.
        comparison: The value; with its null where there is one.
        count: What it rests on: turns, transfers, pairs of answers.
    """

    name: str
    person: int | None
    comparison: Comparison
    count: int


def turns_of(first: Spans, second: Spans) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """Turns, and back-channels apart.

    A stretch of less than 1 s that lies inside the other's is a back-channel. Stretches of one
    person with no turn of the other beginning between them are one turn.

    Args:
        first: Begin and end of the first person's stretches of speech (s), in order.
        second: The second person's.
    """
    spans = (tuple(first), tuple(second))
    kept: list[Turn] = []
    back: list[Turn] = []
    for person in (0, 1):
        begins = np.array([a for a, _ in spans[1 - person]])
        ends = np.array([b for _, b in spans[1 - person]])
        for begin, end in spans[person]:
            is_inside = len(begins) > 0 and bool(np.any((begins <= begin) & (ends >= end)))
            turn = Turn(person, begin, end)
            (back if is_inside and end - begin < BACK_CHANNEL_S else kept).append(turn)
    turns: list[Turn] = []
    for turn in sorted(kept, key=lambda each: (each.begin_s, each.end_s)):
        if turns and turns[-1].person == turn.person:
            end = max(turns[-1].end_s, turn.end_s)
            turns[-1] = Turn(turn.person, turns[-1].begin_s, end)
        else:
            turns.append(turn)
    return tuple(turns), tuple(sorted(back, key=lambda each: each.begin_s))


def transfers(turns: Sequence[Turn]) -> tuple[FloatArray, np.ndarray]:
    """Time from the end of a turn to the begin of the other's answer (s), and who answers.

    Negative where the answer begins before the end. Only changes of the speaker count.
    """
    pairs = [
        (b.begin_s - a.end_s, b.person) for a, b in pairwise(turns) if a.person != b.person
    ]
    times = np.array([time for time, _ in pairs], dtype=np.float64)
    return times, np.array([person for _, person in pairs], dtype=np.int64)


def measure_turns(
    first: Spans,
    second: Spans,
    duration_s: float,
    *,
    surrogates: int = 999,
    seed: int = 1,
) -> tuple[TurnMeasure, ...]:
    """Measures of two people's talk, those of timing against turned speech.

    Args:
        first: Begin and end of the first person's stretches of speech (s), in order.
        second: The second person's.
        duration_s: Length of the session (s).
        surrogates: Random turns, 0 for no test.
        seed: Their seed.

    Raises:
        ValueError: If somebody never speaks.
    """
    for place, spans in (("first", first), ("second", second)):
        if not spans:
            raise ValueError(f"The {place} person never speaks.")
    turns, back = turns_of(first, second)
    measures = _each(turns, back, (first, second))
    rng = np.random.default_rng(seed)
    own = _timing(first, second)
    null = np.array([
        _timing(first, _turned(second, rng.uniform(0, duration_s), duration_s))
        for _ in range(surrogates)
    ]).reshape(surrogates, len(own))  # fmt: skip
    times, _ = transfers(turns)
    for i, name in enumerate(("both_speaking_s", "gap_median_s", "gap_iqr_s", "overlap_share")):
        compared = compare(float(own[i]), null[:, i], is_two_sided=True)
        measures.append(TurnMeasure(name, None, compared, len(times)))
    measures += _following(turns, surrogates, rng)
    return tuple(measures)


def _plain(value: float) -> Comparison:
    return Comparison(float(value), np.nan, np.nan, np.nan, np.nan)


def _each(
    turns: Sequence[Turn], back: Sequence[Turn], spans: tuple[Spans, Spans]
) -> list[TurnMeasure]:
    """What each person's talk is like."""
    talk = [sum(b - a for a, b in own) for own in spans]
    times, who = transfers(turns)
    found = []
    for person in (0, 1):
        mine = [turn.end_s - turn.begin_s for turn in turns if turn.person == person]
        answers = times[who == person]
        values = (
            ("talk_s", talk[person], len(spans[person])),
            ("talk_share", talk[person] / sum(talk), len(spans[person])),
            ("turns", len(mine), len(mine)),
            ("turn_mean_s", np.mean(mine) if mine else np.nan, len(mine)),
            ("turn_median_s", np.median(mine) if mine else np.nan, len(mine)),
            ("back_channels", sum(turn.person == person for turn in back), len(back)),
            ("latency_mean_s", np.mean(answers) if len(answers) else np.nan, len(answers)),
            ("latency_median_s", np.median(answers) if len(answers) else np.nan, len(answers)),
        )
        found += [TurnMeasure(name, person, _plain(v), count) for name, v, count in values]
    if len(times):
        found.append(TurnMeasure("gap_mean_s", None, _plain(times.mean()), len(times)))
    return found


def _timing(first: Spans, second: Spans) -> FloatArray:
    """Time both speak, median and spread of gaps, share of answers that overlap."""
    times, _ = transfers(turns_of(first, second)[0])
    both = _both_s(first, second)
    if len(times) < 2:
        return np.array([both, np.nan, np.nan, np.nan])
    low, middle, high = np.percentile(times, [25, 50, 75])
    return np.array([both, middle, high - low, np.mean(times < 0)])


def _both_s(first: Spans, second: Spans) -> float:
    edges = [(t, sign, k) for k, own in enumerate((first, second)) for a, b in own
             for t, sign in ((a, 1), (b, -1))]  # fmt: skip
    total, last, speaking = 0.0, 0.0, [0, 0]
    for time, sign, person in sorted(edges):
        if all(speaking):
            total += time - last
        speaking[person] += sign
        last = time
    return total


def _turned(spans: Spans, shift_s: float, duration_s: float) -> Spans:
    """Speech moved round the session; a stretch over the end is cut in two."""
    made = []
    for a, b in spans:
        begin = (a + shift_s) % duration_s
        end = begin + (b - a)
        made.append((begin, min(end, duration_s)))
        if end > duration_s:
            made.append((0.0, end - duration_s))
    return sorted(made)


def _following(
    turns: Sequence[Turn], surrogates: int, rng: np.random.Generator
) -> list[TurnMeasure]:
    """Whether each person's latency follows the one they were answered with before (Spearman).

    Null: the other's latencies are turned round in their order.
    """
    from scipy.stats import rankdata

    times, who = transfers(turns)
    found = []
    for person in (0, 1):
        at = np.flatnonzero((who[1:] == person) & (who[:-1] != person)) + 1
        count = len(at)
        if count < _FEWEST_ANSWERS:
            found.append(TurnMeasure("latency_follows", person, _plain(np.nan), count))
            continue
        mine, theirs = rankdata(times[at]), rankdata(times[at - 1])
        mine, theirs = mine - mine.mean(), theirs - theirs.mean()
        scale = np.sqrt((mine @ mine) * (theirs @ theirs))
        own = mine @ theirs / scale if scale > 0 else np.nan
        null = np.array([
            mine @ np.roll(theirs, rng.integers(1, count)) / scale for _ in range(surrogates)
        ])  # fmt: skip
        compared = compare(float(own), null, is_two_sided=True)
        found.append(TurnMeasure("latency_follows", person, compared, count))
    return found

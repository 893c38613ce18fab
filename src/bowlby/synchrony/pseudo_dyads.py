"""Real dyads against pseudo-dyads: does it matter who sits with whom?

Each cell of a table stands for the first person of one dyad with the second of another, in all
their sessions; the diagonal holds the real dyads. Whole people are re-paired, so that what is a
person's own in every session (a breathing rate, liveliness) stays with them. Every pair is
standardised by surrogates of its own, so that sessions of different lengths compare.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import BoolArray, FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.statistics.effect_sizes import average_sd, cohens_d
from bowlby.synchrony.measuring import Settings, standing
from bowlby.synchrony.mismatched import Mapper, Session, may_be_mismatched, pseudo_pair
from bowlby.synchrony.significance import rank_p
from bowlby.synchrony.stretches import coarsen

_SURROGATES = 39
# Motion is smoothed over .5 s: a faster rate costs time and adds nothing.
_RATE_HZ = 5.0
_FEWEST_STRANGERS = 19


@dataclass(frozen=True, eq=False)
class PseudoDyads:
    """Real dyads against pseudo-dyads.

    Attributes:
        real: z against surrogates of each real session.
        pseudo: The same of the sessions of pseudo-dyads.
        d: Cohen's d, real less pseudo, in the root of the mean of both variances.
        p: Share of random re-pairings whose mean is at least as large as the real one.
        dyads: The dyads.
        p_dyad: Share of the pseudo-dyads of a dyad's two people, itself counted, that are at
            least as synchronised as it is (one a dyad); NaN with fewer than 19 of them.
    """

    real: FloatArray
    pseudo: FloatArray
    d: float
    p: float
    dyads: tuple[str, ...] = ()
    p_dyad: FloatArray | None = None


def pseudo_dyads(
    sessions: Sequence[Session],
    settings: Settings | None = None,
    *,
    permutations: int = 9999,
    mapper: Mapper = map,
) -> PseudoDyads:
    """Test whether dyads are more synchronised than pseudo-dyads of the same people.

    Null hypothesis: who sits with whom does not matter. Re-pairings are drawn from all
    permutations of the second partners, real pairs among them: leaving those out would make p
    too small in small studies. With n dyads p cannot fall below about 1 / n!. A dyad without a
    valid window is left out, with both its people.

    Args:
        sessions: The study's sessions, one signal; a dyad's in the order of time.
        settings: How the study is measured.
        permutations: Random re-pairings.
        mapper: `map`, or one that works in parallel.

    Raises:
        ValueError: If fewer than three dyads can be re-paired or measured.
    """
    settings = settings or Settings()
    dyads = tuple(dict.fromkeys(session.dyad for session in sessions))
    of_dyad = [[s for s in sessions if s.dyad == dyad] for dyad in dyads]
    allowed = np.array([[_never_met(a, b) for b in of_dyad] for a in of_dyad])
    if len(dyads) < 3 or not allowed.any(axis=1).all():
        raise ValueError(
            f"{len(dyads)} dyads make no pseudo-dyads for each person; at least three of "
            "different people are needed."
        )
    table, values = _table(of_dyad, allowed, settings, mapper)
    measured = np.isfinite(np.diag(table))
    if measured.sum() < 3:
        raise ValueError(
            f"{measured.sum()} of {len(dyads)} dyads have a window with enough valid samples; "
            "at least three are needed. Use shorter windows or a lower min_coverage."
        )
    kept = [i for i in range(len(dyads)) if measured[i]]
    real = np.concatenate([values[i, i] for i in kept])
    pseudo = np.concatenate([values[i, j] for i in kept for j in kept if allowed[i, j]])
    table, allowed = table[np.ix_(kept, kept)], allowed[np.ix_(kept, kept)]
    rng = np.random.default_rng(settings.seed)
    means = np.array([_repaired_mean(table, rng) for _ in range(permutations)])
    return PseudoDyads(
        real=real,
        pseudo=pseudo,
        d=cohens_d(real, pseudo, sd=average_sd),
        p=rank_p(float(np.diag(table).mean()), means),
        dyads=tuple(dyads[i] for i in kept),
        p_dyad=_against_own_strangers(table, allowed),
    )


def _never_met(first: Sequence[Session], second: Sequence[Session]) -> bool:
    return all(may_be_mismatched(a, b) for a in first for b in second)


def _table(
    of_dyad: Sequence[Sequence[Session]], allowed: BoolArray, settings: Settings, mapper: Mapper
) -> tuple[FloatArray, dict[tuple[int, int], FloatArray]]:
    """Sum of z over sessions by the root of their number, and the z of each session.

    The sum has the same spread without coupling however many sessions two people share.
    """
    n = len(of_dyad)
    cells = [(i, j) for i in range(n) for j in range(n) if i == j or allowed[i, j]]
    jobs, of_cell = [], []
    for i, j in cells:
        for first, second in zip(of_dyad[i], of_dyad[j], strict=False):
            jobs.append((_coarse(pseudo_pair(first, second)), settings))
            of_cell.append((i, j))
    found: dict[tuple[int, int], list[float]] = {cell: [] for cell in cells}
    for cell, z in zip(of_cell, mapper(_z_of, jobs), strict=True):
        if np.isfinite(z):
            found[cell].append(z)
    table = np.full((n, n), np.nan)
    for cell, z in found.items():
        if z:
            table[cell] = sum(z) / np.sqrt(len(z))
    return table, {cell: np.array(z) for cell, z in found.items()}


def _coarse(pair: SignalPair) -> SignalPair:
    found = coarsen(pair.x, pair.y, rate_hz=pair.rate_hz, rate_hz_max=_RATE_HZ)
    return replace(pair, x=found.x, y=found.y, rate_hz=found.rate_hz)


def _z_of(job: tuple[SignalPair, Settings]) -> float:
    """Standing of one pair among its surrogates; NaN if no window has enough valid samples."""
    pair, settings = job
    settings = replace(
        settings, surrogates=min(settings.surrogates or _SURROGATES, _SURROGATES)
    )
    # The samples seed the surrogates, so that a pair's number hangs on nothing else.
    content = np.concatenate([pair.x, pair.y]).tobytes()
    try:
        return standing(
            pair, settings, np.random.default_rng([settings.seed, zlib.crc32(content)])
        )
    except ValueError:
        return np.nan


def _repaired_mean(table: FloatArray, rng: np.random.Generator) -> float:
    """Mean over a random one-to-one re-pairing of first with second partners."""
    chosen = table[np.arange(len(table)), rng.permutation(len(table))]
    return float(np.nanmean(chosen)) if np.isfinite(chosen).any() else np.nan


def _against_own_strangers(table: FloatArray, allowed: BoolArray) -> FloatArray:
    """P of each dyad among the pseudo-dyads that hold one of its people."""
    p = np.full(len(table), np.nan)
    for i, own in enumerate(np.diag(table)):
        others = np.concatenate([table[i, allowed[i]], table[allowed[:, i], i]])
        others = others[np.isfinite(others)]
        if len(others) >= _FEWEST_STRANGERS:
            p[i] = rank_p(float(own), others)
    return p

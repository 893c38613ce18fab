"""Pseudo-dyads: people who never met, and what the pipeline says of them.

The first partner of one recording is paired with the second partner of another. Roles are kept,
and nobody is paired with their own partner from another session, nor with themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.statistics.effect_sizes import average_sd, cohens_d
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair
from bowlby.synchrony.windowed import correlation_matrix, mean_over


@dataclass(frozen=True, eq=False)
class Session:
    """One recording's signal with what tells people apart.

    Attributes:
        name: The recording's name.
        pair: The prepared signal of both partners.
        first_person: Identity of the first partner across recordings.
        second_person: Identity of the second partner.
        dyad: Identity of the dyad.
    """

    name: str
    pair: SignalPair
    first_person: str
    second_person: str
    dyad: str


def may_be_mismatched(first: Session, second: Session) -> bool:
    """Whether the first partner of one session and the second of another never met."""
    return (
        first.dyad != second.dyad
        and first.first_person != second.second_person
        and first.second_person != second.second_person
        and first.first_person != second.first_person
    )


def mismatched_pairs(sessions: Sequence[Session]) -> Iterator[tuple[Session, Session]]:
    """Every ordered pair of sessions whose partners never met: the pseudo-dyads."""
    for first in sessions:
        for second in sessions:
            if may_be_mismatched(first, second):
                yield first, second


def pseudo_pair(first: Session, second: Session) -> SignalPair:
    """First partner of one session with the second of another, cut to the shorter.

    Raises:
        ValueError: If the sessions were sampled at different rates.
    """
    if first.pair.rate_hz != second.pair.rate_hz:
        raise ValueError(
            f"{first.name} has {first.pair.rate_hz:g} Hz and {second.name} "
            f"{second.pair.rate_hz:g} Hz; mismatched pairs need one rate."
        )
    n = min(len(first.pair.x), len(second.pair.y))
    return replace(first.pair, x=first.pair.x[:n], y=second.pair.y[:n])


@dataclass(frozen=True, eq=False)
class FalsePositives:
    """How often pseudo-dyads are called synchronous: the rate of false positives.

    Attributes:
        statistic: The statistic tested, the convention's default.
        definition: What it is, in words.
        alpha: Level of the test.
        pairs: Mismatched pairs tested; those without a valid window are not.
        rejected: Pairs with p <= alpha.
        rate: Share rejected; should be about alpha.
        low: Lower end of its exact 95 % binomial interval, as if pairs were independent.
        high: Upper end.
        p: p-value of every pair.
    """

    statistic: str
    definition: str
    alpha: float
    pairs: int
    rejected: int
    rate: float
    low: float
    high: float
    p: FloatArray

    @property
    def statement(self) -> str:
        """The result in one sentence."""
        return (
            f"{self.rejected} of {self.pairs} pseudo-dyads have p at or below "
            f"{self.alpha:g}: {self.rate:.1%} (95 % interval {self.low:.1%}-{self.high:.1%})."
        )


Mapper = Callable[[Callable, Iterable], Iterable]


def false_positives(
    sessions: Sequence[Session],
    settings: Settings | None = None,
    *,
    alpha: float = 0.05,
    mapper: Mapper = map,
) -> FalsePositives:
    """Test every pseudo-dyad of a study as if it were a dyad.

    Args:
        sessions: The study's sessions, one signal.
        settings: How the study is measured; only the windowed correlation is tested.
        alpha: Level of the test.
        mapper: `map`, or one that works in parallel.

    Raises:
        ValueError: If there are no mismatched pairs or no surrogates.

    Source:
        The idea is ours; the interval is Clopper & Pearson (1934).
    """
    from scipy.stats import binomtest

    settings = replace(settings or Settings(), measures=("wcc",))
    if not settings.surrogates:
        raise ValueError(
            "Counting false positives needs surrogates; --surrogates 0 leaves none."
        )
    jobs = [
        (pseudo_pair(first, second), f"{first.name}|{second.name}", settings)
        for first, second in mismatched_pairs(sessions)
    ]
    if not jobs:
        raise ValueError(
            "The check of false positives needs at least two recordings of different people; "
            f"there are {len(sessions)}."
        )
    p = np.array([value for value in mapper(_p_of, jobs) if np.isfinite(value)])
    if not len(p):
        raise ValueError("No mismatched pair has a window with enough valid samples.")
    rejected = int(np.sum(p <= alpha))
    interval = binomtest(rejected, len(p)).proportion_ci(0.95, method="exact")
    return FalsePositives(
        statistic=default_statistic(settings),
        definition=CONVENTIONS[settings.convention].description,
        alpha=alpha,
        pairs=len(p),
        rejected=rejected,
        rate=rejected / len(p),
        low=float(interval.low),
        high=float(interval.high),
        p=p,
    )


def _p_of(job: tuple[SignalPair, str, Settings]) -> float:
    """P of one pseudo-dyad; NaN if no window has enough valid samples of both."""
    pair, name, settings = job
    try:
        dataset = measure_pair(pair, settings, name=name)
    except ValueError:
        return np.nan
    return float(dataset.p.sel(statistic=default_statistic(settings)))


@dataclass(frozen=True, eq=False)
class PseudoDyads:
    """Real dyads against pseudo-dyads, as a group.

    Attributes:
        real: Estimate of each recording that has one.
        pseudo: Estimates of the pseudo-dyads.
        d: Cohen's d, real less pseudo, in the root of the mean of both variances.
        p: Share of random re-pairings whose mean is at least as large as the real one.
    """

    real: FloatArray
    pseudo: FloatArray
    d: float
    p: float


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
    too small in small studies. With n dyads p cannot fall below about 1 / n!. A recording
    without a valid window is left out, with both its people.

    Args:
        sessions: The study's sessions, one signal.
        settings: How the study is measured.
        permutations: Random re-pairings.
        mapper: `map`, or one that works in parallel.

    Raises:
        ValueError: If fewer than three sessions can be re-paired or measured.
    """
    settings = settings or Settings()
    n = len(sessions)
    allowed = np.array([[may_be_mismatched(a, b) for b in sessions] for a in sessions])
    if n < 3 or not allowed.any(axis=1).all():
        raise ValueError(
            f"{n} recordings make no pseudo-dyads for each person; at least three of "
            "different people are needed."
        )
    cells = [(i, j) for i in range(n) for j in range(n) if i == j or allowed[i, j]]
    jobs = [(pseudo_pair(sessions[i], sessions[j]), settings) for i, j in cells]
    table = np.full((n, n), np.nan)
    for cell, value in zip(cells, mapper(_estimate_of, jobs), strict=True):
        table[cell] = value
    measured = np.isfinite(np.diag(table))
    table, allowed = table[np.ix_(measured, measured)], allowed[np.ix_(measured, measured)]
    if len(table) < 3:
        raise ValueError(
            f"{len(table)} of {n} recordings have a window with enough valid samples; at least "
            "three are needed. Use shorter windows or a lower min_coverage."
        )
    real, pseudo = np.diag(table), table[allowed]
    pseudo = pseudo[np.isfinite(pseudo)]
    rng = np.random.default_rng(settings.seed)
    means = np.array([_repaired_mean(table, rng) for _ in range(permutations)])
    return PseudoDyads(
        real=real,
        pseudo=pseudo,
        d=cohens_d(real, pseudo, sd=average_sd),
        p=float((1 + np.sum(means >= real.mean() - 1e-12)) / (1 + len(means))),
    )


def _estimate_of(job: tuple[SignalPair, Settings]) -> float:
    """Estimate of one pair; NaN if no window has enough valid samples of both."""
    pair, settings = job
    convention, scale = CONVENTIONS[settings.convention], settings.scale()
    try:
        matrix = correlation_matrix(
            pair.x,
            pair.y,
            rate_hz=pair.rate_hz,
            windows=settings.windows(pair.kind),
            convention=convention,
            min_coverage=settings.min_coverage,
        )
    except ValueError:
        return np.nan
    profile = mean_over(scale(matrix.r), axis=0)
    if convention.statistic == "wcc_peak":
        return float(np.nanmax(np.abs(profile)))
    return float(np.nanmean(profile))


def _repaired_mean(table: FloatArray, rng: np.random.Generator) -> float:
    """Mean over a random one-to-one re-pairing of first with second partners."""
    chosen = table[np.arange(len(table)), rng.permutation(len(table))]
    return float(np.nanmean(chosen)) if np.isfinite(chosen).any() else np.nan

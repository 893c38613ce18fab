"""Pseudo-dyads: people who never met, and what the pipeline says of them.

The first partner of one recording is paired with the second partner of another. Roles are kept,
and nobody is paired with their own partner from another session, nor with themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair


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


def __getattr__(name: str) -> object:
    """Scripts written before `pseudo_dyads` had a module of its own call it `between_dyads`."""
    if name == "between_dyads":
        from bowlby.synchrony.pseudo_dyads import pseudo_dyads

        return pseudo_dyads
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""How many dyads, sessions and minutes are needed to find a given coupling?

Two people who never met are given a coupling: the second follows the first at a lag with a
given correlation. Each such session is measured as real ones are. The power for one recording
is the share with p <= .05. For a study, z against surrogates of simulated sessions are drawn
into studies of so many dyads and sessions, whose dyads' means are tested against 0 (one-sided
t-test, exact in level as z has mean 0 without coupling).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.mismatched import Session, mismatched_pairs, pseudo_pair
from bowlby.synchrony.significance import LEVEL

if TYPE_CHECKING:
    import pandas as pd

Maker = Callable[[np.random.Generator, float], SignalPair]
"""Makes a pair of unrelated people of so many minutes."""

_STUDIES = 400
_RATE_HZ = 4.0


@dataclass(frozen=True)
class Design:
    """What to plan for.

    Attributes:
        coupling: Correlation of the second person's signal with the first's, later by the lag.
        lag_s: The lag (s).
        spread: Standard deviation of the coupling between dyads.
        minutes: Lengths of a session (min).
        dyads: Numbers of dyads.
        sessions: Numbers of sessions of each dyad.
        simulations: Simulated dyads for each length.
    """

    coupling: float = 0.3
    lag_s: float = 1.0
    spread: float = 0.0
    minutes: tuple[float, ...] = (5.0, 10.0, 20.0)
    dyads: tuple[int, ...] = (10, 20, 40)
    sessions: tuple[int, ...] = (1, 4)
    simulations: int = 40

    def __post_init__(self) -> None:
        """Check ranges."""
        if not -1.0 < self.coupling < 1.0:
            raise ValueError(f"coupling={self.coupling} is a correlation: between -1 and 1.")
        if self.spread < 0.0:
            raise ValueError(f"spread={self.spread} must be 0 or more.")
        for name in ("minutes", "dyads", "sessions"):
            if not getattr(self, name) or min(getattr(self, name)) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must hold positive numbers.")
        if min(self.dyads) < 2:
            raise ValueError(f"dyads={self.dyads}: a test over dyads needs two at least.")
        if self.simulations < 10:
            raise ValueError(f"simulations={self.simulations} must be 10 or more.")


def power(
    design: Design, make: Maker, settings: Settings | None = None, *, seed: int = 1
) -> "pd.DataFrame":
    """Power of every combination of minutes, sessions and dyads.

    Args:
        design: What to plan for.
        make: Makes unrelated pairs: `strangers_of(sessions)` or `unrelated(kind)`.
        settings: How the study will be measured.
        seed: Seed.

    Returns:
        A row per combination: `minutes`, `sessions`, `dyads`, `power_recording` (share of
        single sessions with p <= .05), `power_study`, `mean_z` and `simulations`.

    Raises:
        ValueError: If recordings are shorter than a length asked for, or too short to test.
    """
    import pandas as pd

    settings = settings or Settings(surrogates=99)
    rows = []
    for minutes in design.minutes:
        p, z = _sessions(design, make, minutes, settings, seed)
        if not np.isfinite(p).any():
            raise ValueError(
                f"Sessions of {minutes:g} min cannot be tested; plan longer ones, or a shorter "
                "--window."
            )
        found = {"power_recording": np.mean(p[np.isfinite(p)] <= LEVEL), "mean_z": z.mean()}
        rows += [
            {"minutes": minutes, "sessions": sessions, "dyads": dyads,
             "power_study": _study_power(z[:, :sessions], dyads, seed), **found,
             "simulations": z.size}
            for sessions in design.sessions
            for dyads in design.dyads
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _sessions(
    design: Design, make: Maker, minutes: float, settings: Settings, seed: int
) -> tuple[FloatArray, FloatArray]:
    """P and z of simulated sessions (dyads x sessions)."""
    shape = (design.simulations, max(design.sessions))
    p, z = np.full((2, *shape), np.nan)
    for i in range(shape[0]):
        rng = np.random.default_rng([seed, i])
        own = design.coupling + design.spread * rng.standard_normal()
        for j in range(shape[1]):
            pair = planted(
                make(rng, minutes), float(np.clip(own, -0.99, 0.99)), design.lag_s, rng
            )
            found = measure_pair(pair, settings, name=f"{minutes}|{i}|{j}")
            row = found.isel(statistic=0)
            p[i, j], z[i, j] = float(row.p), float(row.z)
    return p, z


def _study_power(z: FloatArray, dyads: int, seed: int) -> float:
    """Share of studies drawn from simulated dyads whose mean z exceeds 0 at .05, one-sided."""
    from scipy.stats import t

    means = z.mean(axis=1)
    drawn = np.random.default_rng(seed).choice(means, size=(_STUDIES, dyads))
    error = drawn.std(axis=1, ddof=1) / np.sqrt(dyads)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.mean(drawn.mean(axis=1) / error > t.isf(LEVEL, dyads - 1)))


def planted(
    pair: SignalPair, coupling: float, lag_s: float, rng: np.random.Generator
) -> SignalPair:
    """An unrelated pair whose second person follows the first.

    The second series becomes a mixture of itself and of the first, later by the lag, in which
    the correlation at the lag is `coupling`.

    Args:
        pair: Unrelated people.
        coupling: Correlation at the lag (-1 to 1).
        lag_s: The lag (s).
        rng: Fills the beginning, where there is nothing to follow yet.
    """
    shift = round(lag_s * pair.rate_hz)
    x, y = (_scaled(series) for series in (pair.x, pair.y))
    led = np.roll(x, shift)
    if shift > 0:
        led[:shift] = rng.choice(x[np.isfinite(x)], shift)
    mixed = coupling * led + np.sqrt(1.0 - coupling**2) * y
    return replace(pair, x=x, y=mixed)


def _scaled(values: FloatArray) -> FloatArray:
    return (values - np.nanmean(values)) / np.nanstd(values)


def strangers_of(sessions: Sequence[Session]) -> Maker:
    """Pairs of people who never met, from a study's own recordings.

    Raises:
        ValueError: If nobody can be paired with a stranger.
    """
    pairs = [pseudo_pair(a, b) for a, b in mismatched_pairs(sessions)]
    if not pairs:
        raise ValueError("Strangers need at least two recordings of different people.")
    longest = max(len(pair.x) / pair.rate_hz for pair in pairs) / 60.0

    def make(rng: np.random.Generator, minutes: float) -> SignalPair:
        fits = [p for p in pairs if len(p.x) >= minutes * 60 * p.rate_hz]
        if not fits:
            raise ValueError(
                f"The longest pair of strangers has {longest:.1f} min, fewer than the "
                f"{minutes:g} min asked for. Plan shorter sessions, or use --kind alone."
            )
        pair = fits[rng.integers(len(fits))]
        n = round(minutes * 60 * pair.rate_hz)
        start = rng.integers(len(pair.x) - n + 1)
        return replace(pair, x=pair.x[start : start + n], y=pair.y[start : start + n])

    return make


def unrelated(kind: str) -> Maker:
    """Unrelated people's signals of a kind, simulated.

    Motion is exp(slow level, 20 s + fast part, .4 s); inter-beat intervals are breathing, 4 s,
    and a slow part, 8 s; a dial drifts within 20 s; responses of the skin come at random.

    Raises:
        ValueError: If the kind has no simulation.
    """
    makers = {"motion": _motion, "ibi": _intervals, "dial": _dial, "eda_phasic": _responses}
    if kind not in makers:
        raise ValueError(
            f"{kind!r} cannot be simulated; {', '.join(makers)} can. Give recordings instead: "
            "bowlby power FOLDER."
        )

    def make(rng: np.random.Generator, minutes: float) -> SignalPair:
        n = round(minutes * 60 * _RATE_HZ)
        x, y = (makers[kind](rng, n) for _ in range(2))
        return SignalPair(kind, kind, x, y, _RATE_HZ, 0.0, "", ("first", "second"), ())

    return make


def _drift(rng: np.random.Generator, n: int, tau_s: float) -> FloatArray:
    """Ornstein-Uhlenbeck process of unit variance."""
    from scipy.signal import lfilter

    a = np.exp(-1.0 / (_RATE_HZ * tau_s))
    shocks = np.sqrt(1.0 - a * a) * rng.standard_normal(n)
    shocks[0] = rng.standard_normal()
    return np.asarray(lfilter([1.0], [1.0, -a], shocks))


def _motion(rng: np.random.Generator, n: int) -> FloatArray:
    return np.exp(0.8 * _drift(rng, n, 20.0) + 0.9 * _drift(rng, n, 0.4))


def _intervals(rng: np.random.Generator, n: int) -> FloatArray:
    rate = 0.25 * np.exp(0.15 * _drift(rng, n, 20.0))
    breath = np.sin(2.0 * np.pi * np.cumsum(rate) / _RATE_HZ + rng.uniform(0, 2 * np.pi))
    return 800.0 + 40.0 * breath + 30.0 * _drift(rng, n, 8.0)


def _dial(rng: np.random.Generator, n: int) -> FloatArray:
    return _drift(rng, n, 20.0)


def _responses(rng: np.random.Generator, n: int) -> FloatArray:
    k = np.arange(round(30 * _RATE_HZ)) / _RATE_HZ
    shape = np.exp(-k / 3.0) - np.exp(-k / 0.7)
    events = (rng.random(n) < 0.06 / _RATE_HZ) * rng.lognormal(-1.0, 0.6, n)
    return np.convolve(events, shape)[:n] + 0.01 * rng.standard_normal(n)

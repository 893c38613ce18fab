"""Actor and partner effects at several lags: whose past goes with what each does next.

    x_t = c + sum_k (a_k x_(t-k) + b_k y_(t-k)) + e_t,    k = 1 ... K steps,

and the same for y: a are actor effects, b partner effects. Least squares, with standard errors
that allow for uneven spread and for what is left of autocorrelation; rows that touch a gap are
left out. Unlike `coregulation` it knows several lags and takes series as measured: error of
measurement makes actor effects too small.

Source:
    Kenny, Kashy & Cook (2006), Dyadic Data Analysis (actor and partner); Thorson, West & Mendes
    (2018), Psychological Methods 23, 595-616 (lags); Newey & West (1987), Econometrica 55,
    703-708 (standard errors).
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bowlby._types import FloatArray
from bowlby.synchrony.coregulation import Effect
from bowlby.synchrony.significance import rank_p
from bowlby.synchrony.stretches import coarsen
from bowlby.synchrony.surrogates import CutShift

_ROWS_PER_EFFECT = 10


class _Rows(NamedTuple):
    now: FloatArray
    """Both people's present (rows x 2)."""
    past: FloatArray
    """A column of ones, both people's past: x then y, one step back first (rows x 1 + 2 K)."""


def lagged_effects(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    step_s: float = 1.0,
    lags: int = 3,
    surrogates: int = 0,
    seed: int = 1,
) -> tuple[Effect, ...]:
    """Actor and partner effects of each lag on both people.

    Args:
        x: First person's samples, NaN where missing.
        y: Second person's samples, as many.
        rate_hz: Sampling rate (Hz).
        step_s: Length of a step (s); series are averaged over steps.
        lags: Steps of the past, K.
        surrogates: Shifts of one person against the other that partner effects are ranked
            among; 0 takes the p of the standard errors.
        seed: Seed of the shifts.

    Returns:
        For each person actor effects by lag, partner effects by lag, and the partner effects'
        sum (`lag_s` is NaN); in standard deviations.

    Raises:
        ValueError: If there are fewer than ten rows without a gap for each effect.
    """
    if lags < 1:
        raise ValueError(f"lags={lags} must be 1 or more.")
    coarse = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=1.0 / step_s).without_level()
    seen = coarse.scaled()
    rows = _rows(seen, lags)
    needed = _ROWS_PER_EFFECT * (2 * lags + 1)
    if len(rows.now) < needed:
        raise ValueError(
            f"{len(rows.now)} steps of {step_s:g} s have both people and {lags} steps before "
            f"them; at least {needed} are needed. Use a shorter step or fewer lags."
        )
    null = _shifted(seen, lags, surrogates, seed) if surrogates else None
    found: list[Effect] = []
    for who, outcome in enumerate(("first", "second")):
        found += _effects(rows, who, outcome, lags, 1.0 / coarse.rate_hz, null)
    return tuple(found)


def _rows(seen: FloatArray, lags: int) -> _Rows:
    """Present and past of the steps without a gap."""
    if len(seen) <= lags:
        return _Rows(np.empty((0, 2)), np.empty((0, 1 + 2 * lags)))
    windows = sliding_window_view(seen, lags + 1, axis=0)
    windows = windows[np.isfinite(windows).all(axis=(1, 2))]
    past = windows[:, :, -2::-1].reshape(len(windows), -1)
    return _Rows(windows[:, :, -1], np.column_stack([np.ones(len(past)), past]))


def _partner_columns(who: int, lags: int) -> np.ndarray:
    return 1 + np.arange(lags) + (0 if who else lags)


def _effects(
    rows: _Rows, who: int, outcome: str, lags: int, step_s: float, null: FloatArray | None
) -> list[Effect]:
    """Effects on one person, with intervals."""
    import statsmodels.api as sm
    from scipy.stats import t

    model = sm.OLS(rows.now[:, who], rows.past)
    fit = model.fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    partner = _partner_columns(who, lags)
    actor = np.setdiff1d(np.arange(1, 2 * lags + 1), partner)
    weights = np.zeros((2 * lags + 1, rows.past.shape[1]))
    weights[np.arange(2 * lags), np.concatenate([actor, partner])] = 1.0
    weights[-1, partner] = 1.0
    test = fit.t_test(weights)
    p, error = np.array(test.pvalue, dtype=float), np.array(test.sd, dtype=float)
    estimate = np.asarray(test.effect, dtype=float)
    if null is not None:
        every = np.abs(np.column_stack([null[:, who], null[:, who].sum(axis=1)]))
        p[lags:] = [rank_p(column[0], column[1:]) for column in every.T]
        # Unrelated people's effects spread more than the model's errors say.
        error[lags:] = np.fmax(error[lags:], np.sqrt((every[1:] ** 2).mean(axis=0)))
    half = float(t.isf(0.025, fit.df_resid)) * error
    names = ["actor"] * lags + ["partner"] * (lags + 1)
    at_s = [*(2 * [k * step_s for k in range(1, lags + 1)]), np.nan]
    return [
        Effect(outcome, name, float(one), float(low), float(high), float(value), lag_s)
        for name, one, low, high, value, lag_s in zip(
            names, estimate, estimate - half, estimate + half, p, at_s, strict=True
        )
    ]


def _shifted(seen: FloatArray, lags: int, count: int, seed: int) -> FloatArray:
    """Partner effects in the recording with a gap (first) and in shifts (x people x lags)."""
    rng = np.random.default_rng(seed)
    drawn = []
    for pair in CutShift().pairs(seen[:, 0], seen[:, 1], count, rate_hz=1.0, rng=rng):
        rows = _rows(np.column_stack(pair), lags)
        slopes = np.linalg.lstsq(rows.past, rows.now, rcond=None)[0]
        drawn.append([slopes[_partner_columns(who, lags), who] for who in (0, 1)])
    return np.array(drawn)

"""A measured dataset made small enough to travel inside a web page."""

import base64
from typing import Any

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.figures.views import (
    colour_limits,
    envelope,
    missing_spans,
    signal_title,
    statistic_title,
    synchronous_episodes,
    value_label,
)

_TRACE_BINS = 1000
_MAP_COLUMNS = 300
_MAP_LAGS = 101
_HISTOGRAM_BINS = 36
_MISSING_16 = 65535
_MISSING_8 = 255


def viewer_data(dataset: xr.Dataset) -> dict[str, Any]:
    """Numbers of one recording and signal for the page's viewer.

    Traces become at most 1000 pairs of lowest and highest value a person, the map at most 300
    windows by 101 lags in 255 steps; other numbers keep four digits.
    """
    time_s = dataset.time_s.to_numpy()
    windows = _thinned(dataset.sizes["window"], _MAP_COLUMNS)
    lags = _thinned_symmetric(dataset.sizes["lag"], _MAP_LAGS)
    rate_hz = float(dataset.attrs["rate_hz"])
    low, high = colour_limits(dataset)
    data: dict[str, Any] = {
        "recording": str(dataset.attrs["recording"]),
        "signal": str(dataset.attrs["signal"]),
        "title": signal_title(dataset),
        "unit": str(dataset.attrs["unit"]),
        "roles": [str(dataset.attrs["first"]), str(dataset.attrs["second"])],
        "value": value_label(dataset),
        "isAbsolute": bool(dataset.attrs["is_absolute"]),
        "span": [_short(time_s[0], 8), _short(time_s[-1] + 1 / rate_hz, 8)],
        "windowLength": _short(dataset.attrs["window_s"]),
        "windowStart": _list(dataset.window_start_s.to_numpy()[windows], digits=8),
        "lag": _list(dataset.lag_s.to_numpy()[lags]),
        "limits": [_short(low), _short(high)],
        "traces": [
            _trace(dataset.x.to_numpy(), time_s),
            _trace(dataset.y.to_numpy(), time_s),
        ],
        "map": _bytes(dataset.wcc.to_numpy()[np.ix_(windows, lags)]),
        "peakLag": _list(dataset.window_peak_lag_s.to_numpy()[windows]),
        "running": _list(dataset.running.to_numpy()[windows]),
        "coverage": _list(dataset.window_coverage.to_numpy()[windows], digits=2),
        "profile": _list(dataset.profile.to_numpy()[lags]),
        "episodes": [
            [_short(e.start_s, 8), _short(e.end_s, 8), e.p]
            for e in synchronous_episodes(dataset)
        ],
        "statistics": [_statistic(dataset, i) for i in range(dataset.sizes["statistic"])],
    }
    if "running_null_mean" in dataset:
        data |= {
            "runningMean": _list(dataset.running_null_mean.to_numpy()[windows]),
            "runningHigh": _list(dataset.running_null_high.to_numpy()[windows]),
            "profileMean": _list(dataset.profile_null_mean.to_numpy()[lags]),
            "profileLow": _list(dataset.profile_null_low.to_numpy()[lags]),
            "profileHigh": _list(dataset.profile_null_high.to_numpy()[lags]),
            "familyHigh": _short(float(dataset.profile_family_high)),
        }
    return data


def _trace(values: FloatArray, time_s: FloatArray) -> dict[str, Any]:
    """Envelope of a series in 16-bit steps between its extremes, and its gaps."""
    low, high = envelope(values, _TRACE_BINS)
    finite = values[np.isfinite(values)]
    bottom, top = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    scale = (_MISSING_16 - 1) / (top - bottom) if top > bottom else 0.0
    both = np.column_stack([low, high]).ravel()
    codes = np.where(np.isnan(both), _MISSING_16, np.round((both - bottom) * scale))
    return {
        "low": _short(bottom),
        "high": _short(top),
        "data": _base64(codes.astype("<u2")),
        "gaps": [[_short(a, 8), _short(b, 8)] for a, b in missing_spans(time_s, values)],
    }


def _bytes(values: FloatArray) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    bottom, top = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    scale = (_MISSING_8 - 1) / (top - bottom) if top > bottom else 0.0
    codes = np.where(np.isnan(values), _MISSING_8, np.round((values - bottom) * scale))
    return {"low": bottom, "high": top, "data": _base64(codes.astype(np.uint8))}


def _statistic(dataset: xr.Dataset, index: int) -> dict[str, Any]:
    """One statistic with the histogram of its surrogates."""
    row = dataset.isel(statistic=index)
    name = str(row.statistic.item())
    keys = ("estimate", "null_mean", "null_sd", "z", "p", "peak_lag_s")
    found: dict[str, Any] = {
        "name": name,
        "title": statistic_title(name),
        "leader": str(row.leader.item()),
        **{key: _short(float(row[key])) for key in keys},
    }
    null = row["null"].to_numpy() if "null" in row else np.empty(0)
    null = null[np.isfinite(null)]
    if len(null) > 1 and np.ptp(null) > 0:
        counts, edges = np.histogram(null, _HISTOGRAM_BINS)
        found |= {
            "counts": counts.tolist(),
            "edges": [_short(edges[0]), _short(edges[-1])],
            "surrogates": len(null),
        }
    return found


def _thinned(count: int, most: int) -> np.ndarray:
    """At most `most` indices, evenly spread, the first and last among them."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(int))


def _thinned_symmetric(count: int, most: int) -> np.ndarray:
    """Indices at equal steps that keep the middle (lag 0) of an odd count."""
    half = count // 2
    step = max(1, -(-half // (most // 2)))
    return np.arange(half % step, count, step)


def _base64(codes: np.ndarray) -> str:
    return base64.b64encode(codes.tobytes()).decode()


def _list(values: FloatArray, *, digits: int = 4) -> list[float | None]:
    return [_short(value, digits) for value in values]


def _short(value: float, digits: int = 5) -> float | None:
    """The number with few significant digits; None (JSON null) if missing."""
    return float(f"{float(value):.{digits}g}") if np.isfinite(value) else None

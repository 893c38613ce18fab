"""What figures and the report take from a measured dataset, in the words they show."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from bowlby._types import BoolArray, FloatArray
from bowlby.recordings.kinds import KINDS
from bowlby.synchrony.measures import MEASURES

_STATISTICS = {
    "wcc_combined": "Combined windows",
    "wcc_peak": "Peak of the lag profile",
    "wcc_mean": "Mean over all lags",
    "wcc_lag0": "Synchrony at lag 0",
    "wcc_lead": "Lead–lag asymmetry",
}


@dataclass(frozen=True)
class Episode:
    """A stretch of time with more synchrony than surrogates reach.

    Attributes:
        start_s: Start of its first window (s).
        end_s: End of its last window (s).
        p: p of the episode, corrected for all episodes of the recording.
    """

    start_s: float
    end_s: float
    p: float


def statistic_title(name: str) -> str:
    """What figures call a statistic."""
    if name in MEASURES:
        return MEASURES[name].title
    return _STATISTICS.get(name, name.replace("_", " ").capitalize())


def signal_title(dataset: xr.Dataset) -> str:
    """What figures call the dataset's signal."""
    kind, signal = KINDS.get(dataset.attrs["kind"]), str(dataset.attrs["signal"])
    if kind is None or (signal != kind.name and kind.name == "other"):
        return signal
    return kind.title


def named_signal(name: str) -> str:
    """What people call a signal, from its name alone."""
    return KINDS[name].title if name in KINDS else name.replace("_", " ")


def value_label(dataset: xr.Dataset) -> str:
    """Name of a cell's value, r or Fisher's z; in bars where absolute."""
    symbol = "Fisher z" if dataset.attrs["is_fisher"] else "r"
    return f"|{symbol}|" if dataset.attrs["is_absolute"] else symbol


def roles(dataset: xr.Dataset) -> tuple[str, str]:
    """Roles of the first and the second partner."""
    return str(dataset.attrs["first"]), str(dataset.attrs["second"])


def has_surrogates(dataset: xr.Dataset) -> bool:
    """True if the dataset was compared with surrogates."""
    return "null" in dataset


def window_centres_s(dataset: xr.Dataset) -> FloatArray:
    """Middle of each window on the recording's clock (s)."""
    return dataset.window_start_s.to_numpy() + dataset.attrs["window_s"] / 2


def synchronous_episodes(dataset: xr.Dataset, *, alpha: float = 0.05) -> tuple[Episode, ...]:
    """Episodes with p below `alpha`, in time order; none without surrogates."""
    if "episode" not in dataset:
        return ()
    cluster, p = dataset.episode.to_numpy(), dataset.cluster_p.to_numpy()
    start_s = dataset.window_start_s.to_numpy()
    found: list[Episode] = []
    for number in range(1, int(cluster.max(initial=0)) + 1):
        windows = np.flatnonzero(cluster == number)
        if len(windows) and p[windows[0]] < alpha:
            end_s = float(start_s[windows[-1]] + dataset.attrs["window_s"])
            found.append(Episode(float(start_s[windows[0]]), end_s, float(p[windows[0]])))
    return tuple(found)


def missing_spans(time_s: FloatArray, values: FloatArray) -> list[tuple[float, float]]:
    """Start and end (s) of each run of missing samples."""
    missing: BoolArray = np.isnan(values)
    if len(values) < 2 or not missing.any():
        return []
    step = time_s[1] - time_s[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]])))
    return [
        (float(time_s[a] - step / 2), float(time_s[b - 1] + step / 2))
        for a, b in edges.reshape(-1, 2)
    ]


def envelope(values: FloatArray, bins: int) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value in each of at most `bins` stretches, NaN where all is missing.

    Drawn up and down in turn they look as the whole series does at that width, spikes included.
    """
    if len(values) <= bins:
        return values, values
    starts = np.linspace(0, len(values), bins, endpoint=False).astype(int)
    low = np.fmin.reduceat(values, starts)
    return low, np.fmax.reduceat(values, starts)


def envelope_line(
    time_s: FloatArray, values: FloatArray, bins: int
) -> tuple[FloatArray, FloatArray]:
    """Times and values of a line through the envelope; the series itself if it is short."""
    if len(values) <= 2 * bins:
        return time_s, values
    low, high = envelope(values, bins)
    starts = np.linspace(0, len(values), bins, endpoint=False).astype(int)
    return np.repeat(time_s[starts], 2), np.column_stack([low, high]).ravel()


def colour_limits(dataset: xr.Dataset) -> tuple[float, float]:
    """Robust limits of the colour scale: 1 % of cells may lie outside; symmetric if signed."""
    values = dataset.wcc.to_numpy()
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    if dataset.attrs["is_absolute"]:
        return 0.0, max(float(np.quantile(values, 0.99)), 1e-9)
    far = max(float(np.quantile(np.abs(values), 0.99)), 1e-9)
    return -far, far

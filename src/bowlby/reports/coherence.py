"""The wavelet coherence map of a recording, computed again for its figure."""

from dataclasses import replace

import xarray as xr
from matplotlib.figure import Figure

from bowlby.figures.coherence import coherence_figure
from bowlby.figures.views import roles
from bowlby.synchrony.wavelet_coherence import WaveletCoherence, wavelet_coherence


def measured_coherence_figure(dataset: xr.Dataset) -> Figure | None:
    """Coherence map of a recording measured with wavelet coherence, else None.

    A recording too short for any rhythm has none either.
    Datasets keep the measure's one number, not its map, which is quick to compute again.
    """
    if WaveletCoherence.name not in dataset.statistic.values:
        return None
    found = wavelet_coherence(
        dataset.x.to_numpy(), dataset.y.to_numpy(), rate_hz=float(dataset.attrs["rate_hz"])
    )
    if len(found.period_s) < 2:
        return None
    on_clock = replace(found, time_s=found.time_s + float(dataset.time_s[0]))
    first, second = roles(dataset)
    return coherence_figure(on_clock, first=first, second=second)

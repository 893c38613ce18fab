"""The measures beside the windowed lagged correlation, by name."""

from bowlby.synchrony.concordance import ConcordanceIndex
from bowlby.synchrony.directed_influence import DirectedInfluence
from bowlby.synchrony.estimate import Estimate, Measure
from bowlby.synchrony.phase import CircularCorrelation, PhaseLocking
from bowlby.synchrony.recurrence import CrossRecurrence
from bowlby.synchrony.wavelet_coherence import WaveletCoherence

__all__ = ["MEASURES", "Estimate", "Measure"]

_ALL: tuple[Measure, ...] = (
    WaveletCoherence(),
    PhaseLocking(),
    CircularCorrelation(),
    CrossRecurrence(),
    ConcordanceIndex(),
    DirectedInfluence(),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}

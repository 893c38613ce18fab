"""One small function a finding: from virtual samples to the statistic the studies computed."""

from bowlby.evidence.measures import (
    attachment,
    laboratory,
    learning,
    sensitive_period,
    synchrony,
    therapy,
    trust_game,
)
from bowlby.evidence.measures._registry import MEASURES, Measure, measures
from bowlby.evidence.measures.not_addressed import REASONS

__all__ = [
    "MEASURES",
    "REASONS",
    "Measure",
    "attachment",
    "laboratory",
    "learning",
    "measures",
    "sensitive_period",
    "synchrony",
    "therapy",
    "trust_game",
]

"""Emission: latent bodily states to the signals that recorders would have recorded."""

from bowlby.recordings.emit.artefacts import with_artefacts, with_gap
from bowlby.recordings.emit.bodies import (
    affect_dial,
    motion_energy,
    respiration,
    skin_conductance,
)
from bowlby.recordings.emit.dyad import emit_dyad
from bowlby.recordings.emit.files import write_mea, write_tidy
from bowlby.recordings.emit.follower import planted_follower
from bowlby.recordings.emit.heart import ecg, inter_beat_intervals
from bowlby.recordings.emit.states import coupled_states

__all__ = [
    "affect_dial",
    "coupled_states",
    "ecg",
    "emit_dyad",
    "inter_beat_intervals",
    "motion_energy",
    "planted_follower",
    "respiration",
    "skin_conductance",
    "with_artefacts",
    "with_gap",
    "write_mea",
    "write_tidy",
]

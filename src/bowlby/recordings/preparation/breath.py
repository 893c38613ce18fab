"""Respiration: slow drift of the belt taken away."""

from bowlby.recordings.kinds import KINDS
from bowlby.recordings.preparation.clock import align, moving_mean
from bowlby.recordings.recording import Signal, SignalPair

DRIFT_S = 30.0


def respiration_pairs(
    name: str, first: Signal, second: Signal, *, roles: tuple[str, str], where: str
) -> tuple[SignalPair, ...]:
    """Both partners' breathing at 4 Hz around its own 30 s mean.

    Raises:
        RecordingError: If the signals do not overlap in time.
    """
    x, y, start_s, rate_hz = align(
        first, second, rate_hz=KINDS["respiration"].rate_hz, roles=roles, where=where
    )
    x = x - moving_mean(x, duration_s=DRIFT_S, rate_hz=rate_hz)
    y = y - moving_mean(y, duration_s=DRIFT_S, rate_hz=rate_hz)
    steps = (
        f"Respiration: both at {rate_hz:g} Hz.",
        f"Respiration: drift removed by subtracting the centred {DRIFT_S:g} s mean.",
    )
    return (SignalPair(name, "respiration", x, y, rate_hz, start_s, first.unit, roles, steps),)

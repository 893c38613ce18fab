"""Recordings written to files that bowlby, R and spreadsheets read."""

from pathlib import Path

import numpy as np

from bowlby.recordings.preparation.clock import align
from bowlby.recordings.recording import Beats, Recording, RecordingError, Signal


def write_tidy(recording: Recording, path: Path) -> Path:
    """Write both people's signals as one long table: person, time, signal, value.

    Times are in seconds on the recording's clock. A missing sample keeps its row with an
    empty value. Of beats, `ibi` rows hold the interval (ms) at the time of the beat that
    ends it. Values have six significant digits.

    Args:
        recording: The recording.
        path: File to write, ending in `.csv`.

    Returns:
        The path written.
    """
    lines = ["person,time,signal,value"]
    for partner in (recording.first, recording.second):
        for name, signal in partner.signals.items():
            times_s, values = _rows(signal)
            # Ten digits keep a 1 ms clock exact over eleven days.
            lines.extend(
                f"{partner.role},{time:.10g},{name},{value:.6g}"
                if value == value
                else f"{partner.role},{time:.10g},{name},"
                for time, value in zip(times_s.tolist(), values.tolist(), strict=True)
            )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _rows(signal: Signal | Beats) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(signal, Beats):
        return np.round(signal.times_s, 6), signal.ibi_ms
    return signal.start_s + np.arange(len(signal.values)) / signal.rate_hz, signal.values


def write_mea(recording: Recording, path: Path, *, signal: str = "motion") -> Path:
    """Write motion energy as the text file of Ramseyer's MEA: a header and two columns.

    The format holds no sampling rate; missing samples are `NA`.

    Args:
        recording: Recording whose partners both have `signal` as samples.
        path: File to write, ending in `.txt`.
        signal: Name of the motion signal.

    Returns:
        The path written.

    Raises:
        RecordingError: If the partners do not both have that signal as samples.
    """
    first, second = (
        partner.signals.get(signal) for partner in (recording.first, recording.second)
    )
    if not isinstance(first, Signal) or not isinstance(second, Signal):
        raise RecordingError(
            f"{recording.name}: both partners need samples named {signal!r} for an MEA file; "
            f"they share {', '.join(recording.signal_names)}."
        )
    x, y, _, _ = align(
        first, second, roles=recording.roles, where=f"{recording.name}, {signal}"
    )
    lines = [" ".join(f'"{role}"' for role in recording.roles)]
    lines.extend(
        f"{_mea_number(left)} {_mea_number(right)}"
        for left, right in zip(x.tolist(), y.tolist(), strict=True)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _mea_number(value: float) -> str:
    return "NA" if np.isnan(value) else f"{value:.10g}"

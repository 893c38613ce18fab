"""EDF, EDF+ and BDF: what most polygraphs export.

The header is read and checked here, against the size of the file, before the C library
behind pyedflib sees it. Channels keep their own rates.

Source: Kemp & Olivan (2003), European data format 'plus' (EDF+), Clinical Neurophysiology
114(9), 1755-1761; the field widths are those of the EDF header.
"""

import math
import os
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channel_words import unique_labels
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.tables.zones import in_utc

_FIXED_BYTES = 256
_BYTES_PER_SIGNAL = 256
_MAX_SIGNALS = 4096
_ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
_AGAIN = "Copy the file again from the recording computer, or export it again."


@dataclass(frozen=True)
class _Header:
    """The part of the header that decides how the rest of the file is read."""

    labels: tuple[str, ...]
    units: tuple[str, ...]
    samples_per_record: tuple[int, ...]
    record_s: float
    limits: tuple[tuple[float, float], ...]
    fraction_s: float | None


def read_edf(path: Path, options: ReadOptions) -> Reading:
    """Read an EDF, EDF+ (continuous), BDF or BDF+ file.

    The start is local time without a zone, as the format has it: differences between files of
    one place are right, and beside a file with a zone it is asked for. EDF+ tells the fraction
    of the start's second in its first annotation; without one the start is known to the second
    only. The date that stands for an anonymised start (1 January 1985, midnight) counts as
    unknown.

    Args:
        path: The file.
        options: Channels, kind and roles where labels do not tell them.

    Raises:
        RecordingError: If the file is damaged, cut off or discontinuous, or its channels
            cannot be sorted into people.
    """
    header = _read_header(path)
    require_reader(path, "edf")
    import pyedflib

    recorded = [i for i, label in enumerate(header.labels) if label not in _ANNOTATIONS]
    labels = unique_labels([header.labels[i] for i in recorded])
    try:
        with pyedflib.EdfReader(str(path)) as file, warnings.catch_warnings():
            # pyedflib warns when it falls back to Latin-1 text, which is what we want.
            warnings.simplefilter("ignore", UserWarning)
            channels = [
                Channel(
                    label,
                    file.readSignal(position),
                    header.samples_per_record[i] / header.record_s,
                    header.units[i],
                    limits=header.limits[i],
                )
                for position, (i, label) in enumerate(zip(recorded, labels, strict=True))
            ]
            onsets, lengths, texts = file.readAnnotations()
            start = file.getStartdatetime()
    except (OSError, ValueError) as error:
        raise RecordingError(
            f"{path.name}: not a valid EDF or BDF file ({str(error).strip()}). {_AGAIN}"
        ) from error
    events = tuple(
        Event(float(onset), max(float(length), 0.0), str(text).strip())
        for onset, length, text in zip(onsets, lengths, texts, strict=True)
    )
    left_out: list[str] = []
    partners = partners_from_channels(channels, options, path, left_out=left_out)
    unix_start_s, zone = None, "file"
    if start.replace(microsecond=0) != datetime(1985, 1, 1):
        whole = start.replace(tzinfo=UTC, microsecond=0).timestamp()
        unix_start_s, zone = in_utc(whole + (header.fraction_s or 0.0), options)
    return Reading(
        partners,
        tuple(sorted(events, key=lambda event: event.start_s)),
        unix_start_s,
        zone=zone,
        start_uncertainty_s=0.5 if header.fraction_s is None else 0.0,
        left_out=tuple(left_out),
    )


def _read_header(path: Path) -> _Header:
    """Read the header and check that the file is as long as the header says."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            fixed = file.read(_FIXED_BYTES)
            _check_start(path, fixed)
            n_signals = _whole_number(path, fixed[252:256], "number of signals")
            if not 1 <= n_signals <= _MAX_SIGNALS:
                raise RecordingError(
                    f"{path.name}: the header speaks of {n_signals} signals. {_AGAIN}"
                )
            table = file.read(_BYTES_PER_SIGNAL * n_signals)
    except OSError as error:
        raise RecordingError(f"{path.name}: cannot be opened ({error.strerror}).") from error
    if len(table) < _BYTES_PER_SIGNAL * n_signals:
        raise RecordingError(
            f"{path.name}: cut off inside the header: {_FIXED_BYTES + len(table)} of "
            f"{_FIXED_BYTES + _BYTES_PER_SIGNAL * n_signals} bytes are there. {_AGAIN}"
        )
    if fixed[192:197] in (b"EDF+D", b"BDF+D"):
        raise RecordingError(
            f"{path.name}: discontinuous ({fixed[192:197].decode()}): the recording was paused "
            "and "
            "its parts do not follow one another. Export it as continuous EDF+C, or one file "
            "for each part (EDFbrowser can do both)."
        )
    columns = _columns(table, n_signals)
    samples = tuple(
        _whole_number(path, text, f"number of samples of {_text(label)!r}")
        for text, label in zip(columns["samples"], columns["label"], strict=True)
    )
    record_s = _number(path, fixed[244:252], "duration of a data record")
    labels = tuple(_text(label) for label in columns["label"])
    if all(label in _ANNOTATIONS for label in labels):
        raise RecordingError(f"{path.name}: holds annotations only and no signal.")
    if min(samples) < 1 or record_s <= 0:
        raise RecordingError(
            f"{path.name}: the header gives {min(samples)} samples in a data record of "
            f"{record_s} s. "
            f"{_AGAIN}"
        )
    _check_size(path, fixed, samples, size)
    units = tuple(_text(unit) for unit in columns["unit"])
    limits = tuple(
        (float(min(ends)), float(max(ends)))
        for ends in zip(
            (_number(path, x, "physical minimum") for x in columns["physical_min"]),
            (_number(path, x, "physical maximum") for x in columns["physical_max"]),
            strict=True,
        )
    )
    fraction_s = _fraction_s(path, labels, samples, fixed)
    return _Header(labels, units, samples, record_s, limits, fraction_s)


def _fraction_s(
    path: Path, labels: tuple[str, ...], samples: tuple[int, ...], fixed: bytes
) -> float | None:
    """Seconds from the header's start to the first sample; None if the file does not tell.

    Read here, since pyedflib before 0.1.43 made it ten times too small.
    """
    at = next((i for i, label in enumerate(labels) if label in _ANNOTATIONS), None)
    if at is None:
        return None
    width = 3 if fixed[:1] == b"\xff" else 2
    begin = _FIXED_BYTES + _BYTES_PER_SIGNAL * len(labels) + width * sum(samples[:at])
    with path.open("rb") as file:
        file.seek(begin)
        text = file.read(width * samples[at])
    onset = text.split(b"\x14", 1)[0].decode("latin-1")
    try:
        return float(onset)
    except ValueError:
        return None


def _check_start(path: Path, fixed: bytes) -> None:
    if fixed[:8] != b"0       " and fixed[:8] != b"\xffBIOSEMI":
        raise RecordingError(
            f"{path.name}: not an EDF or BDF file (it starts with {fixed[:8]!r}). Check the "
            "file's "
            "ending and export it again."
        )
    if len(fixed) < _FIXED_BYTES:
        raise RecordingError(
            f"{path.name}: cut off inside the header: {len(fixed)} of at least "
            f"{2 * _FIXED_BYTES} "
            f"bytes are there. {_AGAIN}"
        )


def _check_size(path: Path, fixed: bytes, samples: tuple[int, ...], size: int) -> None:
    n_records = _whole_number(path, fixed[236:244], "number of data records")
    header_bytes = _FIXED_BYTES + _BYTES_PER_SIGNAL * len(samples)
    stated_bytes = _whole_number(path, fixed[184:192], "length of the header")
    record_bytes = sum(samples) * (3 if fixed[:1] == b"\xff" else 2)
    present = (size - header_bytes) // record_bytes
    if stated_bytes != header_bytes:
        raise RecordingError(
            f"{path.name}: the header says it is {stated_bytes} bytes long; with "
            f"{len(samples)} signals "
            f"it is {header_bytes}. {_AGAIN}"
        )
    if n_records == -1:
        raise RecordingError(
            f"{path.name}: the recorder was not stopped properly: the header does not say how "
            "many "
            f"data records there are; {present} are complete. Open the recording in the "
            "recording "
            "software and export it again."
        )
    if n_records < 1:
        raise RecordingError(
            f"{path.name}: the header promises {n_records} data records: empty."
        )
    if size < header_bytes + n_records * record_bytes:
        raise RecordingError(
            f"{path.name}: cut off: the header promises {n_records} data records and {present} "
            "are "
            f"complete. {_AGAIN}"
        )
    if size > header_bytes + n_records * record_bytes:
        raise RecordingError(
            f"{path.name}: the header promises {n_records} data records and the file has room "
            "for "
            f"{(size - header_bytes) / record_bytes:.1f}: header and data do not belong "
            "together. "
            f"{_AGAIN}"
        )


def _columns(table: bytes, n_signals: int) -> dict[str, list[bytes]]:
    """The signals' header fields, which the format stores field by field."""
    widths = {
        "label": 16,
        "transducer": 80,
        "unit": 8,
        "physical_min": 8,
        "physical_max": 8,
        "digital_min": 8,
        "digital_max": 8,
        "prefilter": 80,
        "samples": 8,
    }
    columns: dict[str, list[bytes]] = {}
    at = 0
    for name, width in widths.items():
        columns[name] = [table[at + i * width : at + (i + 1) * width] for i in range(n_signals)]
        at += width * n_signals
    return columns


def _text(field: bytes) -> str:
    return field.decode("latin-1").strip().strip("\x00")


def _whole_number(path: Path, field: bytes, meaning: str) -> int:
    number = _number(path, field, meaning)
    if number != int(number):
        raise RecordingError(
            f"{path.name}: the {meaning} is {number}, not a whole number. {_AGAIN}"
        )
    return int(number)


def _number(path: Path, field: bytes, meaning: str) -> float:
    try:
        number = float(field.decode("ascii"))
    except ValueError:
        number = np.nan
    if not math.isfinite(number):
        raise RecordingError(
            f"{path.name}: the header's {meaning} reads {field.decode('latin-1')!r}, not a "
            "number. "
            f"{_AGAIN}"
        )
    return number


def _recognises(path: Path) -> bool:
    return path.name.lower().endswith((".edf", ".bdf"))


FORMAT = Format("edf", "EDF, EDF+ and BDF polygraphs", (".edf", ".bdf"), _recognises, read_edf)

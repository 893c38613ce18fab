"""BIOPAC AcqKnowledge: `.acq` files of every version that bioread reads.

Channels keep their own rates, names and units. A marker `Segment n` after the first is where
the recording was begun anew: the time between is not in the file, so the lag across it is safe
only within a segment, and it is told.
"""

from pathlib import Path
from typing import Any

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channel_words import unique_labels
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.tables.zones import in_utc


def read_acq(path: Path, options: ReadOptions) -> Reading:
    """Read an AcqKnowledge file.

    Args:
        path: The file.
        options: Channels, kind and roles where labels do not tell them.

    Raises:
        RecordingError: If it is damaged, holds no channel, or its channels cannot be sorted
            into people.
    """
    data = _loaded(path)
    if not data.channels:
        raise RecordingError(f"{path.name}: holds no channel.")
    labels = unique_labels([str(c.name).strip() or f"channel {i + 1}"
                            for i, c in enumerate(data.channels)])  # fmt: skip
    channels = [
        Channel(
            label,
            np.asarray(channel.data, dtype=np.float64),
            float(channel.samples_per_second),
            str(channel.units).strip(),
        )
        for label, channel in zip(labels, data.channels, strict=True)
    ]
    rate_hz = float(data.samples_per_second)
    markers = [
        Event(
            float(marker.sample_index) / rate_hz,
            0.0,
            str(marker.text or "").strip() or "marker",
        )
        for marker in data.event_markers or ()
    ]
    begun = [m for m in markers if m.label.startswith("Segment ") and m.start_s > 0]
    notes = tuple(
        f"Recording was stopped and begun anew at {m.start_s:.3f} s ({m.label}): how long it "
        "stood still is not in the file."
        for m in begun
    )
    start_s, zone = None, "file"
    created = getattr(data, "earliest_marker_created_at", None)
    if created is not None:
        start_s, zone = created.timestamp(), "utc"
        if created.tzinfo is None:
            start_s, zone = in_utc(start_s, options)
    left_out: list[str] = []
    partners = partners_from_channels(channels, options, path, left_out=left_out)
    return Reading(
        partners,
        tuple(markers),
        start_s,
        zone=zone,
        start_uncertainty_s=1.0 if start_s else 0.0,
        notes=notes,
        left_out=tuple(left_out),
    )


def _loaded(path: Path) -> Any:
    import struct

    require_reader(path, "labs")
    import bioread

    try:
        return bioread.read_file(str(path))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        raise RecordingError(
            f"{path.name}: is not a readable AcqKnowledge file ({error}). Copy it again, or "
            "export "
            "it as text with AcqKnowledge."
        ) from error


FORMAT = Format(
    "acq",
    "BIOPAC AcqKnowledge",
    (".acq",),
    lambda path: path.suffix.lower() == ".acq",
    read_acq,
)

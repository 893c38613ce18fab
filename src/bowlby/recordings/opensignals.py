"""OpenSignals HDF5: a group for each device, named by its address, with its channels.

Read into the same table as OpenSignals' text files, with the same line of facts above it.

Source: the structure that OpenSignals (r)evolution writes: attributes `sampling rate`, `date`
and `time` of each device; `raw/channel_N` with attributes `label` and `sensor`
(https://github.com/BITalinoWorld/revolution-sample-data).
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import RecordingError

_SUFFIXES = (".h5", ".hdf5")


def read_opensignals(path: Path, options: ReadOptions) -> Reading:
    """Read the channels of every device of an OpenSignals file.

    Args:
        path: The file.
        options: Columns, kind and roles where names do not tell them.

    Raises:
        RecordingError: If the file is damaged or of another program, its devices have different
            rates, or as for tables.
    """
    import pandas as pd

    from bowlby.recordings.tables.parquet import as_table
    from bowlby.recordings.tables.reading import readings_of

    require_reader(path, "hdf5")
    import h5py  # pyright: ignore[reportMissingImports]

    facts: dict[str, dict[str, Any]] = {}
    columns: dict[str, np.ndarray] = {}
    try:
        with h5py.File(path, "r") as file:
            for device, group in file.items():
                if isinstance(group, h5py.Group) and "raw" in group:
                    facts[device], found = _device(group, len(facts))
                    columns |= found
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RecordingError(
            f"{path.name}: cannot be read as HDF5 of OpenSignals ({error}). Copy it again, or "
            "export it as text."
        ) from error
    if not columns:
        raise RecordingError(
            f"{path.name}: is HDF5, but not as OpenSignals writes it: no device holds raw "
            "channels. Export the signals as text, a column each."
        )
    rates = {device: each["sampling rate"] for device, each in facts.items()}
    if len(set(rates.values())) > 1:
        told = ", ".join(f"{device}: {rate:g} Hz" for device, rate in rates.items())
        raise RecordingError(
            f"{path.name}: its devices have different rates ({told}). Record or export each "
            "device by itself, and give both files."
        )
    rows = max(map(len, columns.values()))
    frame = pd.DataFrame({
        name: np.r_[values, np.full(rows - len(values), np.nan)]
        for name, values in columns.items()
    })  # fmt: skip
    table = replace(as_table(path, frame, np.arange(rows) + 1), preamble=(json.dumps(facts),))
    readings = readings_of(table, options)
    return next(iter(readings.values()))


def _device(group: Any, before: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What the line above a text file says of a device, and its columns."""
    labels, sensors, columns = [], [], {}
    raw = group["raw"]
    channels = sorted(
        (name for name in raw if name.startswith("channel_")),
        key=lambda name: int(name.removeprefix("channel_")),
    )
    for name in channels:
        label = _text(raw[name].attrs.get("label", name)) or name
        label = label if not before else f"{label} ({before + 1})"
        labels.append(label)
        sensors.append(_text(raw[name].attrs.get("sensor", "")))
        columns[label] = np.asarray(raw[name], dtype=np.float64).reshape(-1)
    attributes = group.attrs
    return {
        "column": labels,
        "label": labels,
        "sensor": sensors,
        "sampling rate": float(attributes["sampling rate"]),
        "date": _text(attributes.get("date", "")),
        "time": _text(attributes.get("time", "")),
        "resolution": [int(bits) for bits in np.ravel(attributes.get("resolution", []))],
    }, columns


def _text(value: Any) -> str:
    return (value.decode() if isinstance(value, bytes) else str(value)).strip(" \"'")


def _recognises(path: Path) -> bool:
    if not path.name.lower().endswith(_SUFFIXES) or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n"


FORMAT = Format("opensignals", "OpenSignals HDF5", _SUFFIXES, _recognises, read_opensignals)

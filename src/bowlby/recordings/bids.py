"""BIDS physiology: a table without header (`*_physio.tsv.gz`) and a sidecar that explains it.

Source: Brain Imaging Data Structure specification, "Physiological recordings":
SamplingFrequency, StartTime and Columns are required, `n/a` is missing, and sidecars are
inherited from above.
"""

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.number_table import parse_numbers
from bowlby.recordings.recording import Event, RecordingError

_SUFFIX = "_physio.tsv.gz"
_MAX_BYTES = 1_000_000_000
_REQUIRED = ("SamplingFrequency", "StartTime", "Columns")


def read_bids(path: Path, options: ReadOptions) -> Reading:
    """Read a BIDS physiology table with its sidecar.

    The clock is that of the BIDS run: the first sample lies at `StartTime`. A column named
    `trigger` becomes events at its rising edges.

    Args:
        path: The `_physio.tsv.gz` file; its `_physio.json` lies beside it or above it.
        options: Columns, kind and roles where names do not tell them.

    Raises:
        RecordingError: If the sidecar is missing or incomplete, the table is damaged or does
            not fit it, or the columns cannot be sorted into people.
    """
    sidecar = _read_sidecar(path)
    rate_hz, start_s, columns = _required(path, sidecar)
    table = parse_numbers(
        _unpacked(path), separator="\t", columns=len(columns), where=path.name, missing="n/a"
    )
    if not len(table):
        raise RecordingError(f"{path.name}: the table is empty.")
    events: list[Event] = []
    channels: list[Channel] = []
    for name, values in zip(columns, table.T, strict=True):
        if name.strip().lower() == "trigger":
            events += _rising_edges(values, rate_hz, start_s)
        else:
            channels.append(Channel(name, values, rate_hz, _unit(sidecar, name), start_s))
    if not channels:
        raise RecordingError(f"{path.name}: holds a trigger only and no signal.")
    subject = _entities(path.name).get("sub")
    partners = partners_from_channels(channels, options, path, default_role=subject or "first")
    if len(partners) == 1:
        partners = (replace(partners[0], person=subject),)
    return Reading(partners, tuple(events))


def _required(path: Path, sidecar: Mapping[str, Any]) -> tuple[float, float, list[str]]:
    missing = [key for key in _REQUIRED if key not in sidecar]
    if missing:
        raise RecordingError(
            f"{path.name}: its sidecar lacks {', '.join(missing)}. BIDS requires "
            f"{', '.join(_REQUIRED)}; "
            f'add them to {_sidecar_name(path)}, e.g. "SamplingFrequency": 100, "StartTime": '
            "0, "
            '"Columns": ["cardiac", "trigger"].'
        )
    numbers = {key: sidecar[key] for key in ("SamplingFrequency", "StartTime")}
    for key, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
            raise RecordingError(
                f"{path.name}: {key} in its sidecar is {json.dumps(value)[:60]}, not a number."
            )
    rate_hz, start_s = float(numbers["SamplingFrequency"]), float(numbers["StartTime"])
    if not (math.isfinite(rate_hz) and rate_hz > 0 and math.isfinite(start_s)):
        raise RecordingError(
            f"{path.name}: its sidecar gives a rate of {rate_hz} Hz and a start of {start_s} "
            "s. "
            "SamplingFrequency must be positive and StartTime a time in seconds."
        )
    columns = sidecar["Columns"]
    if not (
        isinstance(columns, list)
        and columns
        and all(isinstance(name, str) for name in columns)
        and len(set(columns)) == len(columns)
    ):
        raise RecordingError(
            f"{path.name}: Columns in its sidecar must list the table's columns, each once, as "
            "in "
            '["cardiac", "respiratory", "trigger"].'
        )
    return rate_hz, start_s, columns


def _read_sidecar(path: Path) -> dict[str, Any]:
    """The sidecar's fields; those nearer to the file override those above it."""
    found = _sidecars(path)
    if not found:
        raise RecordingError(
            f"{path.name}: its sidecar {_sidecar_name(path)} is missing. It must lie beside "
            "the table "
            f"(or above it) and give {', '.join(_REQUIRED)}."
        )
    fields: dict[str, Any] = {}
    for sidecar in found:
        try:
            content = json.loads(sidecar.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise RecordingError(
                f"{path.name}: its sidecar {sidecar.name} is not valid JSON ({error})."
            ) from error
        if not isinstance(content, dict):
            raise RecordingError(
                f"{path.name}: its sidecar {sidecar.name} must hold named fields: {{...}}."
            )
        fields.update(content)
    return fields


def _sidecars(path: Path) -> list[Path]:
    """Sidecars that apply, the furthest above and least specific first."""
    own = _entities(path.name)
    folders = path.absolute().parents
    subject = next(
        (i for i, folder in enumerate(folders) if folder.name.startswith("sub-")), -1
    )
    # The data set's root is the folder that holds the subject's; outside one, look beside only.
    applying: list[Path] = []
    for folder in reversed(folders[: subject + 2]):
        here = [
            sidecar
            for sidecar in folder.glob("*physio.json")
            if _entities(sidecar.name).items() <= own.items()
        ]
        applying += sorted(here, key=lambda sidecar: len(_entities(sidecar.name)))
    return applying


def _entities(name: str) -> dict[str, str]:
    parts = name.split(".")[0].split("_")
    return {key: label for key, dash, label in (part.partition("-") for part in parts) if dash}


def _sidecar_name(path: Path) -> str:
    return path.name[: -len(".tsv.gz")] + ".json"


def _unit(sidecar: Mapping[str, Any], column: str) -> str:
    described = sidecar.get(column)
    unit = described.get("Units", "") if isinstance(described, dict) else ""
    return unit if isinstance(unit, str) else ""


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(
            f"{path.name}: cannot be unpacked ({error}): the file is damaged or cut off. "
            "Copy it again."
        ) from error
    if len(data) > _MAX_BYTES:
        raise RecordingError(
            f"{path.name}: unpacks to more than {_MAX_BYTES // 10**6} MB. Cut it into runs."
        )
    return data


def _rising_edges(trigger: FloatArray, rate_hz: float, start_s: float) -> list[Event]:
    """Moments when the trigger leaves its lowest level (codes) or its lower half (volts)."""
    known = np.flatnonzero(np.isfinite(trigger))
    levels = trigger[known]
    if not len(levels) or levels.min() == levels.max():
        return []
    are_codes = bool(np.all(levels == np.round(levels)))
    threshold = levels.min() if are_codes else (levels.min() + levels.max()) / 2
    is_high = levels > threshold
    rises = 1 + np.flatnonzero(is_high[1:] & ~is_high[:-1])
    several = are_codes and len(set(levels[rises])) > 1
    return [
        Event(
            start_s + float(known[i]) / rate_hz,
            0.0,
            f"trigger {levels[i]:.0f}" if several else "trigger",
        )
        for i in rises
    ]


def _recognises(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIX)


FORMAT = Format("bids", "BIDS physiology tables", (_SUFFIX,), _recognises, read_bids)

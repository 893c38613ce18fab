"""The table participants.tsv: its rows, and what they say of a recording."""

import csv
from collections.abc import Mapping
from pathlib import Path

from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.loading import load_text

_FILE_COLUMNS = ("recording", "file", "first_file", "second_file", "rate_hz")
_KNOWN = (*_FILE_COLUMNS, "participant_id", "role", "dyad")


def rows_of(pairs: Path) -> list[dict[str, str]]:
    """Rows of participants.tsv, with their line and without blanks.

    Raises:
        RecordingError: If a line cannot be cut into cells, or there is none.
    """
    lines = load_text(pairs).split("\n")
    top = next(i for i, line in enumerate(lines) if line.strip())
    delimiter = next((mark for mark in "\t;" if mark in lines[top]), ",")
    header = [
        name.lower() if name.lower() in _KNOWN else name
        for name in _cells(lines[top], delimiter, f"{pairs.name}, line {top + 1}")
    ]
    rows = []
    for number, line in enumerate(lines[top + 1 :], start=top + 2):
        if not line.strip():
            continue
        where = f"{pairs.name}, line {number}"
        cells = _cells(line, delimiter, where)
        if len(cells) > len(header):
            raise RecordingError(
                f"{where}: {len(cells)} values under {len(header)} column names. Correct the "
                "line; a value that holds the delimiter must stand in quotation marks."
            )
        named = dict(zip(header, map(_available, cells), strict=False))
        named.pop("", None)
        rows.append(dict.fromkeys(_KNOWN, "") | named | {"line": str(number)})
    if not rows:
        raise RecordingError(f"{pairs.name}: holds a header and no rows.")
    return rows


def _cells(line: str, delimiter: str, where: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error as error:
        raise RecordingError(f"{where}: cannot be cut into cells ({error}).") from error


def _available(cell: str) -> str:
    """A cell, empty where BIDS writes n/a."""
    return "" if cell.lower() in ("n/a", "na", "nan") else cell


def pairs_people(pairs: Path) -> bool:
    """True if the table says which files or people belong together."""
    rows = rows_of(pairs)
    columns = ("recording", "file", "first_file", "second_file", "dyad")
    return any(row[column] for row in rows for column in columns)


def labels_of(row: Mapping[str, str]) -> dict[str, str]:
    """What a row knows of its recording beside its files and people."""
    hidden = ({*_KNOWN} - {"dyad"}) | {"line"}
    return {key: value for key, value in row.items() if key not in hidden and value}


def rate_of(row: Mapping[str, str], pairs: Path) -> float | None:
    """Sampling rate that a row gives (Hz), if any.

    Raises:
        RecordingError: If it is no positive number.
    """
    if not row["rate_hz"]:
        return None
    try:
        rate_hz = float(row["rate_hz"])
    except ValueError:
        rate_hz = 0.0
    if not 0 < rate_hz < float("inf"):
        raise RecordingError(
            f"{pairs.name}, line {row['line']}: rate_hz {row['rate_hz']!r} must be a positive "
            "number of Hz."
        )
    return rate_hz

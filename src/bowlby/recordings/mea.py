"""Motion energy as text: columns of numbers, one or several regions per person, no rate.

Source: the output of Ramseyer's Motion Energy Analysis, as rMEA reads it (Kleinbub & Ramseyer,
2020, Psychotherapy Research 31, 817-830).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Partner, RecordingError, Signal
from bowlby.recordings.text_table import TextTable, load_text, split_text


def read_mea(path: Path, options: ReadOptions) -> Reading:
    """Read two people's columns; several regions of a person are summed.

    Without `options.first` and `second`, the first half of the columns is the first person's.

    Args:
        path: Text file, any of blank, tab, comma or semicolon between columns.
        options: `rate_hz` is needed, since the file does not hold it.

    Raises:
        RecordingError: If the rate is missing, a line is damaged, or a person has no values.
    """
    table = split_text(path, load_text(path))
    if options.rate_hz is None:
        raise RecordingError(
            f"{path.name}: the file does not hold its sampling rate. Give it in Hz, for example "
            "--rate 25 (or 29.97)."
        )
    values = table.numbers()
    columns = _columns_of_two(table, options)
    kind = options.kind or "motion"
    partners = []
    for chosen, role in zip(columns, _roles(table, columns, options), strict=True):
        for i in chosen:
            _check_varies(values[:, i], path, _name(table, i))
        total = values[:, chosen].sum(axis=1)
        signal = Signal(kind, total, options.rate_hz, KINDS[kind].unit)
        partners.append(Partner(role, {kind: signal}))
    return Reading(tuple(partners))


def columns_named(names: Sequence[str], table: TextTable) -> list[int]:
    """Positions of columns given by name or by number from 1.

    Raises:
        RecordingError: If there is no such column.
    """
    found = []
    for name in names:
        if name in table.header:
            found.append(table.header.index(name))
        elif name.isdigit() and 1 <= int(name) <= table.columns:
            found.append(int(name) - 1)
        else:
            has = ", ".join(table.header) if table.header else f"numbers 1 to {table.columns}"
            raise RecordingError(f"{table.path.name}: no column {name!r}; it has {has}.")
    return found


def _columns_of_two(table: TextTable, options: ReadOptions) -> tuple[list[int], list[int]]:
    if options.first and options.second:
        return columns_named(options.first, table), columns_named(options.second, table)
    if table.columns == 1:
        raise RecordingError(
            f"{table.path.name}: one column, so one person. Give both people's files, "
            "or check the delimiter of the file."
        )
    if table.columns % 2:
        raise RecordingError(
            f"{table.path.name}: {table.columns} columns cannot be halved between two people. "
            "Name them, for example --first 1,2 --second 3."
        )
    half = table.columns // 2
    return list(range(half)), list(range(half, table.columns))


def _roles(
    table: TextTable, columns: tuple[list[int], list[int]], options: ReadOptions
) -> tuple[str, str]:
    if options.roles is not None:
        return options.roles
    if table.header and all(len(chosen) == 1 for chosen in columns):
        first, second = (table.header[chosen[0]] for chosen in columns)
        if first != second and first and second:
            return first, second
    return "first", "second"


def _name(table: TextTable, column: int) -> str:
    return table.header[column] if table.header else str(column + 1)


def _check_varies(values: FloatArray, path: Path, name: str) -> None:
    valid = values[np.isfinite(values)]
    if not len(valid):
        raise RecordingError(
            f"{path.name}, column {name}: all values are missing. Check the export, or name "
            "other columns with --first and --second."
        )
    if np.ptp(valid) == 0:
        raise RecordingError(
            f"{path.name}, column {name}: every value is {valid[0]:g}. A signal that never "
            "changes cannot be compared; check the sensor or the region of interest."
        )


FORMAT = Format(
    name="mea",
    title="Motion energy (MEA, rMEA): text columns, rate given with --rate",
    suffixes=(".txt", ".mea", ".dat", ".csv"),
    recognises=lambda path: path.suffix.lower() in (".txt", ".mea", ".dat", ".csv"),
    read=read_mea,
)

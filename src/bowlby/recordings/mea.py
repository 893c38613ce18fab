"""Motion energy as text: columns of numbers, one or several regions per person, no rate.

Source: the output of Ramseyer's Motion Energy Analysis, as rMEA reads it (Kleinbub & Ramseyer,
2020, Psychotherapy Research 31, 817-830).
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import ROLE_OF_WORD
from bowlby.recordings.channels import role_of_one
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Partner, RecordingError, Signal
from bowlby.recordings.text_table import TextTable, load_text, split_text

_ENDINGS = (".txt", ".mea", ".dat", ".csv")
_SUFFIXES = (*(f"{ending}.gz" for ending in _ENDINGS), *_ENDINGS)


def read_mea(path: Path, options: ReadOptions) -> Reading:
    """Read two people's columns; several regions of a person are summed.

    Without `options.first` and `second`, a header tells whose each region is (`pat_head`,
    `th_head`); without a header the first half of the columns is the first person's. One column
    is one person, whose partner is in another file.

    Args:
        path: Text file, any of blank, tab, comma or semicolon between columns.
        options: `rate_hz` is needed, since the file does not hold it.

    Raises:
        RecordingError: If the rate is missing, a line is damaged, or a person has no values.
    """
    table = split_text(path, load_text(path))
    values = table.numbers()
    if options.rate_hz is None:
        raise RecordingError(
            f"{path.name}: the file does not hold its sampling rate. Give it in Hz, for "
            "example --rate 25 (or 29.97)."
        )
    columns = _columns_of_people(table, _signal_columns(table, values), options)
    kind = options.kind or "motion"
    roles = (
        _roles(table, columns, options) if len(columns) == 2 else (role_of_one(path, options),)
    )
    partners = []
    for chosen, role in zip(columns, roles, strict=True):
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
        elif name.isdecimal() and 1 <= int(name) <= table.columns:
            found.append(int(name) - 1)
        else:
            has = ", ".join(table.header) if table.header else f"numbers 1 to {table.columns}"
            raise RecordingError(f"{table.path.name}: no column {name!r}; it has {has}.")
    return found


def _signal_columns(table: TextTable, values: FloatArray) -> list[int]:
    """All columns but the row numbers that R writes in front."""
    numbered = bool(table.header) and table.header[0].lower() in ("", "row")
    if numbered and np.array_equal(values[:, 0], np.arange(1, len(values) + 1)):
        return list(range(1, table.columns))
    return list(range(table.columns))


def _columns_of_people(
    table: TextTable, usable: list[int], options: ReadOptions
) -> tuple[list[int], ...]:
    """Columns of one person or two."""
    if options.first or options.second:
        told = [columns_named(names, table) for names in (options.first, options.second)]
        twice = set(told[0]) & set(told[1])
        if twice:
            raise RecordingError(
                f"{table.path.name}: column {_name(table, min(twice))} is given to both "
                "people. Name different columns with --first and --second."
            )
        return tuple(chosen for chosen in told if chosen)
    if len(usable) == 1:
        return (usable,)
    if table.header and len(usable) > 2:
        people = _people_of_regions(table, usable)
        if people is None:
            raise RecordingError(
                f"{table.path.name}: its header does not tell whose the {len(usable)} columns "
                f"are ({', '.join(table.header)}). Name them, for example "
                f"--first {table.header[usable[0]]} --second {table.header[usable[-1]]}."
            )
        return tuple(people.values())
    if len(usable) % 2:
        raise RecordingError(
            f"{table.path.name}: {len(usable)} columns cannot be halved between two people. "
            "Name them, for example --first 1,2 --second 3."
        )
    half = len(usable) // 2
    return usable[:half], usable[half:]


def _people_of_regions(table: TextTable, usable: list[int]) -> dict[str, list[int]] | None:
    """Columns by the first or last word of their names, where that word makes two equal halves.

    Two regions of two people can be cut both ways (`pat_head`); usual role words decide.
    """
    words = [[w for w in re.split(r"[\W_]+", table.header[i]) if w] for i in usable]
    if any(len(parts) < 2 for parts in words):
        return None
    found: list[dict[str, list[int]]] = []
    for at in (0, -1):
        people: dict[str, list[int]] = {}
        for i, parts in zip(usable, words, strict=True):
            people.setdefault(parts[at], []).append(i)
        if len(people) == 2 and len({len(chosen) for chosen in people.values()}) == 1:
            found.append(people)
    named = [people for people in found if all(word.lower() in ROLE_OF_WORD for word in people)]
    if len(named) == 1:
        return named[0]
    return found[0] if len(found) == 1 else None


def _roles(
    table: TextTable, columns: tuple[list[int], ...], options: ReadOptions
) -> tuple[str, str]:
    if options.roles is not None:
        return options.roles
    if table.header and all(len(chosen) == 1 for chosen in columns):
        first, second = (table.header[chosen[0]] for chosen in columns)
        if first != second and first and second:
            return first, second
    regions = sorted(i for chosen in columns for i in chosen)
    people = _people_of_regions(table, regions) if table.header and len(regions) > 2 else None
    if people is not None and tuple(people.values()) == columns:
        first, second = people
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
    suffixes=_SUFFIXES,
    recognises=lambda path: path.name.lower().endswith(_SUFFIXES),
    read=read_mea,
)

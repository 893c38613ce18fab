"""Spreadsheets (Excel, OpenDocument) and tables of statistics programs (SPSS, Stata, SAS).

All become the same table as a text file, and go the same way from there.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import RecordingError

_SHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_STATISTICS = (".sav", ".zsav", ".dta", ".sas7bdat", ".xpt", ".por")
SUFFIXES = (*_SHEETS, *_STATISTICS)


def read_spreadsheet_many(path: Path, options: ReadOptions) -> Mapping[str, Reading]:
    """Read the first sheet that holds a table, or a statistics program's table.

    Raises:
        RecordingError: If the library is missing, the file damaged, or no sheet holds a table.
    """
    from bowlby.recordings.tables.reading import readings_of

    table = _statistics(path) if path.name.lower().endswith(_STATISTICS) else _sheet(path)
    return readings_of(table, options)


def _sheet(path: Path) -> Any:
    """The first sheet with a table, as a table of text cells that is sniffed like any other."""
    from dataclasses import replace

    from bowlby.recordings.tables.parsing import parse
    from bowlby.recordings.tables.rows import TEXT_NAMES
    from bowlby.recordings.tables.sniffing import sniff

    require_reader(path, "labs")
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
    except (CalamineError, OSError, ValueError) as error:
        raise RecordingError(f"{path.name}: is no readable spreadsheet ({error}).") from error
    problem: RecordingError | None = None
    for name in names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        if len(rows) < 2:
            continue
        text = "\n".join("\t".join(_cell(cell) for cell in row) for row in rows).encode()
        try:
            table = parse(path, text, sniff(path, text), text_names=TEXT_NAMES)
        except RecordingError as error:
            problem = problem or error
            continue
        others = [other for other in names if other != name]
        note = f"Sheet {name!r} was read" + (
            f"; the others were not: {', '.join(others)}." if others else "."
        )
        return replace(table, notes=(*table.notes, note))
    raise problem or RecordingError(f"{path.name}: no sheet holds a table.")


def _cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return repr(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
        return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}"
    return str(cell).replace("\t", " ").replace("\n", " ").strip()


def _statistics(path: Path) -> Any:
    from bowlby.recordings.tables.parquet import as_table

    require_reader(path, "labs")
    import pyreadstat

    readers = {
        ".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".por": pyreadstat.read_por,
        ".dta": pyreadstat.read_dta, ".sas7bdat": pyreadstat.read_sas7bdat,
        ".xpt": pyreadstat.read_xport,
    }  # fmt: skip
    try:
        frame, said = readers[path.suffix.lower()](str(path))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        raise RecordingError(
            f"{path.name}: cannot be read ({error}). Copy it again."
        ) from error
    if frame.empty:
        raise RecordingError(f"{path.name}: the table is empty. Export it again.")
    frame = _with_labels(frame.reset_index(drop=True), said)
    return as_table(path, frame, np.arange(len(frame)) + 1)


def _with_labels(frame: Any, said: Any) -> Any:
    """The frame with labels for numbers that name people and for names that say nothing.

    Args:
        frame: The data.
        said: What pyreadstat tells of it.
    """
    from bowlby.recordings.channel_words import meaning_of, unique_labels
    from bowlby.recordings.tables.rows import names_people

    for name, labels in said.variable_value_labels.items():
        if names_people(name):
            frame[name] = frame[name].map(lambda code, own=labels: own.get(code, code))
    names = []
    for name in map(str, frame.columns):
        label = said.column_names_to_labels.get(name) or ""
        is_silent = meaning_of(name, "").kind is None and meaning_of(label, "").kind is not None
        names.append(label if is_silent else name)
    frame.columns = list(unique_labels(names))
    return frame


def _read(path: Path, options: ReadOptions) -> Reading:
    readings = read_spreadsheet_many(path, options)
    if len(readings) > 1:
        raise RecordingError(
            f"{path.name}: holds {len(readings)} recordings. Put it into a folder and give "
            "that."
        )
    return next(iter(readings.values()))


FORMAT = Format(
    "spreadsheet", "Excel, OpenDocument, SPSS, Stata and SAS tables", SUFFIXES,
    lambda path: path.name.lower().endswith(SUFFIXES), _read, read_spreadsheet_many,
)  # fmt: skip

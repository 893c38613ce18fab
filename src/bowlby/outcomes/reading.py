"""Tables from files: CSV, Parquet, Excel, SPSS, Stata. Everything comes as text first.

Text keeps what was written ("NA" as a client's name, 007, a decimal comma) until a column's
meaning is known; tables.py gives it one.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from bowlby._extras import MissingExtraError, require
from bowlby._types import IntArray

KINDS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".sav", ".dta")
EMPTY = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "None", ".", "<NA>", "NaT"})
_EXCEL_DAY_0 = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class TextTable:
    """A file's table as text.

    Attributes:
        file: Its name, for messages.
        data: Cells as text, empty where there is nothing.
        lines: Line of the file that each row stands on, as a spreadsheet or editor counts.
        separator: Mark between cells of a text file.
    """

    file: str
    data: pd.DataFrame
    lines: IntArray
    separator: str = ""

    def row(self, place: object) -> int:
        """Row in the file of a row of the table."""
        return int(self.lines[int(str(place))])


def read_table(path: Path) -> TextTable:
    """Read a table as text.

    Args:
        path: A .csv, .tsv, .txt, .parquet, .xlsx, .sav or .dta file.

    Raises:
        ValueError: If it cannot be read as a table; says why.
    """
    name, kind = path.name, path.suffix.lower()
    if not path.exists():
        raise ValueError(f"{path}: no such file.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Give one file of scores.")
    if kind not in KINDS:
        raise ValueError(f"{name}: tables are read from {', '.join(KINDS)}. Export it as CSV.")
    if path.stat().st_size == 0:
        raise ValueError(f"{name}: the file is empty.")
    table = _read_text(path) if kind in (".csv", ".tsv", ".txt") else _read_typed(path, kind)
    twice = table.data.columns[table.data.columns.duplicated()]
    if len(twice):
        raise ValueError(f"{name}: two columns are called {twice[0]!r}. Rename one.")
    if not len(table.data):
        raise ValueError(f"{name}: there are column names but no rows.")
    return table


def _read_text(path: Path) -> TextTable:
    name, text = path.name, _decoded(path)
    if not text.strip():
        raise ValueError(f"{name}: the file is empty.")
    for mark, kind in (("<", "a web page (HTML or XML)"), ("{", "JSON"), ("[", "JSON")):
        if text.lstrip().startswith(mark):
            raise ValueError(f"{name}: this is {kind}, not a table. Export it as CSV.")
    lines = text.splitlines()
    head_at = next(i for i, line in enumerate(lines) if line.strip())
    said = re.fullmatch(r"\s*sep=(.)\s*", lines[head_at], re.IGNORECASE)
    head_at += 1 if said else 0
    by = said[1] if said else _delimiter(lines[head_at])
    # The csv module is given whole text, since a cell in quotes may hold line ends.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=by)
    rows, at = [], []
    for row in reader:
        if reader.line_num > head_at and any(cell.strip() for cell in row):
            rows.append([cell.strip() for cell in row])
            at.append(reader.line_num)
    head = rows[0]
    for row, line in zip(rows[1:], at[1:], strict=True):
        _check_cells(name, row, line, head, by)
    data = pd.DataFrame([row[: len(head)] for row in rows[1:]], columns=head)
    is_named = [
        bool(title) or bool((data.iloc[:, i] != "").any()) for i, title in enumerate(head)
    ]
    return TextTable(name, data.loc[:, is_named], np.array(at[1:], np.int64), by)


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    if raw[:2] in (b"PK", b"\xd0\xcf"):
        raise ValueError(f"{path.name}: this is an Excel file. Give it the ending .xlsx.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        some = raw[start:2000:2]
        if len(raw) > 3 and some.count(0) > 0.9 * len(some):
            return raw.decode(encoding, errors="replace")
    if b"\x00" in raw[:4096]:
        raise ValueError(f"{path.name}: this is not a text file.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(line: str) -> str:
    return max(",;\t|", key=lambda mark: len(next(csv.reader([line], delimiter=mark))))


def _check_cells(name: str, row: list[str], line: int, head: list[str], by: str) -> None:
    """As many cells as columns; if not, the likely cause."""
    here = f"{name}, row {line}: {len(row)} cells for {len(head)} column names."
    if any(row[len(head) :]):
        raise ValueError(
            f"{here} A decimal comma in a comma-separated file does this: separate by "
            "semicolons."
        )
    if len(row) >= len(head):
        return
    if any("\n" in cell for cell in row):
        raise ValueError(f'{here} A quotation mark (") is opened and not closed before there.')
    whole = by.join(row)
    for other in ",;\t|":
        if other != by and len(whole.split(other)) == len(head):
            raise ValueError(
                f"{here} The names are separated by {by!r} and the rows by {other!r}: use one."
            )
    raise ValueError(f"{here} The line is cut off: look at the end of the file.")


def _read_typed(path: Path, kind: str) -> TextTable:
    try:
        if kind != ".parquet":
            require("labs")
        if kind == ".parquet":
            table = pd.read_parquet(path)
        elif kind == ".xlsx":
            table = _excel(path)
        else:
            table = _statistics_file(path, kind)
    except MissingExtraError as error:
        raise ValueError(f"{path.name}: {error}") from error
    except Exception as error:  # Readers raise types of their own, told in one way here.
        if str(error).startswith(path.name):
            raise
        raise ValueError(f"{path.name}: cannot be read as {kind} ({error}).") from error
    data = pd.DataFrame({str(name).strip(): table[name].map(as_text) for name in table.columns})
    return TextTable(path.name, data, np.arange(2, len(data) + 2))


def _excel(path: Path) -> pd.DataFrame:
    book = pd.read_excel(path, sheet_name=None, dtype=object, engine="calamine")
    filled = {name: sheet for name, sheet in book.items() if len(sheet)}
    if len(filled) > 1:
        raise ValueError(
            f"{path.name}: {len(filled)} sheets hold data ({', '.join(filled)}). Keep one "
            "sheet "
            "in the file."
        )
    return next(iter(filled.values()), pd.DataFrame())


def _statistics_file(path: Path, kind: str) -> pd.DataFrame:
    import pyreadstat

    reader = pyreadstat.read_sav if kind == ".sav" else pyreadstat.read_dta
    return cast("pd.DataFrame", reader(str(path), user_missing=False)[0])


def as_text(value: object) -> str:
    """A cell as one would write it: whole numbers without a point, dates as ISO."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp) or hasattr(value, "isoformat"):
        return str(value)[:10]
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


_SLASHED = r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})"
YEARS = (1950, 2100)
"""Years that a date can be of: others are slips of the keyboard, or no dates."""
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?")


def numbers_of(
    table: TextTable, column: str, *, missing: frozenset[float] = frozenset()
) -> pd.Series:
    """A column as numbers, NaN where nothing is written or a code says so.

    Args:
        table: The table.
        column: Its column.
        missing: Codes that mean missing.

    Raises:
        ValueError: If a cell is not a number; names row and column.
    """
    cells = table.data[column]
    out = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if cell in EMPTY:
            continue
        plain = cell.replace("\N{MINUS SIGN}", "-")
        if table.separator == "," and re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", plain):
            raise ValueError(
                f"{table.file}, row {table.row(i)}, column {column}: {cell} can be read as "
                f"{plain.replace(',', '.')} or {plain.replace(',', '')}. Write it without the "
                "comma."
            )
        if not _NUMBER.fullmatch(plain):
            raise ValueError(
                f"{table.file}, row {table.row(i)}, column {column}: {cell!r} is not a number. "
                "Leave the cell empty if the score is missing."
            )
        value = float(plain.replace(",", "."))
        out[i] = np.nan if value in missing else value
    return pd.Series(out, index=cells.index)


def dates_of(table: TextTable, column: str, *, order: str | None = None) -> pd.Series:
    """A column as dates: ISO, 5.3.2024, 5/3/2024 with an order given, or Excel's day numbers.

    Args:
        table: The table.
        column: Its column.
        order: `day` or `month`, whichever comes first in 5/3/2024; None if not said.

    Raises:
        ValueError: If a cell is no date or could be read two ways.
    """
    cells = table.data[column]
    first, second = _slashed(cells)
    if order is None and first is not None and second is not None:
        raise ValueError(
            f"{table.file}, column {column}: row {table.row(first)} ({cells.iloc[first]}) can "
            f"only have the day first and row {table.row(second)} ({cells.iloc[second]}) only "
            "the month. Write dates as 2024-03-05."
        )
    made = pd.Series(
        [_date(table, column, i, cell, order) for i, cell in enumerate(cells)],
        index=cells.index, dtype="datetime64[ns]",
    )  # fmt: skip
    for i in np.flatnonzero((made.dt.year < YEARS[0]) | (made.dt.year > YEARS[1])):
        raise ValueError(
            f"{table.file}, row {table.row(i)}, column {column}: {cells.iloc[i]} is the year "
            f"{made.dt.year.iloc[i]:.0f}; scores are of {YEARS[0]} to {YEARS[1]}. Correct it."
        )
    return made


def _slashed(cells: pd.Series) -> tuple[int | None, int | None]:
    """Places of the first 13/4/2024 and of the first 4/13/2024, where there are such."""
    found = cells.str.extract(_SLASHED).astype(float)
    first, second = np.flatnonzero(found[0] > 12), np.flatnonzero(found[1] > 12)
    return (
        int(first[0]) if len(first) else None,
        int(second[0]) if len(second) else None,
    )


def _date(
    table: TextTable, column: str, i: int, cell: str, order: str | None
) -> pd.Timestamp | None:
    where = f"{table.file}, row {table.row(i)}, column {column}"
    if cell in EMPTY:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?", cell):
            y, m, d = cell[:10].replace("T", "-").split(" ")[0].split("-")[:3]
            return pd.Timestamp(int(y), int(m), int(d[:2]))
        if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", cell):
            return pd.Timestamp(int(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(_SLASHED, cell):
            a, b = int(found[1]), int(found[2])
            if order is None and a <= 12 and b <= 12 and a != b:
                raise ValueError(
                    f"{where}: {cell} can be read two ways. Pass --dates day or --dates month "
                    "for what comes first."
                )
            is_day_first = order == "day" or (order is None and a > 12)
            return pd.Timestamp(
                int(found[3]), b if is_day_first else a, a if is_day_first else b
            )
        if re.fullmatch(r"[2-5]\d{4}(\.\d+)?", cell):
            return _EXCEL_DAY_0 + pd.Timedelta(days=int(float(cell)))
    except ValueError as error:
        if "read two ways" in str(error):
            raise
        raise ValueError(f"{where}: {cell!r} is not a date ({error}).") from error
    raise ValueError(f"{where}: {cell!r} is not a date. Write dates as 2024-03-05.")

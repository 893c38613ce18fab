"""A table's columns as arrays: numbers as numbers, times and words as they are written."""

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bowlby.recordings.channel_words import unique_labels
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.cells import (
    COMMA,
    EMPTY,
    NUMBER,
    TEXT,
    THOUSANDS,
    fits,
    is_missing,
    is_number,
    missing_spellings,
    split_cells,
)
from bowlby.recordings.tables.loading import check_size, load_bytes
from bowlby.recordings.tables.sniffing import Layout, sniff
from bowlby.recordings.tables.streaming import LargeText, is_large, read_pieces

if TYPE_CHECKING:
    import pandas as pd

# Share of rows of another width that may be left out.
_MOST_RAGGED = 0.001
# Headers on every page, at most so many of the lines; sums and means at the end.
_MOST_PAGES, _MOST_SUMS = 0.05, 10
_GERMAN_THOUSANDS = r"[-+]?\d{1,3}(?:\.\d{3})+,\d*"
_THOUSANDS = re.compile(
    r"[-+]?\d{1,3}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+,\d+|(?:['’ ]\d{3})+.*)"
)
_CHUNK = 1 << 21


@dataclass(frozen=True, eq=False)
class Table:
    """A table with its columns read.

    Attributes:
        path: The file.
        frame: The columns by name: numbers as float64, everything else as text.
        units: Unit of each column as written, by name.
        lines: Line of each row in the file.
        has_header: True if the file names its columns.
        preamble: Lines above the table that are not its header.
        notes: What was left out or read in an unusual way, one sentence each.
        number_of: Number of each column in the file, from 1, by name.
        has_commas: True if its numbers have decimal commas.
    """

    path: Path
    frame: "pd.DataFrame"
    units: dict[str, str]
    lines: NDArray[np.integer[Any]]
    has_header: bool
    preamble: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    number_of: dict[str, int] = field(default_factory=dict)
    has_commas: bool = False

    def where(self, mask: Any) -> "Table":
        """The rows where `mask` is true."""
        chosen = np.asarray(mask, dtype=bool)
        return replace(self, frame=self.frame[chosen], lines=self.lines[chosen])


def read_text_table(path: Path, *, text_names: frozenset[str] = frozenset()) -> Table:
    """Read a table of text; the columns in `text_names` (lower case) stay text.

    Raises:
        RecordingError: If it cannot be read, naming file, line, column and cause.
    """
    if is_large(path):
        table = _read_large(path, text_names)
        if table is not None:
            return table
    from bowlby.recordings.tables.labchart import blocks_of, read_blocks

    data = load_bytes(path)
    blocks = blocks_of(data)
    if blocks:
        return read_blocks(path, blocks, text_names)
    return parse(path, data, sniff(path, data), text_names=text_names)


def _read_large(path: Path, text_names: frozenset[str]) -> Table | None:
    """A large table, piece by piece; None if only the whole of it can tell what it is."""
    check_size(path)
    try:
        layout = sniff(path, LargeText(path))
    except RecordingError:
        return None
    names = _column_names(layout)
    found = read_pieces(path, layout, names, _types(layout, names, text_names))
    if found is None:
        return None
    return _without_empty_rows(_table(path, layout, names, *found))


def _types(layout: Layout, names: tuple[str, ...], text_names: frozenset[str]) -> list[str]:
    return [
        TEXT if name.lower() in text_names else kind
        for name, kind in zip(names, layout.types, strict=True)
    ]


def _table(
    path: Path, layout: Layout, names: tuple[str, ...], frame: "pd.DataFrame", notes: list[str]
) -> Table:
    # Half of the memory that places usually take.
    lines = np.arange(len(frame), dtype=np.int32) + (layout.first_line + 1)
    units = {n: u for n, u in zip(names, layout.units, strict=True) if u}
    return Table(
        path, frame, units, lines, bool(layout.names), layout.preamble, tuple(notes),
        {name: i + 1 for i, name in enumerate(names)}, COMMA in layout.types,
    )  # fmt: skip


def parse(
    path: Path, data: bytes, layout: Layout, *, text_names: frozenset[str] = frozenset()
) -> Table:
    """Cut and read the rows below a layout's header."""
    names = _column_names(layout)
    types = _types(layout, names, text_names)
    body = without_blank_end(data[_offset(data, layout.first_line) :])
    notes: list[str] = []
    if layout.has_comma_pairs:
        notes.append("Decimal commas between commas: every two cells are one number.")
        body = _with_points(body)
    body, cut = cut_rows(path, body, layout)
    notes += cut
    foreign: list[int] = []
    try:
        frame = frame_of(path, body, layout, names, types)
    except RecordingError:
        body, foreign, said = _without_foreign_rows(body, layout, names, types)
        if not foreign:
            raise
        notes += said
        frame = frame_of(path, body, layout, names, types)
    table = _table(path, layout, names, frame, notes)
    if foreign:
        keep = np.ones(len(frame), dtype=bool)
        keep[foreign] = False
        table = table.where(keep)
    return _without_empty_rows(table)


def _without_foreign_rows(
    body: bytes, layout: Layout, names: tuple[str, ...], types: list[str]
) -> tuple[bytes, list[int], list[str]]:
    """The body with rows that are no samples emptied, which they are, and what was said.

    The header once more on every page, where the times run on behind it; and a few rows of
    words at the end, as spreadsheets write sums and means.
    """
    from bowlby.recordings.tables.clocks import is_time_name

    rows = [row for _, row in _rows(body, layout)]
    numeric = [i for i, kind in enumerate(types) if kind in (NUMBER, COMMA)]
    bad = [
        at
        for at, row in enumerate(rows)
        if any(
            i < len(row) and not is_missing(row[i]) and not fits(row[i], types[i])
            for i in numeric
        )
    ]
    if not bad or len(bad) > _MOST_PAGES * len(rows):
        return body, [], []
    header = [name.strip().lower() for name in layout.names]
    time = next((i for i in numeric if is_time_name(names[i])), None)
    runs_on = time is not None and all(
        0 < at < len(rows) - 1 and _number(rows[at - 1], time) < _number(rows[at + 1], time)
        for at in bad
    )
    if runs_on and all([c.strip().lower() for c in rows[at]] == header for at in bad):
        said = (
            f"The header stands again in {len(bad)} lines, the first is line "
            f"{layout.first_line + bad[0] + 1}; the times run on behind it."
        )
    elif bad == list(range(len(rows) - len(bad), len(rows))) and len(bad) <= _MOST_SUMS:
        words = ", ".join(next((c for c in rows[at] if c.strip()), "") for at in bad)
        said = f"The last {len(bad)} lines are no samples ({words[:60]}) and were left out."
    else:
        return body, [], []
    lines = body.split(b"\n")
    for at in bad:
        lines[at] = (("NA" + layout.delimiter) * (layout.columns - 1) + "NA").encode()
    return b"\n".join(lines), bad, [said]


def _number(row: list[str], at: int) -> float:
    try:
        return float(row[at].replace(",", "."))
    except (IndexError, ValueError):
        return float("nan")


def without_blank_end(body: bytes) -> bytes:
    """The body without blank lines at its end; cells that end a row stay."""
    while True:
        newline = body.rfind(b"\n")
        if newline < 0 or body[newline + 1 :].strip(b" \t"):
            return body
        body = body[:newline]


def _column_names(layout: Layout) -> tuple[str, ...]:
    names = layout.names or ("",) * layout.columns
    filled = [name.strip() or f"column {i + 1}" for i, name in enumerate(names)]
    return unique_labels(filled)


def _offset(data: bytes, lines: int) -> int:
    """Position of the first byte after so many lines."""
    at = 0
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return at


def _with_points(body: bytes) -> bytes:
    rows = []
    for line in body.decode("utf-8", "replace").split("\n"):
        cells = [c.strip() for c in line.split(",")]
        pairs = zip(cells[::2], cells[1::2], strict=False)
        rows.append(",".join(f"{a}.{b}" for a, b in pairs) if len(cells) % 2 == 0 else line)
    return "\n".join(rows).encode()


def _widths(body: bytes, delimiter: str) -> np.ndarray:
    """Number of cells of each line, of text without quotation marks."""
    counts: list[np.ndarray] = []
    at = 0
    while at < len(body):
        end = min(at + _CHUNK, len(body))
        if end < len(body):
            newline = body.rfind(b"\n", at, end)
            end = newline + 1 if newline > at else len(body)
        piece = np.frombuffer(body, np.uint8, end - at, at)
        ends = np.flatnonzero(piece == 10)
        if not len(ends) or ends[-1] != len(piece) - 1:
            ends = np.append(ends, len(piece))
        if delimiter == " ":
            is_blank = (piece == 32) | (piece == 9) | (piece == 10)
            marks = ~is_blank & np.concatenate(([True], is_blank[:-1]))
        else:
            marks = piece == ord(delimiter)
        total = np.concatenate(([0], np.cumsum(marks, dtype=np.int64)))
        begins = np.concatenate(([0], ends[:-1] + 1))
        cells = total[ends] - total[begins]
        if delimiter != " ":
            # A line of nothing has no cells.
            cells = np.where(ends > begins, cells + 1, 0)
        counts.append(cells)
        at = end
    return np.concatenate(counts) if counts else np.empty(0, np.int64)


def cut_rows(path: Path, body: bytes, layout: Layout) -> tuple[bytes, list[str]]:
    """The body with rows of other widths emptied, and what was said of them."""
    width, delimiter = layout.columns, layout.delimiter
    if not delimiter:
        return body, []
    if b'"' in body:
        lines = body.decode("utf-8", "replace").split("\n")
        found = np.array([len(split_cells(x, delimiter)) if x.strip() else 0 for x in lines])
    else:
        found = _widths(body, delimiter)
    is_right = np.isin(found, (0, width + layout.has_trailing))
    # The last row often lacks the trailing delimiter.
    is_right[-1:] |= found[-1:] == width
    bad = np.flatnonzero(~is_right)
    if not len(bad):
        return body, []
    at = int(bad[0])
    line = layout.first_line + at + 1
    is_last = len(bad) == 1 and at == len(found) - 1 and len(found) > 3
    # Among decimal commas a missing value makes a row short too.
    is_cut_end = is_last and found[at] < width and not layout.has_comma_pairs
    if not is_cut_end and len(bad) > max(_MOST_RAGGED * len(found), 0):
        remedy = "Correct the line or export the file again; "
        if delimiter == ",":
            remedy += "decimal commas must be points (or the columns parted by semicolons); "
        raise RecordingError(
            f"{path.name}, line {line}: {found[at]} values where {width} belong"
            + (f", and {len(bad) - 1} more such lines" if len(bad) > 1 else "")
            + f". {remedy}write NA where a value is missing, and keep other tables out."
        )
    rows = body.split(b"\n")
    empty = ("NA" + delimiter) * (width - 1) + "NA"
    if is_cut_end:
        rows.pop()
        note = f"Line {line}, the last, is cut off and was left out."
    else:
        for i in bad:
            rows[int(i)] = empty.encode()
        note = (
            f"{len(bad)} of {len(found)} lines have another number of values and are missing, "
            f"the first is line {line}."
        )
    return b"\n".join(rows), [note]


def frame_of(
    path: Path, body: bytes, layout: Layout, names: tuple[str, ...], types: list[str]
) -> "pd.DataFrame":
    """The rows of a body as columns, numbers as float64.

    Raises:
        RecordingError: If a cell is no number where one belongs, or rows cannot be cut.
    """
    import pandas as pd

    numeric = [i for i, kind in enumerate(types) if kind in (NUMBER, EMPTY)]
    commas = [i for i, kind in enumerate(types) if kind == COMMA]
    width = layout.columns
    read = range(width + layout.has_trailing)
    missing: Any = {i: missing_spellings() for i in read}
    how: dict[str, Any] = {
        "sep": {" ": r"\s+", "": "\x1f"}.get(layout.delimiter, layout.delimiter),
        "header": None,
        "names": list(read),
        "usecols": list(range(width)),
        "index_col": False,
        "na_values": missing,
        "keep_default_na": False,
        "skip_blank_lines": False,
        "skipinitialspace": True,
        "float_precision": "round_trip",
        "encoding_errors": "replace",
        "low_memory": True,
    }
    try:
        frame = _parsed(pd, body, how, {i: float if i in numeric else str for i in read})
    except (ValueError, OverflowError) as error:
        tidy = _without_blanks(body, layout.delimiter)
        if tidy != body:
            return frame_of(path, tidy, layout, names, types)
        frame = _with_text(path, body, layout, names, types, how, error)
    for i in commas:
        frame[i] = _from_commas(path, frame[i], layout, names[i])
    frame.columns = list(names)
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            values = frame[name].to_numpy()
            if np.isinf(values).any():
                frame[name] = np.where(np.isinf(values), np.nan, values)
    return frame


def _parsed(pd: Any, body: bytes, how: dict[str, Any], dtype: dict[int, type]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(io.BytesIO(body), dtype=dtype, **how)


def _without_blanks(body: bytes, delimiter: str) -> bytes:
    """Cells without the blanks around them, which would hide a word for no value."""
    if delimiter in ("", " ") or b'"' in body:
        return body
    mark = re.escape(delimiter.encode())
    tidy = re.sub(rb" *" + mark + rb" *", delimiter.encode(), body)
    return re.sub(rb"(?m)^ +| +$", b"", tidy)


def _with_text(
    path: Path,
    body: bytes,
    layout: Layout,
    names: tuple[str, ...],
    types: list[str],
    how: dict[str, Any],
    error: Exception,
) -> "pd.DataFrame":
    """The table where a column of numbers holds a word: told by line, or read as text."""
    import pandas as pd

    for line, row in _rows(body, layout):
        for i, cell in enumerate(row[: layout.columns]):
            if types[i] == NUMBER and not is_missing(cell) and not is_number(cell):
                name = names[i] if layout.names else str(i + 1)
                second = [c.lower() for c in row] == [n.lower() for n in layout.names]
                raise RecordingError(
                    f"{path.name}, line {line}, column {name}: {cell[:40]!r} is not a number. "
                    + (
                        "A second header: two tables stand in one file. Cut it there."
                        if second
                        else how_to_write(cell)
                    )
                ) from error
    try:
        dtype = {i: float if kind == NUMBER else str for i, kind in enumerate(types)}
        return _parsed(pd, body, how, {**dtype, len(types): str})
    except (ValueError, OverflowError) as again:
        raise RecordingError(
            f"{path.name}: the rows cannot be cut into {layout.columns} columns. Check for a "
            "quotation mark that is not closed."
        ) from again


def how_to_write(cell: str) -> str:
    """What to do about a cell that is no number."""
    if _THOUSANDS.fullmatch(cell.strip()):
        return "Write numbers without a separator of thousands (in Excel: format General)."
    return (
        "Correct it, or write NA for a missing value. (Decimal commas are read where another "
        "character parts the columns.)"
    )


def _rows(body: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    text = body.decode("utf-8", "replace")
    for number, line in enumerate(text.split("\n"), layout.first_line + 1):
        yield number, split_cells(line, layout.delimiter) if line.strip() else []


def _from_commas(path: Path, cells: "pd.Series", layout: Layout, name: str) -> "pd.Series":
    """Numbers written with a decimal comma."""
    import pandas as pd

    text = cells.astype(object)
    told = text.where(text.notna(), None)
    plain = told.map(lambda c: None if c is None else str(c).strip())
    has_thousands = plain.str.fullmatch(_GERMAN_THOUSANDS, na=False)
    if not plain.str.contains(",", regex=False, na=False).any():
        # 998, 999, 1.000: points that only part thousands.
        has_point = plain.str.contains(".", regex=False, na=False)
        if bool((~has_point & plain.notna()).any()):
            has_thousands |= plain.str.fullmatch(THOUSANDS.pattern, na=False)
    # `1.327,1` is one number only; `1.327` beside it may be either.
    is_unclear = plain.str.contains(".", regex=False, na=False) & ~has_thousands
    plain = plain.mask(has_thousands, plain.str.replace(".", "", regex=False))
    numbers = pd.to_numeric(plain.str.replace(",", ".", regex=False), errors="coerce")
    bad = (numbers.isna() & plain.notna()) | (is_unclear & bool(has_thousands.any()))
    if bad.any():
        at = int(np.argmax(bad.to_numpy()))
        raise RecordingError(
            f"{path.name}, line {layout.first_line + at + 1}, column {name}: "
            f"{str(told.iloc[at])[:40]!r} is not a number. {how_to_write(str(told.iloc[at]))}"
        )
    return numbers.astype(float)


def _without_empty_rows(table: Table) -> Table:
    """Blank lines at the end are nothing; in between they are rows without values."""
    filled = table.frame.notna().any(axis=1).to_numpy()
    if filled.all() or not filled.any():
        return table
    last = int(np.flatnonzero(filled)[-1])
    keep = np.ones(len(filled), bool)
    keep[last + 1 :] = False
    inside = ~filled[: last + 1]
    # Every second line empty: line ends were doubled on the way.
    if inside.sum() >= 0.45 * len(inside) and not np.any(inside[1:] & inside[:-1]):
        keep[: last + 1] &= filled[: last + 1]
    return table.where(keep) if not keep.all() else table

"""Text files of numbers as people export them: any delimiter, a header or none, gzipped or not.

The fast path reads whole columns; only when that fails is the file read line by line, to say
which line, which column and what stood there.
"""

import codecs
import csv
import gzip
import io
import re
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "NA", "NaN", "nan", "n/a", "N/A", "null", "NULL", ".", "-", "inf", "-inf", "Inf")
_MAX_BYTES = 1_000_000_000
_HEAD_BYTES = 65_536
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_LINE = re.compile(r"[^\n]*\n?")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class TextTable:
    """A text file cut into its parts, its cells not yet read.

    Attributes:
        path: The file.
        text: The rows below the header.
        delimiter: Character between cells; a blank means any white space.
        header: Column names, empty if there is no header.
        columns: Number of columns.
        header_lines: Lines above the first row.
    """

    path: Path
    text: str
    delimiter: str
    header: tuple[str, ...]
    columns: int
    header_lines: int

    def numbers(self) -> FloatArray:
        """All cells as numbers, missing ones NaN (rows x columns).

        Raises:
            RecordingError: If a row has too few or too many cells, or a cell is not a number.
        """
        return self.frame(range(self.columns)).to_numpy(dtype=float)

    def frame(self, numeric: "range | list[int]") -> "pd.DataFrame":
        """Cells as a frame; the columns in `numeric` as numbers, the others as text."""
        import pandas as pd

        # An empty line would shift all later samples in time if it were left out.
        if _EMPTY_LINE.search(self.text.rstrip()):
            self._complain(set(numeric))
        missing: dict[Any, Any] = {i: list(MISSING) for i in numeric}
        types = {i: "float64" if i in set(numeric) else "str" for i in range(self.columns)}
        try:
            with warnings.catch_warnings():
                # Of rows wider than the header pandas drops the rest with a mere warning.
                warnings.simplefilter("error", pd.errors.ParserWarning)
                frame = pd.read_csv(
                    io.BytesIO(self.text.encode()),
                    sep=r"\s+" if self.delimiter == " " else self.delimiter,
                    header=None,
                    names=list(range(self.columns)),
                    index_col=False,
                    dtype=types,
                    na_values=missing,
                    keep_default_na=False,
                    skip_blank_lines=True,
                    skipinitialspace=True,
                    float_precision="round_trip",
                )
        except (ValueError, OverflowError, pd.errors.ParserWarning) as error:
            self._complain(set(numeric))
            raise RecordingError(
                f"{self.path.name}: the rows cannot be cut into {self.columns} columns. Check "
                "for a quotation mark that is not closed."
            ) from error
        last = frame[self.columns - 1]
        if self.columns > 1 and last.isna().any():
            self._complain(set(numeric))
        return frame

    def _complain(self, numeric: set[int]) -> None:
        """Raise the error that names the first bad line, if there is one."""
        for line, row in self._rows():
            where = f"{self.path.name}, line {line}"
            if not row:
                raise RecordingError(
                    f"{where}: the line is empty. Remove it, or write NA where values miss."
                )
            if len(row) != self.columns:
                raise RecordingError(
                    f"{where}: {len(row)} values where {self.columns} belong. Correct the line "
                    "or export the file again; both people need a value in every row (NA if "
                    "missing), decimal commas must be points, and no line may stand above the "
                    "header."
                )
            for i, cell in enumerate(row):
                if i in numeric and cell not in MISSING and not _NUMBER.fullmatch(cell):
                    name = self.header[i] if self.header else str(i + 1)
                    raise RecordingError(
                        f"{where}, column {name}: {cell[:40]!r} is not a number. Correct "
                        "it, or write NA for a missing value. (Decimal commas must be points; "
                        "columns are cut at blanks, tabs, commas or semicolons.)"
                    )

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(lines_of(self.text.rstrip()), self.header_lines + 1):
            cells = _cells(line, self.delimiter) if line.strip() else ()
            yield number, [cell.strip('"') for cell in cells]


def load_text(path: Path) -> str:
    """Text of a file, gunzipped if its name ends in .gz, every line end a single newline.

    Raises:
        RecordingError: If it is empty, binary, damaged or too large once unpacked.
    """
    data = _bytes(path, _MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise RecordingError(
            f"{path.name}: holds more than {_MAX_BYTES / 1e9:g} GB of text. Cut it into "
            "sessions, or save it as Parquet."
        )
    return _decoded(path, data, is_whole=True)


def load_head(path: Path) -> str:
    """The first lines of a text file: enough to recognise it, however long it is.

    Raises:
        RecordingError: As `load_text`.
    """
    data = _bytes(path, _HEAD_BYTES)
    if len(data) < _HEAD_BYTES:
        return _decoded(path, data, is_whole=True)
    text = _decoded(path, data, is_whole=False)
    lines, _, _ = text.rpartition("\n")
    return lines or text


def lines_of(text: str) -> Iterator[str]:
    """Lines one by one, so that a long text need not be held twice."""
    return (match[0].rstrip("\n") for match in _LINE.finditer(text) if match[0])


def _bytes(path: Path, most: int) -> bytes:
    """The first bytes of a file, unpacked; a small gzip file may hold terabytes."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return file.read(most)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(
            f"{path.name}: the gzip file is damaged ({error}). Copy it again."
        ) from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error}).") from error


def _decoded(path: Path, data: bytes, *, is_whole: bool) -> str:
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not data.strip():
        raise RecordingError(f"{path.name}: the file is empty. Export it again.")
    if is_utf16 or b"\0" not in data[:65536]:
        for encoding in ("utf-8-sig", "utf-16" if is_utf16 else "cp1252"):
            try:
                text = codecs.getincrementaldecoder(encoding)().decode(data, final=is_whole)
            except UnicodeDecodeError:
                continue
            if _CONTROL.search(text):
                break
            if not text.strip():
                raise RecordingError(f"{path.name}: the file is empty. Export it again.")
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise RecordingError(
        f"{path.name}: holds binary data, not text. Give its true format with --format."
    )


def split_text(path: Path, text: str) -> TextTable:
    """Find delimiter and header.

    Raises:
        RecordingError: If there is no row below the header.
    """
    begin = next(m.start() for m in _LINE.finditer(text) if m[0].strip())
    filled = (line for line in lines_of(text[begin:]) if line.strip())
    sample = list(islice(filled, 51))
    delimiter = _delimiter(sample)
    header = _cells(sample[0], delimiter)
    # A number beside words is a damaged first row, not a header: it must not vanish.
    has_header = not any(_NUMBER.fullmatch(cell) for cell in header) and not all(
        _is_value(cell) for cell in header
    )
    rows = sample[has_header:]
    if not rows:
        raise RecordingError(f"{path.name}: holds a header and no data.")
    columns = len(header) if has_header else len(_cells(rows[0], delimiter))
    if columns == 0:
        raise RecordingError(
            f"{path.name}: its first line holds no values, only quotation marks."
        )
    # A single column of decimal commas must not pass for row numbers and values.
    may_be_numbered = has_header and not (columns == 1 and delimiter == ",")
    if may_be_numbered and len(_cells(rows[0], delimiter)) == columns + 1:
        # R's write.table names no column for row numbers.
        header = ("row", *header)
        columns += 1
    if has_header:
        begin = text.index("\n", begin) + 1
    return TextTable(
        path=path,
        text=text[begin:],
        delimiter=delimiter,
        header=tuple(header) if has_header else (),
        columns=columns,
        header_lines=text.count("\n", 0, begin),
    )


def _delimiter(sample: list[str]) -> str:
    """The delimiter that cuts every line into the same number of cells, most of all."""
    best, most = " ", (False, 1)
    for delimiter in ("\t", ";", ",", " "):
        counts = [len(_cells(line, delimiter)) for line in sample]
        usual = max(set(counts), key=counts.count)
        # The header may lack R's unnamed row column; decimal commas it lacks all.
        fits = counts[0] in (usual, usual - 1)
        if usual > 1 and (fits, usual) > most and counts.count(usual) >= 0.8 * len(counts):
            best, most = delimiter, (fits, usual)
    return best


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(
            line.split() if delimiter == " " else (c.strip() for c in line.split(delimiter))
        )
    # A field of any length: the reader has a limit of its own, and an error of its own.
    csv.field_size_limit(max(csv.field_size_limit(), len(line) + 1))
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    if delimiter == " ":
        cells = [part for cell in cells for part in cell.split("\t") if part.strip()]
    return tuple(cell.strip() for cell in cells)


def _is_value(cell: str) -> bool:
    return cell in MISSING or bool(_NUMBER.fullmatch(cell))

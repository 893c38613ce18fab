"""Text files of numbers as people export them: any delimiter, a header or none, gzipped or not.

The fast path reads whole columns; only when that fails is the file read line by line, to say
which line, which column and what stood there.
"""

import csv
import gzip
import io
import re
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "NA", "NaN", "nan", "n/a", "N/A", "null", "NULL", ".", "-", "inf", "-inf", "Inf")
_MAX_BYTES = 2_000_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
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
                    io.StringIO(self.text),
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
                    "missing)."
                )
            for i, cell in enumerate(row):
                if i in numeric and cell not in MISSING and not _NUMBER.fullmatch(cell):
                    name = self.header[i] if self.header else str(i + 1)
                    raise RecordingError(
                        f"{where}, column {name}: {cell[:40]!r} is not a number. Correct "
                        "it, or write NA for a missing value. (Decimal commas must be points; "
                        "columns are cut at blanks, tabs, commas or semicolons.)"
                    )

    def _rows(self):
        lines = self.text.rstrip().splitlines()
        for number, line in enumerate(lines, start=self.header_lines + 1):
            cells = _cells(line, self.delimiter) if line.strip() else ()
            yield number, [cell.strip('"') for cell in cells]


def load_text(path: Path, *, most: int = _MAX_BYTES) -> str:
    """Text of a file, gunzipped if its name ends in .gz.

    Raises:
        RecordingError: If it is empty, binary, damaged or larger than `most` bytes unpacked.
    """
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as file:
                data = file.read(most + 1)
        else:
            with path.open("rb") as file:
                data = file.read(most + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(
            f"{path.name}: the gzip file is damaged ({error}). Copy it again."
        ) from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if len(data) > most:
        raise RecordingError(f"{path.name}: holds more than {most / 1e9:g} GB of text.")
    if not data.strip():
        raise RecordingError(f"{path.name}: the file is empty. Export the recording again.")
    if b"\0" in data[:65536] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RecordingError(
            f"{path.name}: holds binary data, not text. Give its true format with --format."
        )
    for encoding in (
        "utf-8-sig",
        "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252",
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        if not text.strip():
            raise RecordingError(f"{path.name}: the file is empty. Export the recording again.")
        return text
    raise RecordingError(
        f"{path.name}: holds binary data, not text. Give its true format with --format."
    )


def split_text(path: Path, text: str) -> TextTable:
    """Find delimiter and header.

    Raises:
        RecordingError: If there is no row below the header.
    """
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.strip())
    sample = [line for line in lines[first : first + 50] if line.strip()]
    delimiter = _delimiter(sample)
    header = _cells(sample[0], delimiter)
    # A number beside words is a damaged first row, not a header: it must not vanish.
    has_header = not any(_NUMBER.fullmatch(cell) for cell in header) and not all(
        _is_value(cell) for cell in header
    )
    start = first + has_header
    rows = [line for line in lines[start : start + 50] if line.strip()]
    if not rows:
        raise RecordingError(f"{path.name}: holds a header and no data.")
    columns = len(header) if has_header else len(_cells(rows[0], delimiter))
    if columns == 0:
        raise RecordingError(
            f"{path.name}: its first line holds no values, only quotation marks."
        )
    if has_header and len(_cells(rows[0], delimiter)) == columns + 1:
        # R's write.table names no column for row numbers.
        header = ("row", *header)
        columns += 1
    return TextTable(
        path=path,
        text="\n".join(lines[start:]) + "\n",
        delimiter=delimiter,
        header=tuple(header) if has_header else (),
        columns=columns,
        header_lines=start,
    )


def _delimiter(sample: list[str]) -> str:
    """The delimiter that cuts every line into the same number of cells, most of all."""
    best, most = " ", 1
    for delimiter in ("\t", ";", ",", " "):
        counts = [len(_cells(line, delimiter)) for line in sample]
        # The header may differ by R's unnamed row column.
        usual = max(set(counts), key=counts.count)
        if usual > most and counts.count(usual) >= 0.8 * len(counts):
            best, most = delimiter, usual
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

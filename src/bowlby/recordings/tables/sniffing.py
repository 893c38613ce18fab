"""Where a table begins, what parts its cells, what its columns hold: found from the later rows.

A header promises; rows tell. So the delimiter and the types come from the later two thirds of
the rows, the first row is the first that fits them, and what stands above is looked at upward
for names and units.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.cells import (
    COMMA,
    EMPTY,
    NUMBER,
    TEXT,
    THOUSANDS,
    fits,
    is_content,
    is_missing,
    is_number,
    split_cells,
    type_of,
)
from bowlby.recordings.tables.cut_decimals import (
    has_comma_pairs,
    has_cut_decimals,
    joined,
    may_be_comma_pairs,
)

if TYPE_CHECKING:
    from bowlby.recordings.tables.streaming import LargeText

_HEAD_LINES = 3000
_SAMPLE_BYTES = 24_576
_SAMPLE_LINES = 400
_REGULAR = 0.9
_UNITS = frozenset(
    re.findall(
        r"\S+",
        "s sec secs second seconds ms msec us µs ns min minutes v mv uv µv µs us "
        "microsiemens siemens microsiemen ohm ohms kohm kohms mohm hz bpm mmhg mg g m/s^2 "
        "m/(s^2) m/s2 m/(sec^2) deg/s degc °c celsius c % percent a.u. au no_units none unit "
        "units n/a - date time count counts volts millivolts",
    )
)
_PREAMBLE_WORD = re.compile(
    r"rate|sampl|hz|fps|start|date|time|unit|label|value|name|\bid\b|subject|channel|count|"
    r"version|device|serial|duration|length|frames?\b|steps|title",
    re.I,
)

_COMMA_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")

Cut = Callable[[str], list[str]]


@dataclass(frozen=True)
class Layout:
    """How a table's text is to be cut.

    Attributes:
        delimiter: Character between cells; a blank means any white space, empty one column.
        names: Column names; empty if there is no header.
        units: Unit of each column, empty where none is written.
        types: Type of each column, a constant of `cells`.
        first_line: Lines above the first row.
        preamble: Those lines, without the header.
        header_line: Number of the header's line from 1, 0 if there is none.
        has_trailing: True if rows end with a delimiter.
        has_comma_pairs: True if every two cells are a number cut at its decimal comma.
    """

    delimiter: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    types: tuple[str, ...]
    first_line: int
    preamble: tuple[str, ...]
    header_line: int
    has_trailing: bool = False
    has_comma_pairs: bool = False

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.types)


def _types(bare: list[list[str]], delimiter: str, width: int) -> tuple[str, ...]:
    """Type of each column of rows of cells."""
    types = tuple(_column_type([row[i] for row in bare], delimiter) for i in range(width))
    if COMMA in types and delimiter == ",":
        types = tuple(
            COMMA if any(_COMMA_THOUSANDS.fullmatch(row[i]) for row in bare) else kind
            for i, kind in enumerate(types)
        )
    if COMMA in types:
        # Where the decimal sign is a comma, a point can only part thousands.
        types = tuple(
            COMMA
            if kind == NUMBER and any(THOUSANDS.fullmatch(row[i]) for row in bare)
            else kind
            for i, kind in enumerate(types)
        )
    return types


def _refuse_without_rows(path: Path, bare: list[list[str]]) -> NoReturn:
    parted = [c for row in bare for c in row if _COMMA_THOUSANDS.fullmatch(c)]
    if parted:
        raise RecordingError(
            f"{path.name}: {parted[0]!r} may be a number with a separator of thousands or "
            "one with a decimal comma. Write numbers without a separator of thousands (in "
            "Excel: format General) and with decimal points."
        )
    raise RecordingError(f"{path.name}: holds a header and no data.")


def sniff(path: Path, data: "bytes | LargeText") -> Layout:
    """The layout of a table's text.

    Raises:
        RecordingError: If there is no row of values, or the row above the first is damaged.
    """
    head = data[: 16 * _SAMPLE_BYTES].decode("utf-8", "replace").split("\n", _HEAD_LINES)
    head = head[:_HEAD_LINES] if len(head) > 1 else head
    told = _stated_delimiter(head[0])
    later = _later_lines(data, head)
    delimiter = told or _delimiter(later)
    for share in (0.5, 0.75, 0.9):
        # A long preamble over a short table reaches into the later rows.
        if told or delimiter or _are_values(later):
            break
        rest = later[int(share * len(later)) :]
        delimiter = _delimiter(rest)
        later = rest if delimiter or _are_values(rest) else later
    if not delimiter:
        _refuse_irregular(path, later)
    rows = [split_cells(line, delimiter) for line in later]
    width = Counter(map(len, rows)).most_common(1)[0][0]
    has_trailing = width > 1 and all(not r[-1] for r in rows if len(r) == width)
    if has_trailing:
        # A last column with a name, or with a value further up, is a column and empty below.
        top = (split_cells(line, delimiter) for line in head[:200])
        has_trailing = not any(len(cells) == width and cells[-1] for cells in top)
    bare = [row[: width - has_trailing] for row in rows if len(row) == width]
    width -= has_trailing
    is_comma_cut = delimiter == "," and has_comma_pairs(bare, head, width)
    is_unclear = may_be_comma_pairs(bare, head, width) or has_cut_decimals(bare)
    if delimiter == "," and not is_comma_cut and is_unclear:
        raise RecordingError(
            f"{path.name}: {', '.join(bare[0][:4])}, ... may be whole numbers, or numbers "
            "whose decimal commas are lost among commas that part columns. Export it with "
            "semicolons "
            "or tabs between the columns, or with decimal points."
        )
    if is_comma_cut:
        bare = [joined(row) for row in bare]
        width //= 2
    types = _types(bare, delimiter, width)

    def cut(line: str) -> list[str]:
        cells = split_cells(line, delimiter)
        cells = cells[:-1] if len(cells) > 1 and has_trailing and not cells[-1] else cells
        return joined(cells) if is_comma_cut and len(cells) == 2 * width else cells

    types = tuple(
        _column_type(_cells_of(head, cut, i, width), delimiter) if kind == EMPTY else kind
        for i, kind in enumerate(types)
    )
    # A line of tabs alone is a row without values where tabs part the columns.
    blanks = " " if delimiter == "\t" else " \t"
    first = _first_row(head, cut, types, starts_at=int(told is not None), blanks=blanks)
    if first is None:
        _refuse_without_rows(path, bare)
    _refuse_rows_above(path, head[:first], cut, width, blanks)
    names, units, header_line = _names(path, head, first, cut, types)
    skipped = {header_line - 1}
    preamble = tuple(line for i, line in enumerate(head[:first]) if i not in skipped)
    return Layout(
        delimiter, names, units, types, first, preamble, header_line, has_trailing, is_comma_cut
    )


def _cells_of(head: Sequence[str], cut: Cut, column: int, width: int) -> list[str]:
    """Cells of a column near the file's beginning, where its later rows hold nothing."""
    rows = (cut(line) for line in head if line.strip())
    return [row[column] for row in rows if len(row) == width and type_of(row[column]) != TEXT]


def _stated_delimiter(line: str) -> str | None:
    """The delimiter of a first line `sep=;`, which spreadsheets write."""
    found = re.fullmatch(r'"?sep=(\\t|.)"?', line.strip("\n\r "), re.I) or re.fullmatch(
        r'"?sep=(\t)"?', line.strip("\n\r"), re.I
    )
    return None if found is None else found[1].replace("\\t", "\t")


def _later_lines(data: "bytes | LargeText", head: Sequence[str]) -> list[str]:
    """Lines of the later two thirds, enough to tell the layout by."""
    if len(data) <= 8 * _SAMPLE_BYTES:
        lines = [
            line for line in data[:].decode("utf-8", "replace").split("\n") if line.strip()
        ]
        kept = [line for line in lines if is_content(line)]
        if not kept:
            return lines or [""]
        later = kept[len(kept) // 3 :] if len(kept) > 3 else kept[-max(1, len(kept) - 1) :]
        third = max(1, _SAMPLE_LINES // 3)
        if len(later) <= _SAMPLE_LINES:
            return later
        middle = len(later) // 2
        return later[:third] + later[middle : middle + third] + later[-third:]
    found: list[str] = []
    for share in (0.25, 0.5, 0.75, 1.0):
        begin = min(int(share * len(data)), len(data) - _SAMPLE_BYTES)
        piece = data[begin : begin + _SAMPLE_BYTES].decode("utf-8", "replace")
        # The first line of a piece is cut, and the last too unless the file ends there.
        found += [line for line in piece.split("\n")[1:-1] if is_content(line)][:150]
    return found or [line for line in head if is_content(line)][-_SAMPLE_LINES:]


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter with the most regular width and the most cells that are values."""
    best, best_share = "", -1.0
    for delimiter in ("\t", ";", "|", ",", " "):
        rows = [split_cells(line, delimiter) for line in lines[:200]]
        width, count = Counter(map(len, rows)).most_common(1)[0]
        # The last row often lacks the trailing delimiter.
        count += len(rows) > 2 and len(rows[-1]) == width - 1
        if width < 2 or count < _REGULAR * len(rows):
            continue
        cells = [cell for row in rows if len(row) == width for cell in row]
        share = round(sum(type_of(cell) != TEXT for cell in cells) / len(cells), 1)
        if share > best_share:
            best, best_share = delimiter, share
    if best_share < 0 and len(lines) < 12:
        # Few rows, one of them damaged: the delimiter that most of them share.
        for delimiter in ("\t", ";", "|", ",", " "):
            widths = Counter(len(split_cells(line, delimiter)) for line in lines)
            width, count = widths.most_common(1)[0]
            if width > 1 and 2 * count >= len(lines):
                return delimiter
    return best


def _refuse_irregular(path: Path, lines: Sequence[str]) -> None:
    """Refuse rows of many numbers whose number differs from row to row."""
    found = [[type_of(c) for c in split_cells(line, ",")] for line in lines]
    many = [kinds for kinds in found if len(kinds) > 1 and kinds.count(NUMBER) > 1]
    if len(many) > 0.3 * len(lines) and len({len(kinds) for kinds in many}) > 1:
        raise RecordingError(
            f"{path.name}: its rows have different numbers of values between commas "
            f"({min(map(len, many))} to {max(map(len, many))}). Decimal commas must be points, "
            "or the columns parted by semicolons or tabs; write NA where a value is missing."
        )


def _refuse_rows_above(
    path: Path, lines: Sequence[str], cut: Cut, width: int, blanks: str
) -> None:
    """Refuse rows of values above the first row that have another number of them.

    They are damaged rows, not a preamble, and must not vanish.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip(blanks) or line.lstrip().startswith(("# ", "%")):
            continue
        cells = cut(line)
        kinds = [type_of(cell) for cell in cells]
        if len(cells) > 1 and len(cells) != width and NUMBER in kinds and TEXT not in kinds:
            raise RecordingError(
                f"{path.name}, line {number}: {len(cells)} values where {width} belong. "
                "Correct the line or export the file again; decimal commas must be points (or "
                "the columns parted by semicolons), and NA must stand where a value is missing."
            )


def _are_values(lines: Sequence[str]) -> bool:
    """True if most lines are one value each, as in a list."""
    found = [type_of(line.strip().strip('"')) != TEXT for line in lines]
    return sum(found) >= _REGULAR * len(found)


def _column_type(cells: Sequence[str], delimiter: str) -> str:
    found = Counter(type_of(cell) for cell in cells)
    known = sum(found.values()) - found[EMPTY]
    if not known:
        return EMPTY
    numbers, commas = found[NUMBER], found[COMMA]
    if commas and numbers + commas >= 0.5 * known:
        # Between commas these are quoted; `"1,234"` may then be a thousand and more.
        is_decimal = any("," in c and not _COMMA_THOUSANDS.fullmatch(c.strip()) for c in cells)
        if delimiter != "," or is_decimal:
            return COMMA
    usual, count = max(
        ((kind, n) for kind, n in found.items() if kind != EMPTY), key=lambda pair: pair[1]
    )
    if usual in (NUMBER, COMMA):
        return NUMBER if count >= 0.5 * known else TEXT
    return usual if count >= _REGULAR * known else TEXT


def _first_row(
    head: Sequence[str], cut: Cut, types: Sequence[str], *, starts_at: int, blanks: str
) -> int | None:
    """Number of lines above the first row that begins the table."""
    width = len(types)
    is_told = any(kind not in (TEXT, EMPTY) for kind in types)

    def is_row(line: str) -> bool:
        if not line.strip(blanks):
            return False
        cells = cut(line)
        if len(cells) != width or not all(map(fits, cells, types)):
            return False
        return (
            not is_told
            or any(
                not is_missing(c)
                for c, t in zip(cells, types, strict=True)
                if t not in (TEXT, EMPTY)
            )
            or all(map(is_missing, cells))
        )

    marks = [is_row(line) for line in head]
    filled = [i for i, line in enumerate(head) if line.strip(blanks) and i >= starts_at]
    if not is_told:
        return next((i for i in filled[1:] if marks[i]), None)
    for place, i in enumerate(filled):
        following = filled[place : place + 20]
        if place == 0 and _is_numbered_header(cut(head[i]), types):
            continue
        is_blank = all(map(is_missing, cut(head[i])))
        if is_blank and not all(marks[j] for j in following):
            continue  # A line of delimiters above the header.
        if marks[i] and sum(marks[j] for j in following) >= _REGULAR * len(following) - 1:
            return _after_counts(head, filled, place, cut)
    return next((i for i in filled if marks[i]), None)


def _is_numbered_header(cells: Sequence[str], types: Sequence[str]) -> bool:
    """True for `subject, condition, 0, 1, 2`: words over words, and numbers counted up."""
    numbers = [c for c, t in zip(cells, types, strict=False) if is_number(c) and t == NUMBER]
    words = [c for c, t in zip(cells, types, strict=False) if t == TEXT and type_of(c) == TEXT]
    return len(numbers) >= 3 and bool(words) and _are_ordered(cells)


def _after_counts(head: Sequence[str], filled: Sequence[int], place: int, cut: Cut) -> int:
    """Skip the row of equal counts that AcqKnowledge writes below its header."""
    cells = cut(head[filled[place]])
    is_counts = (
        len(cells) > 1
        and not cells[0]
        and len(set(cells[1:])) == 1
        and cells[1].isdigit()
        and place + 1 < len(filled)
        and bool(cut(head[filled[place + 1]])[0])
    )
    return filled[place + is_counts]


def _names(
    path: Path, head: Sequence[str], first: int, cut: Cut, types: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Names and units from the lines above the first row, nearest first."""
    width = len(types)
    units = ("",) * width
    notes = [i for i in range(first) if head[i].lstrip().startswith(("#", "%"))]
    for i in range(first - 1, -1, -1):
        line = head[i].strip("\n")
        if not line.strip() or set(line) <= set('%,;\t |"-=_'):
            continue
        if i in notes:
            cells = [c for c in cut(line.lstrip("#% ")) if c]
            if len(cells) == width and not any(map(is_number, cells)) and "{" not in line:
                return tuple(cells), units, i + 1
            continue
        cells = cut(line)
        # A trailing delimiter of the header alone, or of the units alone.
        while len(cells) > width and not cells[-1]:
            cells = cells[:-1]
        if (
            len(cells) == width - 1
            and i + 1 == first
            and types[0] in (NUMBER, TEXT)
            and width > 1
        ):
            if not any(map(is_number, cells)):
                return ("row", *cells), units, i + 1
            continue
        if len(cells) != width:
            if not any(cells) or i < first - 3 or len(cells) == 1:
                continue
            wide = [c for c in re.split(r"\t|\s{2,}", line.strip()) if c]
            if len(wide) == width:
                return tuple(wide), units, i + 1
            if i == first - 1 and width > 1 and not any(map(is_number, cells)):
                _refuse_width(path, i, cells, width)
            continue
        if _is_units(cells) and i > 0 and not any(units):
            above = next((cut(h) for h in reversed(head[:i]) if h.strip()), [])
            while len(above) > width and not above[-1]:
                above = above[:-1]
            if len(above) == width:
                units = tuple(_unit(cell) for cell in cells)
                continue
        if all(is_number(c) or is_missing(c) for c in cells):
            continue
        if any(map(is_number, cells)) and not _are_ordered(cells):
            if _PREAMBLE_WORD.search(line):
                continue
            bad = next(c for c in cells if not is_number(c) and not is_missing(c))
            at = cells.index(bad) + 1
            raise RecordingError(
                f"{path.name}, line {i + 1}, column {at}: {bad[:40]!r} is not a number, and "
                "the "
                "line is no header either. Correct it, or write NA for a missing value."
            )
        return tuple(cells), units, i + 1
    return (), units, 0


def _refuse_width(path: Path, line: int, cells: Sequence[str], width: int) -> None:
    raise RecordingError(
        f"{path.name}, line {line + 1}: {len(cells)} values where {width} belong: the header "
        f"names {len(cells)} columns ({', '.join(cells[:6])}) and the rows below have {width}. "
        "Correct the header, or export again with another delimiter (decimal commas between "
        "commas cut a number in two)."
    )


def _unit(cell: str) -> str:
    return "" if cell.lower() in ("no_units", "none", "n/a", "-", "unit", "units") else cell


def _is_units(cells: Sequence[str]) -> bool:
    filled = [cell.lower().strip("()[] ") for cell in cells if cell]
    return bool(filled) and all(cell in _UNITS for cell in filled)


def _are_ordered(cells: Sequence[str]) -> bool:
    """True for names such as `time, 0, 1, 2`, which programs count up."""
    numbers = [cell for cell in cells if is_number(cell)]
    if not all(cell.isdigit() for cell in numbers) or int(numbers[0]) > 1:
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(numbers))

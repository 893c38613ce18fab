"""Cells of a line, and what one can be: a number, a time, a clock, a word, or nothing."""

import csv
import re

MISSING_WORDS = (
    "", "na", "nan", "n/a", "null", "none", "-", "--", ".", "-nan(ind)", "nan(ind)", "#n/a",
    "#na", "inf", "-inf", "+inf", "missing", "n.a.", "nil", "no data", "nodata", "invalid",
    "#value!", "#div/0!", "#num!", "#null!", "#ref!", "#nv", "#wert!", "1.#qnan", "-1.#ind",
    "1.#ind", "*", "**", "?", "fit_failed", "find_failed",
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# Points may part thousands where the decimal sign is a comma.
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+|\d{1,3}(\.\d{3})+,\d*)([eE][+-]?\d+)?")
# Whole numbers with points between thousands, as in `12.345`.
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_CLOCK = re.compile(r"\d{1,3}:\d\d(:\d\d(:\d{3,6})?)?([.,]\d+)?(\s*[AaPp]\.?[Mm]\.?)?")
_DATE = (
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})"
    r"|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4})"
)
_DATE_ONLY = re.compile(_DATE)
_TIME = re.compile(
    _DATE
    + r"[T ]+\d{1,2}[:.]\d\d([:.]\d\d)?([.,:]\d+)?(\s*[AaPp][Mm])?\s*(Z|UTC|[+-]\d\d:?\d\d)?"
)

NUMBER, COMMA, TIME, DATE, CLOCK, EMPTY, TEXT = (
    "number", "decimal comma", "time", "date", "clock", "empty", "text",
)  # fmt: skip


def is_missing(cell: str) -> bool:
    """True for every way of writing that there is no value."""
    return cell.strip().lower() in MISSING_WORDS


def is_number(cell: str) -> bool:
    """True for a number with a decimal point, or without decimals."""
    return bool(_NUMBER.fullmatch(cell))


def type_of(cell: str) -> str:
    """What a cell holds, one of the constants of this module."""
    cell = cell.strip()
    if is_missing(cell):
        return EMPTY
    if _NUMBER.fullmatch(cell):
        return NUMBER
    if _COMMA_NUMBER.fullmatch(cell):
        return COMMA
    if _TIME.fullmatch(cell):
        return TIME
    if _CLOCK.fullmatch(cell):
        return CLOCK
    if _DATE_ONLY.fullmatch(cell):
        return DATE
    return TEXT


def fits(cell: str, kind: str) -> bool:
    """True if a cell can stand in a column of that type; anything fits a column of words."""
    found = type_of(cell)
    if found == EMPTY or kind in (TEXT, EMPTY):
        return True
    return found == kind or (kind == COMMA and found == NUMBER)


def missing_spellings() -> list[str]:
    """The missing words in the cases people write them, for parsers that compare exactly."""
    words = [word for word in MISSING_WORDS if word]
    return sorted(
        {"", *words, *(w.upper() for w in words), *(w.title() for w in words)}
        | {"NaN", "N/A", "#N/A", "-NaN(IND)", "-nan(IND)", "Inf", "-Inf"}
    )


def split_cells(line: str, delimiter: str) -> list[str]:
    """Cells of a line, without the blanks and quotation marks around them."""
    if not delimiter:
        return [line.strip().strip('"')]
    if '"' not in line:
        return line.split() if delimiter == " " else [c.strip() for c in line.split(delimiter)]
    csv.field_size_limit(max(csv.field_size_limit(), len(line) + 1))
    if delimiter == " ":
        line = line.strip().replace("\t", " ")
    try:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except (csv.Error, StopIteration):
        return [c.strip() for c in line.split(delimiter)]
    cells = [cell.strip() for cell in cells]
    return [cell for cell in cells if cell] if delimiter == " " else cells


def is_content(line: str) -> bool:
    """True for lines that are neither blank nor a note."""
    bare = line.strip()
    return bool(bare) and bare[0] not in "#%"

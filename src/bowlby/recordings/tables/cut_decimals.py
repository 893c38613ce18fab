"""Numbers whose decimal commas were lost among commas that part columns."""

import re
from collections.abc import Sequence

from bowlby.recordings.tables.cells import is_content, is_number, split_cells


def joined(cells: list[str]) -> list[str]:
    """Every two cells as one number."""
    return [f"{a}.{b}" for a, b in zip(cells[::2], cells[1::2], strict=True)]


def has_comma_pairs(rows: Sequence[list[str]], head: Sequence[str], width: int) -> bool:
    """True if `12,50,3,05` are two numbers: digits after a comma keep their leading zeros."""
    if width % 2 or not rows:
        return False
    cells = [cell for row in rows for cell in row]
    if not all(re.fullmatch(r"-?\d+", cell) for cell in cells):
        return False
    after = [cell for row in rows for cell in row[1::2]]
    before = [cell for row in rows for cell in row[::2]]
    if any(cell.startswith("-") for cell in after):
        return False
    header = next((split_cells(line, ",") for line in head if is_content(line)), [])
    if len(header) == width // 2 and not any(map(is_number, header)):
        return True
    has_zero = any(len(cell) > 1 and cell[0] == "0" for cell in after)
    return has_zero and not any(
        len(c.lstrip("-")) > 1 and c.lstrip("-")[0] == "0" for c in before
    )


def may_be_comma_pairs(rows: Sequence[list[str]], head: Sequence[str], width: int) -> bool:
    """True for a few rows of whole numbers, of which every second has the same digits."""
    if width % 2 or not rows or has_comma_pairs(rows, head, width):
        return False
    cells = [cell for row in rows for cell in row]
    after = [cell for row in rows for cell in row[1::2]]
    if len(after) > 60 or not all(re.fullmatch(r"-?\d+", cell) for cell in cells):
        return False
    header = next((split_cells(line, ",") for line in head if is_content(line)), [])
    is_named = len(header) == width and not any(map(is_number, header))
    lengths = {len(cell) for cell in after}
    return not is_named and lengths not in ({1}, set()) and len(lengths) == 1


def has_cut_decimals(rows: Sequence[list[str]]) -> bool:
    """True if a column has `000` or `-0` among whole numbers of other lengths.

    Nobody writes whole numbers so, but `-0,746` and `2,000` between commas look like it. Names
    such as `001` all have one length.
    """
    for column in zip(*rows, strict=True):
        whole = [cell for cell in column if re.fullmatch(r"-?\d+", cell)]
        lengths = {len(cell.lstrip("-")) for cell in whole}
        has_zeros = any(re.match(r"-?0\d", cell) for cell in whole)
        if "-0" in whole or (len(lengths) > 1 and has_zeros):
            return True
    return False

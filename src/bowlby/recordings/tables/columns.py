"""What a column is by nature: a signal, or a counter, codes, a flag, words, nothing at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import FLAG_WORDS, meaning_of, words_of
from bowlby.recordings.formats import ReadOptions

if TYPE_CHECKING:
    import pandas as pd

_COUNTER_WORDS = frozenset(
    re.findall(
        r"\S+",
        "frame frames index idx row rows nr number counter nseq seq id line sampleid "
        "framenumber",
    )
)
_FEWEST_ROWS = 100
_MOST_CODES = 12
# Departure from a straight line, as a share of the whole way, below which numbers are a clock.
_STRAIGHT = 1e-3
_KIND_FOLDER_WORDS = frozenset({"body", "skin", "energy", "data", "smoothed", "raw", "r"})


@dataclass(frozen=True)
class ColumnClass:
    """What a column is.

    Attributes:
        name: The column's name.
        nature: `signal`, `counter`, `constant`, `codes`, `flag`, `text` or `empty`.
        reason: Why it is no signal, in words; empty for a signal.
    """

    name: str
    nature: str
    reason: str = ""


def kind_hint(path: Path) -> str:
    """Words of the file's and its folder's name that may tell kind, not person."""
    words = words_of(path.name.split(".")[0])
    folder = words_of(path.parent.name)
    bare = [word for word in folder if not word.isdigit() and word not in _KIND_FOLDER_WORDS]
    is_kind = bool(bare) and len(folder) <= 3 and all(meaning_of(w, "").kind for w in bare)
    is_face = folder[:1] == ["au"]
    return " ".join([*words, *(folder if is_kind or is_face else [])])


def hinted_kind(path: Path) -> str | None:
    """Kind that the file's or its folder's name tells, None if they are silent."""
    return meaning_of(kind_hint(path), "").kind


def classify(
    name: str,
    cells: "pd.Series",
    options: ReadOptions,
    *,
    hinted: str | None = None,
    is_unnamed: bool = False,
) -> ColumnClass:
    """Nature of a column that is no clock.

    Args:
        name: The column's name.
        cells: Its values.
        options: A column the user names is a signal, and so is one whose kind is told.
        hinted: Kind told by the file's name.
        is_unnamed: True if the file has no header.
    """
    told = {n.strip().lower() for n in (*options.first, *options.second)}
    if cells.dtype.kind not in "fiub":
        known = cells.dropna()
        if not len(known):
            return ColumnClass(name, "empty", "every value is missing")
        return ColumnClass(name, "text", _text_reason(known))
    values = cells.to_numpy(float)
    is_known = np.isfinite(values)
    valid = values if is_known.all() else values[is_known]
    if not len(valid):
        return ColumnClass(name, "empty", "all values are missing")
    if name.strip().lower() in told:
        return ColumnClass(name, "signal")
    meaning = meaning_of(name, "")
    words = set(words_of(name))
    if len(valid) > 1 and np.ptp(valid) == 0 and meaning.kind != "ibi":
        if words & FLAG_WORDS:
            return ColumnClass(name, "flag", "a flag")
        return ColumnClass(name, "constant", f"every value is {valid[0]:g}")
    if words & FLAG_WORDS:
        return ColumnClass(name, "flag", "a flag")
    if _is_ramp(values):
        return ColumnClass(name, "counter", "runs as evenly as a clock")
    is_named_kind = meaning.kind is not None
    if not is_named_kind and _counts(values, words, is_unnamed=is_unnamed):
        return ColumnClass(name, "counter", "counts rows or frames")
    if meaning.kind == "face" and not meaning.is_signal:
        return ColumnClass(name, "codes", "is there or not, a code")
    if not meaning.is_signal:
        return ColumnClass(name, "flag", "a marker, counter or state of the device")
    if not is_named_kind and options.kind is None and hinted is None and _are_codes(valid):
        found = ", ".join(f"{code:g}" for code in np.unique(valid)[:_MOST_CODES])
        return ColumnClass(name, "codes", f"holds the codes {found}")
    return ColumnClass(name, "signal")


def _text_reason(known: "pd.Series") -> str:
    found = [str(word) for word in known.unique()[:4]]
    return f"words ({', '.join(found[:3])}{', ...' if len(found) > 3 else ''})"


def _counts(values: FloatArray, words: set[str], *, is_unnamed: bool) -> bool:
    """True for a constant step, also one that wraps, as in 0 to 15 over and over."""
    is_named = bool(words & _COUNTER_WORDS)
    if not np.isfinite(values).all() or len(values) < 3:
        return False
    if not is_named and len(values) < 8:
        return False
    if values[0] != np.rint(values[0]) or not np.array_equal(values, np.rint(values)):
        return False
    steps = np.diff(values)
    usual = float(np.median(steps))
    if usual == 0:
        return is_named and bool(np.all(steps >= 0))
    share = float(np.mean(steps == usual))
    if is_named:
        return share > 0.9 or bool(np.all(steps > 0))
    if usual < 0:
        return False
    if share == 1.0:
        return True
    jumps = steps[steps != usual]
    wraps = len(np.unique(jumps)) == 1 and float(jumps[0]) * usual < 0
    del is_unnamed
    return (wraps and usual == 1 and share > 0.6) or (
        share > 0.95 and bool(np.all(steps * usual > 0))
    )


def _is_ramp(values: FloatArray) -> bool:
    """True for numbers on a straight line, as no body and no hand makes them."""
    head = np.diff(values[:_FEWEST_ROWS])
    if len(values) < _FEWEST_ROWS or not (np.all(head > 0) or np.all(head < 0)):
        return False
    steps = np.diff(values)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        return False
    if not np.isfinite(values).all():
        return False
    line = np.linspace(values[0], values[-1], len(values))
    return float(np.abs(values - line).max()) < _STRAIGHT * abs(values[-1] - values[0])


def _are_codes(valid: FloatArray) -> bool:
    if len(valid) < _FEWEST_ROWS or not np.array_equal(valid[:1000], np.rint(valid[:1000])):
        return False
    if not np.array_equal(valid, np.rint(valid)):
        return False
    return len(np.unique(valid[:: max(1, len(valid) // 20_000)])) <= _MOST_CODES


def masks_rows(flags: Sequence[tuple[str, FloatArray]]) -> np.ndarray | None:
    """Rows that flags declare worthless: success 0, confidence below .8, blocker 1."""
    mask: np.ndarray | None = None
    for name, values in flags:
        words = set(words_of(name))
        if "blocker" in words:
            bad = values > 0
        elif "confidence" in words:
            bad = values < 0.8 if np.nanmax(values) <= 1.0 else np.zeros(len(values), bool)
        elif words & {"success", "valid", "validity"}:
            bad = values == 0
        else:
            continue
        if bad.mean() < 0.95:
            mask = bad if mask is None else mask | bad
    return mask


def bracketed_unit(name: str) -> str:
    """Unit in brackets at a name's end, as in `X [mg]`, or after the last underscore."""
    found = re.search(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$", name)
    if found:
        return found[1]
    last = re.split(r"[_\s]", name.strip())[-1].lower()
    known = ("ms", "us", "usiemens", "microsiemens", "kohm", "kohms", "ohm", "mg", "bpm", "mv")
    return last if last in known else ""

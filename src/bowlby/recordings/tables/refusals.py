"""Tables that are no recordings, and columns that are no signals: said, with what to do."""

from collections.abc import Sequence

import numpy as np

from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.columns import ColumnClass, hinted_kind
from bowlby.recordings.tables.parsing import Table
from bowlby.recordings.tables.rows import Rows


def refuse_sparse(table: Table) -> None:
    """Hormones: a few samples of many people are no time series."""
    columns = list(table.frame.columns)
    named = [c for c in columns if meaning_of(c, "").kind == "hormone"]
    if not named and hinted_kind(table.path) != "hormone":
        return
    people = next(
        (c for c in columns if words_of(c)[:1] in (["subject"], ["person"], ["participant"])),
        None,
    )
    dyad = next((c for c in columns if c in ("dyad", "couple", "family")), None)
    count = f"{table.frame[people].nunique()} people" if people else f"{len(table.frame)} rows"
    if dyad:
        count = f"{table.frame[dyad].nunique()} dyads"
    dyads = "" if "dyad" in columns else " Nothing says who belongs to whom (a column `dyad`)."
    raise RecordingError(
        f"{table.path.name}: holds hormone samples ({', '.join(named) or 'cortisol'}) of "
        f"{count}: "
        "a few samples a person are no time series, so no windows, lags or surrogates can be "
        f"computed.{dyads} `bowlby inspect {table.path.name}` sorts them into a table for a "
        "multilevel model of dyads."
    )


def refuse_turns(table: Table) -> None:
    """Rows with a begin and an end are events or turns, not samples."""
    names = {tuple(words_of(c)): c for c in table.frame.columns}
    firsts = {words[0] for words in names if words}
    lasts = {words[-1] for words in names if words}
    begins = {"start", "begin", "onset", "from", "beginn"} & (firsts | lasts)
    ends = {"end", "stop", "offset", "until", "ende"} & (firsts | lasts)
    if begins and ends and len(table.frame.columns) <= 12:
        who = next(
            (c for c in table.frame.columns if words_of(c) in (["speaker"], ["tier"])), None
        )
        people = f" of {table.frame[who].nunique()} speakers" if who else ""
        raise RecordingError(
            f"{table.path.name}: {len(table.frame)} rows with a begin and an end{people} are "
            "turns or annotations, not samples of a signal. For turns of speech type `bowlby "
            f"turns {table.path.name}`, for codes `bowlby codes {table.path.name}`; with a "
            "recording they are its events: --events or --phases."
        )


def refuse_still(rows: Rows, nature: ColumnClass) -> None:
    """Refuse a person's only column that never changes or holds nothing.

    Raises:
        RecordingError: Naming the column.
    """
    number = rows.table.number_of.get(nature.name, 0)
    name = nature.name if rows.table.has_header else str(number)
    raise RecordingError(
        f"{rows.path.name}, column {name}: {nature.reason}. "
        + (
            "A signal that never changes cannot be compared; check the sensor or the region of "
            "interest."
            if nature.nature == "constant"
            else "Check the export, or name other columns with --first and --second."
        )
    )


def refuse_codes(rows: Rows, codes: Sequence[ColumnClass]) -> None:
    """Refuse categories, of which a correlation would mean nothing.

    Raises:
        RecordingError: Naming columns and codes, and how often both people have the same.
    """
    names = [n.name for n in codes]
    same = ""
    if len(names) == 2:
        a, b = (rows.table.frame[n].to_numpy(float) for n in names)
        ok = np.isfinite(a) & np.isfinite(b)
        same = f" Both hold the same code in {np.mean(a[ok] == b[ok]):.4f} of the rows."
    rate = "" if rows.clock is not None else " --rate 30 (or what the rate is)"
    raise RecordingError(
        f"{rows.path.name}: {', '.join(map(repr, names))} {codes[0].reason}: categories such "
        f"as states or gaze targets, whose correlation means nothing.{same} Compare them with "
        f"`bowlby codes {rows.path.name}{rate}`. If they are ratings or another measured "
        "quantity, say so with --kind, e.g. --kind dial."
    )

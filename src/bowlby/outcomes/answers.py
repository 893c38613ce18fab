"""A file of answers becomes a file of scores."""

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from bowlby.outcomes.instruments.registry import Instrument, read_instrument
from bowlby.outcomes.instruments.scoring import Scored, score
from bowlby.outcomes.loading import Question, _mapping
from bowlby.outcomes.mapping import ColumnMapping
from bowlby.outcomes.reading import EMPTY, TextTable, dates_of, numbers_of, read_table


def score_file(question: Question, out: Path) -> Scored:
    """Score the answers of a file and write the scores.

    Args:
        question: File, instrument, columns.
        out: CSV to write; whole or not at all.

    Raises:
        ValueError: If anything is not as it should be.
    """
    if not question.instrument:
        raise ValueError(
            "Which instrument? Give --instrument phq9 (see `bowlby outcomes instruments`)."
        )
    if out.exists():
        raise ValueError(f"{out} exists. Choose another --out, or remove it.")
    instrument = read_instrument(question.instrument)
    if question.file.suffix.lower() == ".json":
        from bowlby.outcomes.fhir import read_responses

        answers = read_responses(question.file, instrument)
    else:
        answers = read_answers(read_table(question.file), instrument, _mapping(question))
    made = score(answers, instrument, accept_unverified=question.accept_unverified)
    aside = out.with_name(f".{out.name}.new")
    made.scores.to_csv(aside, index=False)
    os.replace(aside, out)
    return made


def read_answers(
    text: TextTable, instrument: Instrument, mapping: ColumnMapping
) -> pd.DataFrame:
    """Long answers (client, date, session, item, answer) of a long or wide table.

    A wide table has a row a questionnaire and a column an item, called item1, q1 or phq9_1, or
    named in the mapping's [items].

    Raises:
        ValueError: If columns do not say what they are.
    """
    names = {
        n: mapping.columns.get(n, n) for n in ("client", "date", "session", "item", "answer")
    }
    for name, theirs in mapping.columns.items():
        if theirs not in text.data.columns:
            raise ValueError(
                f"{text.file}: there is no column {theirs!r} for {name}. Columns: "
                f"{', '.join(text.data.columns)}."
            )
    if names["client"] not in text.data:
        raise ValueError(
            f"{text.file}: no column is called client. Columns: "
            f"{', '.join(text.data.columns)}. "
            "Say which one it is: --columns client=..."
        )
    base = pd.DataFrame({"client": text.data[names["client"]]})
    for i, client in enumerate(base.client):
        if client == "":
            raise ValueError(f"{text.file}, row {text.row(i)}: the client is missing.")
    if names["date"] in text.data:
        base["date"] = dates_of(text, names["date"], order=mapping.dates)
    if names["session"] in text.data:
        base["session"] = numbers_of(text, names["session"])
    if names["item"] in text.data and names["answer"] in text.data:
        base["item"] = _item_numbers(text, names["item"])
        base["answer"] = numbers_of(text, names["answer"], missing=mapping.missing)
        return base
    items = mapping.items or _item_columns(text, instrument)
    _one_row_each(text, base)
    parts = [
        base.assign(item=item, answer=_answers(text, column, mapping))
        for column, item in items.items()
    ]
    return pd.concat(parts)


def _answers(text: TextTable, column: str, mapping: ColumnMapping) -> pd.Series:
    if column not in text.data:
        raise ValueError(f"{text.file}: [items] names a column {column!r} that is not there.")
    cells = text.data[column]
    words = [c for c in cells if c not in EMPTY and re.fullmatch(r"[^\W\d_][^\d]*", c)]
    if words:
        at = int(np.flatnonzero(cells == words[0])[0])
        raise ValueError(
            f"{text.file}, row {text.row(at)}, column {column}: {words[0]!r} is a word. "
            "Answers "
            "must be numbers: export codes, not labels (another language version has other "
            "labels)."
        )
    return numbers_of(text, column, missing=mapping.missing)


def _item_columns(text: TextTable, instrument: Instrument) -> dict[str, int]:
    pattern = re.compile(rf"(?:item|q|{re.escape(instrument.id)})_?0*(\d+)", re.IGNORECASE)
    found = {c: int(m[1]) for c in text.data.columns if (m := pattern.fullmatch(c))}
    known = {i for s in instrument.scales.values() for i in s.items}
    if not found:
        raise ValueError(
            f"{text.file}: no columns of items. Columns: {', '.join(text.data.columns)}. Call "
            f"them {instrument.id}_1, {instrument.id}_2 ..., or say which they are in a "
            "mapping "
            "TOML with [items]."
        )
    if len(set(found.values())) < len(found):
        raise ValueError(f"{text.file}: two columns are the same item of {instrument.id}.")
    missing = sorted(known - set(found.values()))
    if missing:
        raise ValueError(
            f"{text.file}: no column for item {missing[0]} of {instrument.id}; there are "
            f"{', '.join(found)}. An item nobody was asked makes another questionnaire."
        )
    return found


def _item_numbers(text: TextTable, column: str) -> pd.Series:
    values = numbers_of(text, column)
    for i in np.flatnonzero(values.isna() | (values % 1 != 0)):
        raise ValueError(
            f"{text.file}, row {text.row(i)}, column {column}: {text.data[column].iloc[i]!r} "
            "is "
            "not the number of an item."
        )
    return values.astype(int)


def _one_row_each(text: TextTable, base: pd.DataFrame) -> None:
    twice = base[base.duplicated(keep=False)]
    if len(twice):
        one = twice[(twice == twice.iloc[0]) | twice.isna()].dropna(subset=["client"])
        rows = " and ".join(str(text.row(i)) for i in one.index[:3])
        raise ValueError(
            f"{text.file}, rows {rows}: client {twice.client.iloc[0]} filled in two "
            "questionnaires at one time. Add a date or session column, or keep one row."
        )

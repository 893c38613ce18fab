"""Answers become scores; what is missing is told, never filled silently."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.outcomes.instruments.registry import GRADES, Instrument, Scale


@dataclass(frozen=True)
class Scored:
    """Scores of a table of answers.

    Attributes:
        scores: A row per questionnaire and scale: client, instrument, scale, date, session,
            value, answered, of, reason (why there is no value, or what was done).
        risk: Risk items answered above the lowest answer: client, date, item, answer.
        notes: What a reader must know.
    """

    scores: pd.DataFrame
    risk: pd.DataFrame
    notes: tuple[str, ...]


def score(
    answers: pd.DataFrame, instrument: Instrument, *, accept_unverified: bool = False
) -> Scored:
    """Scores of every filled-in questionnaire.

    Args:
        answers: Long table: client, date and/or session, item (number), answer (number or NaN).
        instrument: What the answers belong to.
        accept_unverified: Whether a key or missing rule known from memory may be used.

    Raises:
        ValueError: If there is no key, an item is unknown or an answer is out of range.
    """
    if instrument.answers is None or not instrument.scales:
        raise ValueError(
            f"{instrument.id}: bowlby has no key for its items. Give scores, or write a TOML "
            "with [scales]; see `bowlby outcomes instruments show phq9`."
        )
    key = instrument.verified.get("key", "user")
    if key == "M" and not accept_unverified:
        raise ValueError(
            f"{instrument.id}: its key (items, reversed items) is known from memory only. "
            "Check it with `bowlby outcomes instruments show "
            f"{instrument.id}` against your manual, then pass --accept-unverified."
        )
    wide = _by_questionnaire(answers, instrument)
    rule = instrument.verified.get("missing", "user")
    may_prorate = rule != "M" or accept_unverified
    parts = [
        _scale_scores(wide, scale, instrument, may_prorate=may_prorate)
        for scale in instrument.scales.values()
    ]
    scores = pd.concat(parts, ignore_index=True)
    notes = [f"Key of {instrument.id}: {GRADES[key]}."]
    if not may_prorate and scores.reason.str.contains("from memory").any():
        notes.append(
            f"The missing rule of {instrument.id} ({instrument.missing_rule}) is from memory "
            "only and was not used."
        )
    if instrument.note:
        notes.append(instrument.note)
    return Scored(scores, _risk(answers, instrument), tuple(notes))


def _by_questionnaire(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    low, high = instrument.answers or (0, 0)
    known = sorted({i for s in instrument.scales.values() for i in s.items})
    for place, row in answers[~answers.item.isin(known)].iterrows():
        raise ValueError(
            f"Row {_row(place)}: item {row['item']} is not an item of {instrument.id} "
            f"({known[0]} to {known[-1]})."
        )
    given = answers.answer.notna()
    off = given & ((answers.answer < low) | (answers.answer > high))
    if not instrument.is_continuous:
        off |= given & (answers.answer % 1 != 0)
    for place, row in answers[off].iterrows():
        raise ValueError(
            f"Row {_row(place)}, client {row['client']}, item {row['item']}: {row['answer']:g} "
            f"is not an answer of {instrument.id}; allowed are "
            f"{'' if instrument.is_continuous else 'whole numbers '}{low:g} to {high:g}. "
            "A code for missing answers goes into --missing, e.g. --missing -99."
        )
    by = [c for c in ("client", "date", "session") if c in answers]
    twice = answers.duplicated([*by, "item"], keep=False)
    for _, row in answers[twice].iterrows():
        rows = answers.index[(answers[[*by, "item"]] == row[[*by, "item"]]).all(axis=1)]
        raise ValueError(
            f"Rows {' and '.join(str(_row(r)) for r in rows)}: client {row['client']} answered "
            f"item {row['item']} twice on one occasion. Keep one of them."
        )
    return (
        answers.set_index([*by, "item"]).answer.unstack("item").reindex(columns=known)
    )  # fmt: skip


def _scale_scores(
    wide: pd.DataFrame, scale: Scale, instrument: Instrument, *, may_prorate: bool
) -> pd.DataFrame:
    values = _counted(wide[list(scale.items)].to_numpy(float), scale, instrument.answers)
    answered = np.isfinite(values).sum(1)
    missing = len(scale.items) - answered
    allowed = scale.most_missing if may_prorate else 0
    mean = np.full(len(values), np.nan)
    has = answered > 0
    mean[has] = np.nansum(values[has], 1) / answered[has]
    value = mean * scale.times * (len(scale.items) if scale.how == "sum" else 1)
    value[missing > allowed] = np.nan
    unverified = "; its missing rule is from memory" if not may_prorate else ""
    reason = np.where(
        missing == 0, "",
        np.where(missing <= allowed,
                 [f"{m} missing: mean of the rest" for m in missing],
                 [f"no score: {m} missing, at most {allowed} may be{unverified}"
                  for m in missing]),
    )  # fmt: skip
    table = wide.index.to_frame(index=False)
    if "session" in table:
        table["session"] = table.session.astype("Int64")
    table.insert(1, "instrument", instrument.id)
    table.insert(2, "scale", scale.name)
    return table.assign(value=value, answered=answered, of=len(scale.items), reason=reason)


def _counted(raw: FloatArray, scale: Scale, answers: tuple[float, float] | None) -> FloatArray:
    """Answers as they count: reversed and recoded."""
    low, high = answers or (0.0, 0.0)
    out = raw.copy()
    for at, item in enumerate(scale.items):
        backward = item in scale.reversed
        codes = scale.recode_reversed if backward else scale.recode
        column = out[:, at]
        given = np.isfinite(column)
        if codes:
            column[given] = np.asarray(codes)[(column[given] - low).astype(int)]
        elif backward:
            column[given] = low + high - column[given]
    return out


def _risk(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    low = instrument.answers[0] if instrument.answers else 0
    found = answers[answers.item.isin(instrument.risk_items) & (answers.answer > low)]
    return found.reset_index(drop=True)


def _row(place: object) -> int:
    """Row of a file with a header, as a spreadsheet counts."""
    return int(str(place)) + 2

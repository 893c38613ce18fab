"""The answer in words: is it more than chance, who leads, and when."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from bowlby.figures.style import format_clock, format_p
from bowlby.figures.views import (
    has_surrogates,
    moments,
    named_signal,
    roles,
    signal_title,
    statistic_title,
)
from bowlby.synchrony.mismatched import SelfCheck

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """A question with its short and its long answer.

    Attributes:
        question: What a reader wants to know.
        short: The answer in a word or two.
        detail: The numbers behind it.
        is_beyond: True if the answer is beyond chance.
    """

    question: str
    short: str
    detail: str
    is_beyond: bool = False


def main_rows(summary: "pd.DataFrame") -> "pd.DataFrame":
    """The main result of each recording and signal: its first row."""
    return summary.drop_duplicates(["recording", "signal"]).reset_index(drop=True)


def rows_of(summary: "pd.DataFrame", signal: str) -> "pd.DataFrame":
    """Rows of one signal."""
    return summary.query(f"signal == {signal!r}")


def has_sessions(rows: "pd.DataFrame") -> bool:
    """True if a dyad was recorded more than once."""
    return {"dyad", "session"} <= set(rows) and bool(rows.duplicated("dyad").any())


def study_answers(
    summary: "pd.DataFrame", self_check: SelfCheck | None = None
) -> tuple[Answer, ...]:
    """How many recordings exceed chance in each signal, who leads, can p be trusted."""
    rows = main_rows(summary)
    signals = list(dict.fromkeys(rows["signal"]))
    answers = [_study_answer(str(s), rows_of(rows, str(s))) for s in signals]
    lead = summary.query("measure == 'wcc_lead'")
    lead = lead.query("p == p")
    if len(signals) == 1 and len(lead):
        answers.append(_study_leaders(lead))
    if self_check is not None:
        answers.append(_trust(self_check))
    return tuple(answers)


def _study_leaders(lead: "pd.DataFrame") -> Answer:
    clear = lead.query("p < 0.05")
    counts = clear["leader"].value_counts()
    parts = [f"{role} in {count}" for role, count in counts.items()]
    detail = (
        f"One side of the lag axis stands out beyond surrogates (p < .05) in {len(clear)} of "
        f"{_count(len(lead), 'recording')}; {0.05 * len(lead):.1f} expected by chance alone."
    )
    if parts:
        detail += f" Ahead there: {', '.join(parts)}."
    return Answer("Who leads?", f"{len(clear)} of {len(lead)} clear", detail)


def _trust(check: SelfCheck) -> Answer:
    if check.alpha * check.pairs < 3:
        short = "Too few pairs to tell"
    elif check.low > check.alpha:
        short = "With care: too small"
    else:
        short = "Yes"
    return Answer(
        "Can these p-values be trusted?",
        short,
        f"Among {check.pairs} pairs of people who never met, {100 * check.rate:.1f} % had "
        f"p ≤ {f'{check.alpha:g}'.lstrip('0')} (95 % interval {100 * check.low:.1f} to "
        f"{100 * check.high:.1f} %); {100 * check.alpha:g} % is expected.",
    )


def _study_answer(signal: str, rows: "pd.DataFrame") -> Answer:
    question = f"{named_signal(signal)}: together more than chance?"
    p = rows["p"].to_numpy(float)
    tested = p[np.isfinite(p)]
    count = len(rows)
    if not len(tested):
        return Answer(
            question, f"{count} measured",
            "No surrogates were drawn, so there is no test against chance.",
        )  # fmt: skip
    beyond, expected = int((tested < 0.05).sum()), 0.05 * len(tested)
    effects = rows["effect"].to_numpy(float)
    detail = (
        f"{beyond} of {_count(len(tested), 'recording')} "
        f"{'exceeds' if beyond == 1 else 'exceed'} chance at p < .05; {expected:.1f} expected "
        f"by chance alone. Median effect {np.nanmedian(effects):+.2f} SD above surrogates "
        f"({statistic_title(str(rows['measure'].iloc[0])).lower()})."
    )
    return Answer(question, f"{beyond} of {len(tested)}", detail, beyond > expected)


def multiverse_answers(multiverse: "pd.DataFrame | None") -> tuple[Answer, ...]:
    """How much the answer depends on the way of measuring."""
    if multiverse is None or not len(multiverse):
        return ()
    beyond = int((multiverse["p"] < 0.05).sum())
    effect = multiverse["effect"].to_numpy(float)
    detail = (
        f"{beyond} of {_count(len(multiverse), 'way')} of measuring have p < .05. Effects "
        f"reach from {np.nanmin(effect):+.2f} to {np.nanmax(effect):+.2f} SD above "
        f"surrogates, median {np.nanmedian(effect):+.2f}."
    )
    if "is_default" in multiverse and multiverse["is_default"].any():
        default = multiverse[multiverse["is_default"]].iloc[0]
        detail += f" The default gives {default['effect']:+.2f}, {format_p(default['p'])}."
    question = "Does the answer depend on how one measures?"
    return (
        Answer(
            question, f"{beyond} of {len(multiverse)} beyond chance", detail.replace("-", "−")
        ),
    )


def recording_answers(dataset: xr.Dataset) -> tuple[Answer, ...]:
    """Whether two people go together more than chance, who leads, and when."""
    return (_whether(dataset), _who(dataset), _when(dataset))


def one_line(dataset: xr.Dataset) -> str:
    """One recording in one sentence."""
    row = dataset.isel(statistic=0)
    effect, p = float(row.effect), float(row.p)
    parts = [f"{statistic_title(str(row.statistic.item()))} {float(row.estimate):.3f}"]
    if np.isfinite(effect):
        parts.append(
            f"{effect:+.2f}".replace("-", "−") + f" SD against surrogates, {format_p(p)}"
        )
    found = moments(dataset)
    if found:
        spans = ", ".join(f"{format_clock(m.start_s)}–{format_clock(m.end_s)}" for m in found)
        parts.append(f"beyond chance in {spans}")
    return "; ".join(parts) + "."


def _whether(dataset: xr.Dataset) -> Answer:
    first, second = roles(dataset)
    row = dataset.isel(statistic=0)
    name = statistic_title(str(row.statistic.item())).lower()
    estimate, effect, p = float(row.estimate), float(row.effect), float(row.p)
    question = f"{signal_title(dataset)}: do {first} and {second} go together more than chance?"
    if not np.isfinite(p):
        return Answer(
            question, "Not tested",
            f"The {name} is {estimate:.3f}; no surrogates were drawn to compare it with.",
        )  # fmt: skip
    detail = (
        f"The {name} is {estimate:.3f}; surrogates give {float(row.null_mean):.3f} on average. "
        f"That is {abs(effect):.2f} SD {'above' if effect >= 0 else 'below'} chance, "
        f"{format_p(p)}."
    )
    return Answer(question, "Yes" if p < 0.05 else "Not shown", detail, p < 0.05)


def _who(dataset: xr.Dataset) -> Answer:
    first, second = roles(dataset)
    lag_s = float(dataset.peak_lag_s[0])
    if lag_s == 0:
        peak = "The lag profile peaks at lag 0: neither is ahead."
    else:
        leader, follower = (first, second) if lag_s > 0 else (second, first)
        peak = (
            f"The lag profile peaks where {leader} is {abs(lag_s):.2f} s ahead of {follower}."
        )
    if "wcc_lead" not in dataset.statistic or not has_surrogates(dataset):
        return Answer("Who leads?", "Not tested", peak)
    row = dataset.sel(statistic="wcc_lead")
    p = float(row.p)
    if p < 0.05:
        detail = (
            f"{peak} Synchrony is higher on that side than surrogates allow, {format_p(p)}."
        )
        leader = first if float(row.effect) > 0 else second
        if leader != (first if lag_s > 0 else second):
            detail = (
                f"Averaged over all lags, synchrony is higher where {leader} leads, "
                f"{format_p(p)}. {peak}"
            )
        return Answer("Who leads?", leader.capitalize(), detail, is_beyond=True)
    return Answer(
        "Who leads?", "No clear leader",
        f"{peak} The two sides do not differ more than in surrogates, {format_p(p)}.",
    )  # fmt: skip


def _when(dataset: xr.Dataset) -> Answer:
    if not has_surrogates(dataset):
        return Answer("When?", "Not tested", "Moments are found by comparison with surrogates.")
    found = moments(dataset)
    if not found:
        return Answer(
            "When?", "No single moment",
            "No stretch of time stands out after correction for looking at all of them.",
        )  # fmt: skip
    spans = [
        f"{format_clock(m.start_s)} to {format_clock(m.end_s)} ({format_p(m.p)})" for m in found
    ]
    return Answer(
        "When?", _count(len(found), "moment"),
        f"More in step than surrogates: {'; '.join(spans)}.", is_beyond=True,
    )  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

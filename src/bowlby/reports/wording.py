"""The answer in words: is it more than chance, who leads, and when."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from bowlby.figures.style import format_clock, format_p
from bowlby.figures.views import (
    has_surrogates,
    named_signal,
    roles,
    signal_title,
    statistic_title,
    synchronous_episodes,
)
from bowlby.reports.numbers import minus
from bowlby.reports.page import Card
from bowlby.synchrony.mismatched import FalsePositives
from bowlby.synchrony.old_names import renamed_columns
from bowlby.synchrony.significance import LEVEL

if TYPE_CHECKING:
    import pandas as pd


LIMITS = (
    "Synchrony is not quality: more of it is neither good nor bad in itself. A shared task, "
    "room or conversation can synchronise two people. What is not shown here is not shown to "
    "be absent. These numbers describe recordings; they diagnose nobody."
)
ONE_OF_MANY = "Each p is about one recording. Among many, some fall below .05 by chance."
FALSE_POSITIVES = (
    "Every person was paired with someone from another recording and measured in the same way. "
    "Such pseudo-dyads cannot be synchronised beyond chance. If many of them are called "
    "synchronous, the p-values above are too small."
)
PSEUDO_DYADS = (
    "A pseudo-dyad pairs people from different dyads; its synchrony is pseudo-synchrony. This "
    "asks about the study as a whole. The surrogates above ask about each recording."
)


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
    summary: "pd.DataFrame", false_positives: FalsePositives | None = None
) -> tuple[Card, ...]:
    """How many recordings exceed chance in each signal, who leads, can p be trusted."""
    rows = main_rows(summary)
    signals = list(dict.fromkeys(rows["signal"]))
    answers = [_study_answer(str(s), rows_of(rows, str(s))) for s in signals]
    tested = rows[rows["p"].notna()]
    if len(signals) == 1 and len(tested):
        answers.append(_study_leaders(tested))
    if false_positives is not None:
        answers.append(_trust(false_positives))
    return tuple(answers)


def _study_leaders(tested: "pd.DataFrame") -> Card:
    clear = tested[tested["leader"] != ""]
    parts = [f"{role} in {count}" for role, count in clear["leader"].value_counts().items()]
    detail = (
        f"A partner leads in {len(clear)} of {_count(len(tested), 'recording')}: synchrony is "
        "shown and the 95 % interval of the peak's lag excludes 0."
    )
    if parts:
        detail += f" Leading there: {', '.join(parts)}."
    return Card("Who leads?", f"{len(clear)} of {len(tested)} clear", detail)


def _trust(check: FalsePositives) -> Card:
    if check.alpha * check.pairs < 3:
        short = "Too few pairs to tell"
    elif check.low > check.alpha:
        short = "With care: too small"
    else:
        short = "Yes"
    return Card(
        "Can these p-values be trusted?",
        short,
        f"Of {check.pairs} pseudo-dyads (people who never met), {100 * check.rate:.1f} % had "
        f"p ≤ {f'{check.alpha:g}'.lstrip('0')} (95 % interval {100 * check.low:.1f} to "
        f"{100 * check.high:.1f} %). An honest test gives {100 * check.alpha:g} %.",
    )


def _study_answer(signal: str, rows: "pd.DataFrame") -> Card:
    question = f"{named_signal(signal)}: more synchrony than chance?"
    p = rows["p"].to_numpy(float)
    tested = p[np.isfinite(p)]
    count = len(rows)
    if not len(tested):
        return Card(
            question, f"{count} measured",
            "No surrogates were drawn, so there is no test against chance.",
        )  # fmt: skip
    beyond = int((tested <= LEVEL).sum())
    z = np.nanmedian(rows["z"].to_numpy(float))
    detail = (
        f"{beyond} of {_count(len(tested), 'recording')} "
        f"{'exceeds' if beyond == 1 else 'exceed'} chance (p ≤ .05). "
        f"{_by_chance(beyond, tested)} Median z against surrogates: {z:.2f} "
        f"({statistic_title(str(rows['measure'].iloc[0])).lower()})."
    )
    if len(tested) < count:
        detail += f" {_untestable(rows)}"
    is_beyond = chance_of(beyond, len(tested)) <= LEVEL
    return Card(question, f"{beyond} of {len(tested)}", minus(detail), is_beyond)


def chance_of(beyond: int, tested: int) -> float:
    """Chance of at least so many recordings with p <= .05 if nobody is in step.

    Args:
        beyond: Recordings with p <= .05.
        tested: Recordings tested.
    """
    from scipy.stats import binom

    return float(binom.sf(beyond - 1, tested, LEVEL))


def _by_chance(beyond: int, tested: np.ndarray) -> str:
    return (
        f"Chance alone would give {LEVEL * len(tested):.1f}; so many or more have "
        f"{format_p(chance_of(beyond, len(tested)))}."
    )


def _untestable(rows: "pd.DataFrame") -> str:
    """Why some recordings have no p."""
    missing = rows[rows["p"].isna()]
    short = missing[missing["smallest_p"] > LEVEL] if "smallest_p" in missing else missing[:0]
    if not len(short):
        return f"{_count(len(missing), 'recording')} could not be tested."
    return (
        f"{_count(len(short), 'recording')} cannot be tested: too short, the smallest p that "
        f"can occur is {short['smallest_p'].min():.2f} or more."
    )


def multiverse_answers(multiverse: "pd.DataFrame | None") -> tuple[Card, ...]:
    """How much the answer depends on the way of measuring."""
    if multiverse is None or not len(multiverse):
        return ()
    beyond = int((multiverse["p"] < 0.05).sum())
    multiverse = renamed_columns(multiverse)
    z = multiverse["z"].to_numpy(float)
    detail = (
        f"{beyond} of {_count(len(multiverse), 'way')} of measuring have p < .05. z "
        f"against surrogates runs from {np.nanmin(z):.2f} to {np.nanmax(z):.2f}; its median "
        f"is {np.nanmedian(z):.2f}."
    )
    if "is_default" in multiverse and multiverse["is_default"].any():
        default = multiverse[multiverse["is_default"]].iloc[0]
        detail += f" The default gives z = {default['z']:.2f}, {format_p(default['p'])}."
    question = "Does the answer depend on how one measures?"
    return (Card(question, f"{beyond} of {len(multiverse)} beyond chance", minus(detail)),)


def recording_answers(dataset: xr.Dataset) -> tuple[Card, ...]:
    """Whether two people are synchronised beyond chance, who leads, and when."""
    return (_whether(dataset), _who(dataset), _when(dataset))


def one_line(dataset: xr.Dataset) -> str:
    """One recording in one sentence."""
    row = dataset.isel(statistic=0)
    z, p = float(row.z), float(row.p)
    parts = [f"{statistic_title(str(row.statistic.item()))} {float(row.estimate):.3f}"]
    if np.isfinite(z):
        parts.append(minus(f"z = {z:.2f} against surrogates, {format_p(p)}"))
    episodes = synchronous_episodes(dataset)
    if episodes:
        spans = ", ".join(
            f"{format_clock(e.start_s)}–{format_clock(e.end_s)}" for e in episodes
        )
        parts.append(f"beyond chance in {spans}")
    return "; ".join(parts) + "."


def _whether(dataset: xr.Dataset) -> Card:
    first, second = roles(dataset)
    row = dataset.isel(statistic=0)
    name = statistic_title(str(row.statistic.item())).lower()
    estimate, z, p = float(row.estimate), float(row.z), float(row.p)
    question = f"{signal_title(dataset)}: are {first} and {second} synchronised beyond chance?"
    smallest = float(dataset.attrs.get("smallest_p", np.nan))
    if smallest > LEVEL and not np.isfinite(p):
        return Card(
            question, "Cannot be tested",
            f"The recording has so few segments that no p below {smallest:.2f} can occur. Use "
            "a shorter --window and --segment, or a longer recording.",
        )  # fmt: skip
    if not np.isfinite(p):
        return Card(
            question, "Not tested",
            f"The {name} is {estimate:.3f}. No surrogates were drawn to compare it with.",
        )  # fmt: skip
    detail = (
        f"The {name} is {estimate:.3f}. Surrogates give {float(row.null_mean):.3f} on average. "
        f"So z = {z:.2f} against surrogates, {format_p(p)}."
    )
    return Card(question, "Yes" if p <= LEVEL else "Not shown", minus(detail), p <= LEVEL)


def _who(dataset: xr.Dataset) -> Card:
    first, second = roles(dataset)
    row = dataset.isel(statistic=0)
    lag_s, low_s, high_s = (
        float(row[key]) for key in ("peak_lag_s", "lag_low_s", "lag_high_s")
    )
    within = f"(95 % interval {low_s:+.2f} to {high_s:+.2f} s; plus: {first} ahead of {second})"
    peak = minus(f"The two meet best at a lag of {lag_s:+.2f} s {within}.")
    if not has_surrogates(dataset) or not np.isfinite(float(row.p)):
        return Card("Who leads?", "Not tested", peak)
    leader = str(row.leader.item())
    if leader:
        return Card("Who leads?", leader.capitalize(), f"{peak} It excludes 0.", is_beyond=True)
    if float(row.p) > LEVEL:
        return Card("Who leads?", "No clear leader", f"{peak} Synchrony itself is not shown.")
    if low_s <= 0.0 <= high_s:
        return Card("Who leads?", "No clear leader", f"{peak} It does not exclude 0.")
    return Card(
        "Who leads?", "No clear leader",
        f"{peak} The two clocks are not known well enough to say who is ahead.",
    )  # fmt: skip


def _when(dataset: xr.Dataset) -> Card:
    if not has_surrogates(dataset):
        return Card("When?", "Not tested", "Episodes are found by comparison with surrogates.")
    episodes = synchronous_episodes(dataset)
    if not episodes:
        return Card(
            "When?", "No single episode",
            "No stretch of time stands out. The test corrects for looking at all of them.",
        )  # fmt: skip
    spans = [
        f"{format_clock(e.start_s)} to {format_clock(e.end_s)} ({format_p(e.p)})"
        for e in episodes
    ]
    return Card(
        "When?", _count(len(episodes), "synchronous episode"),
        f"More synchrony than in surrogates: {'; '.join(spans)}.", is_beyond=True,
    )  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""One client's page for supervision: read in a minute, honest about every alarm."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bowlby.figures.outcomes import client_course_figure
from bowlby.reports.outcomes.page import OutcomePage, words_table
from bowlby.reports.outcomes.wording import (
    CLASS_SAID,
    SIGNAL_SAID,
    false_alarm,
    number,
    of_ten,
    percent,
)
from bowlby.reports.page import Card, Section, Table, draw

QUESTIONS = {
    "off": (
        "How is the work between the two of them: do goals and ways still fit what the client "
        "wants?",
        "Has the wish to change, or the hope that it will help, become less?",
        "What has happened outside: losses, quarrels, illness, money?",
        "Who stands by the client between sessions, and has that changed?",
        "What was done about it, and what is to be tried next? Write it down.",
    ),
    "rupture": (
        "What happened in the session before the rating fell? Was it spoken about?",
        "Did the client draw back, or protest? What would repair look like?",
    ),
    "well": ("Is it time to speak about goals that are left, about spacing or ending?",),
    "steady": ("What helps, and does the client know it too?",),
}


def client_page(content: Mapping[str, Any], *, command: str, version: str,
                label: str = "") -> OutcomePage:  # fmt: skip
    """The page of one client.

    Args:
        content: Of `outcomes.client_content`.
        command: The command that made it.
        version: Version of bowlby.
        label: Banner text, such as `Simulated clients`.
    """
    scores = content["scores"]
    name = content["client"]
    many = len(scores)
    meta = (
        f"{content['name']} · {many} {'score' if many == 1 else 'scores'} · "
        f"{content['unit']} {scores.time.iloc[0]} to {scores.time.iloc[-1]} · bowlby {version}"
    )
    figure = draw(
        client_course_figure(content), f"client-{name}",
        f"Course of client {name}: {_story(content)}", _caption(content),
    )  # fmt: skip
    return OutcomePage(
        "supervision page", f"Client {name}", meta, _story(content), _cards(content), "",
        [
            Section("To talk about", points=_questions(content)),
            Section("Every score", tables=[_table(content)]),
        ],
        command=command, label=label, lead=figure,
    )  # fmt: skip


def _story(content: Mapping[str, Any]) -> str:
    scores, unit = content["scores"], content["unit"]
    first, last = scores.iloc[0], scores.iloc[-1]
    if len(scores) == 1:
        return (
            f"There is one score, {number(first['value'])}{_range_said(content, first['value'])}. "
            f"Its standard error is {number(content['sem'])}. A course needs a second one."
        )
    change = last["value"] - first["value"]
    better = change * content["sign"]
    way = "no change" if change == 0 else f"{'a fall' if change < 0 else 'a rise'} of " \
        f"{number(abs(change))} points ({'better' if better > 0 else 'worse'})"  # fmt: skip
    told = [
        f"From {number(first['value'])} at {unit} {first['time']}"
        f"{_range_said(content, first['value'])} to {number(last['value'])} at {unit} "
        f"{last['time']}{_range_said(content, last['value'])}: {way}."
    ]
    if np.isfinite(last["expected"]):
        told.append(
            f"From the first score, {number(last['expected'])} was to be expected by now: "
            f"{SIGNAL_SAID[last['signal']].lower()}."
        )
    elif content["no_model"]:
        told.append("There are too few clients in the file to say what was to be expected.")
    if len(content["forecast"]):
        coming = content["forecast"].iloc[-1]
        told.append(
            f"By {unit} {int(coming['time'])}, eight of ten clients with such a course score "
            f"between {number(coming['low80'], 0)} and {number(coming['high80'], 0)}."
        )
    return " ".join(told)


def _range_said(content: Mapping[str, Any], value: float) -> str:
    cut = content["cutoff"]
    if not np.isfinite(cut):
        return ""
    is_clinical = value >= cut if content["sign"] < 0 else value < cut
    return f" ({'clinical' if is_clinical else 'functional'} range)"


def _cards(content: Mapping[str, Any]) -> list[Card]:
    cards = [_signal_card(content)]
    if (change := content["change"]) is not None:
        cards.append(_change_card(content, change))
    if len(content["forecast"]):
        cards.append(_forecast_card(content))
    cards += [_alliance_card(other) for other in content["others"] if other["verdict"]]
    if len(content["gains"]):
        cards.append(_gain_card(content))
    if content["attachment"] is not None:
        cards.append(_attachment_card(content["attachment"]))
    return cards


def _signal_card(content: Mapping[str, Any]) -> Card:
    signal, alarm = content["scores"].signal.iloc[-1], content["alarm"]
    if alarm is None:
        return Card(
            "Course now", "No signal",
            f"{content['no_model']} One score has a standard error of "
            f"{number(content['sem'])} points.",
        )  # fmt: skip
    said = false_alarm(alarm, content["unit"])
    reds = content["scores"][content["scores"].signal == "red"].time.tolist()
    before = f"Red at {content['unit']} {', '.join(map(str, reds))}. " if reds else ""
    return Card("Course now", SIGNAL_SAID[signal], before + said, signal == "red")


def _change_card(content: Mapping[str, Any], change: Mapping[str, Any]) -> Card:
    chance, limit = content["chance"], content["reliable_change"]
    said = [f"Reliable from {number(limit)} points ({percent(content['level'])} level)."]
    if chance is not None:
        said.append(
            f"Without any true change, {percent(chance.improved, 1)} of such clients would "
            "be called "
            f"improved and {percent(chance.deteriorated, 1)} deteriorated "
            f"({_assumed(chance.assumption)})."
        )
    p = content["p_functional"]
    if np.isfinite(p):
        said.append(f"Chance that the true score is in the functional range: {percent(p)}.")
    return Card(
        "First to last score", CLASS_SAID[change["category"]].capitalize(), " ".join(said)
    )


def _assumed(text: str) -> str:
    return (
        "regression to the mean counted" if "is in it" in text and "not" not in text
        else "measurement error only" if "only" in text else "regression to the mean counted"
    )  # fmt: skip


def _forecast_card(content: Mapping[str, Any]) -> Card:
    coming = content["forecast"].iloc[0]
    return Card(
        f"Next {content['unit']}",
        f"{number(coming['mean'], 0)} ({number(coming['low80'], 0)} to "
        f"{number(coming['high80'], 0)})",
        "Eight of ten such clients will score in this range; "
        f"19 of 20 between {number(coming['low95'], 0)} and {number(coming['high95'], 0)}. A "
        "score outside tells more than one inside.",
    )


def _alliance_card(other: Mapping[str, Any]) -> Card:
    events = other["events"]
    false = f"This rule marks {other['false_share']}."
    if not len(events):
        short = {
            "cannot tell": "Cannot tell", "too few": "Too few ratings",
            "none found": "No rupture found",
        }[other["verdict"]]  # fmt: skip
        why = (
            "More than 40 % of the ratings are at the top of the scale: that is not the same "
            "as "
            "no rupture. " if other["verdict"] == "cannot tell" else ""
        )  # fmt: skip
        return Card(f"Alliance ({other['name']})", short, why + false)
    last = events.iloc[-1]
    if pd.isna(last["repaired"]):
        repaired = "too early to say whether repaired"
    else:
        repaired = (
            f"repaired by session {last['repaired_at']}"
            if last["repaired"]
            else "not repaired in three sessions"
        )
    return Card(
        f"Alliance ({other['name']})",
        f"Rupture at session {', '.join(str(s) for s in events.session)}",
        f"Rated {number(last['rating'])} where {number(last['expected'])} was usual; "
        f"{repaired}. {false}",
        True,
    )


def _gain_card(content: Mapping[str, Any]) -> Card:
    gains, by_chance = content["gains"], content["gains_chance"]
    first = gains.iloc[0]
    said = f"{number(first['size'])} points from session {first['session']} to the next"
    said += "; half of it was lost later. " if first["reversed"] else ". "
    if by_chance is not None:
        said += (
            f"A smooth course with this much noise shows a sudden gain in "
            f"{of_ten(by_chance.share)} clients, so look for what happened before you "
            "explain it."
        )
    return Card(f"Sudden {first['kind']}", f"After session {first['session']}", said)


def _attachment_card(row: Mapping[str, Any]) -> Card:
    short = "Moved into the secure region" if row["moved_into_secure"] else (
        f"Moved {row['direction']}" if row["is_reliable"] else "No reliable move"
    )  # fmt: skip
    return Card(
        "Attachment",
        short,
        f"Anxiety {number(row['anxiety_before'], 2)} to {number(row['anxiety_after'], 2)}, "
        f"avoidance {number(row['avoidance_before'], 2)} to "
        f"{number(row['avoidance_after'], 2)}. "
        f"Chance of both true scores within one SD of the norm: "
        f"{percent(row['p_secure_before'])} before, {percent(row['p_secure_after'])} after. "
        "One "
        "in 20 unchanged clients is called moved.",
    )


def _questions(content: Mapping[str, Any]) -> list[str]:
    signal = content["scores"].signal.iloc[-1]
    made: list[str] = []
    if any(len(other["events"]) for other in content["others"]):
        made += QUESTIONS["rupture"]
    if signal in ("red", "amber"):
        made += QUESTIONS["off"]
    elif signal == "green":
        made += QUESTIONS["well"]
    return made or list(QUESTIONS["steady"])


def _caption(content: Mapping[str, Any]) -> str:
    said = "Dots: scores. "
    if content["alarm"] is not None:
        said += (
            "Grey band: where eight of ten clients with this first score are. Triangles mark "
            f"signals, filled for red. {false_alarm(content['alarm'], content['unit'])} "
            "Diamonds: the forecast from all scores, with the range of eight of ten."
        )
    else:
        said += f"No course is expected: {content['no_model']}"
    if len(content["model"]):
        said += " Dotted: what the simulation implies for this pattern; a model, not data."
    return said


def _table(content: Mapping[str, Any]) -> Table:
    rows = [
        [
            f"{content['unit']} {row['time']}", _day(row["date"]), number(row["value"]),
            number(row["expected"]), SIGNAL_SAID[row["signal"]],
        ]
        for _, row in content["scores"].iterrows()
    ]  # fmt: skip
    return words_table(
        "Every score", ("", "date", "score", "expected from the first", "signal"), rows
    )


def _day(date: Any) -> str:
    return "" if date is None or date != date else f"{date:%Y-%m-%d}"

"""The report of a file of scores: every count beside what chance gives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bowlby.figures.outcomes import change_figure, classes_figure, mean_course_figure
from bowlby.reports.outcomes.page import Link, OutcomePage, words_table
from bowlby.reports.outcomes.wording import (
    CLASS_SAID,
    METHOD_SAID,
    SIGNAL_SAID,
    false_alarm,
    number,
    percent,
    power,
    source,
)
from bowlby.reports.page import Card, Section, Table, draw
from bowlby.statistics.intervals import share_interval

REFERENCES = (
    "Jacobson, N. S., & Truax, P. (1991). Clinical significance. Journal of Consulting and "
    "Clinical Psychology, 59(1), 12-19.",
    "Claus, B. B., Wager, J., & Bonnet, U. (2024). clinicalsignificance: Clinical significance "
    "analyses of intervention studies in R. Journal of Statistical Software, 111(1).",
    "Durbin, J., & Koopman, S. J. (2012). Time series analysis by state space methods (2nd "
    "ed.).",
    "Tang, T. Z., & DeRubeis, R. J. (1999). Sudden gains and critical sessions in "
    "cognitive-behavioral therapy for depression. Journal of Consulting and Clinical "
    "Psychology, "
    "67(6), 894-904.",
    "Wiedemann, M., Thew, G. R., Stott, R., & Ehlers, A. (2020). suddengains: An R package to "
    "identify sudden gains in longitudinal data. PLOS ONE, 15(3), e0230276.",
    "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical "
    "inference. "
    "Journal of the American Statistical Association, 22, 209-212.",
)


def study_page(analysis: Any, *, title: str, command: str, version: str,
               mean_course: pd.DataFrame, ruptures: Sequence[Mapping[str, Any]] = (),
               attachment: Any = None, links: Sequence[tuple[str, str]] = (),
               label: str = "") -> OutcomePage:  # fmt: skip
    """The page.

    Args:
        analysis: An `outcomes.analysis.Analysis`.
        title: Heading.
        command: The command that made it.
        version: Version of bowlby.
        mean_course: time, mean, low80, high80, observed, n; empty without a model.
        ruptures: Of each alliance scale: `name`, `found` (an `outcomes.ruptures.Ruptures`),
            `false_share`.
        attachment: An `outcomes.attachment.AttachmentChange`, or None.
        links: Address and text of each client's page.
        label: Banner text.
    """
    yard, scores = analysis.yard, analysis.scores
    meta = f"{yard.name} · {analysis.clients} clients · {len(scores.table)} scores · bowlby {version}"
    parts = [_change_part(analysis)]
    if len(analysis.methods) > 1:
        parts.append(_methods_part(analysis))
    parts += [
        _course_part(analysis, mean_course),
        _signal_part(analysis),
        _gains_part(analysis),
    ]
    parts += [_ruptures_part(one) for one in ruptures]
    if attachment is not None and len(attachment.table):
        parts.append(_attachment_part(attachment))
    parts.append(_numbers_part(analysis))
    return OutcomePage(
        "outcomes", title, meta, _story(analysis), _cards(analysis), _warning(analysis), parts,
        _methods(analysis), REFERENCES, command, [Link(*one) for one in links], label,
    )  # fmt: skip


def _lead(analysis: Any) -> Any:
    return analysis.methods[0]


def _story(analysis: Any) -> str:
    lead = _lead(analysis)
    if lead.reason:
        return f"Change could not be judged: {lead.reason}."
    n, counts = len(lead.changes), lead.counts
    better = counts["recovered"] + counts["improved"]
    worse = counts["deteriorated"] + counts["harmed"]
    told = [
        f"Of {analysis.clients} clients, {n} have two scores or more. {better} of them "
        "improved "
        f"reliably ({percent(better / n)}) and {worse} deteriorated ({percent(worse / n)})."
    ]
    if lead.chance is not None:
        told.append(
            f"Had nobody changed, {percent(lead.chance.improved, 1)} and "
            f"{percent(lead.chance.deteriorated, 1)} would have been called so."
        )
    if np.isfinite(lead.cutoff):
        clinical = int(lead.changes.clinical_before.sum())
        told.append(
            f"{counts['recovered']} of the {clinical} who began in the clinical range "
            "recovered."
        )
    return " ".join(told)


def _warning(analysis: Any) -> str:
    said = list(analysis.notes)
    if analysis.one_score:
        many = len(analysis.one_score)
        said.insert(
            0,
            f"{many} {'client has' if many == 1 else 'clients have'} one score: in the "
            "courses, "
            "not in change.",
        )
    return " ".join(said)


def _cards(analysis: Any) -> list[Card]:
    lead, cards = _lead(analysis), []
    if not lead.reason:
        n, counts = len(lead.changes), lead.counts
        chance = lead.chance
        for title, keys, by in (
            ("Reliably improved", ("recovered", "improved"), chance and chance.improved),
            (
                "Reliably deteriorated",
                ("deteriorated", "harmed"),
                chance and chance.deteriorated,
            ),
        ):
            count = sum(counts[k] for k in keys)
            share, low, high = _wilson(count, n)
            cards.append(Card(
                title, f"{count} of {n} ({percent(share)})",
                f"95 % interval {percent(low)} to {percent(high)}; "
                + (f"{percent(by, 1)} by chance alone" if by is not None
                   else "what chance gives is not known for this method"),
            ))  # fmt: skip
    if analysis.alarm is not None:
        last = analysis.signals.groupby("client").tail(1)
        red = int((last.signal == "red").sum())
        cards.append(Card(
            "Off course at the last score", f"{red} red",
            f"and {(last.signal == 'amber').sum()} amber. "
            + false_alarm(analysis.alarm, analysis.scores.unit), red > 0,
        ))  # fmt: skip
    if np.isfinite(analysis.gains_share):
        cards.append(Card(
            "Sudden gains", percent(analysis.gains_share), _gains_said(analysis)
        ))  # fmt: skip
    return cards


def _wilson(count: int, n: int) -> tuple[float, float, float]:
    return count / n, *share_interval(count, n)


def _gains_said(analysis: Any) -> str:
    found = analysis.gains_chance
    said = f"of {analysis.gains_n} clients with four sessions or more. "
    if found is None:
        return said + "Without a course model it is not known what a smooth course would show."
    return said + (
        f"A smooth course with this noise shows {percent(found.share)} "
        f"({percent(found.low)} to {percent(found.high)} in samples of this size)."
    )


def _change_part(analysis: Any) -> Section:
    lead = _lead(analysis)
    if lead.reason:
        return Section("Who changed", f"Not judged: {lead.reason}.")
    yard, n = analysis.yard, len(lead.changes)
    rows = [
        {"category": k, **dict(zip(("share", "low", "high"), _wilson(v, n), strict=True)),
         "chance": _by_class(lead.chance, k)}
        for k, v in lead.counts.items()
    ]  # fmt: skip
    about = {"name": yard.name, "threshold": lead.threshold, "cutoff": lead.cutoff,
             "minimum": yard.minimum, "maximum": yard.maximum, "sign": yard.sign}  # fmt: skip
    drawings = [
        draw(classes_figure(rows), "classes", "Share of clients in each class.",
             "Bars: clients with two scores, with 95 % intervals. Diamonds: what these clients "
             "would show had nobody truly changed.", is_narrow=True),
        draw(change_figure(lead.changes, about), "change", "Scores after against before.",
             "Each mark is a client; marks on the line did not change, those in the grey band "
             "not reliably.", is_narrow=True),
    ]  # fmt: skip
    return Section("Who changed", _denominators(analysis), drawings, [_class_table(analysis)])


def _by_class(chance: Any, category: str) -> float:
    if chance is None:
        return float("nan")
    recovered = 0.0 if np.isnan(chance.recovered) else chance.recovered
    harmed = 0.0 if np.isnan(chance.harmed) else chance.harmed
    return {
        "recovered": chance.recovered, "improved": chance.improved - recovered,
        "unchanged": 1.0 - chance.improved - chance.deteriorated,
        "deteriorated": chance.deteriorated - harmed, "harmed": chance.harmed,
    }[category]  # fmt: skip


def _denominators(analysis: Any) -> str:
    lead = _lead(analysis)
    said = (
        f"{analysis.clients} clients are in the file and {len(lead.changes)} have a score "
        "before "
        "and after. "
    )
    if np.isfinite(lead.cutoff):
        clinical = int(lead.changes.clinical_before.sum())
        got = lead.counts["recovered"]
        said += (
            f"{clinical} began in the clinical range; {got} recovered: "
            f"{percent(got / clinical if clinical else np.nan)} of those, "
            f"{percent(got / analysis.clients)} if everybody without a second score is "
            "counted as "
            "not recovered. "
        )
    if (group := analysis.group) is not None:
        said += (
            f"The mean change is {number(group.difference)} (95 % interval {number(group.low)} to "
            f"{number(group.high)}): {group.category} of {number(analysis.options.important)}. "
        )
    if lead.chance is not None:
        said += f"What chance gives assumes {lead.chance.assumption}."
    return said


def _class_table(analysis: Any) -> Table:
    lead = _lead(analysis)
    n = len(lead.changes)
    rows = []
    for category, count in lead.counts.items():
        share, low, high = _wilson(count, n)
        by = _by_class(lead.chance, category)
        rows.append([CLASS_SAID[category].capitalize(), str(count), percent(share),
                     f"{percent(low)} to {percent(high)}", percent(by, 1)])  # fmt: skip
    return words_table(
        "Classes", ("", "clients", "share", "95 % interval", "by chance alone"), rows
    )


def _methods_part(analysis: Any) -> Section:
    rows = []
    for one in analysis.methods:
        if one.reason:
            rows.append([METHOD_SAID[one.method], *("–",) * 7, f"not computed: {one.reason}"])
            continue
        by = one.chance
        rows.append([
            METHOD_SAID[one.method], *(str(one.counts[k]) for k in CLASS_SAID),
            number(one.cutoff, 2),
            f"{percent(by.improved, 1)} / {percent(by.deteriorated, 1)}" if by else "–",
            f"{number(one.threshold)} points" if np.isfinite(one.threshold) else "",
        ])  # fmt: skip
    table = words_table(
        "Every definition of change side by side",
        ("", "recovered", "improved", "unchanged", "deteriorated", "harmed", "cut-off",
         "improved / deteriorated by chance", "what counts"),
        rows, _convention(analysis),
    )  # fmt: skip
    return Section("Every definition of change side by side", tables=[table])


def _convention(analysis: Any) -> str:
    if analysis.options.convention == "clinicalsignificance":
        return (
            "As R clinicalsignificance computes them. Four of its choices differ from what "
            "bowlby does by itself: cut-off b takes the SD of the clinical population where "
            "Jacobson and Truax have the functional one; the multilevel index is each client's "
            "deviation from the mean slope, so in a group that improves those who improve less "
            "are called deteriorated; a score of 0 before is both improved and deteriorated by "
            "percentage; and by Hageman and Arrindell a client in the functional range after "
            "can "
            "be called harmed."
        )
    return (
        "The multilevel index is each client's own slope over its SD; by percentage a score "
        "of 0 "
        "before has no answer. --convention clinicalsignificance gives the R package's numbers."
    )


def _course_part(analysis: Any, course: pd.DataFrame) -> Section:
    if analysis.model is None:
        return Section("The course", f"No course is expected of anybody. {analysis.no_model}")
    model, yard = analysis.model.described(), analysis.yard
    about = {"name": yard.name, "unit": analysis.scores.unit, "cutoff": yard.cutoff,
             "sign": yard.sign}  # fmt: skip
    drawing = draw(
        mean_course_figure(course, about), "course", "Mean course.",
        "Line: the mean of all who began, had all stayed (missing at random given the scores). "
        "Open dots: the mean of those who still came, whom leaving has selected.", is_narrow=True,
    )  # fmt: skip
    tail = analysis.model.tail
    rows = [
        ["First level", number(model["level"], 2), f"SD between clients {number(model['level_sd'], 2)}"],
        [f"Change per {analysis.scores.unit} at first", number(model["slope"], 2),
         f"SD between clients {number(model['slope_sd'], 2)}; {percent(model['slope_held'])} "
         "of it "
         "is kept at the next"],
        ["Steps of the true level", number(model["level_step_sd"], 2), "SD"],
        ["Error of one score", number(model["error_sd"], 2),
         f"SD; from the instrument {number(yard.sem, 2)}"],
        ["Tails of the errors", "normal" if not np.isfinite(tail) else f"t, {tail:g} df",
         "shape of the bands one step ahead"],
    ]  # fmt: skip
    table = words_table("The course model", ("", "estimate", ""), rows)
    return Section("The course", "", [drawing], [table])


def _signal_part(analysis: Any) -> Section:
    if analysis.alarm is None:
        return Section(
            "Off course", "No signal is given: there is no course to hold scores against."
        )
    alarm, unit = analysis.alarm, analysis.scores.unit
    text = (
        f"{false_alarm(alarm, unit)} {power(alarm, unit)} Red is beyond {alarm.red:.2f} SD "
        "of what "
        "was to be expected from the first score, amber beyond 1.28. An index of reliable "
        "change "
        f"read at every {unit} would call {percent(analysis.rci_every_session)} of unchanged "
        "clients deteriorated once, so none is shown during therapy."
    )
    signals = analysis.signals
    ever = signals[signals.signal == "red"].client.nunique()
    last = signals.groupby("client").tail(1)
    marked = last[last.signal.isin(["red", "amber"])].sort_values("z", ascending=False)
    rows = [
        [f"Client {r.client}", SIGNAL_SAID[r.signal], f"{unit} {r.time}", number(r.value),
         number(r.expected)]
        for r in marked.head(50).itertuples()
    ]  # fmt: skip
    note = (
        f"{ever} of {last.client.nunique()} clients were red at some point "
        f"({percent(ever / max(last.client.nunique(), 1))}; {percent(alarm.ever)} would be, "
        "were "
        "all on course)."
    )
    table = words_table(
        "Marked at their last score", ("", "signal", "at", "score", "expected"), rows, note
    )
    return Section("Off course", text if rows else f"{text} {note} Nobody is marked now.",
                tables=[table] if rows else [])  # fmt: skip


def _gains_part(analysis: Any) -> Section:
    if not np.isfinite(analysis.gains_share):
        return Section(
            "Sudden gains", "Not looked for: they need a reliable change and clients with four "
            "sessions after the score before therapy.",
        )  # fmt: skip
    gains = analysis.gains[analysis.gains.kind == "gain"]
    losses = analysis.gains[analysis.gains.kind == "loss"]
    found = analysis.gains_chance
    text = (
        f"{len(gains)} sudden gains in {gains.client.nunique()} of {analysis.gains_n} clients "
        f"({percent(analysis.gains_share)}) and {len(losses)} losses in "
        f"{losses.client.nunique()}. "
    )
    if found is not None:
        inside = found.low <= analysis.gains_share <= found.high
        text += (
            f"Clients with smooth courses, the same noise and the same gaps show "
            f"{percent(found.share)} ({percent(found.low)} to {percent(found.high)} in "
            "samples of "
            f"this size): "
            + ("there is nothing sudden to explain." if inside
               else "more than a smooth course explains." if analysis.gains_share > found.high
               else "fewer than a smooth course gives.")
        )  # fmt: skip
    if len(gains):
        lost = int(gains.reversed.sum())
        text += f" {lost} of the {len(gains)} gains were lost by half or more later."
    return Section("Sudden gains", text)


def _ruptures_part(one: Mapping[str, Any]) -> Section:
    found = one["found"]
    counts = found.clients.verdict.value_counts()
    text = (
        f"{int(counts.get('rupture', 0))} of {len(found.clients)} clients have a rupture in "
        "their "
        f"ratings; this rule marks {one['false_share']}. "
        f"{int(counts.get('cannot tell', 0))} rate at the top of the scale so often that it "
        "cannot "
        f"be told, and {int(counts.get('too few', 0))} have fewer than five ratings."
    )
    events = found.events
    rows = [
        [f"Client {r.client}", f"session {r.session}", number(r.rating), number(r.expected),
         _repaired(r)]
        for r in events.head(50).itertuples()
    ]  # fmt: skip
    table = words_table("Ruptures", ("", "at", "rating", "usual before", "repaired"), rows)
    return Section(f"Ruptures in {one['name']}", text, tables=[table] if rows else [])


def _repaired(row: Any) -> str:
    if row.repaired is None or pd.isna(row.repaired):
        return "too early to say"
    return f"by session {row.repaired_at}" if row.repaired else "not in three sessions"


def _attachment_part(found: Any) -> Section:
    table = found.table
    n = len(table)
    return Section(
        "Attachment",
        f"{int(table.is_reliable.sum())} of {n} clients moved reliably in the plane of "
        "anxiety and "
        f"avoidance ({percent(found.expected_by_chance)} of unchanged clients would be called "
        f"so); {int((table.is_reliable & (table.direction == 'toward the norm')).sum())} "
        "toward "
        f"the norm. {int(table.moved_into_secure.sum())} moved into the secure region: the "
        "probability that both true scores are within one SD of the norm rose from below 20 "
        "% to "
        "above 80 %. Measurement errors of the two scales are taken as independent.",
    )


def _numbers_part(analysis: Any) -> Section:
    yard = analysis.yard
    rows = []
    for name in ("cutoff", "reliable_change", "reliability", "sd", "clinical_mean", "clinical_sd",
                 "functional_mean", "functional_sd"):  # fmt: skip
        value = getattr(yard, name)
        said = yard.sources.get(name) or f"not used: {yard.missing.get(name, 'not known')}"
        if name == "cutoff" and yard.cutoff_kind:
            said += f" ({yard.cutoff_kind})"
        if name == "reliable_change" and np.isfinite(value):
            said += f"; {percent(yard.level)} level"
        rows.append([source(name), number(value, 2), said])
    if analysis.options.moments == "sample":
        rows.append(["Moments", "", "of the clients at hand: a selected sample makes changes look "
                     "more reliable than they are"])  # fmt: skip
    table = words_table("Numbers used", ("", "value", "where it comes from"), rows)
    return Section("Numbers used", tables=[table])


def _methods(analysis: Any) -> list[str]:
    yard, lead, unit = analysis.yard, _lead(analysis), analysis.scores.unit
    said = [
        f"Change from the first to the last score of {yard.name} was judged by "
        f"{METHOD_SAID[lead.method]}"
        + (f" ({number(lead.threshold, 2)} points)" if np.isfinite(lead.threshold) else "")
        + (f" and a cut-off of {number(lead.cutoff, 2)}" if np.isfinite(lead.cutoff) else "")
        + ". Shares have Wilson intervals. Beside each stands the share expected had no client's "
        "true score changed, computed from each client's first score."
    ]  # fmt: skip
    if analysis.model is not None:
        alarm = analysis.alarm
        said.append(
            "Courses were modelled by a state-space model (level, slope that decays, "
            "measurement "
            f"error; nine numbers, maximum penalised likelihood, {analysis.model.clients} "
            "clients, "
            f"{analysis.model.scores} scores; gaps were skipped). Bands include the "
            "uncertainty of "
            "the numbers and the tails of the errors. A client was red when the score lay "
            "beyond "
            f"{alarm.red:.2f} SD of what the first score lets expect, a limit that "
            f"{percent(alarm.ever)} of clients on course pass at any of {alarm.planned} "
            f"{unit}s "
            "(20,000 simulated courses)."
        )
    if analysis.gains_chance is not None:
        said.append(
            "Sudden gains follow Tang and DeRubeis (first criterion the reliable change, third "
            "with the critical t of the sessions there are); the share expected comes from "
            f"{analysis.gains_chance.courses} courses simulated from the model with the same "
            "gaps."
        )
    return said

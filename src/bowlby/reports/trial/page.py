"""The report of a virtual trial: one self-contained HTML file that works offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bowlby.figures.style import figure_svg
from bowlby.figures.trial import (
    course_figure,
    dose_figure,
    flow_figure,
    forest_figure,
    power_figure,
    survival_figure,
)
from bowlby.reports.drawings import Drawing
from bowlby.reports.environment import page_environment
from bowlby.reports.inline import inline_svg
from bowlby.reports.trial.methods import REFERENCES, methods_paragraphs
from bowlby.reports.trial.tables import (
    Table,
    arms_table,
    baseline_table,
    change_table,
    contrasts_table,
    gains_table,
    power_table,
    ruptures_table,
    secondary_table,
)
from bowlby.reports.trial.wording import arm_said, number, of_r, outcome_said, p_said, signed

Analysis = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """A contrast that decides.

    Attributes:
        question: Which arms.
        short: The difference.
        detail: Its interval and test.
        is_beyond: Whether it is beyond chance.
    """

    question: str
    short: str
    detail: str
    is_beyond: bool


@dataclass(frozen=True)
class Section:
    """A titled part of the page: text, figures, tables."""

    title: str
    text: str = ""
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Page:
    """Everything the page shows."""

    title: str
    meta: str
    summary: str
    cards: Sequence[Card]
    statement: str
    sections: Sequence[Section]
    methods: Sequence[str]
    references: Sequence[str]
    command: str


def write_trial_report(path: Path, analysis: Analysis, about: Mapping[str, Any]) -> None:
    """Write the report of a trial as one HTML file.

    Args:
        path: File to write.
        analysis: What analysis.json holds.
        about: `design` (as plain data), `command` and `version`.
    """
    environment = page_environment("bowlby.reports.trial")
    page = _page(analysis, about)
    html = environment.get_template("trial.html.j2").render(page=page)
    path.write_text(html, encoding="utf-8")


def _page(analysis: Analysis, about: Mapping[str, Any]) -> Page:
    design, flow = about["design"], analysis["flow"]
    meta = (
        f"bowlby {about['version']} · seed {analysis['seed']} · "
        f"{flow['randomised']} clients in {len(flow['arms'])} arms · "
        f"{design['therapy']['sessions']} sessions"
    )
    return Page(
        title=analysis["title"],
        meta=meta,
        summary=_summary(analysis),
        cards=_cards(analysis),
        statement=analysis["statement"],
        sections=_sections(analysis, design),
        methods=methods_paragraphs(analysis, design),
        references=REFERENCES,
        command=about["command"],
    )


def _summary(analysis: Analysis) -> str:
    flow, primary = analysis["flow"], analysis["primary"]
    decided = [row for row in primary["contrasts"] if row["decides"]]
    beyond = [row for row in decided if row["p_holm"] < analysis["alpha"]]
    opening = (
        f"Of {flow['assessed']} candidates, {flow['randomised']} were randomised; "
        f"{primary['n']} were analysed for {outcome_said(primary['outcome'])}."
    )
    if not beyond:
        return (
            f"{opening} No arm differed beyond chance from {arm_said(analysis['reference'])}."
        )
    told = [
        f"{arm_said(row['first'])} had {'fewer' if row['difference'] < 0 else 'more'} symptoms "
        f"than {arm_said(row['second'])} (g = {signed(row['g'])})"
        for row in beyond
    ]
    rest = [arm_said(row["first"]) for row in decided if row not in beyond]
    sentences = ["; ".join(told)]
    if rest:
        sentences.append(f"{' and '.join(rest)} did not differ from it beyond chance")
    return " ".join([opening, *(f"{_upper(text)}." for text in sentences)])


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _cards(analysis: Analysis) -> list[Card]:
    rows = [row for row in analysis["primary"]["contrasts"] if row["decides"]]
    if len(rows) > 6:
        return []
    return [
        Card(
            _upper(f"{arm_said(row['first'])} against {arm_said(row['second'])}"),
            f"{signed(row['difference'])} SD",
            f"{number(row['low'])} to {number(row['high'])}; g = {signed(row['g'])}, "
            f"{p_said(row['p_holm'])}",
            row["p_holm"] < analysis["alpha"],
        )
        for row in rows
    ]


def _sections(analysis: Analysis, design: Mapping[str, Any]) -> list[Section]:
    sections = [
        _flow_section(analysis),
        _primary_section(analysis),
        _course_section(analysis, design["therapy"]["sessions"]),
        Section("Who got better", tables=[change_table(analysis["change"])]),
    ]
    if analysis["dropout"]["arms"]:
        gains, ruptures = analysis["sudden_gains"], analysis["ruptures"]
        tables = [gains_table(gains), ruptures_table(ruptures)]
        sections.append(_sessions_section(analysis))
        sections.append(Section("On the way", _alliance_said(analysis), tables=tables))
    if "power" in analysis:
        sections.append(_power_section(analysis["power"]))
    text = "Not corrected for their number; they describe."
    return [
        *sections,
        Section("Other outcomes", text, tables=[secondary_table(analysis["secondary"])]),
        Section("Before therapy", tables=[baseline_table(analysis["baseline"])]),
    ]


def _flow_section(analysis: Analysis) -> Section:
    drawing = _draw(
        flow_figure(analysis["flow"]), "flow", "CONSORT flow diagram.",
        "Candidates were assessed in order until enough could take part. Those who left early "
        "were still assessed at the end.",
    )  # fmt: skip
    return Section("Who took part", drawings=[drawing])


def _primary_section(analysis: Analysis) -> Section:
    primary = analysis["primary"]
    drawing = _draw(
        forest_figure(primary["contrasts"]), "forest", "Hedges' g of every contrast.",
        f"Differences in {outcome_said(primary['outcome'])}, with {_level(analysis)} "
        "intervals. Filled: contrasts with the reference, which decide the trial. Open: the "
        "others, which describe.",
    )  # fmt: skip
    tables = [contrasts_table(primary), arms_table(primary)]
    return Section("The main outcome", _model_said(analysis), [drawing], tables)


def _course_section(analysis: Analysis, sessions: int) -> Section:
    drawing = _draw(
        course_figure(analysis["course"], sessions), "course",
        "Mean observed symptoms by week and arm.",
        "Mean of all randomised clients with 95 % intervals, whether or not they still came. "
        "Clients enter when their observed score is high, so some of the fall in every arm is "
        "regression to the mean.",
    )  # fmt: skip
    return Section("The course, week by week", drawings=[drawing])


def _sessions_section(analysis: Analysis) -> Section:
    dropout = analysis["dropout"]
    staying = _draw(
        survival_figure(dropout["arms"]), "stay", "Share still in therapy by session.",
        f"Clients still in therapy (Kaplan-Meier). {_log_rank_said(dropout)}", is_narrow=True,
    )  # fmt: skip
    improving = _draw(
        dose_figure(analysis["dose_response"]), "dose", "Share reliably improved by session.",
        "Clients below their score before therapy by more than reliable change, among those "
        "who attended that session. Those who left are no longer counted.", is_narrow=True,
    )  # fmt: skip
    return Section(
        "Staying, and getting better session by session", drawings=[staying, improving]
    )


def _power_section(power: Mapping[str, Any]) -> Section:
    drawing = _draw(
        power_figure(power["contrasts"]), "power", "Power of each contrast.",
        f"Share of repetitions with p < {power['alpha']:g} after Holm's correction, with "
        "Wilson's interval.",
    )  # fmt: skip
    text = (
        f"The trial was repeated {power['repetitions']} times with other therapists, "
        "allocations and random numbers; clients were "
        f"{power['clients']}. Power is the share of repetitions that found the difference."
    )
    return Section("Power", text, [drawing], [power_table(power)])


def _level(analysis: Analysis) -> str:
    return f"{100 * (1 - analysis['alpha']):g} %"


def _model_said(analysis: Analysis) -> str:
    primary = analysis["primary"]
    model, icc = primary["model"], primary["icc"]
    if model["kind"] == "ols":
        return (
            f"Ordinary least squares, {model['formula']}. The mixed model with therapists was "
            f"not used: {model['reason']}."
        )
    known = (
        f" ({_level(analysis)} interval {number(icc['low'])} to {number(icc['high'])})"
        if icc["low"] is not None
        else ""
    )
    return (
        f"Mixed model {model['formula']}. Of the variance of outcome, {100 * icc['icc']:.0f} % "
        f"was between the {model['therapists']} therapists{known}."
    )


def _log_rank_said(dropout: Mapping[str, Any]) -> str:
    test = dropout["log_rank"]
    if test["p"] is None:
        return f"No test: {test['reason']}."
    return (
        f"Log-rank test between arms: \N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO}"
        f"({test['df']}) = {test['chi_square']:.1f}, {p_said(test['p'])}."
    )


def _alliance_said(analysis: Analysis) -> str:
    found = analysis["alliance"]
    if found["client"]["r"] is None:
        return ""
    return (
        "Early alliance and outcome, given arm and score before: rated by the client "
        f"{of_r(found['client'])}, by the therapist {of_r(found['therapist'])}. Positive means "
        "that a better alliance goes with fewer symptoms."
    )


def _draw(
    figure: Figure, salt: str, label: str, caption: str, *, is_narrow: bool = False
) -> Drawing:
    svg = figure_svg(figure, salt=salt, dpi=120.0, digits=1)
    return Drawing(inline_svg(svg, label=label), caption, is_narrow)

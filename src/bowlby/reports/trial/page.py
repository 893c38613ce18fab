"""The report of a virtual trial: one self-contained HTML file that works offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bowlby.figures.style import format_p
from bowlby.figures.trial import (
    course_figure,
    dose_figure,
    flow_figure,
    forest_figure,
    power_figure,
    survival_figure,
)
from bowlby.reports.numbers import number, percent, signed
from bowlby.reports.page import OF_A_MODEL, Card, Page, Section, draw, page_html
from bowlby.reports.trial.methods import REFERENCES, methods_paragraphs
from bowlby.reports.trial.tables import (
    arms_table,
    baseline_table,
    change_table,
    contrasts_table,
    gains_table,
    monitoring_table,
    power_table,
    ruptures_table,
    second_stage_table,
    secondary_table,
    theories_arms_table,
    theories_table,
    world_table,
)
from bowlby.reports.trial.wording import arm_said, of_r, outcome_said, response_said

Analysis = Mapping[str, Any]


def write_trial_report(path: Path, analysis: Analysis, about: Mapping[str, Any]) -> None:
    """Write the report of a trial as one HTML file.

    Args:
        path: File to write.
        analysis: What analysis.json holds.
        about: `design` (as plain data), `command` and `version`.
    """
    path.write_text(page_html(_page(analysis, about)), encoding="utf-8")


def _page(analysis: Analysis, about: Mapping[str, Any]) -> Page:
    design, flow = about["design"], analysis["flow"]
    meta = (
        f"bowlby {about['version']} · seed {analysis['seed']} · "
        f"{flow['randomised']} clients in {len(flow['arms'])} arms · "
        f"{design['therapy']['sessions']} sessions"
    )
    return Page(
        title=analysis["title"],
        kind="virtual trial",
        meta=meta,
        summary=[_summary(analysis), _world_said(analysis["world"])],
        cards=_cards(analysis),
        limits=OF_A_MODEL,
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
    differences = [
        f"{arm_said(row['first'])} had {'fewer' if row['difference'] < 0 else 'more'} symptoms "
        f"than {arm_said(row['second'])} (g = {signed(row['g'])})"
        for row in beyond
    ]
    rest = [arm_said(row["first"]) for row in decided if row not in beyond]
    sentences = ["; ".join(differences)]
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
            f"{format_p(row['p_holm'])}",
            row["p_holm"] < analysis["alpha"],
        )
        for row in rows
    ]


def _sections(analysis: Analysis, design: Mapping[str, Any]) -> list[Section]:
    sections = [
        _world_section(analysis["world"]),
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
    if analysis["second_stage"]:
        sections.insert(2, _second_stage_section(analysis))
    if analysis["monitoring"]:
        sections.insert(3, _monitoring_section(analysis))
    if "theories" in analysis:
        sections.insert(3, _theories_section(analysis["theories"]))
    if "power" in analysis:
        sections.append(_power_section(analysis["power"]))
    text = "Not corrected for their number; they describe."
    return [
        *sections,
        Section("Other outcomes", text, tables=[secondary_table(analysis["secondary"])]),
        Section("Before therapy", tables=[baseline_table(analysis["baseline"])]),
    ]


def _world_said(world: Mapping[str, Any]) -> str:
    """In the head: what ran, and what of it is not supported."""
    theory = "" if world["theory"] == "default" else f" under the theory {world['theory']}"
    ran = f"It ran with bowlby's default parameters{theory}."
    if world["changed"]:
        names = list(world["changed"])
        some = ", ".join(f"{name} = {world['changed'][name]}" for name in names[:6])
        more = f" and {len(names) - 6} more (run.json has all)" if len(names) > 6 else ""
        ran = f"It ran with other parameters than bowlby's defaults{theory}: {some}{more}."
    unlike = [
        f"{row['claim'].rstrip('.')} (here {number(row['here'])})"
        for row in world["rows"]
        if not row["is_like"]
    ]
    if not unlike:
        return f"{ran} What could be compared of this world is like what was published."
    return (
        f"{ran} Not like what was published, so that its size of effects and its power are not "
        f"supported as far as they rest on it: {'; '.join(unlike)}."
    )


def _world_section(world: Mapping[str, Any]) -> Section:
    text = (
        "Power and effects are those of this world. Beside it stand published findings that "
        "the trial itself can be held against; what else the theory gets right and wrong is "
        "told by bowlby evidence."
    )
    return Section("The world this took place in", text, tables=[world_table(world)])


def _flow_section(analysis: Analysis) -> Section:
    drawing = draw(
        flow_figure(analysis["flow"]), "flow", "CONSORT flow diagram.",
        "Candidates were assessed in order until enough could take part. Those who left early "
        "were still assessed at the end.",
    )  # fmt: skip
    return Section("Who took part", drawings=[drawing])


def _primary_section(analysis: Analysis) -> Section:
    primary = analysis["primary"]
    drawing = draw(
        forest_figure(primary["contrasts"]), "forest", "Hedges' g of every contrast.",
        f"Differences in {outcome_said(primary['outcome'])}, with {_level(analysis)} "
        "intervals. Filled: contrasts with the reference, which decide the trial. Open: the "
        "others, which describe.",
    )  # fmt: skip
    tables = [contrasts_table(primary), arms_table(primary)]
    caution = primary["model"]["caution"]
    text = _model_said(analysis) + (f" {caution}." if caution else "") + _needed_again(analysis)
    return Section("The main outcome", text, [drawing], tables)


def _second_stage_section(analysis: Analysis) -> Section:
    found = analysis["second_stage"]
    first = analysis["primary"]["first_stage"]
    return Section(
        "Randomised again",
        f"After session {found['session']} it was looked who had responded "
        f"({response_said(found)}). Who had not went on with one of the options, by lot; all "
        "others went on as they began. The second table compares the arms as they began, "
        "whatever followed.",
        tables=[
            second_stage_table(found),
            contrasts_table(first, "Arms as they began", " They describe."),
        ],
    )


def _monitoring_section(analysis: Analysis) -> Section:
    found = analysis["monitoring"]
    return Section(
        "Interim looks",
        f"The trial {found['verdict']} ({found['clients']} clients). What else stands in this "
        "report is of all clients, as if it had not been looked at.",
        tables=[monitoring_table(found)],
    )


def _theories_section(theories: Mapping[str, Any]) -> Section:
    name, assessed = theories["names"][1], theories["assessed"]
    text = (
        f"The same trial under the default theory and under {name}: the same seed, so the same "
        "candidates were born and the same lots were drawn; who scored high enough to take "
        f"part follows from each theory ({assessed[0]} and {assessed[1]} were assessed). All "
        "else in this report is about the default theory."
    )
    tables = [theories_table(theories), theories_arms_table(theories)]
    return Section("Two theories", text, tables=tables)


def _course_section(analysis: Analysis, sessions: int) -> Section:
    drawing = draw(
        course_figure(analysis["course"], sessions), "course",
        "Mean observed symptoms by week and arm.",
        "Mean of all randomised clients with 95 % intervals, whether or not they still came. "
        "Clients enter when their observed score is high, so some of the fall in every arm is "
        "regression to the mean.",
    )  # fmt: skip
    return Section("The course, week by week", drawings=[drawing])


def _sessions_section(analysis: Analysis) -> Section:
    dropout = analysis["dropout"]
    staying = draw(
        survival_figure(dropout["arms"]), "stay", "Share still in therapy by session.",
        f"Clients still in therapy (Kaplan-Meier). {_log_rank_said(dropout)}", is_narrow=True,
    )  # fmt: skip
    improving = draw(
        dose_figure(analysis["dose_response"]), "dose", "Share reliably improved by session.",
        "Clients below their score before therapy by more than reliable change, among those "
        "who attended that session. Those who left are no longer counted.", is_narrow=True,
    )  # fmt: skip
    return Section(
        "Staying, and getting better session by session", drawings=[staying, improving]
    )


def _power_section(power: Mapping[str, Any]) -> Section:
    drawing = draw(
        power_figure(power["contrasts"]), "power", "Power of each contrast.",
        f"Share of repetitions with p < {power['alpha']:g} after Holm's correction, with "
        "Wilson's interval.",
    )  # fmt: skip
    stops = power["monitoring"]
    early = (
        f" {percent(stops['stopped_early'])} stopped early; {stops['mean_clients']:.0f} "
        "clients took part on average."
        if stops
        else ""
    )
    text = (
        f"The trial was repeated {power['repetitions']} times with other therapists, "
        "allocations and random numbers; clients were "
        f"{power['clients']}. Power is the share of repetitions that found the difference."
        f"{early}"
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
    if model["kind"] == "weighted":
        return (
            f"Regimes compared by weighted least squares, {model['formula']}; who is "
            "consistent with several regimes stands for each, and errors are robust to clients "
            f"of a therapist being alike ({model['therapists']} therapists)."
        )
    if icc["icc"] is None:
        return f"Mixed model {model['formula']}, {model['therapists']} therapists."
    known = f" ({_level(analysis)} interval {number(icc['low'])} to {number(icc['high'])})"
    return (
        f"Mixed model {model['formula']}. Of the variance of outcome, {100 * icc['icc']:.0f} % "
        f"was between the {model['therapists']} therapists{known}."
    )


def _needed_again(analysis: Analysis) -> str:
    """Sample size estimated again, blinded."""
    found = analysis["re_estimation"]
    if not found:
        return ""
    return (
        f" After {found['clients']} clients the spread of outcomes in all arms together was "
        f"{number(found['sd'])} SD; to find {number(found['difference'])} SD with a power of "
        f"{percent(found['power'])}, {found['needed_in_first_arm']} clients in the first arm "
        f"would be needed ({found['planned_in_first_arm']} were planned)."
    )


def _log_rank_said(dropout: Mapping[str, Any]) -> str:
    test = dropout["log_rank"]
    if test["p"] is None:
        return f"No test: {test['reason']}."
    return (
        f"Log-rank test between arms: \N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO}"
        f"({test['df']}) = {test['chi_square']:.1f}, {format_p(test['p'])}."
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

"""The report of a service: uncertainty first, no names, no ranks, small counts hidden."""

from typing import Any

import numpy as np

from bowlby.figures.outcomes import staying_figure, therapists_figure, tipping_figure
from bowlby.reports.outcomes.page import OutcomePage, words_table
from bowlby.reports.outcomes.wording import number, percent
from bowlby.reports.page import Card, Section, draw

ENDS_SAID = {
    "client": "left by the client", "agreed": "ended as agreed", "therapist": "by the therapist",
    "other": "otherwise", "": "still in therapy, or not said",
}  # fmt: skip
LOW = 0.70
HIDDEN = "Counts under 5 are not shown; where one alone would be hidden, a second one is, too."


def service_page(result: Any, *, command: str, version: str, label: str = "") -> OutcomePage:
    """The page.

    Args:
        result: An `outcomes.service.ServiceResult`.
        command: The command that made it.
        version: Version of bowlby.
        label: Banner text.
    """
    analysis = result.analysis
    warning = ""
    if result.completeness < LOW:
        warning = (
            f"Only {percent(result.completeness)} of clients have two scores. Below "
            f"{percent(LOW)} "
            "the outcome of the others decides what is true of the service: read nothing "
            "below as "
            "the service's result."
        )
    meta = (
        f"{analysis.yard.name} · {analysis.clients} clients · session {result.planned} "
        "planned · "
        f"bowlby {version}"
    )
    parts = [_outcome_part(result), _leaving_part(result), _dose_part(result),
             _therapists_part(result)]  # fmt: skip
    return OutcomePage(
        "service", "Outcomes of the service", meta, _story(result), _cards(result), warning, parts,
        _methods(result), (
            "Harville, D. A., & Fenech, A. P. (1985). Confidence intervals for a variance "
            "ratio, or "
            "for heritability, in an unbalanced mixed linear model. Biometrics, 41(1), "
            "137-152.",
            "Barkham, M., et al. (2006). Dose-effect relations and responsive regulation of "
            "treatment duration. Journal of Consulting and Clinical Psychology, 74(1), "
            "160-167.",
        ), command, label=label,
    )  # fmt: skip


def _story(result: Any) -> str:
    o = result.outcome
    told = [f"{percent(result.completeness)} of clients have a score before and after."]
    if o is not None:
        told.append(
            f"Of all who began, the mean score changes by {number(o.everyone)} points to "
            "session "
            f"{o.planned} (95 % interval {number(o.everyone - 1.96 * o.error)} to "
            f"{number(o.everyone + 1.96 * o.error)}), if those who left went on as their "
            "scores "
            "foretell."
        )
    t = result.therapists
    if t is not None:
        told.append(
            f"Therapists account for {percent(t.icc)} of the differences between clients "
            f"({percent(t.low)} to {percent(t.high)})."
        )
    return " ".join(told)


def _cards(result: Any) -> list[Card]:
    o, t = result.outcome, result.therapists
    cards = [Card(
        "Completeness", percent(result.completeness),
        "of clients have two scores"
        + (f"; of sessions up to each client's last, {percent(result.share_scored)} have one."
           if np.isfinite(result.share_scored) else "."),
    )]  # fmt: skip
    if o is not None:
        cards.append(Card(
            "Mean change of all who began", number(o.everyone),
            f"points to session {o.planned}. First to last score says {number(o.last_score)}, "
            f"those who completed {number(o.completers)}.",
        ))  # fmt: skip
    stay = result.stay
    cards.append(Card(
        f"Still there at session {result.planned}", percent(stay.share[-1]),
        f"95 % interval {percent(stay.low[-1])} to {percent(stay.high[-1])}; those who ended "
        "as "
        "agreed are not counted as leaving.",
    ))  # fmt: skip
    if t is not None:
        cards.append(Card(
            "Between therapists", percent(t.icc),
            f"of variance, 95 % interval {percent(t.low)} to {percent(t.high)}; "
            f"{t.therapists} therapists, {number(t.median_clients, 0)} clients each (median).",
        ))  # fmt: skip
    return cards


def _outcome_part(result: Any) -> Section:
    o = result.outcome
    if o is None:
        return Section("Outcome of all who began", f"Not estimated. {result.analysis.no_model}")
    tip = (
        "The conclusion that scores get better would fall if those who left did worse than "
        "their "
        f"scores foretell by {number(o.tipping, 2)} points at every session they missed."
        if np.isfinite(o.tipping)
        else "No shift of the unseen scores is needed to say: the interval holds 0 already, or "
        "nobody left."
    )
    drawing = draw(
        tipping_figure(o), "tipping", "Mean change by shift of unseen scores.",
        "The dot: those who left went on as their scores foretell. To the right: they did "
        "worse. "
        "Band: 95 % interval. Dashed: where the interval reaches no change.", is_narrow=True,
    )  # fmt: skip
    text = (
        f"{percent(o.left)} of clients have no score at session {o.planned}. Their level "
        "there is "
        "taken from the course model given their own scores (missing at random). Whether "
        "that is "
        f"right cannot be seen in the data. {tip}"
    )
    return Section("Outcome of all who began", text, [drawing])


def _leaving_part(result: Any) -> Section:
    drawing = draw(
        staying_figure(result.stay), "stay", "Share still in therapy.",
        "Kaplan-Meier with 95 % interval. Ends that were agreed are censored.", is_narrow=True,
    )  # fmt: skip
    rows = [
        [ENDS_SAID[r.ended_by].capitalize(),
         "under 5 or hidden" if np.isnan(r.clients) else str(int(r.clients))]
        for r in result.ends.itertuples()
    ]  # fmt: skip
    tables = [words_table("How therapies ended", ("", "clients"), rows, HIDDEN)]
    leaving = result.leaving
    if leaving.reason:
        text = f"Whether leaving follows scores cannot be told: {leaving.reason}."
    else:
        text = (
            "Leaving after a session, by the score there: an odds ratio above 1 means that "
            "those "
            "with higher scores (or rises) leave more often."
        )
        rows = [
            [r.predictor[0].upper() + r.predictor[1:], number(r.odds_ratio, 2),
             f"{number(r.low, 2)} to {number(r.high, 2)}", f"{r.p:.3f}"]
            for r in leaving.rows.itertuples()
        ]  # fmt: skip
        tables.append(
            words_table(
                "Does leaving follow the scores", ("", "odds ratio", "95 % interval", "p"), rows
            )
        )
    return Section("Staying and leaving", text, [drawing], tables)


def _dose_part(result: Any) -> Section:
    if not len(result.dose):
        return Section("By length of therapy", "Change could not be judged.")
    rows = [
        [f"{r.length} sessions",
         *("hidden" if np.isnan(x) else f"{x:.0f}" for x in (r.clients, r.improved)),
         percent(r.share) if np.isfinite(r.share) else "hidden",
         number(r.change_per_session, 2) if np.isfinite(r.change_per_session) else "hidden"]
        for r in result.dose.itertuples()
    ]  # fmt: skip
    table = words_table(
        "By length of therapy",
        ("", "clients", "reliably improved", "share", "change a session"), rows, HIDDEN,
    )  # fmt: skip
    return Section(
        "By length of therapy",
        "Who comes longer is not who was treated longer by lot: clients who get better soon "
        "end "
        "soon. A rising or falling share here says who stays, not how many sessions help.",
        tables=[table],
    )


def _therapists_part(result: Any) -> Section:
    t = result.therapists
    if t is None:
        return Section("Between therapists", f"Not estimated: {result.no_therapists}")
    many = int((t.table.reliability >= LOW).sum())
    needed = (
        "no number of clients"
        if not np.isfinite(t.needed)
        else f"{np.ceil(t.needed):.0f} clients"
    )
    text = (
        f"Given the score before, {percent(t.icc)} of the variance of scores after lies "
        "between "
        f"therapists (95 % interval {percent(t.low)} to {percent(t.high)}). A therapist's "
        "mean is "
        f"reliable enough to be spoken of (.70) with {needed}; {many} of {t.therapists} have "
        "that. "
        f"{int(t.table.is_apart.sum())} intervals leave 0 out. There are no names and no "
        "ranks: "
        "clients are not given to therapists by lot."
    )
    drawing = draw(
        therapists_figure(t.table), "therapists", "Deviations of therapists.",
        "Shrunken deviations of the score after from what the score before lets expect, with "
        "95 % "
        "intervals that include how unsure the variance between therapists is.", is_narrow=True,
    )  # fmt: skip
    return Section("Between therapists", text, [drawing])


def _methods(result: Any) -> list[str]:
    said = [
        "Mean change of all who began was estimated at the planned session from each client's "
        "scores by the course model (missing at random), with the uncertainty of its "
        "numbers, and "
        "again with unseen scores shifted by a constant a session (pattern mixture)."
    ]
    if result.therapists is not None:
        said.append(
            "Differences between therapists come from a mixed model of the score after on "
            "the score "
            "before with a random intercept of the therapist (REML); the interval of the "
            "intraclass "
            "correlation is exact under normality, and intervals of single therapists are "
            "averaged "
            "over it."
        )
    return said

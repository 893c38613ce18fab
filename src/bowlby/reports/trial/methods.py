"""The methods of a trial report."""

from collections.abc import Mapping
from typing import Any

from bowlby.reports.numbers import number
from bowlby.reports.trial.wording import arm_said, outcome_said

REFERENCES = (
    "Giesbrecht & Burns (1985). Biometrics 41, 477-486.",
    "Jacobson & Truax (1991). Journal of Consulting and Clinical Psychology 59, 12-19.",
    "Kaplan & Meier (1958). Journal of the American Statistical Association 53, 457-481.",
    "Roberts & Roberts (2005). Clinical Trials 2, 152-162.",
    "Schulz, Altman & Moher (2010). CONSORT 2010. BMJ 340, c332.",
    "Tang & DeRubeis (1999). Journal of Consulting and Clinical Psychology 67, 894-904.",
)


def methods_paragraphs(
    analysis: Mapping[str, Any], design: Mapping[str, Any]
) -> tuple[str, ...]:
    """What was done, in three paragraphs."""
    therapy, trial, change = design["therapy"], design["trial"], analysis["change"]
    life, history = design["life"], design["childhood"]["caregiver"]
    who = history if isinstance(history, str) else "given"
    whom = "a population of caregivers" if who == "population" else f"{who} caregivers"
    taking = (
        f"Clients grew up with {whom} and waited {life['waiting_weeks']} weeks; those with "
        f"an observed score of {number(trial['severity'], 1)} SD or more were randomised in "
        f"permuted blocks to {len(design['arms'])} arms of {trial['clients_per_arm']}. Each "
        f"treated arm had {trial['therapists_per_arm']} therapists of its own, who saw "
        f"{therapy['sessions']} sessions of {therapy['ticks']} turns of 10 s "
        f"({therapy['ticks'] / 6:.0f} minutes), with {life['ticks']} turns of life "
        f"between sessions and {life['follow_up_weeks']} weeks after the last."
    )
    blinded = (
        "Raters were blind to the arm."
        if analysis["blinded"]
        else "Raters were not blind: they scored every arm but "
        f"{arm_said(analysis['reference'])} lower by {number(analysis['bias'])} SD."
    )
    measured = (
        f"The main outcome is {outcome_said(analysis['primary']['outcome'])}, with the "
        f"measurement error of an observer. {blinded} Of the outcomes, "
        f"{100 * trial['missing']:.0f} % were lost at random; clients with an "
        "outcome were analysed in the arm they were allocated to, by restricted maximum "
        "likelihood with Satterthwaite's degrees of freedom. Contrasts with the reference are "
        f"tested at {analysis['alpha']:g}, with Holm's correction if there are several."
    )
    single = (
        "Reliable change is 1.96 \N{MULTIPLICATION SIGN} \N{SQUARE ROOT}2 times the "
        f"measurement error, {change['reliable_change']:.2f} SD. A sudden gain is a fall from "
        "one session to the next by more than reliable change and by a quarter of the distance "
        "from the population's mean, with the three sessions before and after different by a "
        "t-test (Tang & DeRubeis, with reliable change for their 7 points)."
    )
    return taking, measured, single

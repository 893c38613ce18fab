"""The methods of a trial report."""

from collections.abc import Mapping
from typing import Any

from bowlby.courses.course import therapists_said
from bowlby.courses.sections import Arm
from bowlby.reports.numbers import number
from bowlby.reports.trial.wording import arm_said, outcome_said, response_said

REFERENCES = (
    "Altman (1998). BMJ 317, 1309-1312.",
    "Bell & McCaffrey (2002). Survey Methodology 28(2), 169-181.",
    "Giesbrecht & Burns (1985). Biometrics 41, 477-486.",
    "ICH (2019). E9(R1) Addendum on estimands and sensitivity analysis in clinical trials.",
    "Jacobson & Truax (1991). Journal of Consulting and Clinical Psychology 59, 12-19.",
    "Kaplan & Meier (1958). Journal of the American Statistical Association 53, 457-481.",
    "Lan & DeMets (1983). Biometrika 70, 659-663.",
    "Murphy (2005). Statistics in Medicine 24, 1455-1481.",
    "Nahum-Shani et al. (2012). Psychological Methods 17, 457-477.",
    "Newcombe (1998). Statistics in Medicine 17, 873-890.",
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
        f"an observed score of {number(trial['severity'], 1)} SD or more were randomised. "
        f"{' '.join([_randomised(analysis, trial), *_therapists(design)])} Therapists saw "
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
        f"measurement error of an observer. {blinded} {_lost(trial)} {_estimand(analysis)} "
        f"{_analysed(trial)} Contrasts with the "
        "reference are "
        f"tested at {analysis['alpha']:g}, with Holm's correction if there are several; other "
        f"outcomes and contrasts are not corrected and describe.{_looked(analysis, trial)}"
    )
    single = (
        "Reliable change is 1.96 \N{MULTIPLICATION SIGN} \N{SQUARE ROOT}2 times the "
        f"measurement error, {change['reliable_change']:.2f} SD. A sudden gain is a fall from "
        "one session to the next by more than reliable change and by a quarter of the distance "
        "from the population's mean, with the three sessions before and after different by a "
        "t-test (Tang & DeRubeis, with reliable change for their 7 points)."
    )
    return taking, measured, single


def _randomised(analysis: Mapping[str, Any], trial: Mapping[str, Any]) -> str:
    arms = analysis["flow"]["arms"]
    sizes = ", ".join(f"{arm_said(arm['arm'])} {arm['allocated']}" for arm in arms)
    factors = ", ".join(name.replace("_", " ") for name in trial["strata"])
    how = {
        "blocks": "in permuted blocks of random length"
        + (f" within strata of {factors}" if factors else ""),
        "minimisation": f"by minimisation over {factors} (best arm with probability .8)",
        "simple": "by lot alone",
        "therapists": "through their therapists, who were randomised",
    }[trial["randomisation"]]
    if trial["steps"]:
        how = (
            f"in a stepped wedge: therapists changed from {arm_said(analysis['reference'])} to "
            f"the other arm at {trial['steps']} steps, in an order drawn by lot"
        )
    shared = trial["steps"] or trial["therapists"] == "crossed"
    who = (
        f"{trial['therapists_per_arm']} therapists worked in all arms with sessions."
        if shared
        else f"Each arm with sessions had {trial['therapists_per_arm']} therapists of its own."
    )
    sites = f" There were {trial['sites']} sites." if trial["sites"] > 1 else ""
    recruited = analysis["recruitment"]
    weeks = (
        f" Recruiting {recruited['per_week']:g} a week took {recruited['weeks']:.0f} weeks."
        if recruited["per_week"]
        else ""
    )
    return f"They were allocated {how} ({sizes}). {who}{sites}{weeks}{_again(analysis)}"


def _therapists(design: Mapping[str, Any]) -> list[str]:
    return therapists_said([Arm(**arm) for arm in design["arms"]])


def _again(analysis: Mapping[str, Any]) -> str:
    stage = analysis["second_stage"]
    if not stage:
        return ""
    return (
        f" Who was still in therapy after session {stage['session']} and had not responded "
        f"({response_said(stage)}) was randomised again among the options of the arm, in "
        "permuted blocks drawn beforehand, and stayed with the same therapist."
    )


def _analysed(trial: Mapping[str, Any]) -> str:
    if trial["second_stage"]:
        return (
            "Regimes were compared by weighting clients by the inverse of the chance of what "
            "was drawn for them, with a row for each regime a client is consistent with "
            "(Nahum-Shani et al., 2012), errors robust within therapists and degrees of "
            "freedom for few of them (Bell & McCaffrey, 2002)."
        )
    return (
        "Clients were analysed in the arm they were allocated to, by restricted maximum "
        "likelihood with Satterthwaite's degrees of freedom; the variance between therapists "
        "may come out below 0, which keeps the level with few of them."
    )


def _lost(trial: Mapping[str, Any]) -> str:
    causes = [name.replace("_", " ") for name, slope in trial["missing_by"].items() if slope]
    share = f"Of the outcomes, {100 * trial['missing']:.0f} % were lost"
    if not causes:
        return f"{share} completely at random."
    not_seen = " (not at random)" if trial["missing_by"]["outcome"] else " (at random given it)"
    return f"{share}, depending on {' and '.join(causes)}{not_seen}."


def _estimand(analysis: Mapping[str, Any]) -> str:
    return {
        "treatment_policy": "Leaving therapy is dealt with by treatment policy: outcomes count "
        "whether or not clients left.",
        "hypothetical": "Leaving therapy is dealt with hypothetically: outcomes of those who "
        f"left were imputed {analysis['primary']['imputations']} times, as if they had stayed "
        "and went on like others of their arm with the same scores.",
        "while_on_treatment": "Leaving therapy is dealt with while on treatment: of those who "
        "left, the last four weekly scores before it count.",
    }[analysis["primary"]["estimand"]]


def _looked(analysis: Mapping[str, Any], trial: Mapping[str, Any]) -> str:
    if not analysis["monitoring"]:
        return ""
    looks = ", ".join(f"{100 * share:.0f} %" for share in trial["looks"])
    return f" There were interim looks at {looks} of the clients, with Lan-DeMets bounds."

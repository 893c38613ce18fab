"""The `[trial]` section: a course whose arms are randomised and compared."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field

from bowlby.courses.messages import nearest
from bowlby.courses.protocols import PROTOCOLS
from bowlby.courses.sections import Section, number, whole

if TYPE_CHECKING:
    from bowlby.courses.course import Course

OUTCOMES = (
    "internalising_after", "internalising_follow_up", "externalising_after",
    "externalising_follow_up",
)  # fmt: skip
"""What a trial can be decided by; the first is the default."""

OBSERVER_BIAS = 0.23
"""Exaggeration by unblinded raters (SD).

Source:
    Hróbjartsson et al. (2013), CMAJ 185(4), E201-E211: difference in standardised mean
    differences between unblinded and blinded assessors of the same trials.
"""

CLASSES = ("pattern", "site")
SCORES = ("internalising_before", "externalising_before", "anxiety", "avoidance")
STRATA = (*CLASSES, *SCORES)
"""What is known of a client before randomisation."""

MOST_LOST = 3
"""Outcomes that an arm must be expected to have."""

_LEAST_WEEKS = 4
"""Weeks that a score is the mean of: before therapy, at a second stage, and of follow-up."""


class MissingSection(Section):
    """On what it depends whose outcome is lost: log odds, of scores per standard deviation.

    `baseline`, `last_score`, `alliance`, `left` and `treated` are seen, so that outcomes are
    missing at random given them; `outcome` is not seen, and outcomes are then missing not at
    random.
    """

    baseline: float = number(0.0, -5.0, 5.0, "log odds per SD", "score before therapy")
    last_score: float = number(0.0, -5.0, 5.0, "log odds per SD", "last score of a session")
    alliance: float = number(0.0, -5.0, 5.0, "log odds per SD", "client's rating")
    left: float = number(0.0, -5.0, 5.0, "log odds", "having left therapy")
    treated: float = number(0.0, -5.0, 5.0, "log odds", "being in another arm than reference")
    outcome: float = number(0.0, -5.0, 5.0, "log odds per SD", "the outcome that is lost")


class SecondStageSection(Section):
    """A sequential (SMART) design: who has not responded is randomised again.

    Source:
        Murphy (2005), Statistics in Medicine 24, 1455-1481. Nahum-Shani et al. (2012),
        Psychological Methods 17, 457-477.
    """

    session: Annotated[int, whole(_LEAST_WEEKS, 500)]
    """After which session it is looked who has responded."""
    response: Literal["fall", "score"] = "fall"
    """What is looked at: the fall of the last four weekly scores since before, or those scores
    themselves."""
    criterion: float = number(
        0.8, -3.0, 5.0, "SD", "least fall of who has responded, or highest score"
    )
    options: dict[str, tuple[str, ...]]
    """Protocols that those who have not responded go on with, drawn by lot, for each arm; an
    arm that is not named goes on as it began."""


class TrialSection(Section):
    """How many are randomised, who can take part, how it is decided."""

    clients_per_arm: Annotated[int, whole(4, 100_000)] = 50
    therapists_per_arm: Annotated[int, whole(1, 10_000)] = 5
    severity: float = number(0.5, -10.0, 5.0, "SD", "lowest observed score before therapy")
    primary: Literal[
        "internalising_after",
        "internalising_follow_up",
        "externalising_after",
        "externalising_follow_up",
    ] = "internalising_after"
    blinded: Annotated[bool, Field(strict=True)] = True
    bias: float = number(
        OBSERVER_BIAS,
        0.0,
        2.0,
        "SD",
        "by how much raters who know favour other arms",
    )
    missing: float = number(0.0, 0.0, 0.8, "share", "outcomes lost at random")
    alpha: float = number(0.05, 0.0001, 0.5, "probability", "level of the tests")
    reference: str = ""
    """The arm that others are compared with; by default the first waiting list, else the
    first arm."""
    allocation: tuple[Annotated[int, whole(1, 20)], ...] = ()
    """How many of an arm for how many of the others, in the order of the arms, as 2 to 1;
    `clients_per_arm` is the size of an arm with 1."""
    randomisation: Literal["blocks", "minimisation", "simple", "therapists"] = "blocks"
    """Of clients in permuted blocks of random length, by minimisation, by lot alone; or of
    therapists, whose clients follow them."""
    strata: dict[str, tuple[Annotated[float, Field(strict=True)], ...]] = Field(
        default_factory=dict
    )
    """What randomisation is balanced for: a score with the values that divide it, or a class
    (`pattern`, `site`) without any."""
    therapists: Literal["nested", "crossed"] = "nested"
    """Whether therapists work in one arm, or each in all arms with sessions."""
    sites: Annotated[int, whole(1, 200)] = 1
    site_sd: float = number(0.0, 0.0, 2.0, "SD", "how far raters of sites differ")
    recruited_per_week: float = number(
        0.0, 0.0, 10_000.0, "1/week", "clients randomised a week; 0 for all at once"
    )
    steps: Annotated[int, whole(0, 50)] = 0
    """Steps of a stepped wedge, in which therapists change from the reference to the other
    arm; 0 for none."""
    second_stage: SecondStageSection | None = None
    missing_by: MissingSection = MissingSection()
    estimand: Literal["treatment_policy", "hypothetical", "while_on_treatment"] = (
        "treatment_policy"
    )
    """How leaving therapy is dealt with (ICH E9 R1)."""
    looks: tuple[Annotated[float, Field(gt=0.0, lt=1.0, strict=True)], ...] = ()
    """Interim looks, as shares of the clients."""
    spending: Literal["obrien_fleming", "pocock"] = "obrien_fleming"
    """How looks spend the level."""
    planned_difference: float = number(
        0.0, 0.0, 5.0, "SD of outcome", "difference the trial is planned for; 0 if none"
    )
    planned_power: float = number(0.8, 0.1, 0.999, "probability", "power it is planned for")


def trial_of(course: "Course") -> TrialSection:
    """The `[trial]` section of a course.

    Raises:
        ValueError: If it has none.
    """
    if course.trial is None:
        raise ValueError(
            "the course has no [trial] section; add one, e.g. with clients_per_arm = 50"
        )
    return course.trial


def arm_names(course: "Course") -> list[str]:
    """Names of the arms."""
    return [arm.label for arm in course.arms]


def treated_arms(course: "Course") -> list[bool]:
    """Which arms have sessions."""
    return [arm.protocol != "waiting_list" for arm in course.arms]


def reference_arm(course: "Course") -> str:
    """The arm that the others are compared with."""
    if course.trial and course.trial.reference:
        return course.trial.reference
    pairs = zip(arm_names(course), treated_arms(course), strict=True)
    return next((name for name, treated in pairs if not treated), arm_names(course)[0])


def allocation_of(course: "Course") -> tuple[int, ...]:
    """How many clients of each arm for how many of the others."""
    return trial_of(course).allocation or (1,) * len(course.arms)


class Regime(NamedTuple):
    """What a client is offered from the start: an arm, and what follows without response.

    Attributes:
        name: As reports say it.
        arm: Name of the arm.
        option: Number of the arm's option; -1 where it has none.
    """

    name: str
    arm: str
    option: int


def regimes_of(course: "Course") -> list[Regime]:
    """The regimes that a trial holds, in the order of arms and options."""
    stage = trial_of(course).second_stage
    found: list[Regime] = []
    for arm in arm_names(course):
        options = stage.options.get(arm, ()) if stage else ()
        found += [Regime(f"{arm}, else {what}", arm, i) for i, what in enumerate(options)]
        found += [] if options else [Regime(arm, arm, -1)]
    return found


def with_trial_defaults(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """In a trial, therapists are drawn from their population unless an arm says otherwise."""
    arms = content.get("arms")
    if not isinstance(content.get("trial"), Mapping) or not isinstance(arms, list | tuple):
        return content
    told = [
        {"therapist": "population"} | dict(arm) if isinstance(arm, Mapping) else arm
        for arm in arms
    ]
    return {**content, "arms": told}


def check_trial(course: "Course") -> None:
    """The trial of a course can be run.

    Raises:
        ValueError: If it cannot; the message says why and what to do.
    """
    trial = course.trial
    if trial is None:
        return
    names = arm_names(course)
    if len(names) < 2:
        raise ValueError("a trial needs at least two [[arms]]")
    if trial.reference and trial.reference not in names:
        raise ValueError(
            f"trial.reference: no arm {trial.reference!r}{nearest(trial.reference, names)}"
        )
    if trial.therapists_per_arm > trial.clients_per_arm:
        raise ValueError(
            f"trial.therapists_per_arm = {trial.therapists_per_arm} is more than "
            f"clients_per_arm = {trial.clients_per_arm}; some would have nobody to see"
        )
    _check_randomisation(course, trial)
    _check_analysis(course, trial)
    _check_lengths(course, trial)
    for said in _second_stage_faults(course, trial):
        raise ValueError(f"trial.second_stage{said}")


def _check_randomisation(course: "Course", trial: TrialSection) -> None:
    names = arm_names(course)
    if trial.allocation and len(trial.allocation) != len(names):
        raise ValueError(
            f"trial.allocation has {len(trial.allocation)} numbers for {len(names)} arms"
        )
    for name, cuts in trial.strata.items():
        if name not in STRATA:
            raise ValueError(f"trial.strata: no {name!r}{nearest(name, STRATA)}")
        if (name in CLASSES) == bool(cuts):
            needs = "has classes: give []" if cuts else "is a score: give values, as [1.0]"
            raise ValueError(f"trial.strata.{name} {needs}")
        if not all(map(isfinite, cuts)) or list(cuts) != sorted(set(cuts)):
            raise ValueError(
                f"trial.strata.{name}: give values that divide it from small to large, as "
                "[0.5, 1.5]"
            )
    if "site" in trial.strata and trial.sites == 1:
        raise ValueError("trial.strata.site: there is one site; set trial.sites")
    if trial.therapists_per_arm < trial.sites:
        raise ValueError(
            f"trial.sites = {trial.sites} is more than therapists_per_arm = "
            f"{trial.therapists_per_arm}; some would have no therapist"
        )
    if trial.strata and trial.randomisation in ("simple", "therapists"):
        raise ValueError(
            f"trial.strata are not balanced by randomisation = {trial.randomisation!r}; use "
            '"blocks" or "minimisation", or leave them out'
        )
    if trial.randomisation == "minimisation" and not trial.strata:
        raise ValueError(
            "trial.randomisation = 'minimisation' needs trial.strata to balance, as "
            "strata = { internalising_before = [1.0] }"
        )
    of_therapists = trial.steps or trial.randomisation == "therapists"
    if not of_therapists:
        return
    what = "trial.steps" if trial.steps else "trial.randomisation = 'therapists'"
    if not all(treated_arms(course)):
        raise ValueError(f"{what}: nobody on a waiting list has a therapist; leave it out")
    if trial.allocation or trial.strata:
        raise ValueError(f"{what}: allocation and strata are of clients; leave them out")
    if trial.steps and (len(names) != 2 or trial.sites > 1):
        raise ValueError("trial.steps: a stepped wedge has two arms and one site")
    if trial.steps > trial.therapists_per_arm:
        raise ValueError(
            f"trial.steps = {trial.steps} is more than therapists_per_arm = "
            f"{trial.therapists_per_arm}; each step needs a therapist who changes"
        )


def _second_stage_faults(course: "Course", trial: TrialSection) -> Iterator[str]:
    """Why a sequential design cannot be run."""
    stage = trial.second_stage
    if stage is None:
        return
    # A week is lived before its session, so the last session changes no outcome at the end.
    latest = course.therapy.sessions - 2
    if stage.session > latest:
        yield (
            f".session = {stage.session}: therapy has {course.therapy.sessions} sessions, so "
            "that no week is left that a second stage could change; "
            + (f"use {_LEAST_WEEKS} to {latest}, or " if latest >= _LEAST_WEEKS else "")
            + f"set therapy.sessions to {stage.session + 2} or more"
        )
    with_sessions = [
        n for n, t in zip(arm_names(course), treated_arms(course), strict=True) if t
    ]
    known = [name for name in (*PROTOCOLS, *course.protocols) if name != "waiting_list"]
    if not stage.options:
        yield f'.options: name an arm, as options = {{ "{with_sessions[0]}" = ["cold", ...] }}'
    for arm, options in stage.options.items():
        where = f".options.{arm}"
        if arm not in arm_names(course):
            yield f"{where}: no arm {arm!r}{nearest(arm, arm_names(course))}"
        if arm not in with_sessions:
            yield f"{where}: nobody on a waiting list has a therapy to go on with; leave it out"
        if len(options) < 2:
            yield f"{where}: a lot needs two options or more; give them, or leave the arm out"
        if len(set(options)) < len(options):
            yield f"{where}: an option is named twice"
        for name in options:
            if name not in known:
                yield f"{where}: no protocol {name!r} with sessions{nearest(name, known)}"
        least = len(options) * MOST_LOST
        if trial.clients_per_arm < least:
            yield (
                f"{where}: {trial.clients_per_arm} clients are too few for {len(options)} "
                f"options; set trial.clients_per_arm to {least} or more"
            )
    for name, is_set in (("steps", trial.steps), ("looks", trial.looks)):
        if is_set:
            yield f" and trial.{name} exclude each other; leave one out"
    if trial.estimand == "hypothetical":
        yield ' is analysed by weighting; use estimand = "treatment_policy"'


def _check_analysis(course: "Course", trial: TrialSection) -> None:
    if trial.looks and len(course.arms) != 2:
        raise ValueError("trial.looks: interim looks are at two arms")
    if trial.looks and trial.steps:
        raise ValueError(
            "trial.looks: early clients of a stepped wedge are controls; leave looks out"
        )
    if list(trial.looks) != sorted(set(trial.looks)):
        raise ValueError("trial.looks: give shares from small to large, as [0.5, 0.75]")
    early = (
        trial.looks[0] * trial.clients_per_arm * (1.0 - trial.missing)
        if trial.looks
        else MOST_LOST
    )
    if early < MOST_LOST:
        raise ValueError(
            f"trial.looks = {trial.looks[0]:g} is at about {early:.1f} outcomes in an arm; an "
            f"analysis needs {MOST_LOST} or more"
        )
    if trial.estimand != "treatment_policy" and trial.primary != OUTCOMES[0]:
        raise ValueError(
            f"trial.estimand = {trial.estimand!r} rests on weekly scores of internalising "
            f'symptoms; use primary = "{OUTCOMES[0]}" or estimand = "treatment_policy"'
        )
    if any(trial.missing_by.model_dump().values()) and trial.missing == 0.0:
        raise ValueError("trial.missing_by says whose outcome is lost; set trial.missing too")
    smallest = trial.clients_per_arm * (1.0 - trial.missing)
    if smallest < MOST_LOST:
        raise ValueError(
            f"trial.missing = {trial.missing:g} leaves about {smallest:.0f} outcomes in an arm "
            f"of {trial.clients_per_arm}; an analysis needs {MOST_LOST} or more"
        )


def _check_lengths(course: "Course", trial: TrialSection) -> None:
    if course.kind != "therapy":
        raise ValueError('a trial is about therapy; leave kind = "childhood" out')
    if course.synchrony is not None:
        raise ValueError(
            "a trial measures no synchrony; leave [synchrony] out, or run the course without "
            "[trial] by `bowlby simulate`"
        )
    lengths = {
        "therapy.sessions": course.therapy.sessions,
        "life.waiting_weeks": course.life.waiting_weeks,
    }
    for name, length in lengths.items():
        if length < _LEAST_WEEKS:
            raise ValueError(f"{name} = {length}: a trial needs {_LEAST_WEEKS} or more")
    weeks = course.life.follow_up_weeks
    if trial.primary.endswith("follow_up") and weeks < _LEAST_WEEKS:
        raise ValueError(
            f"trial.primary = {trial.primary!r} is the mean of the last four weeks of "
            "follow-up; set life.follow_up_weeks to 4 or more"
        )

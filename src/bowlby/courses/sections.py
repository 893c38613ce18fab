"""Sections of a course; those of people and populations are made from the theory."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from bowlby.courses.messages import nearest
from bowlby.courses.protocols import PROTOCOLS
from bowlby.theory.arousal import Arousal
from bowlby.theory.constitution import STANDING
from bowlby.theory.contact import Contact
from bowlby.theory.declared import Declaration, declarations
from bowlby.theory.intervention_rows import COLUMNS, WORDS
from bowlby.theory.interventions import built_in
from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
from bowlby.theory.populations import TRAINED, CaregiverPopulation
from bowlby.theory.regulation import critical_gain
from bowlby.theory.vocabulary import ATTUNED

Propensity = float | tuple[float, float, float, float]


def number(default: float | None, low: float, high: float, unit: str, meaning: str) -> Any:
    """A number of a section, with range, unit and meaning."""
    return Field(
        default, ge=low, le=high, strict=True, description=meaning,
        json_schema_extra={"unit": unit},
    )  # fmt: skip


def whole(low: int, high: int, **more: Any) -> Any:
    """A whole number of a section."""
    return Field(ge=low, le=high, strict=True, **more)


class Section(BaseModel):
    """A section: nothing unknown in it, nothing changed after it was checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _declared(name: str, doc: str, *modules: type, **more: Declaration) -> Any:
    """A section with the declared numbers of modules."""
    declared = {k: d for module in modules for k, d in declarations(module).items()} | more
    fields: Any = {
        k: (float, number(d.value, d.low, d.high, d.unit, d.meaning))
        for k, d in declared.items()
    }
    return create_model(name, __base__=Section, __doc__=doc, **fields)


REACTIVITY_SD = Declaration(
    0.3, 0.0, 1.0, "ln", "how far responses to events differ", "ours: temperaments differ"
)

_ClientNumbers = _declared(
    "_ClientNumbers", "", RelationalMind, CareSeeker, reactivity_sd=REACTIVITY_SD
)
_PopulationNumbers = _declared("_PopulationNumbers", "", CaregiverPopulation)
_FigureNumbers = _declared("_FigureNumbers", "", AttachmentFigure)


class ClientSection(_ClientNumbers):
    """Parameters of the care-seeker: child, later client."""


class PopulationSection(_PopulationNumbers):
    """Distribution of caregivers."""


class FigureSection(_FigureNumbers):
    """Parameters of a caregiver or therapist; what is left out keeps its default."""

    @model_validator(mode="after")
    def _is_stable(self) -> Self:
        pull, recovery_s = Contact().regulation[ATTUNED], Arousal().recovery_s
        strength = pull * self.gain
        if self.latency_s > 0.0:
            limit = critical_gain(recovery_s, self.latency_s)
            if strength > limit:
                raise ValueError(
                    f"gain={self.gain:g} with latency_s={self.latency_s:g} is unstable: the "
                    f"pull of an attuned answer is {pull:g} x gain = {strength:.2f}/s, and "
                    f"beyond {limit:.3f}/s the pair oscillates without end. Use a gain of at "
                    f"most {limit / pull:.2f} or a shorter latency"
                )
        return self


CaregiverName = Literal[
    "population", "sensitive", "rejecting", "inconsistent", "frightening", "institution"
]
TherapistName = Literal["population", "average", "skilled", "clumsy"]
Caregiver = CaregiverName | FigureSection


class ChildhoodSection(Section):
    """The first four years; with `placed_after`, the first of them with `earlier` on shift.

    With `second`, another caregiver is at home, with whom a share of the encounters is spent.
    With `assessed_after`, there is a Strange Situation after so many encounters too, and
    caregivers drawn from the population then change as far as `stability` is below 1.
    """

    caregiver: Caregiver = "population"
    """Who raises the child: drawn, by name, or a section."""
    earlier: Caregiver = "institution"
    """Who cared before, on shift."""
    placed_after: Annotated[int, whole(0, 200)] = 0
    """Encounters before the child comes to its caregiver; 0 for none."""
    second: Caregiver | None = None
    """A second caregiver at home."""
    second_share: float = number(
        0.3, 0.05, 0.5, "share", "encounters with the second caregiver"
    )
    population: PopulationSection = PopulationSection()
    """Distribution of caregivers."""
    assessed_after: Annotated[int, whole(0, 199)] = 0
    """Encounters before a first Strange Situation; 0 for none."""
    stability: float = number(1.0, 0.0, 1.0, "r", "a caregiver's channels, before with after")
    encounters: Annotated[int, whole(1, 200)] = 10
    """Encounters over four years."""
    ticks: Annotated[int, whole(50, 2000, multiple_of=50)] = 300
    """Length of each (10 s)."""
    generations: Annotated[int, whole(1, 4)] = 1
    """Generations: those who grew up raise the next."""
    siblings: Annotated[int, whole(1, 8)] = 1
    """Children of each family, one after the other: they share home and parents."""

    @model_validator(mode="after")
    def _can_be_assessed_twice(self) -> Self:
        if self.assessed_after >= self.encounters:
            raise ValueError(
                f"assessed_after={self.assessed_after} leaves no encounter before the second "
                f"assessment: there are {self.encounters}"
            )
        if self.second is not None and (self.placed_after or self.assessed_after):
            raise ValueError(
                "second is a caregiver who is at home throughout: leave out placed_after and "
                "assessed_after, or second"
            )
        if self.siblings > 1 and self.generations > 1:
            raise ValueError(
                f"siblings={self.siblings} grow up with caregivers who are drawn, not with "
                "those who grew up: leave out siblings or generations"
            )
        if self.stability < 1.0 and not (
            self.assessed_after and self.caregiver == "population" and self.generations == 1
        ):
            raise ValueError(
                f"stability={self.stability:g} is about caregivers between two assessments: "
                'it needs assessed_after, caregiver = "population" and one generation'
            )
        return self


class YouthSection(Section):
    """School and adolescence, from four to eighteen: at home, with teachers, with a friend.

    Without encounters the years between childhood and adult life are an average
    (`[theory.years_between]`). At home is the (first) caregiver;
    teachers and friend are drawn unless they are given.
    """

    encounters: Annotated[int, whole(0, 200)] = 0
    """Encounters over fourteen years, as long as those of childhood; 0 for none."""
    teacher: Caregiver = "population"
    """Who teaches: others one after the other, by name, or a section."""
    friend: Caregiver = "population"
    """The friend: drawn as partners are, by name, or a section."""


class MeasureSection(Section):
    """How a score is observed where it is not as usual; what is left out stays."""

    method: str = ""
    """Such as `self-report`."""
    informant: str = ""
    """Who reports, or whose body it is."""
    reliability: float | None = number(None, 0.0, 1.0, "share", "what is not error")
    occasion_share: float | None = number(None, 0.0, 1.0, "share", "what belongs to the day")
    method_share: float | None = number(None, 0.0, 1.0, "share", "what belongs to the method")
    spread: float | None = number(None, 0.0, 1e6, "unit", "SD of the latent quantity")
    low: float | None = None
    """Floor of the scale."""
    high: float | None = None
    """Its ceiling."""
    step: float | None = number(None, 0.0, 1e6, "unit", "size of a step of the scale")

    @property
    def given(self) -> dict[str, float | str]:
        """What is said."""
        return {name: value for name, value in self if value not in (None, "")}


def _known(given: dict[str, float], what: str, known: Sequence[str]) -> dict[str, float]:
    """What is given by name, if every name is known."""
    for name in given:
        if name not in known:
            raise ValueError(f"no {what} {name!r}{nearest(name, known)}")
    return given


class RecruitingSection(Section):
    """Whom a study takes; what is left out is as in the population.

    `dyads` people are met and wait; of them those who are `ill` in the last week of waiting
    and whose observed symptoms are at least `severity` go on, the others are left out.
    `standing` is constitution by trait, and `load` what life brings, in standard deviations
    from the population's mean.
    """

    ill: Annotated[bool, Field(strict=True)] = False
    """Only people in an episode of illness."""
    severity: float | None = number(
        None, -5.0, 5.0, "SD", "lowest observed symptoms before therapy"
    )
    load: float = number(0.0, -3.0, 3.0, "SD", "what life brings them, from childhood on")
    standing: dict[str, Annotated[float, Field(ge=-3.0, le=3.0, strict=True)]] = {}
    """Constitution by trait (SD from the mean)."""

    @field_validator("standing")
    @classmethod
    def _known_traits(cls, value: dict[str, float]) -> dict[str, float]:
        return _known(value, "trait", STANDING)

    @property
    def chooses(self) -> bool:
        """Whether some of those who are met are left out."""
        return self.ill or self.severity is not None


class LifeSection(Section):
    """Adult life around the therapy."""

    waiting_weeks: Annotated[int, whole(0, 200)] = 12
    """Weeks of adult life before the first session."""
    ticks: Annotated[int, whole(50, 1000, multiple_of=50)] = 100
    """Length of the time lived in a week (10 s)."""
    follow_up_weeks: Annotated[int, whole(0, 300)] = 10
    """Weeks after the last session."""
    partner_quality: float = number(0.0, -3.0, 3.0, "SD", "how good partners in life are")
    stress: dict[int, Annotated[float, Field(ge=0.0, le=10.0, strict=True)]] = {}
    """Week (0: that of the first session) to its load, relative to an ordinary one."""


class CoupleSection(Section):
    """A couple, or a group of three: grown people who are each other's attachment figure.

    Two meet once a week; of three each pair meets once a week, while the third is alone. They
    are of one household: what life brings to it, it brings to all.
    """

    members: Literal[2, 3] = 2
    """People of each household."""
    weeks: Annotated[int, whole(1, 300)] = 20
    """Weeks of adult life that are lived together."""
    ticks: Annotated[int, whole(50, 1000, multiple_of=50)] = 100
    """Length of the time that two of them spend together in a week (10 s)."""
    assortment: float = number(
        0.0, 0.0, 0.95, "r", "correlation of their constitutions, and of those who raised them"
    )
    raised_by: tuple[Caregiver, ...] = ()
    """Who raised each member; `childhood.caregiver` raised all if left out."""
    apart: tuple[Annotated[int, Field(strict=True)], ...] = ()
    """Weeks (from 0) in which they are apart: nobody is there, and nobody expected."""
    stress: dict[int, Annotated[float, Field(ge=0.0, le=10.0, strict=True)]] = {}
    """Week (from 0) to its load, relative to an ordinary one."""

    @field_validator("members", mode="before")
    @classmethod
    def _are_counted(cls, value: Any) -> Any:
        if isinstance(value, bool) or value not in (2, 3):
            raise ValueError(f"a couple has 2 members and a group 3, got {value!r}")
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.raised_by and len(self.raised_by) != self.members:
            raise ValueError(
                f"raised_by names who raised each of {self.members} members, got "
                f"{len(self.raised_by)}"
            )
        for name, weeks in (("apart", self.apart), ("stress", tuple(self.stress))):
            beyond = [week for week in weeks if not 0 <= week < self.weeks]
            if beyond:
                raise ValueError(
                    f"{name} names week {beyond[0]}, but the weeks are 0 to {self.weeks - 1}"
                )
        return self


class TherapySection(Section):
    """The therapy."""

    sessions: Annotated[int, whole(0, 500)] = 30
    """Weekly sessions."""
    ticks: Annotated[int, whole(50, 1000, multiple_of=50)] = 300
    """Length of each (10 s; 300 is fifty minutes)."""
    switch_session: Annotated[int, whole(1, 500)] = 16
    """First session of a protocol's late half."""
    breaks: tuple[Annotated[int, Field(strict=True)], ...] = ()
    """Sessions that do not take place."""
    announced: Annotated[bool, Field(strict=True)] = True
    """Whether breaks and the ending are spoken of."""
    falters: Annotated[bool, Field(strict=True)] = False
    """Whether the last third falters."""
    may_leave: Annotated[bool, Field(strict=True)] = True
    """Whether clients can leave."""
    skill_sd: float = number(0.7, 0.0, 3.0, "1", "how far a population's therapists differ")
    depth: Literal[1, 2, 3] = 2
    """Actions looked ahead."""

    @model_validator(mode="after")
    def _leaves_sessions(self) -> Self:
        outside = [b for b in self.breaks if not 1 <= b <= self.sessions]
        if outside:
            raise ValueError(
                f"breaks names session {outside[0]}, but there are {self.sessions}"
            )
        twice = sorted({b for b in self.breaks if self.breaks.count(b) > 1})
        if twice:
            raise ValueError(f"breaks names session {twice[0]} twice")
        if self.breaks and len(self.breaks) == self.sessions:
            raise ValueError(
                f"breaks names all {self.sessions} sessions, so that none takes place; leave "
                'some, or use the protocol "waiting_list"'
            )
        return self


class Arm(Section):
    """One arm: the same clients in every arm."""

    name: str = ""
    """Its name; that of the protocol if left out."""
    protocol: str = "attachment_informed"
    therapist: TherapistName | FigureSection = "average"
    training: dict[str, Annotated[float, Field(ge=-3.0, le=3.0, strict=True)]] = {}
    """What drawn therapists were trained in, by skill (`mentalising`, `latency_s`, `repair`,
    `recovery`): standard deviations of therapists that were gained."""
    feedback: Annotated[bool, Field(strict=True)] = False
    """Whether therapists are told before each session how the client rates trust."""

    @property
    def label(self) -> str:
        """What the arm is called: its own name, or its protocol's."""
        return self.name or self.protocol

    @field_validator("training")
    @classmethod
    def _known_skills(cls, value: dict[str, float]) -> dict[str, float]:
        return _known(value, "skill", TRAINED)

    @model_validator(mode="after")
    def _has_therapists(self) -> Self:
        if self.training and self.therapist != "population":
            raise ValueError(
                'training is of therapists who are drawn: use therapist = "population", or '
                "give the trained therapist as a section"
            )
        if self.protocol == "waiting_list" and (self.training or self.feedback):
            raise ValueError(
                "nobody is seen on a waiting list: leave out training and feedback"
            )
        return self


class ProtocolSection(Section):
    """A protocol of one's own: propensities before and after the switch."""

    early: dict[str, Propensity]
    late: dict[str, Propensity] = {}

    @field_validator("early", "late", mode="before")
    @classmethod
    def _are_shares(cls, value: Any, info: ValidationInfo) -> Any:
        if value == {} and info.field_name == "late":
            return value  # As `early`; so run.json holds it.
        if not isinstance(value, dict):
            raise ValueError(f"a table of interventions is expected, got {value!r}")
        if not value:
            raise ValueError("names no intervention; give at least one a share")
        numbers = {name: _four(name, weight) for name, weight in value.items()}
        for state, shares in zip(_STATES, zip(*numbers.values(), strict=True), strict=True):
            if sum(shares) <= 0.0:
                raise ValueError(
                    f"all shares are 0 when the client is {state}: nothing could be done then"
                )
        return value


_STATES = (
    "calm and distrusting", "calm and trusting", "distressed and distrusting",
    "distressed and trusting",
)  # fmt: skip


def _four(name: str, weight: Any) -> tuple[float, ...]:
    """The four propensities of an intervention, checked."""
    numbers = weight if isinstance(weight, list | tuple) else (weight,) * 4
    if len(numbers) != 4 or any(
        isinstance(n, bool) or not isinstance(n, int | float) for n in numbers
    ):
        raise ValueError(f"{name}: one number or four are expected, got {weight}")
    if any(not 0.0 <= n <= 1.0 for n in numbers):
        raise ValueError(f"{name}: a propensity is 0 to 1, got {weight}")
    return tuple(map(float, numbers))


_InterventionNumbers: Any = create_model(
    "_InterventionNumbers",
    __base__=Section,
    **{
        name: (
            float,
            Field(
                1.0 if name == "contact" else ...,
                ge=c.low, le=c.high, strict=True, description=c.meaning,
                json_schema_extra={"unit": c.unit},
            ),
        )
        for name, c in COLUMNS.items()
    },
    **dict.fromkeys(WORDS, (str, "")),
)  # fmt: skip


class InterventionSection(_InterventionNumbers):
    """An intervention of one's own: how it looks when it fits, and what it does."""

    @model_validator(mode="after")
    def _looks_like_something(self) -> Self:
        looks = [self.attuned, self.intrusive, self.dismissive, self.frightening]
        if not 0.99 <= sum(looks) <= 1.01 or min(looks) <= 0.0:
            raise ValueError(
                "attuned, intrusive, dismissive and frightening say how it looks: each above "
                f"0, together 1, got {', '.join(f'{look:g}' for look in looks)}"
            )
        return self


class SynchronySection(Section):
    """Emitted signals of a random subsample, measured: about .25 s a session."""

    dyads: Annotated[int, whole(1, 100_000)] = 300
    sessions: Annotated[int, whole(1, 50)] = 3
    minutes: Annotated[float, Field(ge=3.0, le=120.0, strict=True)] = 15.0
    signals: Annotated[
        tuple[Literal["heart", "rsa", "skin", "breath", "motion"], ...], Field(min_length=1)
    ] = ("heart", "skin", "motion")
    strangers: Annotated[bool, Field(strict=True)] = False


def known_interventions(own: dict[str, InterventionSection]) -> tuple[str, ...]:
    """Names of the interventions that a course can use."""
    return (*built_in().names, *own)


def check_protocols(
    protocols: dict[str, ProtocolSection], own: dict[str, InterventionSection]
) -> None:
    """Every intervention of a protocol is known, and no protocol of bowlby's is meant.

    Raises:
        ValueError: If an intervention is unknown, or a name is taken.
    """
    known = known_interventions(own)
    for name, protocol in protocols.items():
        if name in PROTOCOLS:
            raise ValueError(
                f"protocols.{name}: bowlby has a protocol of this name, for which yours would "
                f"be taken. Give it another, e.g. [protocols.my_{name}]"
            )
        for act in (*protocol.early, *protocol.late):
            if act not in known:
                raise ValueError(
                    f"protocols.{name}: no intervention {act!r}{nearest(act, known)}"
                )

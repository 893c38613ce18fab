"""Trials as written by users: typed, checked once, with errors that say what to change."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bowlby.courses.course import (
    MECHANISMS,
    PROTOCOL_NAMES,
    ChildhoodSection,
    Client,
    Course,
    Figure,
    LifeSection,
    Population,
    ProtocolSection,
    TherapySection,
    nearest,
)
from bowlby.courses.course import Arm as CourseArm

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


class DesignError(ValueError):
    """A trial cannot be run as written; the message says which entry, why, and what to do."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Arm(_Section):
    """One arm: what is done, and by whom."""

    protocol: str
    name: str = ""
    therapist: Literal["population", "average", "skilled", "clumsy"] | Figure = "population"


class ClientsSection(_Section):
    """Who can take part."""

    history: (
        Literal[
            "population", "sensitive", "rejecting", "inconsistent", "frightening", "institution"
        ]
        | Figure
    ) = "population"
    population: Population = Population()
    traits: Client = Client()
    severity: Annotated[float, Field(ge=-10.0, le=5.0)] = 0.5
    """Lowest observed score before therapy (SD of the population)."""
    encounters: Annotated[int, Field(ge=1, le=200)] = 10
    ticks: Annotated[int, Field(ge=50, le=2000, multiple_of=50)] = 300


class TherapyPlan(_Section):
    """When what happens."""

    sessions: Annotated[int, Field(ge=4, le=500)] = 30
    ticks: Annotated[int, Field(ge=50, le=1000, multiple_of=50)] = 300
    life_ticks: Annotated[int, Field(ge=50, le=1000, multiple_of=50)] = 100
    waiting_weeks: Annotated[int, Field(ge=4, le=200)] = 8
    follow_up_weeks: Annotated[int, Field(ge=0, le=300)] = 10
    switch_session: Annotated[int, Field(ge=1, le=500)] = 16
    breaks: tuple[int, ...] = ()
    announced: bool = True
    falters: bool = False
    may_leave: bool = True


class OutcomeSection(_Section):
    """What is measured, and how well."""

    primary: Literal[
        "internalising_after",
        "internalising_follow_up",
        "externalising_after",
        "externalising_follow_up",
    ] = "internalising_after"
    blinded: bool = True
    bias: Annotated[float, Field(ge=0.0, le=2.0)] = OBSERVER_BIAS
    """How much lower unblinded raters score every arm but the reference (SD)."""
    missing: Annotated[float, Field(ge=0.0, le=0.8)] = 0.0
    """Share of outcomes lost at random."""


class AnalysisSection(_Section):
    """How the trial is decided."""

    alpha: Annotated[float, Field(gt=0.0, le=0.5)] = 0.05
    reference: str = ""
    """The arm that others are compared with; by default the first waiting list, else the
    first arm."""


class Design(_Section):
    """A trial: who is randomised to what, and how it is decided."""

    title: str = "Trial"
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    clients_per_arm: Annotated[int, Field(ge=4, le=100_000)] = 50
    therapists_per_arm: Annotated[int, Field(ge=1, le=10_000)] = 5
    arms: tuple[Arm, ...]
    clients: ClientsSection = ClientsSection()
    therapy: TherapyPlan = TherapyPlan()
    outcome: OutcomeSection = OutcomeSection()
    analysis: AnalysisSection = AnalysisSection()
    protocols: dict[str, ProtocolSection] = {}
    ablate: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len(self.arms) < 2:
            raise ValueError("a trial needs at least two [[arms]]")
        known = (*PROTOCOL_NAMES, *self.protocols)
        for arm in self.arms:
            if arm.protocol not in known:
                raise ValueError(f"no protocol {arm.protocol!r}{nearest(arm.protocol, known)}")
        names = arm_names(self)
        if len(set(names)) < len(names):
            raise ValueError(f"arms need different names, got {', '.join(names)}")
        if self.analysis.reference and self.analysis.reference not in names:
            raise ValueError(
                f"analysis.reference: no arm {self.analysis.reference!r}"
                f"{nearest(self.analysis.reference, names)}"
            )
        for name in self.ablate:
            if name not in MECHANISMS:
                raise ValueError(f"no mechanism {name!r} to ablate{nearest(name, MECHANISMS)}")
        if self.therapists_per_arm > self.clients_per_arm:
            raise ValueError(
                f"therapists_per_arm = {self.therapists_per_arm} is more than "
                f"clients_per_arm = {self.clients_per_arm}; some would have nobody to see"
            )
        if self.outcome.primary.endswith("follow_up") and self.therapy.follow_up_weeks < 4:
            raise ValueError(
                f"outcome.primary = {self.outcome.primary!r} is the mean of the last four "
                "weeks of follow-up; set therapy.follow_up_weeks to 4 or more"
            )
        late = [b for b in self.therapy.breaks if not 1 <= b <= self.therapy.sessions]
        if late:
            raise ValueError(
                f"therapy.breaks names session {late[0]}, but there are {self.therapy.sessions}"
            )
        return self


def arm_names(design: Design) -> list[str]:
    """Names of the arms: their own, or their protocols'."""
    return [arm.name or arm.protocol for arm in design.arms]


def reference_arm(design: Design) -> str:
    """The arm that the others are compared with."""
    if design.analysis.reference:
        return design.analysis.reference
    names = arm_names(design)
    waiting = [
        name
        for name, arm in zip(names, design.arms, strict=True)
        if arm.protocol == "waiting_list"
    ]
    return waiting[0] if waiting else names[0]


def is_treated(design: Design) -> list[bool]:
    """Which arms have sessions."""
    return [arm.protocol != "waiting_list" for arm in design.arms]


def course_of(design: Design) -> Course:
    """The course that every client of the trial goes through."""
    clients, therapy = design.clients, design.therapy
    return Course(
        title=design.title, seed=design.seed, client=clients.traits, ablate=design.ablate,
        childhood=ChildhoodSection(
            caregiver=clients.history, population=clients.population,
            encounters=clients.encounters, ticks=clients.ticks,
        ),
        life=LifeSection(
            waiting_weeks=therapy.waiting_weeks, ticks=therapy.life_ticks,
            follow_up_weeks=therapy.follow_up_weeks,
        ),
        therapy=TherapySection(
            sessions=therapy.sessions, ticks=therapy.ticks, breaks=therapy.breaks,
            switch_session=therapy.switch_session, announced=therapy.announced,
            falters=therapy.falters, may_leave=therapy.may_leave,
        ),
        protocols=design.protocols,
        arms=tuple(
            CourseArm(name=name, protocol=arm.protocol, therapist=arm.therapist)
            for name, arm in zip(arm_names(design), design.arms, strict=True)
        ),
    )  # fmt: skip


def design_names() -> tuple[str, ...]:
    """Designs that come with bowlby."""
    found = (entry.name for entry in files("bowlby.trials.designs").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in found if n.endswith(".toml")))


def design_text(name: str) -> str:
    """TOML of a design that comes with bowlby."""
    return (files("bowlby.trials.designs") / f"{name}.toml").read_text("utf-8")


def read_design(what: str, changes: Mapping[str, Any] | None = None) -> Design:
    """A design by its name or from a TOML file.

    Args:
        what: A name (see `design_names`) or a path ending in `.toml`.
        changes: Entries of the top level to replace, such as the seed.

    Raises:
        DesignError: If there is no such design, it is not TOML, or an entry is unknown or out
            of range.
        OSError: If the file cannot be read.
    """
    if what in design_names():
        text = design_text(what)
    elif what.endswith(".toml"):
        text = Path(what).read_text(encoding="utf-8")
    else:
        raise DesignError(f"No design {what!r}{nearest(what, design_names())}.")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DesignError(f"{what}: not a TOML file: {error}.") from error
    return build_design(content | dict(changes or {}), where=what)


def build_design(content: Mapping[str, Any], *, where: str = "design") -> Design:
    """Check a design.

    Raises:
        DesignError: With every entry that is unknown or out of range.
    """
    try:
        return Design.model_validate(content)
    except ValidationError as error:
        told = dict.fromkeys(_told(p) for p in error.errors() if not _is_other_form(p))
        raise DesignError("\n".join([f"{where}:", *(f"  {line}" for line in told)])) from error


def _is_other_form(problem: Any) -> bool:
    """Whether this complains about the form (name or table) that the user did not choose."""
    is_table = isinstance(problem["input"], dict)
    return (problem["type"] == "literal_error" and is_table) or (
        problem["type"] == "model_type" and not is_table
    )


def _told(problem: Any) -> str:
    """One of pydantic's findings in a sentence."""
    location, kind = problem["loc"], problem["type"]
    plain = [p for p in location if p != "Figure" and not str(p).startswith(("literal[", "fu"))]
    where = ".".join(str(p + 1) if isinstance(p, int) else p for p in plain)
    if kind == "extra_forbidden":
        known = tuple(_section_at(location).model_fields)
        return f"{where}: no such entry{nearest(str(location[-1]), known)}"
    if kind == "value_error":
        said = str(problem["ctx"]["error"]).rstrip(".")
        return f"{where + ': ' if where else ''}{said}"
    if kind == "missing":
        return f"{where}: missing; every trial needs it."
    if kind == "literal_error":
        words = [
            w.strip(" '") for w in problem["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        given = str(problem["input"])
        return f"{where}: {given!r} is not known{nearest(given, words)}"
    message = problem["msg"].removeprefix("Input ")
    return f"{where} = {problem['input']!r}: {message}."


def _section_at(location: tuple[Any, ...]) -> type[BaseModel]:
    """The section that an entry stands in."""
    model: type[BaseModel] = Design
    for part in location[:-1]:
        if part == "Figure":
            model = Figure
        if part not in model.model_fields:
            continue
        found = [*_models_in(model.model_fields[part].annotation)]
        model = found[0] if found else model
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]

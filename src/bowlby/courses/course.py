"""Courses as written by users: typed, checked once, with errors that say what to change."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from bowlby.courses.messages import CourseError, nearest, sentences
from bowlby.courses.old_dialect import is_old_trial, translated
from bowlby.courses.parameters import CALIBRATED, parameters_of
from bowlby.courses.protocols import PROTOCOLS
from bowlby.courses.reading import read_toml
from bowlby.courses.sections import (
    Arm,
    ChildhoodSection,
    ClientSection,
    CoupleSection,
    FigureSection,
    InterventionSection,
    LifeSection,
    MeasureSection,
    PopulationSection,
    ProtocolSection,
    RecruitingSection,
    Section,
    SynchronySection,
    TherapySection,
    YouthSection,
    check_protocols,
    whole,
)
from bowlby.courses.theories import FILE, check_theory
from bowlby.courses.trial import TrialSection, check_trial, with_trial_defaults
from bowlby.theory.instruments import changed
from bowlby.theory.interventions import built_in
from bowlby.theory.vocabulary import OLD_ABLATIONS

__all__ = [
    "Arm", "ChildhoodSection", "ClientSection", "CoupleSection", "Course", "CourseError",
    "FigureSection", "InterventionSection", "LifeSection", "PopulationSection",
    "ProtocolSection", "SynchronySection", "TherapySection", "TrialSection", "YouthSection",
    "build_course", "merged", "nearest", "read_course",
]  # fmt: skip

INSTRUMENTS = ("laboratory", "trust_game", "still_face", "learning_task")
"""Instruments that a course can name."""


Source = Literal[
    "constitution", "care", "relationships", "load", "chance", "method", "occasion", "error"
]
"""Where differences between people come from; each can have a seed of its own."""


class Course(Section):
    """A course: who, with whom, when, in which theory; with `trial`, who is randomised."""

    title: str = "Course"
    """What it is called in reports."""
    dyads: Annotated[int, whole(1, 10_000_000)] = 1
    """How many people take part, or are met where some are chosen (`recruiting`); how many
    couples or groups."""
    seed: Annotated[int, whole(0, 2**31 - 1)] = 1
    """Of all random numbers."""
    kind: Literal["childhood", "therapy", "couple"] = "therapy"
    """Whether it ends with childhood, goes on to a therapy, or to life with each other."""
    caseload: Annotated[int, whole(1, 10_000)] = 30
    """Clients who share a therapist."""
    client: ClientSection = ClientSection()
    """The average care-seeker."""
    recruiting: RecruitingSection = RecruitingSection()
    """Whom a study takes."""
    childhood: ChildhoodSection = ChildhoodSection()
    """Who raises them."""
    youth: YouthSection = YouthSection()
    """School and adolescence, where they are lived."""
    life: LifeSection = LifeSection()
    """Adult life around the therapy."""
    couple: CoupleSection = CoupleSection()
    """Life with each other, of kind `couple`."""
    therapy: TherapySection = TherapySection()
    """When sessions take place."""
    arms: tuple[Arm, ...] = (Arm(),)
    """What is done, with the same people in each arm."""
    protocols: dict[str, ProtocolSection] = Field(default_factory=dict)
    """Protocols of one's own, by name."""
    interventions: dict[str, InterventionSection] = Field(default_factory=dict)
    """Interventions of one's own, by name."""
    theory: dict[str, Any] = Field(default_factory=dict)
    """Numbers of the theory, by mechanism; `file` names laws of one's own."""
    ablate: dict[str, Annotated[float, Field(strict=True)]] = Field(default_factory=dict)
    """Mechanisms that are switched off: names, or names with a share."""
    keep: Literal["auto", "ticks", "encounters", "readouts"] = "auto"
    """What is kept; `auto` keeps ticks of few dyads, encounters of more."""
    time_step_s: Literal[1, 2, 5, 10] = 10
    """Length of a tick (s)."""
    synchrony: SynchronySection | None = None
    """Signals that are emitted and measured."""
    instruments: tuple[str, ...] = ()
    """Instruments besides the usual ones: `laboratory`, `trust_game`, `still_face`,
    `learning_task`."""
    measures: dict[str, MeasureSection] = Field(default_factory=dict)
    """How scores are observed where it is not as usual, by score."""
    seeds: dict[Source, Annotated[int, whole(0, 2**31 - 1)]] = Field(default_factory=dict)
    """Random numbers of one source of differences."""
    trial: TrialSection | None = None
    """Who is randomised."""

    @model_validator(mode="before")
    @classmethod
    def _therapists_of_a_trial(cls, content: Any) -> Any:
        return with_trial_defaults(content) if isinstance(content, Mapping) else content

    @model_validator(mode="before")
    @classmethod
    def _instruments_by_name(cls, content: Any) -> Any:
        """Earlier courses had a switch for each instrument."""
        if not isinstance(content, dict):
            return content
        named = list(content.get("instruments", ()))
        for name in INSTRUMENTS:
            if isinstance(content.get(name), bool):
                content = {k: v for k, v in content.items() if k != name} | (
                    {"instruments": [*named, name]} if content[name] else {}
                )
                named = list(content.get("instruments", named))
        return content

    @field_validator("ablate", mode="before")
    @classmethod
    def _ablations(cls, value: Any) -> Any:
        """`["oxytocin", "repair=0.5"]` or a table of shares."""
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list | tuple):
            shares = [_ablation(entry) for entry in value]
            value = dict(shares)
            twice = [name for name, _ in shares if [n for n, _ in shares].count(name) > 1]
            if twice and len(set(shares)) > len(value):
                raise ValueError(f"{twice[0]} is named twice, with different shares")
        if isinstance(value, Mapping):
            value = {OLD_ABLATIONS.get(name, name): share for name, share in value.items()}
        return value

    @field_validator("instruments")
    @classmethod
    def _known_instruments(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in INSTRUMENTS:
                raise ValueError(f"no instrument {name!r}{nearest(name, INSTRUMENTS)}")
        return tuple(dict.fromkeys(value))

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for name, row in self.measures.items():
            try:
                changed(name, **row.given)
            except ValueError as error:
                raise ValueError(f"measures.{name}: {error}") from None
        taken = [name for name in self.interventions if name in built_in().names]
        if taken:
            raise ValueError(
                f"interventions.{taken[0]} exists; to change its numbers use "
                f"[theory.interventions.{taken[0]}], or choose another name"
            )
        unspeakable = [name for name in self.interventions if not name.isidentifier()]
        if unspeakable:
            raise ValueError(
                f"interventions: {unspeakable[0]!r} is no name; use letters, digits and _, "
                "and say in `label` what people read"
            )
        check_protocols(self.protocols, self.interventions)
        check_theory(self)
        self._check_arms()
        self._check_couple()
        self._check_recruiting()
        check_trial(self)
        if self.synchrony and self.kind == "therapy":
            treated = any(arm.protocol != "waiting_list" for arm in self.arms)
            if not treated or self.therapy.sessions == 0:
                raise ValueError("synchrony is measured in sessions, and there are none")
        end = self.therapy.sessions + self.life.follow_up_weeks
        beyond = [w for w in self.life.stress if not -self.life.waiting_weeks <= w < end]
        if beyond:
            raise ValueError(
                f"life.stress names week {beyond[0]}, but the course runs from week "
                f"{-self.life.waiting_weeks} to {end - 1}"
            )
        return self

    def _check_couple(self) -> None:
        if self.kind != "couple":
            if self.couple != CoupleSection():
                raise ValueError('[couple] is about people of kind = "couple"; add that line')
            return
        said = [
            name for name in ("arms", "protocols", "interventions", "trial") if self._says(name)
        ]
        if said or self._says("therapy", but="depth"):
            raise ValueError(
                f"{said[0] if said else 'therapy'}: couple therapy is not modelled; leave that "
                'out (`therapy.depth` may stay), or use kind = "therapy"'
            )
        if self._says("life"):
            raise ValueError(
                "[life] is about people around a therapy; the weeks, ticks and stress of a "
                "couple stand in [couple]"
            )
        for name in ("recruiting", "synchrony", "instruments"):
            if self._says(name):
                raise ValueError(f"{name} is not for couples: leave it out")
        if self.childhood.siblings > 1 or self.childhood.generations > 1:
            raise ValueError(
                "couples are people of different families and of one generation: leave out "
                "childhood.siblings and childhood.generations"
            )

    def _says(self, name: str, *, but: str = "") -> bool:
        """Whether something stands in an entry, besides one of its own.

        Where all of it is as usual and written out, nobody wrote it: run.json holds it so.
        """
        usual, found = (
            type(self).model_fields[name].get_default(call_default_factory=True),
            getattr(self, name),
        )
        if but:
            found = found.model_copy(update={but: getattr(usual, but)})
        sections = [
            one
            for one in (found if isinstance(found, tuple) else (found,))
            if isinstance(one, Section)
        ]
        written = [
            (one.model_fields_set - {but}, {*type(one).model_fields} - {but})
            for one in sections
        ]
        return found != usual or any(some and some != every for some, every in written)

    def _check_recruiting(self) -> None:
        if not self.recruiting.chooses:
            return
        if self.kind == "childhood" or not self.life.waiting_weeks:
            raise ValueError(
                "recruiting chooses grown people after they have waited, and nobody waits "
                'here: use kind = "therapy" and life.waiting_weeks of at least 1'
            )
        if self.trial and self.recruiting.severity is not None:
            raise ValueError(
                "recruiting.severity is said in a trial by trial.severity; leave one out"
            )

    @property
    def weeks(self) -> int:
        """Weeks of adult life: waiting, therapy and what follows."""
        if self.kind == "childhood":
            return 0
        if self.kind == "couple":
            return self.couple.weeks
        return self.life.waiting_weeks + self.therapy.sessions + self.life.follow_up_weeks

    def _check_arms(self) -> None:
        known = (*PROTOCOLS, *self.protocols)
        for arm in self.arms:
            if arm.protocol not in known:
                raise ValueError(f"no protocol {arm.protocol!r}{nearest(arm.protocol, known)}")
        if not self.arms:
            raise ValueError("a course needs at least one arm")
        names = [arm.label for arm in self.arms]
        unreadable = [name for name in names if not name.strip() or not name.isprintable()]
        if unreadable:
            raise ValueError(
                f"an arm is called {unreadable[0]!r}; give it a name that can be read on a line"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"arms need different names, got {', '.join(names)}")


def _ablation(entry: Any) -> tuple[str, float]:
    """Name and share of `oxytocin` or `oxytocin=0.5`."""
    name, sign, share = str(entry).partition("=")
    try:
        return name.strip(), float(share) if sign else 1.0
    except ValueError:
        raise ValueError(
            f"{entry!r}: a mechanism, or a mechanism and a share such as {name}=0.5"
        ) from None


SKILLS_SAID = {
    "mentalising": "thinking about the client",
    "latency_s": "answering in time",
    "repair": "repairing ruptures",
    "recovery": "calming down",
}
"""What therapists can be trained in, in words."""


def therapists_said(arms: Sequence[Arm]) -> list[str]:
    """What therapists of some arms were told or trained in: a sentence an arm."""
    said = []
    for arm in arms:
        given = ["were told before each session how the client rates trust"] * arm.feedback
        if arm.training:
            gained = arm.training.items()
            skills = ", ".join(f"{SKILLS_SAID[skill]} ({by:+g} SD)" for skill, by in gained)
            given.append(f"had been trained in {skills}")
        if given:
            whose = arm.label.replace("_", " ")
            said.append(f"Therapists of {whose} {' and '.join(given)}.")
    return said


def read_course(
    path: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    parameters: Mapping[str, float] | None = None,
) -> Course:
    """Read a course from TOML; files that it names are found beside it.

    Args:
        path: The file.
        changes: Entries that replace those of the file, by dotted name.
        parameters: Numbers for entries of which the file says nothing, by dotted name
            (`bowlby.courses.parameters`).

    Raises:
        CourseError: If it is not TOML, or an entry is unknown or out of range.
        OSError: If the file cannot be read.
    """
    content = with_paths(read_toml(path), path)
    return build_course(content, where=str(path), changes=changes, parameters=parameters)


def with_paths(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Content of a file whose own files are looked for beside it."""
    theory, beside = content.get("theory"), path.resolve().parent
    if isinstance(theory, dict) and isinstance(theory.get(FILE), str):
        theory[FILE] = str(beside / theory[FILE])
    if content.get("parameters") not in (None, CALIBRATED):
        content["parameters"] = str(beside / str(content["parameters"]))
    return content


def build_course(
    content: Mapping[str, Any],
    *,
    where: str = "course",
    changes: Mapping[str, Any] | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Course:
    """Check a course.

    Args:
        content: Its entries, as in TOML; trials of before version 0.3 are understood.
            `parameters` names a file of parameters, or `calibrated`.
        where: What messages call it.
        changes: Entries to be replaced, by dotted name, e.g. `client.gamma`.
        parameters: Numbers for entries of which it says nothing, by dotted name.

    Raises:
        CourseError: With every entry that is unknown or out of range.
    """
    content = translated(content) if is_old_trial(content) else dict(content)
    parameters = {**parameters_of(content.pop("parameters", None)), **(parameters or {})}
    if {**content, **(changes or {})}.get("kind") == "couple":
        # Partners are not drawn there, and nobody is treated.
        parameters = {
            name: value
            for name, value in parameters.items()
            if not name.startswith(("life.", "therapy."))
        }
    try:
        return Course.model_validate(merged(with_defaults(content, parameters), changes))
    except ValidationError as error:
        lines = "\n".join(f"  {sentence}" for sentence in sentences(error, Course))
        raise CourseError(f"{where}:\n{lines}") from error


def with_defaults(
    content: Mapping[str, Any], parameters: Mapping[str, float] | None
) -> dict[str, Any]:
    """Content with parameters where it says nothing of them."""
    unsaid = {
        name: value for name, value in (parameters or {}).items() if not _says(content, name)
    }
    return merged(content, unsaid)


def _says(content: Any, name: str) -> bool:
    """Whether content has an entry, or something that is no section on the way to it."""
    first, _, rest = name.partition(".")
    if not isinstance(content, Mapping):
        return True
    return first in content and (not rest or _says(content[first], rest))


def merged(content: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Content with entries changed by dotted name.

    Raises:
        CourseError: If a name goes through an entry that is no section.
    """
    result = _deep(content)
    for name, value in (changes or {}).items():
        _put(result, name.split("."), value, name)
    return result


def _deep(content: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _deep(v) if isinstance(v, Mapping) else v for k, v in content.items()}


def _put(content: dict[str, Any], path: list[str], value: Any, name: str) -> None:
    *sections, last = path
    for section in sections:
        content = content.setdefault(section, {})
        if not isinstance(content, dict):
            raise CourseError(f"--set {name}: {section} is not a section.")
    content[last] = value

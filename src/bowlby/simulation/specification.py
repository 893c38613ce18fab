"""Courses as written by users: typed, checked once, with errors that say what to change."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

Propensity = float | tuple[float, float, float, float]
PROTOCOL_NAMES = (
    "attachment_informed", "interpretation_first", "interpretation_only", "supportive", "cold",
    "looming", "active_inference", "waiting_list",
)  # fmt: skip
MECHANISMS = (
    "coupling", "latency", "oxytocin", "oxytocin_precision", "figure_arousal", "stress_axis",
    "arousal_gate", "borrowed_brain", "projection", "plasticity", "several_models", "epistemic",
    "precision_learning", "self_soothing", "heard_as", "content", "repair", "return_to_old",
    "own_failures", "fast_channel",
)  # fmt: skip
"""What can be ablated."""

INTERVENTION_NAMES = (
    "hold", "validate", "mirror", "mentalise", "interpret", "challenge", "direct", "repair",
    "loom", "dismiss",
)  # fmt: skip


class CourseError(ValueError):
    """A course cannot be run; the message says which entry, why, and what to do."""


def _field(default: float, low: float, high: float, unit: str, meaning: str) -> Any:
    return Field(
        default, ge=low, le=high, description=meaning, json_schema_extra={"unit": unit}
    )


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Client(_Section):
    """Parameters of the seeker: child, later client."""

    gamma: float = _field(5.0, 1.0, 20.0, "1", "policy precision")
    learning_rate: float = _field(0.10, 0.0, 0.5, "counts/tick", "learning per attended tick")
    memory: float = _field(60.0, 5.0, 500.0, "counts", "most counts an action can hold")
    evidence_weight: float = _field(
        0.12, 0.0, 1.0, "1", "weight of a tick as evidence for a model"
    )
    openness: float = _field(0.2, 0.0, 5.0, "1", "prior weight of a new relational model")
    hazard: float = _field(
        0.04, 0.0, 0.5, "1/encounter", "chance that a relationship has changed"
    )
    return_hazard: float = _field(0.7, 0.0, 0.95, "1", "return to the old model under stress")
    exploration: float = _field(0.6, 0.0, 3.0, "nat", "value of exploring when calm")
    reactivity: float = _field(1.0, 0.2, 3.0, "1", "median response to events")
    reactivity_sd: float = _field(0.25, 0.0, 1.0, "ln", "how far responses differ")
    window: float = _field(1.3, 0.3, 5.0, "arousal", "width of the window of tolerance")
    interoception: float = _field(
        0.9, 0.3, 0.97, "share", "accuracy of feeling oneself, at birth"
    )
    cue_accuracy: float = _field(
        0.75, 0.3, 0.97, "share", "accuracy of seeing others, at birth"
    )
    contagion: float = _field(0.02, 0.0, 0.3, "1/s", "pull of the other's arousal")
    dopamine: float = _field(0.5, 0.0, 3.0, "1", "gain of oxytocin on policy precision")


class Figure(_Section):
    """Parameters of a caregiver or therapist; what is left out keeps its default."""

    contingency: float = _field(0.6, -4.0, 4.0, "nat", "reward from soothing")
    mentalising: float = _field(0.65, 0.0, 1.0, "share", "accuracy of reading the other")
    threat: float = _field(0.0, 0.0, 5.0, "1", "unresolved fear")
    latency_s: float = _field(2.0, 0.0, 5.0, "s", "latency of regulation")
    gain: float = _field(1.0, 0.0, 5.0, "1", "strength of regulation, relative")
    contagion: float = _field(0.03, 0.0, 0.3, "1/s", "pull of the seeker's arousal")
    anxiety: float = _field(0.25, 0.0, 1.0, "share", "own anxious attachment (therapists)")
    avoidance: float = _field(0.25, 0.0, 1.0, "share", "own avoidant attachment (therapists)")
    repair: float = _field(0.6, 0.0, 1.0, "share", "readiness to repair (therapists)")

    @model_validator(mode="after")
    def _is_stable(self) -> Self:
        from bowlby.mechanisms.regulation import critical_gain

        strength = 0.22 * self.gain
        if self.latency_s > 0.0:
            limit = critical_gain(300.0, self.latency_s)
            if strength > limit:
                raise ValueError(
                    f"gain={self.gain:g} with latency_s={self.latency_s:g} is unstable: the "
                    f"pull of an attuned answer is 0.22 x gain = {strength:.2f}/s, and beyond "
                    f"{limit:.3f}/s the pair oscillates without end. Use a gain of at most "
                    f"{limit / 0.22:.2f} or a shorter latency"
                )
        return self


class Population(_Section):
    """Distribution of caregivers: means and standard deviations."""

    contingency: float = _field(0.6, -4.0, 4.0, "nat", "mean reward from soothing")
    mentalising: float = _field(0.7, -4.0, 4.0, "logit", "mean mentalising")
    threat: float = _field(-1.0, -6.0, 2.0, "ln", "mean unresolved fear")
    contingency_sd: float = _field(1.1, 0.0, 3.0, "nat", "SD of reward from soothing")
    mentalising_sd: float = _field(1.2, 0.0, 3.0, "logit", "SD of mentalising")
    threat_sd: float = _field(1.1, 0.0, 3.0, "ln", "SD of unresolved fear")


Caregiver = (
    Literal[
        "population", "sensitive", "rejecting", "inconsistent", "frightening", "institution"
    ]
    | Figure
)


class ChildhoodSection(_Section):
    """The first four years; with `placed_after`, the first of them with `earlier` on shift.

    With `assessed_after`, there is a Strange Situation after so many encounters too, and
    caregivers drawn from the population then change as far as `stability` is below 1.
    """

    caregiver: Caregiver = "population"
    earlier: Caregiver = "institution"
    placed_after: Annotated[int, Field(ge=0, le=200)] = 0
    population: Population = Population()
    assessed_after: Annotated[int, Field(ge=0, le=199)] = 0
    stability: float = _field(1.0, 0.0, 1.0, "r", "a caregiver's channels, before with after")
    encounters: Annotated[int, Field(ge=1, le=200)] = 10
    ticks: Annotated[int, Field(ge=50, le=2000, multiple_of=50)] = 300
    generations: Annotated[int, Field(ge=1, le=4)] = 1

    @model_validator(mode="after")
    def _can_be_assessed_twice(self) -> Self:
        if self.assessed_after >= self.encounters:
            raise ValueError(
                f"assessed_after={self.assessed_after} leaves no encounter before the second "
                f"assessment: there are {self.encounters}"
            )
        if self.stability < 1.0 and not (
            self.assessed_after and self.caregiver == "population" and self.generations == 1
        ):
            raise ValueError(
                f"stability={self.stability:g} is about caregivers between two assessments: "
                'it needs assessed_after, caregiver = "population" and one generation'
            )
        return self


class LifeSection(_Section):
    """Adult life around the therapy."""

    waiting_weeks: Annotated[int, Field(ge=0, le=200)] = 12
    ticks: Annotated[int, Field(ge=50, le=1000, multiple_of=50)] = 100
    follow_up_weeks: Annotated[int, Field(ge=0, le=300)] = 10
    partner_quality: float = _field(0.0, -3.0, 3.0, "SD", "how good partners in life are")
    stress: dict[int, Annotated[float, Field(ge=0.0, le=10.0)]] = {}


class TherapySection(_Section):
    """The therapy."""

    sessions: Annotated[int, Field(ge=0, le=500)] = 30
    ticks: Annotated[int, Field(ge=50, le=1000, multiple_of=50)] = 300
    switch_session: Annotated[int, Field(ge=1, le=500)] = 16
    breaks: tuple[int, ...] = ()
    announced: bool = True
    falters: bool = False
    may_leave: bool = True
    skill_sd: float = _field(1.0, 0.0, 3.0, "1", "how far a population's therapists differ")
    depth: Literal[1, 2, 3] = 2


class Arm(_Section):
    """One arm: the same clients in every arm."""

    name: str = ""
    protocol: str = "attachment_informed"
    therapist: Literal["population", "average", "skilled", "clumsy"] | Figure = "average"


class ProtocolSection(_Section):
    """A protocol of one's own: propensities before and after the switch."""

    early: dict[str, Propensity]
    late: dict[str, Propensity] = {}

    @field_validator("early", "late")
    @classmethod
    def _are_known(cls, value: dict[str, Propensity]) -> dict[str, Propensity]:
        for name, weight in value.items():
            if name not in INTERVENTION_NAMES:
                raise ValueError(f"no intervention {name!r}{nearest(name, INTERVENTION_NAMES)}")
            numbers = weight if isinstance(weight, tuple) else (weight,)
            if any(number < 0.0 for number in numbers):
                raise ValueError(f"{name}: a propensity is 0 or more, got {weight}")
        return value


class SynchronySection(_Section):
    """Emitted signals of a random subsample, measured: about .25 s a session."""

    dyads: Annotated[int, Field(ge=1, le=100_000)] = 300
    sessions: Annotated[int, Field(ge=1, le=50)] = 3
    minutes: Annotated[float, Field(ge=3.0, le=120.0)] = 15.0
    signals: Annotated[
        tuple[Literal["heart", "rsa", "skin", "breath", "motion"], ...], Field(min_length=1)
    ] = ("heart", "skin", "motion")
    strangers: bool = False


class Course(_Section):
    """A course: who, with whom, when, under which mechanisms."""

    title: str = "Course"
    dyads: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    kind: Literal["childhood", "therapy"] = "therapy"
    caseload: Annotated[int, Field(ge=1, le=10_000)] = 30
    client: Client = Client()
    childhood: ChildhoodSection = ChildhoodSection()
    life: LifeSection = LifeSection()
    therapy: TherapySection = TherapySection()
    arms: tuple[Arm, ...] = (Arm(),)
    protocols: dict[str, ProtocolSection] = {}
    ablate: tuple[str, ...] = ()
    keep: Literal["auto", "ticks", "encounters", "readouts"] = "auto"
    synchrony: SynchronySection | None = None
    laboratory: bool = False
    trust_game: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for name in self.ablate:
            if name not in MECHANISMS:
                raise ValueError(f"no mechanism {name!r} to ablate{nearest(name, MECHANISMS)}")
        known = (*PROTOCOL_NAMES, *self.protocols)
        for arm in self.arms:
            if arm.protocol not in known:
                raise ValueError(f"no protocol {arm.protocol!r}{nearest(arm.protocol, known)}")
        if not self.arms:
            raise ValueError("a course needs at least one arm")
        names = [arm_name(arm) for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError(f"arms need different names, got {', '.join(names)}")
        if self.synchrony and self.kind == "therapy":
            treated = any(arm.protocol != "waiting_list" for arm in self.arms)
            if not treated or self.therapy.sessions == 0:
                raise ValueError("synchrony is measured in sessions, and there are none")
        late = [b for b in self.therapy.breaks if not 1 <= b <= self.therapy.sessions]
        if late:
            raise ValueError(
                f"therapy.breaks names session {late[0]}, but there are {self.therapy.sessions}"
            )
        end = self.therapy.sessions + self.life.follow_up_weeks
        beyond = [w for w in self.life.stress if not -self.life.waiting_weeks <= w < end]
        if beyond:
            raise ValueError(
                f"life.stress names week {beyond[0]}, but the course runs from week "
                f"{-self.life.waiting_weeks} to {end - 1}"
            )
        return self


def arm_name(arm: Arm) -> str:
    """Name of an arm: its own, or its protocol's."""
    return arm.name or arm.protocol


def read_course(path: Path, changes: Mapping[str, Any] | None = None) -> Course:
    """Read a course from TOML.

    Raises:
        CourseError: If it is not TOML, or an entry is unknown or out of range.
        OSError: If the file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: not a TOML file: {error}.") from error
    return build_course(content, where=str(path), changes=changes)


def build_course(
    content: Mapping[str, Any],
    *,
    where: str = "course",
    changes: Mapping[str, Any] | None = None,
) -> Course:
    """Check a course; `changes` are entries by dotted name, e.g. `client.gamma`.

    Raises:
        CourseError: With every entry that is unknown or out of range.
    """
    merged = _deep(content)
    for name, value in (changes or {}).items():
        _put(merged, name.split("."), value, name)
    try:
        return Course.model_validate(merged)
    except ValidationError as error:
        told = "\n".join(f"  {_told(p)}" for p in error.errors() if not _is_other_form(p))
        raise CourseError(f"{where}:\n{told}") from error


def _deep(content: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _deep(v) if isinstance(v, Mapping) else v for k, v in content.items()}


def _put(content: dict[str, Any], path: list[str], value: Any, name: str) -> None:
    *sections, last = path
    for section in sections:
        content = content.setdefault(section, {})
        if not isinstance(content, dict):
            raise CourseError(f"--set {name}: {section} is not a section.")
    content[last] = value


def _is_other_form(problem: Any) -> bool:
    """Whether this complains about the form (name or table) that the user did not choose."""
    is_table = isinstance(problem["input"], dict)
    return (problem["type"] == "literal_error" and is_table) or (
        problem["type"] == "model_type" and not is_table
    )


def _told(problem: Any) -> str:
    """One of pydantic's findings in a sentence."""
    place = [
        part
        for part in problem["loc"]
        if not str(part).startswith(("literal[", "function-")) and part != "Figure"
    ]
    where = ".".join(map(str, place))
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        known = _names_at(problem["loc"])
        return f"{where}: no such parameter{nearest(str(problem['loc'][-1]), known)}"
    if kind in ("greater_than_equal", "less_than_equal"):
        low, high, unit = _range_at(problem["loc"])
        return (
            f"{where} = {problem['input']}: outside its range {low} to {high} {unit}".rstrip()
        )
    if kind == "value_error":
        said = str(context["error"]).rstrip(".")
        return f"{where + ': ' if where else ''}{said}."
    return f"{where} = {problem['input']!r}: {problem['msg']}."


def _section_at(location: tuple[Any, ...]) -> type[BaseModel]:
    model: type[BaseModel] = Course
    for part in location[:-1]:
        if "Figure" in str(part):
            model = Figure
            continue
        if not isinstance(part, str) or part not in model.model_fields:
            continue
        inner = model.model_fields[part].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
        elif part == "arms":
            model = Arm
        elif part == "protocols":
            model = ProtocolSection
        elif part == "synchrony":
            model = SynchronySection
    return model


def _names_at(location: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(_section_at(location).model_fields)


def _range_at(location: tuple[Any, ...]) -> tuple[str, str, str]:
    field = _section_at(location).model_fields.get(str(location[-1]))
    if field is None:
        return "0", "10", ""
    bounds: dict[str, str] = {"ge": "?", "le": "?"}
    for item in field.metadata:
        for name in bounds:
            if hasattr(item, name):
                bounds[name] = f"{getattr(item, name):g}"
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return bounds["ge"], bounds["le"], "" if unit == "1" else unit


def nearest(name: str, known: Any) -> str:
    """What to add to a message about an unknown name: the nearest known one, or all."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"

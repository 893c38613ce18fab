"""The theory: every mechanism with its numbers, as one object that runs through the engine.

Numbers are data: one compiled program serves every theory whose laws are the same. An ablation
is other numbers (`without`), and half an ablation is half of the way to them. A law is changed
by a subclass of its mechanism, given as the field of that name: `Theory(oxytocin=Mine())`.
"""

import difflib
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, time
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.theory.acting_out import ActingOut
from bowlby.theory.arousal import Arousal
from bowlby.theory.between_encounters import BetweenEncounters
from bowlby.theory.bond import Bond
from bowlby.theory.borrowed_brain import BorrowedBrain
from bowlby.theory.caregiver_load import CaregiverLoad
from bowlby.theory.caregiving import Caregiving
from bowlby.theory.constitution import Constitution
from bowlby.theory.contact import Contact
from bowlby.theory.contagion import Contagion
from bowlby.theory.contingency import Contingency
from bowlby.theory.crises import Crises
from bowlby.theory.deactivation import Deactivation
from bowlby.theory.declared import declarations
from bowlby.theory.distress import Distress
from bowlby.theory.endings import Endings
from bowlby.theory.entrainment import Entrainment
from bowlby.theory.events import Events
from bowlby.theory.evoked_care import EvokedCare
from bowlby.theory.expectation import Expectation
from bowlby.theory.failures import Failures
from bowlby.theory.figure_arousal import FigureArousal
from bowlby.theory.growing_up import GrowingUp
from bowlby.theory.hope import Hope
from bowlby.theory.illness import Illness
from bowlby.theory.interpretation import Interpretation
from bowlby.theory.intervention_rows import COLUMNS
from bowlby.theory.interventions import Interventions, built_in
from bowlby.theory.learning import Learning
from bowlby.theory.leaving import Leaving
from bowlby.theory.life_load import LifeLoad
from bowlby.theory.mentalising import Mentalising
from bowlby.theory.oxytocin import Oxytocin
from bowlby.theory.partnership import Partnership
from bowlby.theory.perceived_stance import PerceivedStance
from bowlby.theory.policy_precision import PolicyPrecision
from bowlby.theory.populations import Partners, Therapists
from bowlby.theory.projection import Projection
from bowlby.theory.rating import Rating
from bowlby.theory.regulation import Regulation
from bowlby.theory.relational_models import RelationalModels
from bowlby.theory.rupture import Rupture
from bowlby.theory.self_soothing import SelfSoothing
from bowlby.theory.sensitive_period import SensitivePeriod
from bowlby.theory.sensory_precision import SensoryPrecision
from bowlby.theory.social_baseline import SocialBaseline
from bowlby.theory.stress_axis import StressAxis
from bowlby.theory.task_learning import TaskLearning
from bowlby.theory.therapeutic_contact import TherapeuticContact
from bowlby.theory.therapist_choice import TherapistChoice
from bowlby.theory.therapist_reading import TherapistReading
from bowlby.theory.threat import Threat
from bowlby.theory.transference import Transference
from bowlby.theory.transmission import Transmission
from bowlby.theory.trust import Trust
from bowlby.theory.vocabulary import OLD_ABLATIONS, STANCES
from bowlby.theory.years_between import YearsBetween


class TheoryError(ValueError):
    """A theory cannot be used; the message says which number or law, why, and what to do."""


class Number(NamedTuple):
    """A number of the theory.

    Attributes:
        name: `mechanism.number`, or `mechanism.number.entry` where there is one for each.
        value: Value in this theory.
        default: Value unless set.
        low: Least value.
        high: Greatest.
        unit: Unit.
        meaning: What it is.
        source: A paper, or "ours" with the reason.
    """

    name: str
    value: float
    default: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str


class Theory(eqx.Module):
    """All mechanisms; each is a file of `bowlby.theory`."""

    arousal: Arousal = Arousal()
    distress: Distress = Distress()
    events: Events = Events()
    contact: Contact = Contact()
    regulation: Regulation = Regulation()
    contagion: Contagion = Contagion()
    entrainment: Entrainment = Entrainment()
    stress_axis: StressAxis = StressAxis()
    oxytocin: Oxytocin = Oxytocin()
    policy_precision: PolicyPrecision = PolicyPrecision()
    mentalising: Mentalising = Mentalising()
    borrowed_brain: BorrowedBrain = BorrowedBrain()
    projection: Projection = Projection()
    relational_models: RelationalModels = RelationalModels()
    learning: Learning = Learning()
    task_learning: TaskLearning = TaskLearning()
    trust: Trust = Trust()
    bond: Bond = Bond()
    social_baseline: SocialBaseline = SocialBaseline()
    hope: Hope = Hope()
    sensitive_period: SensitivePeriod = SensitivePeriod()
    sensory_precision: SensoryPrecision = SensoryPrecision()
    self_soothing: SelfSoothing = SelfSoothing()
    deactivation: Deactivation = Deactivation()
    between_encounters: BetweenEncounters = BetweenEncounters()
    years_between: YearsBetween = YearsBetween()
    growing_up: GrowingUp = GrowingUp()
    constitution: Constitution = Constitution()
    evoked_care: EvokedCare = EvokedCare()
    life_load: LifeLoad = LifeLoad()
    caregiver_load: CaregiverLoad = CaregiverLoad()
    crises: Crises = Crises()
    illness: Illness = Illness()
    partnership: Partnership = Partnership()
    acting_out: ActingOut = ActingOut()
    transference: Transference = Transference()
    figure_arousal: FigureArousal = FigureArousal()
    caregiving: Caregiving = Caregiving()
    threat: Threat = Threat()
    transmission: Transmission = Transmission()
    partners: Partners = Partners()
    therapists: Therapists = Therapists()
    therapist_reading: TherapistReading = TherapistReading()
    therapist_choice: TherapistChoice = TherapistChoice()
    therapeutic_contact: TherapeuticContact = TherapeuticContact()
    contingency: Contingency = Contingency()
    perceived_stance: PerceivedStance = PerceivedStance()
    interpretation: Interpretation = Interpretation()
    expectation: Expectation = Expectation()
    failures: Failures = Failures()
    rupture: Rupture = Rupture()
    endings: Endings = Endings()
    leaving: Leaving = Leaving()
    rating: Rating = Rating()
    interventions: Interventions = eqx.field(default_factory=built_in)

    def mechanisms(self) -> dict[str, Any]:
        """Mechanisms with declared numbers, by name."""
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.name != "interventions"
        }

    def numbers(self) -> list[Number]:
        """Every number, in the order of the mechanisms."""
        return [*self._declared(), *self._of_interventions()]

    def table(self) -> list[dict[str, Any]]:
        """Every number as a row: name, value, default, range, unit, meaning, source."""
        return [number._asdict() for number in self.numbers()]

    def ablations(self) -> dict[str, dict[str, float]]:
        """Name of each ablation to the numbers it changes and what they are without."""
        found: dict[str, dict[str, float]] = {}
        for mechanism, module in self.mechanisms().items():
            for name, off in module.OFF.items():
                changed = {f"{mechanism}.{number}": value for number, value in off.items()}
                found.setdefault(name, {}).update(changed)
        return found

    def without(self, name: str, share: float = 1.0) -> "Theory":
        """The theory without what an ablation takes away, or a share of it.

        Args:
            name: One of `ablations()`.
            share: How much is taken away: 1 all, .5 half of the way.

        Raises:
            TheoryError: If there is no such ablation, or the share is not 0 to 1.
        """
        known = self.ablations()
        name = OLD_ABLATIONS.get(name, name)
        if name not in known:
            raise TheoryError(f"no mechanism {name!r} to ablate{nearest(name, known)}")
        if not 0.0 <= share <= 1.0:
            raise TheoryError(f"ablate {name}={share:g}: a share is 0 (nothing) to 1 (all)")
        return self._with(
            {path: _partly(self.get(path), off, share) for path, off in known[name].items()}
        )

    def get(self, path: str) -> Any:
        """Value at `mechanism.number`.

        Raises:
            TheoryError: If there is no such number.
        """
        mechanism, number = self._split(path)
        return getattr(getattr(self, mechanism), number)

    def changed(self, path: str, value: Any) -> "Theory":
        """The theory with another value of one number.

        Args:
            path: `mechanism.number`, `mechanism.number.entry` or
                `interventions.NAME.COLUMN`.
            value: A number, or all entries of one that has several.

        Raises:
            TheoryError: If there is no such number, or the value is outside its range.
        """
        mechanism, *rest = path.split(".")
        if mechanism == "interventions":
            return self._with_intervention(path, value)
        number, *entry = rest or [""]
        self._split(f"{mechanism}.{number}")
        declared = declarations(getattr(self, mechanism))[number]
        now = self.get(f"{mechanism}.{number}")
        if entry and not declared.over:
            raise TheoryError(f"{path}: {mechanism}.{number} is one number, without entries")
        if entry:
            if entry[0] not in declared.over or len(entry) > 1:
                raise TheoryError(
                    f"no entry {'.'.join(entry)!r} of {mechanism}.{number}"
                    f"{nearest(entry[0], declared.over)}"
                )
            now = list(np.asarray(now, float))
            now[declared.over.index(entry[0])] = value
            value = now
        values = [value] if not declared.over else value
        wanted = len(declared.over) or 1
        if np.shape(values) != (wanted,):
            names = f" ({', '.join(declared.over)})" if declared.over else ""
            raise TheoryError(
                f"{path} = {value}: {wanted} number{'s' if wanted > 1 else ''}{names} expected"
            )
        for given in values:
            _check_number(path, given, declared.low, declared.high, declared.unit)
        new = tuple(map(float, values)) if declared.over else float(values[0])
        return self._with({f"{mechanism}.{number}": new})

    def as_data(self) -> "Theory":
        """The theory with every number as an array, as compiled programs take it."""
        return jax.tree.map(
            lambda value: jnp.asarray(value, jnp.float32),
            self,
            is_leaf=lambda value: isinstance(value, tuple),
        )

    def _with(self, values: dict[str, Any]) -> "Theory":
        new = self
        for path, value in values.items():
            mechanism, number = path.split(".")
            new = eqx.tree_at(
                lambda t, m=mechanism, n=number: getattr(getattr(t, m), n),
                new,
                value,
                is_leaf=lambda leaf: isinstance(leaf, tuple),
            )
        return new

    def _with_intervention(self, path: str, value: Any) -> "Theory":
        name, *column = path.split(".")[1:] or [""]
        if name not in self.interventions.names:
            raise TheoryError(
                f"no intervention {name!r}{nearest(name, self.interventions.names)}"
            )
        if len(column) != 1 or column[0] not in COLUMNS:
            raise TheoryError(f"no number {'.'.join(column)!r} of interventions"
                              f"{nearest('.'.join(column), COLUMNS)}")  # fmt: skip
        low, high, unit, _ = COLUMNS[column[0]]
        _check_number(path, value, low, high, unit)
        row = self.interventions.index(name)
        where = column[0] if column[0] not in STANCES else "looks"
        new = np.array(getattr(self.interventions, where), np.float32)
        at = (row, STANCES.index(column[0])) if where == "looks" else row
        new[at] = value
        return eqx.tree_at(lambda t: getattr(t.interventions, where), self, new)

    def _split(self, path: str) -> tuple[str, str]:
        mechanism, _, number = path.partition(".")
        known = self.mechanisms()
        if mechanism not in known:
            homes = [n.name for n in self._declared() if n.name.split(".")[1] == mechanism]
            near = nearest(mechanism, [*known, "interventions"])
            meant = f"; did you mean {homes[0]!r}?" if homes else near
            raise TheoryError(f"no mechanism {mechanism!r}{meant}")
        declared = declarations(known[mechanism])
        if not number:
            raise TheoryError(
                f"{mechanism} is a mechanism; set one of its numbers: {', '.join(declared)}"
            )
        if number not in declared:
            raise TheoryError(f"no number {number!r} of {mechanism}{nearest(number, declared)}")
        return mechanism, number

    def _declared(self) -> Iterator[Number]:
        for mechanism, module in self.mechanisms().items():
            for number, d in declarations(module).items():
                value = getattr(module, number)
                if not d.over:
                    yield Number(f"{mechanism}.{number}", float(value), d.value,
                                 d.low, d.high, d.unit, d.meaning, d.source)  # fmt: skip
                    continue
                for entry, now, default in zip(d.over, np.asarray(value), d.value, strict=True):
                    yield Number(
                        f"{mechanism}.{number}.{entry}", float(now), default,
                        d.low, d.high, d.unit, f"{d.meaning}: {entry}", d.source,
                    )  # fmt: skip

    def _of_interventions(self) -> Iterator[Number]:
        for column, (low, high, unit, meaning) in COLUMNS.items():
            default = dict(zip(built_in().names, built_in().column(column), strict=True))
            values = self.interventions.column(column)
            for name, value in zip(self.interventions.names, values, strict=True):
                yield Number(
                    f"interventions.{name}.{column}", float(value),
                    float(default.get(name, value)), low, high, unit,
                    f"{meaning}: {name}", "ours: judged act by act",
                )  # fmt: skip


def _check_number(path: str, value: Any, low: float, high: float, unit: str) -> None:
    """A number is one, and within its range."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TheoryError(f"{path} = {as_written(value)}: a number is expected")
    if not low <= value <= high:
        spoken = "" if unit == "1" else f" {unit}"
        raise TheoryError(f"{path} = {value:g}: outside its range {low:g} to {high:g}{spoken}")


def as_written(value: Any) -> str:
    """A value as one writes it in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | time) else repr(value)


def _partly(value: Any, off: float, share: float) -> Any:
    """A number, or several, with a share of it taken away."""
    if isinstance(value, tuple):
        return tuple((1.0 - share) * entry + share * off for entry in value)
    return (1.0 - share) * value + share * off


def nearest(name: str, known: Any) -> str:
    """What to add to a message about an unknown name: the nearest known one, or all."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"

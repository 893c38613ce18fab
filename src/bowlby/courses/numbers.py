"""Every declared number under the name that a course gives it, with range, unit and source."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from bowlby.courses.sections import (
    REACTIVITY_SD,
    ChildhoodSection,
    LifeSection,
    Section,
    TherapySection,
)
from bowlby.courses.trial import TrialSection
from bowlby.theory import Theory
from bowlby.theory.declared import Declaration, declarations
from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
from bowlby.theory.populations import CaregiverPopulation
from bowlby.theory.theory import Number

_PEOPLE: dict[str, tuple[type, ...]] = {
    "client": (RelationalMind, CareSeeker),
    "childhood.population": (CaregiverPopulation,),
    "childhood.caregiver": (AttachmentFigure,),
}
"""Section of a course to the people whose numbers it holds; a therapist is a figure too."""

_SECTIONS: dict[str, type[Section]] = {
    "childhood": ChildhoodSection, "life": LifeSection, "therapy": TherapySection,
    "trial": TrialSection,
}  # fmt: skip


def numbers(theory: Theory | None = None) -> list[Number]:
    """Every number of people, of a course and of the theory, by dotted name.

    Args:
        theory: Whose values are given; the default theory's otherwise.
    """
    return [*_of_people(), *_of_sections(), *of_theory(theory or Theory())]


def of_theory(theory: Theory) -> list[Number]:
    """Every number of a theory, by dotted name of a course."""
    return [number._replace(name=f"theory.{number.name}") for number in theory.numbers()]


@cache
def number_of(name: str) -> Number | None:
    """The declared number of a dotted name, with the default theory's value; None if none."""
    return next((number for number in numbers() if number.name == name), None)


def _of_people() -> Iterator[Number]:
    for section, modules in _PEOPLE.items():
        declared = {k: d for module in modules for k, d in declarations(module).items()}
        if section == "client":
            declared["reactivity_sd"] = REACTIVITY_SD
        for name, declaration in declared.items():
            yield _number(f"{section}.{name}", declaration)


def _number(name: str, d: Declaration) -> Number:
    return Number(name, d.value, d.value, d.low, d.high, d.unit, d.meaning, d.source)


def _of_sections() -> Iterator[Number]:
    """Numbers that a course itself declares."""
    for section, model in _SECTIONS.items():
        for name, field in model.model_fields.items():
            if field.annotation is float and field.description:
                low, high, unit = _bounds(field)
                yield Number(
                    f"{section}.{name}", field.default, field.default, low, high, unit,
                    field.description, "ours: a setting of the course",
                )  # fmt: skip


def _bounds(field: Any) -> tuple[float, float, str]:
    low = next(item.ge for item in field.metadata if hasattr(item, "ge"))
    high = next(item.le for item in field.metadata if hasattr(item, "le"))
    return low, high, str(field.json_schema_extra["unit"])

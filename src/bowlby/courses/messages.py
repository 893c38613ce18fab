"""Errors of a course as sentences: which entry, why, and what to do."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bowlby.theory.theory import Theory, as_written, nearest

__all__ = ["CourseError", "nearest", "sentences"]


class CourseError(ValueError):
    """A course cannot be run; the message says which entry, why, and what to do."""


def sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Each of pydantic's findings as a sentence.

    Args:
        error: What pydantic found.
        model: The model that was checked.
    """
    problems = [p for p in error.errors() if not _is_other_form(p)] or error.errors()
    return list(dict.fromkeys(_sentence(p, model) for p in problems))


def _is_other_form(problem: Any) -> bool:
    """Whether this complains about the form (name or table) that the user did not choose."""
    is_table = isinstance(problem["input"], dict)
    return (problem["type"] == "literal_error" and is_table) or (
        problem["type"] == "model_type" and not is_table
    )


def _sentence(problem: Any, model: type[BaseModel]) -> str:
    location = problem["loc"]
    where = ".".join(map(str, _spoken(location)))
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        known = tuple(_section_at(location, model).model_fields)
        return f"{where}: no such parameter{_meant(str(location[-1]), known, model)}"
    if kind == "missing":
        return f"{where}: missing; it has to be given."
    if kind == "literal_error":
        written = as_written(problem["input"])
        return f"{where}: {written} is not known{_nearest_word(problem)}."
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        low, high, unit = _range_at(location, model)
        return (
            f"{where} = {problem['input']}: outside its range {low} to {high} {unit}".rstrip()
        )
    if kind == "value_error":
        said = str(context["error"]).rstrip(".")
        end = "" if said.endswith("?") else "."
        return f"{where + ': ' if where else ''}{said}{end}"
    said = _EXPECTED.get(kind)
    if kind == "multiple_of":
        said = f"a multiple of {context['multiple_of']:g}"
    wanted = f"{said} is expected" if said else problem["msg"]
    return f"{where} = {as_written(problem['input'])}: {wanted}."


def _meant(name: str, known: Iterable[str], model: type[BaseModel]) -> str:
    """What to add about an entry that is not here: where it belongs, or the nearest that is."""
    places = [
        f"{section}.{name}"
        for section, field in model.model_fields.items()
        for inner in _models_in(field.annotation)
        if name in inner.model_fields
    ]
    places += [
        f"theory.{number.name}"
        for number in Theory().numbers()
        if number.name.split(".")[1:] == [name]
    ]
    places += [name] if name in model.model_fields else []
    return f"; did you mean {places[0]!r}?" if places else nearest(name, known)


_EXPECTED = {
    "int_type": "a whole number", "int_from_float": "a whole number", "float_type": "a number",
    "bool_type": "true or false", "string_type": "text in quotes",
    "tuple_type": "a list in brackets", "dict_type": "a table", "model_type": "a section",
}  # fmt: skip
"""What pydantic's kinds of error expect, as one writes it in TOML."""


def _spoken(location: tuple[Any, ...]) -> list[Any]:
    """A place as the user wrote it, without pydantic's names of alternatives."""
    alternatives = ("literal[", "function-", "nullable[", "tuple[", "constrained-")
    return [
        part + 1 if isinstance(part, int) else part
        for part in location
        if not str(part).startswith(alternatives) and part not in ("FigureSection", "float")
    ]


def _nearest_word(problem: Any) -> str:
    """The nearest of the words that could stand there."""
    words = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
    if not words:
        return f": it can be {problem['ctx']['expected']}"
    return nearest(str(problem["input"]), words)


def _section_at(location: tuple[Any, ...], model: type[BaseModel]) -> type[BaseModel]:
    """The section in which the last part of a place lies."""
    for part in location[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            inner = _models_in(model.model_fields[part].annotation)
            model = inner[0] if inner else model
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Sections that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


def _range_at(location: tuple[Any, ...], model: type[BaseModel]) -> tuple[str, str, str]:
    """The range of an entry, or of what a list or table at the end of a place holds."""
    field, at = None, len(location)
    while field is None:
        at -= 1
        fields = _section_at(location[: at + 1], model).model_fields
        field = fields.get(str(location[at]))
    bounds = _bounds([*field.metadata, field.annotation])
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, Mapping) else ""
    return bounds.get("low", "?"), bounds.get("high", "?"), "" if unit == "1" else unit


def _bounds(items: Iterable[Any]) -> dict[str, str]:
    """Bounds among annotations, those inside lists and tables as well."""
    found: dict[str, str] = {}
    for item in items:
        inner = (*get_args(item), *getattr(item, "metadata", ()))
        found = _bounds(inner) | found
        for name, side in (("ge", "low"), ("gt", "low"), ("le", "high"), ("lt", "high")):
            if (bound := getattr(item, name, None)) is not None:
                found[side] = f"{bound:g}"
    return found

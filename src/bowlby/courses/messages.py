"""Errors of a course as sentences: which entry, why, and what to do."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bowlby.theory.theory import nearest

__all__ = ["CourseError", "nearest", "sentences"]


class CourseError(ValueError):
    """A course cannot be run; the message says which entry, why, and what to do."""


def sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Each of pydantic's findings as a sentence.

    Args:
        error: What pydantic found.
        model: The model that was checked.
    """
    problems = [p for p in error.errors() if not _is_other_form(p)]
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
        return f"{where}: no such parameter{nearest(str(location[-1]), known)}"
    if kind == "missing":
        return f"{where}: missing; it has to be given."
    if kind == "literal_error":
        return f"{where}: {problem['input']!r} is not known{_nearest_word(problem)}."
    if kind in ("greater_than_equal", "less_than_equal"):
        low, high, unit = _range_at(location, model)
        return (
            f"{where} = {problem['input']}: outside its range {low} to {high} {unit}".rstrip()
        )
    if kind == "value_error":
        said = str(context["error"]).rstrip(".")
        return f"{where + ': ' if where else ''}{said}."
    return f"{where} = {problem['input']!r}: {problem['msg']}."


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
    field = _section_at(location, model).model_fields.get(str(location[-1]))
    if field is None:
        return "0", "10", ""
    bounds: dict[str, str] = {"ge": "?", "le": "?"}
    for item in field.metadata:
        for name in bounds:
            if hasattr(item, name):
                bounds[name] = f"{getattr(item, name):g}"
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, Mapping) else ""
    return bounds["ge"], bounds["le"], "" if unit == "1" else unit

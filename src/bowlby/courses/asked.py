"""A course as it may be asked for in Python: an object, entries, a file, or a name."""

import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from bowlby.courses.catalogue import course_text, presets, trial_names, trial_text
from bowlby.courses.course import Course, CourseError, build_course, read_course
from bowlby.courses.messages import nearest
from bowlby.courses.parameters import parameters_of

Asked = Course | Mapping[str, Any] | str | PathLike[str]
"""What a course can be given as."""


def course_asked(
    what: Asked,
    changes: Mapping[str, Any] | None = None,
    *,
    parameters: str | Path | Mapping[str, float] | None = None,
) -> Course:
    """The course that is meant.

    Args:
        what: A course, its entries as in TOML, a `.toml` file, or the name of a preset or trial
            that comes with bowlby.
        changes: Entries to be replaced, by dotted name, e.g. `trial.clients_per_arm`.
        parameters: Numbers by dotted name, a file of them, or `calibrated`, for entries of
            which the course says nothing.

    Raises:
        CourseError: If there is none of that name, or an entry is unknown or out of range.
        OSError: If the file cannot be read.
    """
    values = parameters if isinstance(parameters, Mapping) else parameters_of(parameters)
    if isinstance(what, Course):
        if not changes and not values:
            return what
        content: Mapping[str, Any] = what.model_dump(mode="json", exclude_unset=True)
        return build_course(content, changes=changes, parameters=values)
    if isinstance(what, Mapping):
        return build_course(what, changes=changes, parameters=values)
    if str(what).endswith(".toml"):
        return read_course(Path(what), changes, parameters=values)
    courses = [preset.name for preset in presets() if preset.kind == "course"]
    known = [*courses, *trial_names()]
    if str(what) not in known:
        raise CourseError(f"No course {str(what)!r}{nearest(str(what), known)}.")
    text = course_text(str(what)) if str(what) in courses else trial_text(str(what))
    return build_course(
        tomllib.loads(text), where=str(what), changes=changes, parameters=values
    )

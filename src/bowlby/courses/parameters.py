"""Parameters: numbers for a whole population, in place of the defaults of a course.

A file of parameters is a part of a course, as `bowlby calibrate` writes it. Its numbers hold
wherever a course says nothing; what a course says itself, and `--set`, come before them.
"""

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from bowlby.courses.messages import CourseError
from bowlby.courses.reading import read_toml

CALIBRATED = "calibrated"
"""Name of the parameters that come with bowlby."""


def parameters_of(what: str | Path | None) -> dict[str, float]:
    """Parameters by dotted name: of a file, `calibrated`, or none.

    Raises:
        CourseError: If the file is not TOML, or an entry is unknown, out of range or no number.
        OSError: If it cannot be read.
    """
    if what is None:
        return {}
    if str(what) == CALIBRATED:
        return calibrated()
    return read_parameters(Path(what))


def read_parameters(path: Path) -> dict[str, float]:
    """Values by dotted name from a TOML file, as `bowlby calibrate` writes it.

    Raises:
        CourseError: If it is not TOML, or an entry is unknown, out of range or no number.
        OSError: If the file cannot be read.
    """
    from bowlby.courses.course import build_course

    content = read_toml(path)
    flat = dict(_flat(content, ""))
    for name, value in flat.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CourseError(f"{path}: {name} = {value!r}: a parameter is a number.")
    build_course(content, where=str(path))
    return {name: float(value) for name, value in flat.items()}


def calibrated() -> dict[str, float]:
    """The calibrated values that come with the package, by dotted name."""
    with as_file(files("bowlby.courses") / "calibrated.toml") as path:
        return read_parameters(path)


def _flat(content: Mapping[str, Any], before: str):
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value

"""Population parameters: what a calibration may move, and how far."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.courses.course import CourseError, build_course


@dataclass(frozen=True)
class Parameter:
    """A population parameter with its prior range, uniform.

    Attributes:
        name: Entry of a course, by dotted name.
        low: Lower end of the prior range.
        default: Value that the simulator uses.
        high: Upper end.
        unit: Unit.
        meaning: What it is.
    """

    name: str
    low: float
    default: float
    high: float
    unit: str
    meaning: str


def packaged_parameters() -> tuple[Parameter, ...]:
    """The parameters that come with the package."""
    text = (files("bowlby.evidence.data") / "parameters.csv").read_text("utf-8")
    return tuple(
        Parameter(
            row["name"], float(row["low"]), float(row["default"]), float(row["high"]),
            row["unit"], row["meaning"],
        )
        for row in csv.DictReader(StringIO(text))
    )  # fmt: skip


@dataclass(frozen=True)
class Sensitivity:
    """How far a parameter moves a finding over its whole prior range, in half-bands.

    Attributes:
        parameter: Entry of a course, by dotted name.
        effect: Mean absolute elementary effect (Morris).
        mean: Mean effect, with sign.
    """

    parameter: str
    effect: float
    mean: float


def packaged_screening(slug: str) -> tuple[Sensitivity, ...]:
    """What moves a finding, largest first, by the screening of the shipped calibration.

    Empty for findings that were not screened: signs and shapes have no number to be emulated,
    and findings on emitted signals are left out of calibration runs.
    """
    text = (files("bowlby.evidence.data") / "screening.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(StringIO(text)) if row["slug"] == slug]
    found = (
        Sensitivity(row["parameter"], float(row["effect"]), float(row["mean"])) for row in rows
    )
    return tuple(sorted(found, key=lambda s: -s.effect))


def values_at(parameters: Sequence[Parameter], point: FloatArray) -> dict[str, float]:
    """Values of the parameters at a point of the cube from -1 (low) to 1 (high).

    Six digits, so that a value that was written down and read again is the same.
    """
    return {
        p.name: float(f"{p.low + 0.5 * (u + 1.0) * (p.high - p.low):.6g}")
        for p, u in zip(parameters, point, strict=True)
    }


def point_of(parameters: Sequence[Parameter], values: Mapping[str, float]) -> FloatArray:
    """The point of the cube from -1 to 1 that has these values."""
    return np.array(
        [2.0 * (values[p.name] - p.low) / (p.high - p.low) - 1.0 for p in parameters]
    )


def default_values(parameters: Sequence[Parameter]) -> dict[str, float]:
    """The values that the simulator uses."""
    return {p.name: p.default for p in parameters}


def parameters_toml(
    parameters: Sequence[Parameter], values: Mapping[str, float], comments: Sequence[str] = ()
) -> str:
    """Values as TOML, a part of a course.

    Args:
        parameters: Their units and meanings become comments.
        values: A value for each.
        comments: Lines at the top.
    """
    sections: dict[str, list[str]] = {}
    for p in parameters:
        section, _, name = p.name.rpartition(".")
        unit = "" if p.unit == "1" else f" ({p.unit})"
        line = f"{name} = {values[p.name]:.6g}  # {p.meaning}{unit}; default {p.default:g}"
        sections.setdefault(section, []).append(line)
    blocks = ["\n".join([f"[{name}]", *lines]) for name, lines in sections.items()]
    return "\n\n".join(["\n".join(f"# {line}" for line in comments), *blocks]).lstrip() + "\n"


def read_parameters(path: Path) -> dict[str, float]:
    """Values by dotted name from a TOML file, as `bowlby calibrate` writes it.

    Raises:
        CourseError: If it is not TOML, or an entry is unknown, out of range or no number.
        OSError: If the file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: not a TOML file: {error}.") from error
    build_course(content, where=str(path))
    flat = dict(_flat(content, ""))
    for name, value in flat.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CourseError(f"{path}: {name} = {value!r}: a parameter is a number.")
    return {name: float(value) for name, value in flat.items()}


def packaged_calibration() -> dict[str, float]:
    """The calibrated values that come with the package, by dotted name."""
    with as_file(files("bowlby.evidence.data") / "calibrated.toml") as path:
        return read_parameters(path)


def _flat(content: Mapping[str, Any], before: str):
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value

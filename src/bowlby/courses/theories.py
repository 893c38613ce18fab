"""The theory of a course: its file, numbers, interventions and ablations."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bowlby.runs.own_file import run_file
from bowlby.theory import Theory, TheoryError
from bowlby.theory.intervention_rows import COLUMNS, built_in_rows
from bowlby.theory.interventions import interventions
from bowlby.theory.theory import as_written

if TYPE_CHECKING:
    from bowlby.courses.course import Course

FILE = "file"
"""Entry of the section that names a Python file with a theory of one's own."""


def check_theory(course: "Course") -> None:
    """The section's numbers, the ablations and the file of a course can be used.

    Raises:
        ValueError: If they cannot; the message says which and why.
    """
    theory_of(course)


def theory_of(course: "Course") -> Theory:
    """The theory that holds in a course.

    Raises:
        TheoryError: If a number, an ablation or the file is wrong.
    """
    section = dict(course.theory)
    file = section.pop(FILE, None)
    if not isinstance(file, str | None):
        raise TheoryError(f"theory.{FILE} = {as_written(file)}: text in quotes is expected")
    theory = load_theory(Path(file)) if file is not None else Theory()
    if course.interventions:
        theory = _with_interventions(theory, course.interventions)
    for path, value in entries(section):
        try:
            theory = theory.changed(path, value)
        except TheoryError as error:
            raise TheoryError(f"theory: {error}") from error
    for name, share in course.ablate.items():
        theory = theory.without(name, share)
    return theory


def entries(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Entries of nested tables by dotted name."""
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from entries(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def load_theory(path: Path) -> Theory:
    """The theory that a Python file defines as `theory`.

    The file is run once for each of its contents: laws that are the same object share compiled
    programs.

    Raises:
        TheoryError: If the file cannot be read, fails, or defines no theory.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TheoryError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return _defined(str(path), content)


@cache
def _defined(path: str, content: bytes) -> Theory:
    del content  # What the file says now: another text is another theory.
    defined = run_file(Path(path), TheoryError)
    theory = defined.get("theory")
    if not isinstance(theory, Theory):
        raise TheoryError(
            f"{path}: defines no theory. End it with a line such as "
            "`theory = Theory(oxytocin=MyOxytocin())`."
        )
    return theory


def theory_name(course: "Course") -> str:
    """Name of a course's theory: that of its file, or `default`."""
    return Path(course.theory[FILE]).stem if FILE in course.theory else "default"


def under_default(course: "Course") -> "Course":
    """The course without its theory file; numbers that only that theory has go with it."""
    default, kept = Theory(), {}
    for path, value in entries({k: v for k, v in course.theory.items() if k != FILE}):
        with suppress(TheoryError):
            default.changed(path, value)
            kept[path] = value
    return course.model_copy(update={"theory": kept})


def theory_mark(course: "Course") -> str:
    """Mark of the text of a course's own theory: what is kept of another is not used."""
    if FILE not in course.theory:
        return ""
    return sha256(Path(course.theory[FILE]).read_bytes()).hexdigest()[:16]


def numbers_of(theory: Theory) -> dict[str, float]:
    """Every number that holds in a theory, by dotted name of a course."""
    return {f"theory.{number.name}": number.value for number in theory.numbers()}


def theory_ran(course: "Course") -> dict[str, Any]:
    """What run.json holds of a course's theory: every number, and the file of its own laws."""
    numbers = numbers_of(theory_of(course))
    if FILE not in course.theory:
        return {"numbers": numbers}
    return {"file": course.theory[FILE], "mark": theory_mark(course), "numbers": numbers}


def _with_interventions(theory: Theory, own: Mapping[str, Any]) -> Theory:
    rows = [dict(row) for row in built_in_rows()]
    rows += [
        {"name": name, **{c: getattr(row, c) for c in COLUMNS}} for name, row in own.items()
    ]
    return replace(theory, interventions=interventions(rows))

"""What columns mean, where they do not speak for themselves: a mapping TOML, never a guess."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = ("client", "therapist", "instrument", "scale", "date", "session", "phase",
           "respondent", "value", "item", "answer")  # fmt: skip
TOP = ("columns", "wide", "labels", "items", "missing", "dates")


@dataclass(frozen=True)
class ColumnMapping:
    """Which column is what.

    Attributes:
        columns: Our name to the file's.
        wide: Column of a wide file to its session.
        labels: Words in the session column to numbers.
        items: Column of a file of answers to its item.
        missing: Codes that mean missing.
        dates: `day` or `month` first, or None.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    wide: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    missing: frozenset[float] = frozenset()
    dates: str | None = None


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping.

        [columns]
        client = "id"
        date = "filled_in"
        value = "core10_total"

        [wide]              # instead of `value` and `session`: a column a session
        bdi_intake = 0
        bdi1 = 1

        [labels]            # where sessions are words
        Before = 0
        After = 1

    Args:
        path: The TOML file. `missing = [-99]` and `dates = "day"` stand at its top.

    Raises:
        ValueError: If it does not make sense; says what would.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: this is not TOML ({error}).") from error
    for name in raw:
        if name not in TOP:
            raise ValueError(f"{path.name}: `{name}` is not known.{_near(name, TOP)}")
    columns = raw.get("columns", {})
    for name in columns:
        if name not in COLUMNS:
            raise ValueError(f"{path.name}: columns.{name} is not known.{_near(name, COLUMNS)}")
    if raw.get("wide") and "value" in columns:
        raise ValueError(
            f"{path.name}: give either columns.value (a row a score) or [wide] (a column a "
            "session), not both."
        )
    for part in ("wide", "labels", "items"):
        for name, value in raw.get(part, {}).items():
            if not isinstance(value, int) or value < 0:
                raise ValueError(
                    f"{path.name}: {part}.{name} = {value!r}; it must be a whole number from 0."
                )
    sessions = list(raw.get("wide", {}).values())
    if len(set(sessions)) < len(sessions):
        raise ValueError(f"{path.name}: two columns of [wide] are the same session.")
    if raw.get("dates") not in (None, "day", "month"):
        raise ValueError(f'{path.name}: dates = {raw["dates"]!r}; write "day" or "month".')
    return ColumnMapping(
        columns, raw.get("wide", {}), {str(k): v for k, v in raw.get("labels", {}).items()},
        raw.get("items", {}), frozenset(float(c) for c in raw.get("missing", ())),
        raw.get("dates"),
    )  # fmt: skip


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" Did you mean `{near[0]}`?" if near else f" Known: {', '.join(known)}."

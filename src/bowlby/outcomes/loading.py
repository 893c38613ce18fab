"""From a question as typed to scores and the numbers to judge them by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bowlby.outcomes.attachment import AttachmentChange, attachment_change
from bowlby.outcomes.client_content import Beside
from bowlby.outcomes.instruments.registry import Instrument, read_instrument
from bowlby.outcomes.mapping import COLUMNS, ColumnMapping, read_mapping
from bowlby.outcomes.reading import TextTable, read_table
from bowlby.outcomes.ruptures import ruptures
from bowlby.outcomes.tables import Scores, pairs, read_scores, with_missing
from bowlby.outcomes.yardstick import Yardstick, yardstick


@dataclass(frozen=True)
class Question:
    """What scores, of what, judged by which numbers.

    Attributes:
        file: The scores.
        instrument: Id or TOML; empty for a scale of one's own.
        name: Name of a scale of one's own.
        direction: `lower` or `higher` is better, where the instrument does not say.
        scale: Which scale of the file.
        columns: Our names to the file's.
        mapping: A mapping TOML.
        missing: Codes that mean missing.
        dates: `day` or `month` first.
        keep: `last` or `first` of two scores at one time.
        unit: `session` or `week`.
        numbers: Numbers of one's own (`yardstick.OVERRIDES`).
        level: Reliable change as `published`, `95` or `90`.
        accept_unverified: Whether numbers from memory may be used.
    """

    file: Path
    instrument: str = ""
    name: str = ""
    direction: str = ""
    scale: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    mapping: Path | None = None
    missing: Sequence[float] = ()
    dates: str | None = None
    keep: str | None = None
    unit: str = "session"
    numbers: Mapping[str, float] = field(default_factory=dict)
    level: str = "published"
    accept_unverified: bool = False


@dataclass(frozen=True)
class Loaded:
    """Scores and the numbers to judge them by."""

    scores: Scores
    yard: Yardstick
    instrument: Instrument
    text: TextTable
    mapping: ColumnMapping


def load(question: Question) -> Loaded:
    """Read the scores.

    Raises:
        ValueError: If anything is not as it should be; names file, row, column and remedy.
    """
    instrument = _instrument(question)
    yard = yardstick(
        instrument, given=question.numbers, accept_unverified=question.accept_unverified,
        level=question.level,
    )  # fmt: skip
    text, mapping = read_table(question.file), _mapping(question)
    scores = read_scores(
        text, yard, mapping, unit=question.unit, keep=question.keep, scale=question.scale,
        instruments=_names(instrument),
    )  # fmt: skip
    return Loaded(scores, yard, instrument, text, mapping)


def _names(instrument: Instrument) -> tuple[str, ...]:
    return tuple(n for n in (instrument.id, instrument.name) if n)


def _instrument(question: Question) -> Instrument:
    if not question.instrument:
        if not question.direction:
            raise ValueError(
                "Which instrument? Give --instrument phq9 (see `bowlby outcomes "
                "instruments`), or "
                "for a scale of your own --name and --lower-is-better or --higher-is-better."
            )
        return Instrument("", question.name or "score", "", question.direction, "", "")
    found = read_instrument(question.instrument)
    if not question.direction:
        return found
    if found.direction in ("lower", "higher") and found.direction != question.direction:
        raise ValueError(
            f"{found.id}: its table says {found.direction} is better, you said "
            f"{question.direction}. Leave the option out, or write a TOML of your own."
        )
    return replace(found, direction=question.direction)


def _mapping(question: Question) -> ColumnMapping:
    made = read_mapping(question.mapping) if question.mapping else ColumnMapping()
    for name in question.columns:
        if name not in COLUMNS:
            raise ValueError(
                f"--columns {name}=...: {name} is not one of {', '.join(COLUMNS)}."
            )
    if question.dates not in (None, "day", "month"):
        raise ValueError(
            f"--dates {question.dates!r}: say day or month, whichever comes first."
        )
    made = replace(
        made, columns={**made.columns, **question.columns}, dates=question.dates or made.dates
    )
    return with_missing(made, question.missing)


def load_beside(
    question: Question, names: Sequence[str], *, planned: int, criterion: str
) -> list[Beside]:
    """Further scales, from the same file or from one of their own (`srs=alliance.csv`).

    Args:
        question: The main question.
        names: Instruments, each perhaps with a file.
        planned: Sessions planned.
        criterion: Rule of ruptures.
    """
    made = []
    for text in names:
        name, _, file = text.partition("=")
        other = replace(
            question, instrument=name, name="", direction="", scale=None, numbers={},
            level="published", file=Path(file) if file else question.file,
            mapping=None if file else question.mapping,
            columns={} if file else question.columns,
        )  # fmt: skip
        loaded = load(other)
        is_alliance = "alliance" in loaded.instrument.construct
        found = None
        if is_alliance:
            found = ruptures(
                loaded.scores.table, planned=max(planned, 5), maximum=loaded.yard.maximum,
                criterion=criterion,
            )  # fmt: skip
        made.append(Beside(loaded.yard, loaded.scores, found))
    return made


def attachment_of(beside: Sequence[Beside]) -> AttachmentChange | None:
    """Change of attachment, where both scales are there with their numbers."""
    found: dict[str, Beside] = {}
    for one in beside:
        for which in ("anxiety", "avoidance"):
            if one.yard.instrument.startswith("ecr") and one.yard.instrument.endswith(which):
                found[which] = one
    if len(found) < 2:
        return None
    a, b = found["anxiety"], found["avoidance"]
    numbers = [a.yard.sem, b.yard.sem, a.yard.functional_mean, b.yard.functional_mean]
    if not np.isfinite(numbers).all():
        return None
    return attachment_change(
        pairs(a.scores.table), pairs(b.scores.table), sem=(a.yard.sem, b.yard.sem),
        norm_mean=(a.yard.functional_mean, b.yard.functional_mean),
        norm_sd=(a.yard.functional_sd, b.yard.functional_sd),
    )  # fmt: skip

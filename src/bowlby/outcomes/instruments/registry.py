"""What is known of an instrument, and how far each number was verified."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

GRADES = {
    "A": "read in the source",
    "B": "read in a second source",
    "M": "from memory",
    "user": "given by you",
}


@dataclass(frozen=True)
class Number:
    """A published number.

    Attributes:
        value: The number.
        verified: A (read in the source), B (in a second source), M (from memory) or `user`.
        kind: Of a cut-off or a reliability.
        level: Of a reliable change (0.95 or 0.90).
    """

    value: float
    verified: str = "user"
    kind: str = ""
    level: float = 0.95

    @property
    def is_verified(self) -> bool:
        """Whether it may be used without asking."""
        return self.verified != "M"


@dataclass(frozen=True)
class Scale:
    """How a scale's score comes from answers.

    Attributes:
        name: Its name.
        items: Numbers of its items in the questionnaire.
        reversed: Those whose answers count the other way.
        how: `sum` or `mean`.
        times: What the sum or mean is multiplied by.
        most_missing: Answers that may be missing; the mean of the rest stands for them.
        recode: Value of each answer, from the lowest; empty for the answers themselves.
        recode_reversed: The same for reversed items.
    """

    name: str
    items: tuple[int, ...]
    reversed: tuple[int, ...]
    how: str
    times: float
    most_missing: int
    recode: tuple[float, ...] = ()
    recode_reversed: tuple[float, ...] = ()

    def range(self, answers: tuple[float, float]) -> tuple[float, float]:
        """Lowest and highest score."""
        low, high = answers
        if self.recode:
            low, high = min(self.recode), max(self.recode)
        many = (len(self.items) if self.how == "sum" else 1) * self.times
        return low * many, high * many


@dataclass(frozen=True)
class Instrument:
    """A questionnaire or rating.

    Attributes:
        id: Short name.
        name: Full name.
        construct: What it measures.
        direction: `lower` or `higher` is better; else why neither.
        licence: Who may use it how.
        source: Where the numbers come from.
        minimum: Lowest score; NaN if not known.
        maximum: Highest.
        answers: Lowest and highest answer; None where answers cannot be scored here.
        is_continuous: Whether answers between whole numbers are allowed.
        scales: How scores come from answers.
        numbers: Published numbers by name.
        risk_items: Items that ask about danger.
        loinc: Codes.
        missing_rule: In words.
        text_may_ship: Whether its words may be passed on.
        verified: Grade of each field.
        verified_words: The table's own words on that.
        note: A trap to know.
    """

    id: str
    name: str
    construct: str
    direction: str
    licence: str
    source: str
    minimum: float = float("nan")
    maximum: float = float("nan")
    answers: tuple[float, float] | None = None
    is_continuous: bool = False
    scales: Mapping[str, Scale] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    risk_items: tuple[int, ...] = ()
    loinc: str = ""
    missing_rule: str = ""
    text_may_ship: str = ""
    verified: Mapping[str, str] = field(default_factory=dict)
    verified_words: str = ""
    note: str = ""


def instrument_names() -> list[str]:
    """Ids of the instruments that come with bowlby."""
    return sorted(f.name[:-5] for f in _keys().iterdir() if f.name.endswith(".toml"))


def _keys() -> Traversable:
    return files("bowlby.outcomes.instruments") / "keys"


def read_instrument(name: str) -> Instrument:
    """The instrument of an id, or of a TOML file of your own.

    Args:
        name: Such as `phq9`, or a path that ends in .toml.

    Raises:
        ValueError: If there is none, or the file does not make sense.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise ValueError(f"{name}: no such file. Give a TOML of an instrument.")
        return _built(name, path.read_bytes())
    known = instrument_names()
    wanted = name.strip().lower().replace("-", "").replace("_", "")
    for one in known:
        if one.replace("_", "") == wanted:
            return _built(one, (_keys() / f"{one}.toml").read_bytes())
    near = difflib.get_close_matches(name.lower(), known, 4, 0.4)
    hint = f" Near: {', '.join(near)}." if near else ""
    raise ValueError(
        f"Instrument {name!r} is not known.{hint} See `bowlby outcomes instruments`, or write "
        "a TOML of your own and give its path."
    )


def _built(name: str, content: bytes) -> Instrument:
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: this is not TOML ({error}).") from error
    for wanted in ("id", "name", "direction"):
        if not isinstance(raw.get(wanted), str):
            raise ValueError(
                f'{name}: `{wanted}` is missing. Begin with id = "...", name = "...", '
                'direction = "lower" (or "higher").'
            )
    known = Instrument.__dataclass_fields__.keys() | {"items"}
    for odd in raw.keys() - known:
        near = difflib.get_close_matches(odd, list(known), 1)
        raise ValueError(
            f"{name}: `{odd}` is not a field of an instrument."
            + (f" Did you mean `{near[0]}`?" if near else "")
        )
    raw.pop("items", None)
    raw.setdefault("construct", "")
    raw.setdefault("licence", "")
    raw.setdefault("source", "")
    answers = raw.pop("answers", None)
    numbers = {k: _number(name, k, v) for k, v in raw.pop("numbers", {}).items()}
    scales = {k: _scale(name, k, v, answers) for k, v in raw.pop("scales", {}).items()}
    risk = tuple(raw.pop("risk_items", ()))
    made = Instrument(
        **raw, answers=tuple(answers) if answers else None, numbers=numbers, scales=scales,
        risk_items=risk,
    )  # fmt: skip
    if made.minimum >= made.maximum:
        raise ValueError(
            f"{name}: minimum {made.minimum:g} is not below maximum {made.maximum:g}."
        )
    return made


NUMBERS = ("reliability", "retest", "norm_mean", "norm_sd", "clinical_mean", "clinical_sd",
           "cutoff", "published_rc")  # fmt: skip


def _number(file: str, name: str, raw: Any) -> Number:
    if name not in NUMBERS:
        raise ValueError(f"{file}: numbers.{name} is not known. Known: {', '.join(NUMBERS)}.")
    if not isinstance(raw, dict):
        raw = {"value": raw}
    value = raw.get("value")
    if not isinstance(value, int | float):
        raise ValueError(f"{file}: numbers.{name} needs a value, such as value = 0.89.")
    if name in ("reliability", "retest") and not 0 < value < 1:
        raise ValueError(
            f"{file}: numbers.{name} = {value:g}; a reliability is between 0 and 1 (not 1: "
            "a perfect measure would call every change reliable)."
        )
    if name in ("norm_sd", "clinical_sd", "published_rc") and value <= 0:
        raise ValueError(f"{file}: numbers.{name} = {value:g} must be positive.")
    return Number(
        float(value), raw.get("verified", "user"), raw.get("kind", ""), raw.get("level", 0.95)
    )


def _scale(file: str, name: str, raw: Mapping[str, Any], answers: Any) -> Scale:
    where = f"{file}: scales.{name}"
    if answers is None:
        raise ValueError(f"{where}: give answers = [lowest, highest] at the top of the file.")
    items = raw.get("items")
    if not isinstance(items, list) or not items:
        raise ValueError(f"{where} needs items = [1, 2, ...].")
    if len(set(items)) < len(items):
        raise ValueError(f"{where}: an item is listed twice.")
    if raw.get("how") not in ("sum", "mean"):
        raise ValueError(f'{where}: how = {raw.get("how")!r}; write "sum" or "mean".')
    outside = sorted(set(raw.get("reversed", ())) - set(items))
    if outside:
        raise ValueError(f"{where}: reversed item {outside[0]} is not among its items.")
    return Scale(
        name, tuple(items), tuple(raw.get("reversed", ())), raw["how"],
        float(raw.get("times", 1)), int(raw.get("most_missing", 0)),
        tuple(raw.get("recode", ())), tuple(raw.get("recode_reversed", ())),
    )  # fmt: skip

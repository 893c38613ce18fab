"""The rows of `interventions.csv`, and how interventions are spoken of; without JAX."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from bowlby.theory.vocabulary import STANCES


class Column(NamedTuple):
    """A number of every intervention."""

    low: float
    high: float
    unit: str
    meaning: str


COLUMNS: Mapping[str, Column] = {
    **{
        stance: Column(0.0, 1.0, "probability", f"how far it looks {stance} when it fits")
        for stance in STANCES
    },
    "answers": Column(0.0, 1.0, "share", "how far it answers need"),
    "pressure": Column(0.0, 2.0, "1", "how much it asks of the client"),
    "information": Column(0.0, 20.0, "1", "what it tells, relative to an ordinary moment"),
    "content": Column(0.0, 2.0, "1", "how far it speaks of the old model itself"),
    "naming": Column(0.0, 2.0, "1", "how far it helps to name a feeling"),
    "soothing": Column(0.0, 1.0, "1/s", "regulation at perfect attunement"),
    "contact": Column(0.0, 1.0, "1", "contact, relative to what the client's action makes"),
}
"""Numbers of an intervention, with their ranges."""

WORDS = ("label", "hint", "does", "did")
"""Words of an intervention."""


class Words(NamedTuple):
    """How an intervention is spoken of."""

    label: str
    hint: str
    does: str
    did: str


@cache
def built_in_rows() -> tuple[dict[str, str], ...]:
    """The rows of `interventions.csv`."""
    text = files("bowlby.theory").joinpath("interventions.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def words() -> Mapping[str, Words]:
    """How the built-in interventions are spoken of."""
    return {row["name"]: Words(*(row[word] for word in WORDS)) for row in built_in_rows()}

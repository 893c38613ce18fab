"""Clients to practise with: courses with a card, a person and a childhood.

A client's file is a course (`[client]`, `[childhood]`, ...) with a `[card]` of what is told of
them; both are checked by the reader of courses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bowlby.courses.course import Course, CourseError, build_course, with_paths
from bowlby.courses.messages import sentences
from bowlby.courses.old_dialect import translated_client
from bowlby.courses.reading import read_toml
from bowlby.courses.sections import FigureSection, Section
from bowlby.practice.messages import ClientCard


class CardSection(Section):
    """What is told of a client, and which words are theirs."""

    name: str
    age: int
    pattern: str
    severity: str
    brings: str
    vignette: str
    history: str
    topics: tuple[str, ...]


class _Card(Section):
    card: CardSection


@dataclass(frozen=True)
class SimulatedClient:
    """A client to practise with.

    Attributes:
        card: What the trainee is told.
        pattern: Which library of words is theirs; the engine does not see it.
        history: Childhood and the parents' own, told in supervision.
        topics: What they speak of, most often first.
        content: The course that made them, as written.
        parameters: Numbers for entries of which it says nothing, by dotted name.
    """

    card: ClientCard
    pattern: str
    history: str
    topics: tuple[str, ...]
    content: Mapping[str, Any] = field(hash=False)
    parameters: Mapping[str, float] = field(default_factory=dict, hash=False)

    def course(self, *, seed: int = 1, sessions: int = 30) -> Course:
        """The course of one trainee with this client."""
        changes = {"dyads": 1, "seed": seed, "therapy.sessions": sessions}
        return build_course(
            self.content, where=self.card.id, changes=changes, parameters=self.parameters
        )

    def with_parameters(self, parameters: Mapping[str, float]) -> "SimulatedClient":
        """The same client among other people."""
        return replace(self, parameters=dict(parameters))

    @property
    def childhood(self) -> dict[str, float]:
        """Traits of the caregiver."""
        caregiver = self.course().childhood.caregiver
        assert isinstance(caregiver, FigureSection)
        return caregiver.model_dump()

    @property
    def seeker(self) -> dict[str, float]:
        """Parameters of the client."""
        return self.course().client.model_dump()


@cache
def clients() -> tuple[SimulatedClient, ...]:
    """All clients, in alphabetic order."""
    with as_file(files("bowlby.practice.clients")) as folder:
        return tuple(read_client(path) for path in sorted(folder.glob("*.toml")))


def find_client(name: str) -> SimulatedClient:
    """The client of that id.

    Raises:
        ValueError: If there is none.
    """
    for client in clients():
        if client.card.id == name:
            return client
    known = ", ".join(client.card.id for client in clients())
    raise ValueError(f"There is no client {name!r}; choose one of {known}.")


def read_client(path: Path) -> SimulatedClient:
    """A client from a course with a card; its id is the file's name.

    Raises:
        CourseError: If the card or the course cannot be used.
        OSError: If the file cannot be read.
    """
    content = translated_client(with_paths(read_toml(path), path))
    try:
        written = {"card": content.pop("card")} if "card" in content else {}
        told = _Card.model_validate(written).card
        card = ClientCard(
            id=path.stem, name=told.name, age=told.age, brings=told.brings,
            vignette=told.vignette.strip(), severity=told.severity,  # pyright: ignore[reportArgumentType]
        )  # fmt: skip
    except ValidationError as error:
        lines = "\n".join(f"  {sentence}" for sentence in sentences(error, _Card))
        raise CourseError(f"{path}:\n{lines}") from error
    found = SimulatedClient(card, told.pattern, told.history.strip(), told.topics, content)
    if not isinstance(found.course().childhood.caregiver, FigureSection):
        raise CourseError(f"{path}:\n  childhood.caregiver: give the caregiver's own numbers.")
    return found

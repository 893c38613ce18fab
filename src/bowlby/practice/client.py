"""Clients to practise with: courses with a card, a person, a childhood and their own words.

A client's file `NAME.toml` is a course (`[client]`, `[childhood]`, ...) with a `[card]` of what
is told of them; beside it `NAME.words.toml` holds what they say. Both are checked, ours and
anyone's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from bowlby.courses.course import Course, CourseError, build_course, with_paths
from bowlby.courses.messages import sentences
from bowlby.courses.old_dialect import translated_client
from bowlby.courses.reading import read_toml
from bowlby.courses.sections import FigureSection, Section
from bowlby.practice.language import SOURCE_LANGUAGE, UnknownError, languages
from bowlby.practice.lint import lint
from bowlby.practice.messages import ClientCard
from bowlby.practice.utterances import (
    PATTERNS,
    TOPICS,
    Utterance,
    joined,
    read_words,
    shared_words,
)
from bowlby.simulation.instruments.symptoms import WEEKS


def _compiles(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression ({error})") from error
    return patterns


Patterns = Annotated[tuple[str, ...], AfterValidator(_compiles)]


class CardSection(Section):
    """What is told of a client, and what the words are checked against."""

    name: str
    age: int
    pattern: str
    severity: str
    brings: str
    vignette: str
    history: str
    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    about: Patterns = ()
    never: Patterns = ()
    content_note: str = ""
    met_in: Literal["courses", "drills"] = "courses"


class ToldSection(Section):
    """The words of a card in another language."""

    name: str
    brings: str
    vignette: str
    history: str
    about: Patterns = ()
    content_note: str = ""


class _Card(Section):
    card: CardSection


class _Told(Section):
    card: ToldSection


TICK_S = 10.0
"""Length of a tick of a room (s)."""

_CARD_WORDS = ("name", "brings", "vignette", "content_note")


@dataclass(frozen=True)
class SimulatedClient:
    """A client to practise with.

    Attributes:
        card: What the trainee is told.
        pattern: Which history they have; the engine does not see it.
        history: Childhood and the parents' own, told in supervision.
        topics: What they speak of, most often first.
        content: The course that made them, as written.
        own: Their own lines.
        about: Patterns of what brings them.
        never: Patterns of what the card rules out.
        met_in: What they are there for: `courses`, or `drills` alone.
        language: In which they are told and speak.
        tongues: The same client in other languages.
        parameters: Numbers for entries of which the course says nothing, by dotted name.
    """

    card: ClientCard
    pattern: str
    history: str
    topics: tuple[str, ...]
    content: Mapping[str, Any] = field(hash=False)
    own: tuple[Utterance, ...] = field(default=(), hash=False, repr=False)
    about: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    met_in: str = "courses"
    language: str = SOURCE_LANGUAGE
    tongues: Mapping[str, "SimulatedClient"] = field(
        default_factory=dict, hash=False, repr=False
    )
    parameters: Mapping[str, float] = field(default_factory=dict, hash=False)

    def course(self, *, seed: int = 1, sessions: int = 30) -> Course:
        """The course of one trainee with this client."""
        # A client is one person, whatever the seed: only what happens differs.
        one_person = dict.fromkeys(
            ("ablate.constitution", "ablate.crises", "ablate.illness", "ablate.partnership"),
            1.0,
        )
        changes = {"dyads": 1, "seed": seed, "therapy.sessions": sessions} | one_person
        return build_course(
            self.content, where=self.card.id, changes=changes, parameters=self.parameters
        )

    def with_parameters(self, parameters: Mapping[str, float]) -> "SimulatedClient":
        """The same client among other people."""
        return replace(self, parameters=dict(parameters))

    def speaks(self, language: str) -> bool:
        """Whether somebody has written them in a language."""
        return language == self.language or language in self.tongues

    def speaking(self, language: str) -> "SimulatedClient":
        """The same client in a language.

        Raises:
            UnknownError: If nobody has written them in it.
        """
        if language == self.language:
            return self
        if language not in self.tongues:
            known = ", ".join((self.language, *self.tongues))
            raise UnknownError(
                "not_spoken", name=self.card.name, language=language, known=known
            )
        return self.tongues[language]

    @property
    def words(self) -> tuple[Utterance, ...]:
        """Their own lines, then those that anyone may show."""
        return (*self.own, *shared_words(self.language))

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

    def findings(self) -> tuple[str, ...]:
        """What is wrong with their lines, in every language in which they have some."""
        found = lint(self.words, topics=self.topics, about=self.about, never=self.never)
        own = tuple(f"{self.card.id} ({self.language}): {one}" for one in found)
        return (*own, *(one for other in self.tongues.values() for one in other.findings()))


def of_courses() -> tuple[SimulatedClient, ...]:
    """The clients of the package who are offered for courses, in alphabetic order."""
    return tuple(client for client in clients() if client.met_in == "courses")


@cache
def clients() -> tuple[SimulatedClient, ...]:
    """All clients that come with the package, in alphabetic order."""
    root = files("bowlby.practice")
    with (
        as_file(root.joinpath("clients")) as folder,
        as_file(root.joinpath("languages")) as words,
    ):
        other = {code: words / code / "clients" for code in languages() if code != "en"}
        return read_clients(folder, tongues=other)


def find_client(name: str, among: Iterable[SimulatedClient] | None = None) -> SimulatedClient:
    """The client of that id, by default of all that come with the package.

    Raises:
        UnknownError: If there is none; it names those who are offered for courses.
    """
    there = clients() if among is None else tuple(among)
    for client in there:
        if client.card.id == name:
            return client
    known = ", ".join(client.card.id for client in there if client.met_in == "courses")
    raise UnknownError("no_client", client=name[:40], known=known)


def read_clients(
    folder: Path, *, tongues: Mapping[str, Path] | None = None
) -> tuple[SimulatedClient, ...]:
    """All clients of a folder, in alphabetic order.

    Args:
        folder: Files `NAME.toml` and `NAME.words.toml`.
        tongues: By language, the folder of the same clients in it; by default the folders in
            this one that bear the name of a language.

    Raises:
        CourseError: If there is no client, or a card, a course or a line cannot be used.
        OSError: If a file cannot be read.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder of clients.")
    there = {code: folder / code for code in languages()} if tongues is None else tongues
    paths = [p for p in sorted(folder.glob("*.toml")) if not p.name.endswith(".words.toml")]
    if not paths:
        raise CourseError(f"{folder} has no client: a NAME.toml with a [card] is one.")
    known = {path.name for path in paths}
    for one in (folder, *there.values()):
        for path in sorted(one.glob("*.toml")):
            whose = f"{path.name.removesuffix('.toml').removesuffix('.words')}.toml"
            if whose not in known:
                raise CourseError(f"{path} is of nobody: there is no {folder / whose}.")
    return tuple(read_client(path, tongues=there) for path in paths)


def read_client(path: Path, *, tongues: Mapping[str, Path] | None = None) -> SimulatedClient:
    """A client from a course with a card; its id is the file's name.

    Args:
        path: The course. The lines are read from `NAME.words.toml` beside it, where that is.
        tongues: By language, the folder of the same client in it.

    Raises:
        CourseError: If the card, the course or the lines cannot be used.
        OSError: If a file cannot be read.
    """
    content = translated_client(with_paths(read_toml(path), path))
    try:
        written = {"card": content.pop("card")} if "card" in content else {}
        told = _Card.model_validate(written).card
        card = ClientCard(
            id=path.stem, name=told.name, age=told.age, brings=told.brings,
            vignette=told.vignette.strip(), severity=told.severity,  # pyright: ignore[reportArgumentType]
            content_note=told.content_note.strip(),
        )  # fmt: skip
    except ValidationError as error:
        lines = "\n".join(f"  {sentence}" for sentence in sentences(error, _Card))
        raise CourseError(f"{path}:\n{lines}") from error
    _known(path, "card.pattern", (told.pattern,), PATTERNS)
    _known(path, "card.topics", told.topics, TOPICS)
    found = SimulatedClient(
        card, told.pattern, told.history.strip(), told.topics, content,
        own=_lines(path.with_suffix(".words.toml")), about=told.about, never=told.never,
        met_in=told.met_in,
    )  # fmt: skip
    _fits_a_room(path, found)
    spoken = {
        code: _spoken(found, code, folder / path.name)
        for code, folder in (tongues or {}).items()
        if (folder / path.name).is_file()
    }
    return replace(found, tongues=spoken)


def _fits_a_room(path: Path, client: SimulatedClient) -> None:
    """Whether a course can be lived in a room, in the shortest therapy too."""
    course = client.course(sessions=1)
    reasons = {
        "childhood.caregiver: give the caregiver's own numbers.": not isinstance(
            course.childhood.caregiver, FigureSection
        ),
        "kind: leave it out; whoever comes to a room is in therapy.": course.kind != "therapy",
        f"time_step_s: leave it out; a tick of a room is {TICK_S:g} s.": course.time_step_s
        != TICK_S,
        f"life.waiting_weeks: at least {WEEKS}, in which it is seen how they were before.": (
            course.life.waiting_weeks < WEEKS
        ),
    }
    found = [f"  {reason}" for reason, holds in reasons.items() if holds]
    if found:
        raise CourseError("\n".join([f"{path}:", *found]))


def _known(path: Path, name: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for word in given:
        if word not in known:
            raise CourseError(f"{path}:\n  {name}: {word!r} is none of {', '.join(known)}.")


def _lines(path: Path) -> tuple[Utterance, ...]:
    try:
        return joined(read_words(path)) if path.is_file() else ()
    except ValueError as error:
        raise CourseError(str(error)) from error


def _spoken(client: SimulatedClient, language: str, path: Path) -> SimulatedClient:
    """A client in another language: the words of the card, and the lines."""
    try:
        told = _Told.model_validate(read_toml(path)).card
    except ValidationError as error:
        lines = "\n".join(f"  {sentence}" for sentence in sentences(error, _Told))
        raise CourseError(f"{path}:\n{lines}") from error
    words = {name: getattr(told, name).strip() for name in _CARD_WORDS}
    card = client.card.model_copy(update=words)
    return replace(
        client, card=card, history=told.history.strip(), about=told.about, never=(),
        own=_lines(path.with_suffix(".words.toml")), language=language,
    )  # fmt: skip


def checked(found: tuple[SimulatedClient, ...]) -> tuple[SimulatedClient, ...]:
    """Clients of one's own who can be met, and whose lines have no findings.

    Raises:
        CourseError: If one is met nowhere, or with all findings, where there are any.
    """
    for client in found:
        if client.met_in == "drills":
            raise CourseError(
                f"{client.card.id}.toml:\n  card.met_in: leave it out; drills are practised "
                "with the clients of the package."
            )
    findings = [finding for client in found for finding in client.findings()]
    if findings:
        shown = "\n".join(f"  {one}" for one in findings[:20])
        more = f"\n  and {len(findings) - 20} more" if len(findings) > 20 else ""
        raise CourseError(f"Lines of clients need work:\n{shown}{more}")
    return found

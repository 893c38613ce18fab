"""What a client says, or shows without a word, chosen from written lines by state.

Nothing is generated: every sentence stands in a client's `NAME.words.toml`, where a clinician
can read and correct it. A group of lines says how distressed a client is who would say them,
how that client has just heard the therapist, which expectation leads, what is talked of,
what the
words do, and what must have happened before (docs/how-to/clients.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from bowlby.courses.reading import read_toml
from bowlby.theory.vocabulary import DISTRESS, STANCES

PATTERNS = ("avoidant", "ambivalent", "disorganised", "secure")
KINDS = ("speech", "silence", "movement")
ROLES = ("turn", "opening", "goodbye")
EXPECTATIONS = ("old", "open", "new")
TOPICS = ("here", "partner", "work", "parents", "body", "self", "loss", "child", "ending")
ACTS = ("approach", "explore", "withdraw", "protest")
ANY = "any"

FACTS = (
    "first", "later", "after_break", "before_break", "last", "near_end", "break_named",
    "left_in_rupture", "left_in_distress", "left_calm", "repaired",
)  # fmt: skip
"""What may have to be true before a line is said, beside `did_MOVE` and `told_STORY`.

`did_MOVE`: in an earlier session the therapist did that and was heard as attuned; `told_STORY`:
the client began that story in an earlier session.
"""

# What passes between the two can be spoken of whatever the talk was about.
_ALWAYS_TO_THE_POINT = ("here", ANY)

# What one misfit costs. A client who does the wrong thing, or answers a kindness as an attack,
# misleads the trainee, and so does one who words trust where there is none; one who wanders off
# the topic is only a client. But nobody says that time is up when it is not.
_NOT_ENDING = 9
_WRONG_ACT = 3
_WRONG_STANCE = 3
_OFF_TOPIC = 2
_DISTRESS_STEP = 2
_EXPECTATION_STEP = 2
# What a repetition costs, by how many sessions ago it was said; after these it costs one.
_SAID = (40, 7, 5)
# What is gained by going on with the story that is being told.
_GOES_ON = 1


@dataclass(frozen=True)
class Utterance:
    """One thing a client may say, or show without a word.

    Attributes:
        text: The words, or what an observer would see ("Looks at the window.").
        kind: One of `KINDS`.
        distress: How distressed the client is, from `DISTRESS`.
        stance: How the client has just heard the therapist, from `STANCES`, or `("any",)`.
        expectation: What leads now, from `EXPECTATIONS`: what the parent did ("old"), not sure
            who this is ("open"), a person who stays and understands ("new"); or `("any",)`.
        topic: What it is about, one of `TOPICS`, where "here" is between the two; or "any".
        act: What it does, one of `ACTS`; None where it may do any of them.
        role: One of `ROLES`: an answer, first words of a session, or last ones.
        move: What the therapist has just done, where the line answers that alone.
        needs: What must be true, from `FACTS` or `did_MOVE`, `told_STORY`; all of them.
        story: Name of the story it belongs to, or "".
        step: Its place there, from 1: said only after the one before it.

    Raises:
        ValueError: If an entry is empty or holds a word that is not known.
    """

    text: str
    kind: str = "speech"
    distress: tuple[str, ...] = DISTRESS
    stance: tuple[str, ...] = (ANY,)
    expectation: tuple[str, ...] = (ANY,)
    topic: str = ANY
    act: str | None = None
    role: str = "turn"
    move: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    story: str = ""
    step: int = 0

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("text is empty; write what the client says or shows.")
        _check("kind", (self.kind,), KINDS)
        _check("distress", self.distress, DISTRESS)
        _check("stance", self.stance, STANCES, or_any=True)
        _check("expectation", self.expectation, EXPECTATIONS, or_any=True)
        _check("topic", (self.topic,), TOPICS, or_any=True)
        _check("role", (self.role,), ROLES)
        if self.act is not None:
            _check("act", (self.act,), ACTS)
        for move in self.move:
            _check("move", (move,), _moves())
        for fact in self.needs:
            if fact.startswith("did_"):
                _check("needs: did_", (fact.removeprefix("did_"),), _moves())
            elif not fact.startswith("told_"):
                _check("needs", (fact,), (*FACTS, "did_MOVE", "told_STORY"))


@cache
def _moves() -> tuple[str, ...]:
    from bowlby.practice.moves import TRAINEES

    return TRAINEES


def _check(
    name: str, given: tuple[str, ...], known: tuple[str, ...], *, or_any: bool = False
) -> None:
    allowed = (*known, ANY) if or_any else known
    if not given:
        raise ValueError(f"{name} is empty; name at least one of {', '.join(allowed)}.")
    for word in given:
        if word not in allowed:
            raise ValueError(f"{name} {word!r} is not known; use one of {', '.join(allowed)}.")
    if ANY in given and len(given) > 1:
        raise ValueError(f'{name} has "any" beside other words; keep "any" or the others.')


def read_utterances(name: str) -> tuple[Utterance, ...]:
    """The lines of a client that comes with the package, then those that anyone may show.

    Args:
        name: A client's id, or one of `PATTERNS` for the first client of it.

    Raises:
        ValueError: If there is no such client, or an entry of the file is wrong; the message
            names the file and the entry.
    """
    from bowlby.practice.client import clients, find_client

    if name in PATTERNS:
        return next(client for client in clients() if client.pattern == name).words
    return find_client(name).words


@lru_cache(maxsize=64)
def read_words(path: Path) -> tuple[Utterance, ...]:
    """The lines of a file.

    Raises:
        ValueError: If the file cannot be read as TOML, or an entry is wrong; the message names
            the file and the entry.
        OSError: If the file cannot be read.
    """
    return build_utterances(read_toml(path), where=path.name)


@cache
def shared_words(language: str) -> tuple[Utterance, ...]:
    """What anyone may show without a word, in a language."""
    folder = files("bowlby.practice.languages").joinpath(language)
    with as_file(folder.joinpath("wordless.toml")) as path:
        return read_words(path)


def build_utterances(content: Mapping[str, Any], *, where: str) -> tuple[Utterance, ...]:
    """Check lines that have been read.

    Args:
        content: What the file holds: tables `lines`, each a group of texts that share the rest.
        where: Name of the file, for the messages.

    Raises:
        ValueError: At the first entry that is wrong, with the file and the entry.
    """
    if content.keys() != {"lines"} or not isinstance(content["lines"], list):
        raise ValueError(f"{where}: wanted [[lines]] tables only, got {[*content]}.")
    found: list[Utterance] = []
    for number, group in enumerate(content["lines"], start=1):
        found += _group(group, where=f"{where}, lines {number}")
    return tuple(found)


def _group(group: Mapping[str, Any], *, where: str) -> list[Utterance]:
    texts = group.get("text")
    if not isinstance(texts, list) or not texts:
        raise ValueError(f"{where}: text is missing; wanted a list of lines.")
    where = f"{where} ({texts[0]!r})"
    lists = ("distress", "stance", "expectation", "move", "needs")
    known = {field.name for field in fields(Utterance)} - {"step"}
    if unknown := sorted(group.keys() - known):
        raise ValueError(f"{where}: no such key: {', '.join(unknown)}.")
    values: dict[str, Any] = {}
    for name, value in group.items():
        if name == "text":
            continue
        wanted = list if name in lists else str
        if not isinstance(value, wanted):
            form = "a list of words" if wanted is list else "one text"
            raise ValueError(f"{where}: {name} is {value!r}; wanted {form}.")
        values[name] = tuple(value) if isinstance(value, list) else value
    found = []
    for step, text in enumerate(texts, start=1):
        try:
            if not isinstance(text, str):
                raise ValueError(f"text is {text!r}; wanted words.")
            step_here = step if values.get("story") else 0
            found.append(Utterance(text=text, step=step_here, **values))
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
    return found


def joined(*parts: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Lines in one order: stories that go on in a later group are counted on."""
    found: list[Utterance] = []
    steps: dict[str, int] = {}
    for one in (line for part in parts for line in part):
        line = one
        if one.story:
            steps[one.story] = steps.get(one.story, 0) + 1
            line = replace(one, step=steps[one.story])
        found.append(line)
    return tuple(found)


@dataclass(frozen=True)
class Moment:
    """What a line has to fit.

    Attributes:
        distress: How distressed the client is, one of `DISTRESS`.
        stance: How the client has just heard the therapist, one of `STANCES`, or "any".
        expectation: What leads now, one of `EXPECTATIONS`, or "any".
        topic: What is talked of, one of `TOPICS`, or "any".
        act: What the client does with the turn, one of `ACTS`.
        role: One of `ROLES`.
        move: What the therapist has just done, or "".
        facts: What is true (see `FACTS`).

    Raises:
        ValueError: If a state is not known.
    """

    distress: str
    stance: str
    expectation: str
    topic: str
    act: str
    role: str = "turn"
    move: str = ""
    facts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _check("distress", (self.distress,), DISTRESS)
        _check("stance", (self.stance,), STANCES, or_any=True)
        _check("expectation", (self.expectation,), EXPECTATIONS, or_any=True)
        _check("topic", (self.topic,), TOPICS, or_any=True)
        _check("act", (self.act,), ACTS)
        _check("role", (self.role,), ROLES)


def choose(
    utterances: Sequence[Utterance],
    moment: Moment,
    *,
    said: Sequence[int] = (),
    earlier: Mapping[int, int] | None = None,
    rng: np.random.Generator,
) -> int:
    """Index of what the client says next.

    What was said in this session comes back only when everything has been said, and what was
    said in the two before it only where all else would be out of place. Among the rest the best
    fit comes first, then the most specific (an entry written for this state before one that
    suits any), then chance. Where nothing fits, the nearest is taken: the client may leave the
    topic before doing something else than `act`.

    Args:
        utterances: Lines of a client (see `read_words`).
        moment: What they have to fit.
        said: Indices used in this session, in order.
        earlier: By index, how many sessions ago it was last said (1 for the last one).
        rng: Decides among equals.

    Raises:
        ValueError: If there is no line of this role.
    """
    here, ago = frozenset(said), earlier or {}
    told = here | ago.keys()
    ever = {(utterances[i].story, utterances[i].step) for i in told if utterances[i].story}
    tale = utterances[said[-1]] if said else None
    ranks = {
        index: (
            _misfit(one, moment) + _repeats(index, here, ago) - _GOES_ON * _goes_on(one, tale),
            -_specificity(one, moment),
        )
        for index, one in enumerate(utterances)
        if _may(one, moment, ever)
    }
    if not ranks:
        raise ValueError(f"There is no line to choose from for the role {moment.role!r}.")
    first = min(ranks.values())
    return int(rng.choice([index for index, rank in ranks.items() if rank == first]))


def _may(one: Utterance, moment: Moment, ever: Collection[tuple[str, int]]) -> bool:
    """Whether a line can be said at all: its turn has come, and what it needs is true."""
    if one.role != moment.role or not moment.facts.issuperset(one.needs):
        return False
    if one.move and moment.move not in one.move:
        return False
    return one.step < 2 or (one.story, one.step - 1) in ever


def _repeats(index: int, here: Collection[int], ago: Mapping[int, int]) -> int:
    if index in here:
        return _SAID[0]
    sessions = ago.get(index, 0)
    return 0 if not sessions else _SAID[sessions] if sessions < len(_SAID) else 1


def _goes_on(one: Utterance, tale: Utterance | None) -> bool:
    return bool(tale and tale.story and one.story == tale.story and one.step == tale.step + 1)


def _misfit(one: Utterance, moment: Moment) -> int:
    """How badly a line fits a state; 0 is a fit."""
    if moment.role != "turn":
        return _DISTRESS_STEP * _steps(one.distress, moment.distress, DISTRESS)
    return (
        _WRONG_ACT * (not _suits(one, act=moment.act))
        + _WRONG_STANCE * (not _suits(one, stance=moment.stance))
        + _away_from(moment.topic, one.topic)
        + _DISTRESS_STEP * _steps(one.distress, moment.distress, DISTRESS)
        + _EXPECTATION_STEP * _steps(one.expectation, moment.expectation, EXPECTATIONS)
    )


def _away_from(topic: str, given: str) -> int:
    """What it costs to speak of `given` while the talk is of `topic`."""
    if given in (topic, *_ALWAYS_TO_THE_POINT):
        return 0
    if given == "ending":
        return _NOT_ENDING
    return _OFF_TOPIC * (topic != ANY)


def _suits(one: Utterance, *, stance: str = ANY, act: str | None = None) -> bool:
    """Whether a line was written for how the therapist was heard and for what it does."""
    heard = ANY in (stance, *one.stance) or stance in one.stance
    return heard and (act is None or one.act in (None, act))


@cache
def _steps(given: tuple[str, ...], asked: str, ladder: tuple[str, ...]) -> int:
    """Rungs between what is asked for and the nearest of what is given."""
    if ANY in (asked, *given):
        return 0
    return min(abs(ladder.index(word) - ladder.index(asked)) for word in given)


def _specificity(one: Utterance, moment: Moment) -> int:
    """For how much of this state a line was written; what was lived together counts most."""
    return (
        (one.topic == moment.topic)
        + (moment.stance in one.stance)
        + (moment.expectation in one.expectation)
        + (one.act == moment.act)
        + bool(one.move)
        + 2 * len(one.needs)
    )

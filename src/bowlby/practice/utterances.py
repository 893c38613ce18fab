"""What the client says, or shows without a word, chosen from a written library by state.

Nothing is generated: every sentence stands in `words/<pattern>.toml`, where a clinician can
read and correct it. An entry says how distressed a client is who would say it, how that client
has just heard the therapist, which expectation leads, what is talked of, and what the words
do: come closer, look, draw back or object.
"""

import string
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from itertools import combinations, product
from typing import Any

import numpy as np

from bowlby.theory.vocabulary import DISTRESS, STANCES

PATTERNS = ("avoidant", "ambivalent", "disorganised", "secure")
KINDS = ("speech", "silence", "movement")
EXPECTATIONS = ("old", "open", "new")
TOPICS = ("here", "partner", "work", "parents", "body", "self", "ending")
ACTS = ("approach", "explore", "withdraw", "protest")
ANY = "any"

# What passes between the two can be spoken of whatever the talk was about.
_ALWAYS_TO_THE_POINT = ("here", ANY)

LONGEST = 140
"""Characters that can be read in the time in which they would be spoken."""

# What one misfit costs. A client who does the wrong thing, or answers a kindness as an attack,
# misleads the trainee; one who wanders off the topic is only a client. But nobody says that
# time is up when it is not.
_NOT_ENDING = 9
_WRONG_ACT = 3
_WRONG_STANCE = 3
_OFF_TOPIC = 2
_DISTRESS_STEP = 2
_EXPECTATION_STEP = 1


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

    Raises:
        ValueError: If an entry is empty or holds a word that is not known.
    """

    text: str
    kind: str
    distress: tuple[str, ...]
    stance: tuple[str, ...]
    expectation: tuple[str, ...]
    topic: str
    act: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("text is empty; write what the client says or shows.")
        _check("kind", (self.kind,), KINDS)
        _check("distress", self.distress, DISTRESS)
        _check("stance", self.stance, STANCES, or_any=True)
        _check("expectation", self.expectation, EXPECTATIONS, or_any=True)
        _check("topic", (self.topic,), TOPICS, or_any=True)
        if self.act is not None:
            _check("act", (self.act,), ACTS)


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


@cache
def read_utterances(pattern: str) -> tuple[Utterance, ...]:
    """The library of a pattern, in the order of its file.

    Args:
        pattern: One of `PATTERNS`.

    Raises:
        ValueError: If there is no such pattern, or an entry of the file is wrong; the message
            names the file and the entry.
    """
    _check("pattern", (pattern,), PATTERNS)
    name = f"{pattern}.toml"
    text = files("bowlby.practice.words").joinpath(name).read_text(encoding="utf-8")
    return build_utterances(tomllib.loads(text), where=name)


def build_utterances(content: Mapping[str, Any], *, where: str) -> tuple[Utterance, ...]:
    """Check a library that has been read.

    Args:
        content: What the file holds: one table `utterance` for each entry.
        where: Name of the file, for the messages.

    Raises:
        ValueError: At the first entry that is wrong, with the file and the entry.
    """
    if content.keys() != {"utterance"}:
        raise ValueError(f"{where}: wanted [[utterance]] tables only, got {[*content]}.")
    return tuple(
        _build(entry, where=f"{where}, utterance {number}")
        for number, entry in enumerate(content["utterance"], start=1)
    )


def _build(entry: Mapping[str, Any], *, where: str) -> Utterance:
    where = f"{where} ({entry.get('text', 'no text')!r})"
    names = {field.name for field in fields(Utterance)}
    if unknown := sorted(entry.keys() - names):
        raise ValueError(f"{where}: no such key: {', '.join(unknown)}.")
    if missing := sorted(names - {"act"} - entry.keys()):
        raise ValueError(f"{where}: missing {', '.join(missing)}.")
    for name, value in entry.items():
        wanted = list if name in ("distress", "stance", "expectation") else str
        if not isinstance(value, wanted):
            form = "a list of words" if wanted is list else "one text"
            raise ValueError(f"{where}: {name} is {value!r}; wanted {form}.")
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry.items()
    }
    try:
        return Utterance(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def choose(
    utterances: Sequence[Utterance],
    *,
    distress: str,
    stance: str,
    expectation: str,
    topic: str,
    act: str,
    said: Collection[int],
    rng: np.random.Generator,
) -> int:
    """Index of what the client says next.

    What has been said comes back only when everything has been said. Among the rest the best
    fit comes first, then the most specific (an entry written for this state before one that
    suits any), then chance. Where nothing fits, the nearest is taken: the client may leave the
    topic before doing something else than `act`.

    Args:
        utterances: A library (see `read_utterances`).
        distress: How distressed the client is, one of `DISTRESS`.
        stance: How the client has just heard the therapist, one of `STANCES`, or "any".
        expectation: What leads now, one of `EXPECTATIONS`, or "any".
        topic: What is talked of, one of `TOPICS`, or "any".
        act: What the client does with the turn, one of `ACTS`.
        said: Indices already used in this session.
        rng: Decides among equals.

    Raises:
        ValueError: If the library is empty or a state is not known.
    """
    if not utterances:
        raise ValueError("The library is empty; choose needs at least one utterance.")
    _check("distress", (distress,), DISTRESS)
    _check("stance", (stance,), STANCES, or_any=True)
    _check("expectation", (expectation,), EXPECTATIONS, or_any=True)
    _check("topic", (topic,), TOPICS, or_any=True)
    _check("act", (act,), ACTS)

    ranks = [
        (
            index in said,
            _misfit(utterance, distress, stance, expectation, topic, act),
            -_specificity(utterance, topic),
        )
        for index, utterance in enumerate(utterances)
    ]
    first = min(ranks)
    return int(rng.choice([index for index, rank in enumerate(ranks) if rank == first]))


def _misfit(
    utterance: Utterance, distress: str, stance: str, expectation: str, topic: str, act: str
) -> int:
    """How badly an utterance fits a state; 0 is a fit."""
    return (
        _WRONG_ACT * (not _suits(utterance, act=act))
        + _WRONG_STANCE * (not _suits(utterance, stance=stance))
        + _away_from(topic, utterance.topic)
        + _DISTRESS_STEP * _steps(utterance.distress, distress, DISTRESS)
        + _EXPECTATION_STEP * _steps(utterance.expectation, expectation, EXPECTATIONS)
    )


def _away_from(topic: str, given: str) -> int:
    """What it costs to speak of `given` while the talk is of `topic`."""
    if given in (topic, *_ALWAYS_TO_THE_POINT):
        return 0
    if given == "ending":
        return _NOT_ENDING
    return _OFF_TOPIC * (topic != ANY)


def _suits(utterance: Utterance, *, stance: str = ANY, act: str | None = None) -> bool:
    """Whether an utterance was written for how the therapist was heard and for what it does."""
    heard = ANY in (stance, *utterance.stance) or stance in utterance.stance
    return heard and (act is None or utterance.act in (None, act))


@cache
def _steps(given: tuple[str, ...], asked: str, ladder: tuple[str, ...]) -> int:
    """Rungs between what is asked for and the nearest of what is given."""
    if ANY in (asked, *given):
        return 0
    return min(abs(ladder.index(word) - ladder.index(asked)) for word in given)


def _specificity(utterance: Utterance, topic: str) -> int:
    """Number of aspects for which an utterance was written, 0 to 4."""
    return (
        (utterance.topic == topic)
        + (ANY not in utterance.stance)
        + (ANY not in utterance.expectation)
        + (utterance.act is not None)
    )


def lint(utterances: Sequence[Utterance]) -> tuple[str, ...]:
    """What is wrong with a library, one sentence a finding; empty if nothing is.

    Checked are: the length; the same or nearly the same words twice; more than 3 utterances
    that begin with the same three words; and the coverage of states. Covered means that for
    every distress, stance and act there is speech that fits whatever is talked of (topic "here"
    or "any"), and for every distress and act there are 3 utterances of any kind.
    """
    return (*_too_long(utterances), *_repeated(utterances), *_uncovered(utterances))


def _too_long(utterances: Sequence[Utterance]) -> Iterator[str]:
    for utterance in utterances:
        if len(utterance.text) > LONGEST:
            yield f"{len(utterance.text)} characters, {LONGEST} allowed: {utterance.text!r}."


def _repeated(utterances: Sequence[Utterance]) -> Iterator[str]:
    plain = [_plain(utterance.text) for utterance in utterances]
    for one, other in combinations(plain, 2):
        if one == other:
            yield f"Twice: {one!r}."
        elif _alike(one, other):
            yield f"Nearly the same: {one!r} and {other!r}."
    openings = Counter(" ".join(text.split()[:3]) for text in plain)
    for opening, times in openings.items():
        if times > 3:
            yield f"{times} utterances begin with {opening!r}, 3 allowed."


def _plain(text: str) -> str:
    """The words without capitals and punctuation."""
    return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # Both quick ratios are upper bounds: they spare nearly all of the slow comparisons.
    return (
        matcher.real_quick_ratio() > 0.85
        and matcher.quick_ratio() > 0.85
        and matcher.ratio() > 0.85
    )


def _uncovered(utterances: Sequence[Utterance]) -> Iterator[str]:
    speech = [u for u in utterances if u.kind == "speech" and u.topic in _ALWAYS_TO_THE_POINT]
    for distress, stance, act in product(DISTRESS, STANCES, ACTS):
        if not any(
            distress in u.distress and _suits(u, stance=stance, act=act) for u in speech
        ):
            yield f'No speech on "here" or "any" for {distress}, {stance}, {act}.'
    for distress, act in product(DISTRESS, ACTS):
        found = sum(distress in u.distress and _suits(u, act=act) for u in utterances)
        if found < 3:
            yield f"{found} utterances for {distress}, {act}; at least 3 are needed."

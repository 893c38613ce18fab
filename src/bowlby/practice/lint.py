"""What is wrong with a client's lines, in sentences; the same for ours and for anyone's."""

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations, product

from bowlby.practice.utterances import (
    ACTS,
    ANY,
    DISTRESS,
    STANCES,
    Utterance,
    _suits,  # pyright: ignore[reportPrivateUsage]
)

LONGEST = 140
"""Characters that can be read in the time in which they would be spoken."""

LONGEST_OVERWHELMED = 100
"""Characters of one who is overwhelmed: nobody makes long sentences there."""

OPENINGS, LATER, GOODBYES, ABOUT = 3, 4, 4, 6
"""Least: first words of a first and of a later session, goodbyes, lines on what brings them."""

_ALIKE = 0.85

_FROM_AFAR = (
    r"attachment (style|pattern|figure)", r"\b(avoidant|ambivalent|disorgani[sz]ed)\b",
    r"\bcountertransference\b", r"\btransference\b", r"\bdysregulat", r"\bmy inner child\b",
    r"\bborderline\b", r"\bnarcissis", r"\bpsycho(path|tic)?\b", r"\bcrazy\b",
    r"\b(beat|raped?|molest\w*|strangl\w*|stabb\w*|hanged?|overdos\w*|suicid\w*)\b",
    r"\b(blood|corpse|slit)\b",
)  # fmt: skip
_ANSWERS = (
    r"\bjust (now|then)\b", r"\byou (said|asked|told|meant)\b", r"\btold off\b",
    r"\bwhat you did\b", r"\blast (week|time) you\b",
)  # fmt: skip


def lint(
    utterances: Sequence[Utterance],
    *,
    topics: Sequence[str] = (),
    about: Sequence[str] = (),
    never: Sequence[str] = (),
    is_whole: bool = True,
) -> tuple[str, ...]:
    """What is wrong with a client's lines, one sentence a finding; empty if nothing is.

    Checked are: the length (less where the client is overwhelmed); the same or nearly the same
    words twice; more than 3 lines that begin with the same three words; words that people do
    not say of themselves or that gloat over harm; first words that answer an act which was not
    made; what contradicts the card; stories of one line; lines on what brings the
    client; and the coverage of states. Covered means that for every distress, stance
    and act there is
    speech that fits whatever is talked of (topic "here" or "any"), and for every distress and
    act there are 3 lines of any kind.

    Args:
        utterances: The lines.
        topics: What the client speaks of.
        about: Patterns (regular expressions) of what brings the client.
        never: Patterns of what the card rules out.
        is_whole: Whether the lines are all that the client has, so that coverage is checked.
    """
    found = [
        *_too_long(utterances), *_repeated(utterances), *_tone(utterances),
        *_presuming(utterances), *_contradicting(utterances, never), *_stories(utterances),
    ]  # fmt: skip
    if is_whole:
        found += [*_uncovered(utterances), *_frame(utterances), *_brings(utterances, about)]
        found += [
            f"Nobody speaks of {topic!r}, which is a topic of the card."
            for topic in topics
            if not any(one.topic == topic for one in utterances)
        ]
    return tuple(found)


def _too_long(utterances: Sequence[Utterance]) -> Iterator[str]:
    for one in utterances:
        allowed = LONGEST_OVERWHELMED if set(one.distress) == {"overwhelmed"} else LONGEST
        if len(one.text) > allowed:
            yield f"{len(one.text)} characters, {allowed} allowed: {one.text!r}."


def _repeated(utterances: Sequence[Utterance]) -> Iterator[str]:
    plain = [_plain(one.text) for one in utterances]
    for one, other in combinations(plain, 2):
        if one == other:
            yield f"Twice: {one!r}."
        elif _alike(one, other):
            yield f"Nearly the same: {one!r} and {other!r}."
    openings = Counter(" ".join(text.split()[:3]) for text in plain)
    for opening, times in openings.items():
        if times > 3:
            yield f"{times} lines begin with {opening!r}, 3 allowed."


def _plain(text: str) -> str:
    """The words without capitals and punctuation."""
    return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())


def _alike(one: str, other: str) -> bool:
    # Most pairs share hardly a word; only the rest are compared letter by letter.
    shorter, longer = sorted((one, other), key=len)
    if 2 * len(shorter) <= _ALIKE * (len(shorter) + len(longer)):
        return False
    words, others = set(shorter.split()), set(longer.split())
    if 2 * len(words & others) < min(len(words), len(others)):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > _ALIKE


def _tone(utterances: Sequence[Utterance]) -> Iterator[str]:
    for one in utterances:
        for pattern in _FROM_AFAR:
            if found := re.search(pattern, one.text, re.IGNORECASE):
                yield f"A client does not say {found[0]!r}: {one.text!r}."


def _presuming(utterances: Sequence[Utterance]) -> Iterator[str]:
    for one in utterances:
        if one.role != "opening":
            continue
        if ANY not in one.stance or one.move:
            yield f"First words cannot answer a stance or a move: {one.text!r}."
        lived = any(need not in ("first", "later") for need in one.needs)
        if not lived and any(re.search(p, one.text, re.IGNORECASE) for p in _ANSWERS):
            yield f"First words answer what need not have happened: {one.text!r}."


def _contradicting(utterances: Sequence[Utterance], never: Sequence[str]) -> Iterator[str]:
    for one in utterances:
        for pattern in never:
            if found := re.search(pattern, one.text, re.IGNORECASE):
                yield f"{found[0]!r} contradicts the card: {one.text!r}."


def _stories(utterances: Sequence[Utterance]) -> Iterator[str]:
    told = {one.story for one in utterances if one.story}
    for one in utterances:
        for need in one.needs:
            if need.startswith("told_") and need.removeprefix("told_") not in told:
                yield f"There is no story {need.removeprefix('told_')!r}: {one.text!r}."
    for story in sorted(told):
        if sum(one.story == story for one in utterances) < 2:
            yield f"The story {story!r} has one line; two at least make it go on."


def _uncovered(utterances: Sequence[Utterance]) -> Iterator[str]:
    turns = [u for u in utterances if u.role == "turn" and not u.needs and not u.move]
    speech = [u for u in turns if u.kind == "speech" and u.topic in ("here", ANY)]
    for distress, stance, act in product(DISTRESS, STANCES, ACTS):
        if not any(
            distress in u.distress and _suits(u, stance=stance, act=act) for u in speech
        ):
            yield f'No speech on "here" or "any" for {distress}, {stance}, {act}.'
    for distress, act in product(DISTRESS, ACTS):
        found = sum(distress in u.distress and _suits(u, act=act) for u in turns)
        if found < 3:
            yield f"{found} lines for {distress}, {act}; at least 3 are needed."


def _frame(utterances: Sequence[Utterance]) -> Iterator[str]:
    openings = [one for one in utterances if one.role == "opening"]
    wanted = {
        "first": OPENINGS,
        "later": LATER,
        "after_break": 1,
        "last": 1,
        "left_in_rupture": 1,
    }
    for need, least in wanted.items():
        found = sum(need in one.needs for one in openings)
        if found < least:
            yield f"{found} openings that need {need!r}; at least {least}."
    goodbyes = sum(one.role == "goodbye" for one in utterances)
    if goodbyes < GOODBYES:
        yield f"{goodbyes} goodbyes; at least {GOODBYES}."


def _brings(utterances: Sequence[Utterance], about: Sequence[str]) -> Iterator[str]:
    if not about:
        return
    found = sum(
        any(re.search(pattern, one.text, re.IGNORECASE) for pattern in about)
        for one in utterances
    )
    if found < ABOUT:
        yield f"{found} lines on what brings the client; at least {ABOUT}."

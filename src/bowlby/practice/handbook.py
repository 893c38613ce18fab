"""A textbook therapist: one move a minute, from what can be seen of a client from outside.

Regulate first; think together once there is calm; interpret where the client has turned away
and come back; own a part in it when one who was at ease turns away or protests, or when one who
was asked something is no longer at ease; keep near a client who withdraws without pursuing; do
not answer twice running in the same way; name a break or an ending before it comes, in minutes
in which the client can hear it. It is the par of the practice room, and sees no more than a
trainee in the hidden mode: what the client does with a minute, how distressed they look, and
the minutes before with what was said in them. Trust and ruptures are read from these, and
misread as a trainee's reading can be.

Source: Holmes & Slade (2018), Attachment in Therapeutic Practice (acceptance before
interpretation, endings); Malan (1979), Individual Psychotherapy and the Science of
Psychodynamics (a defence is interpreted that is seen in the room); Safran & Muran (2000),
Negotiating the Therapeutic Alliance (markers of rupture: withdrawal and confrontation after
engagement; the therapist's part in it is owned); Allen, Fonagy & Bateman (2008), Mentalizing in
Clinical Practice (regulate, then mentalise; who loses the client's mind stops and owns it);
Stiles, Honos-Webb & Surko (1998), Clinical Psychology: Science and Practice 5, 439-458 (to
answer is to answer differently); all in words. The probabilities and the minutes are ours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TURNED_TO, WITHDRAWN = (0, 1), 2
"""Numbers of the actions of one who comes closer or thinks, and of one who withdraws."""

UNEASY = 1
"""Number of the distress above which one is not at ease."""

NAMED_FROM, NAMED_AT_MOST = 4, 4
"""Minute of a session before a break or an ending from which it is named, and in how many."""

BACK = 2
"""Minutes at ease running after which one who had turned away is taken to be back."""

ENGAGED = 3
"""Minutes at ease running after which turning away or protesting is taken for a rupture."""

ASKS = frozenset({"mentalise", "interpret", "challenge", "direct", "name_ending"})
"""Moves that ask something of the client."""

OPENING = {"hold": 0.5, "mirror": 0.5}
DISTRESSED = {"validate": 0.55, "mirror": 0.25, "hold": 0.2}
WITHDRAWS = {"hold": 0.4, "mirror": 0.3, "validate": 0.3}
UNSETTLED = {"validate": 0.4, "mirror": 0.3, "mentalise": 0.3}
CALM_AND_BACK = {
    "mentalise": 0.45, "interpret": 0.25, "validate": 0.15, "challenge": 0.05, "hold": 0.1,
}  # fmt: skip
CALM = {"mentalise": 0.4, "validate": 0.25, "mirror": 0.2, "hold": 0.15}
"""Moves and their probabilities, by what is seen; that of the minute before is left out."""


class Seen(NamedTuple):
    """A minute as it looks from outside.

    Attributes:
        distress: How it looks, 0 calm to 3 overwhelmed; now and then a shade off.
        action: 0 approach, 1 explore, 2 withdraw, 3 protest.
        move: What the therapist did in it.
    """

    distress: int
    action: int
    move: str


def at_ease(seen: Sequence[Seen]) -> int:
    """Minutes running, up to the last, in which the client was turned to the other, at ease."""
    running = 0
    for minute in reversed(seen):
        if minute.distress > UNEASY or minute.action not in TURNED_TO:
            break
        running += 1
    return running


def looks_ruptured(seen: Sequence[Seen]) -> bool:
    """Whether one who was at ease has just turned away, or one who was asked is not at ease."""
    last = seen[-1]
    turned = last.action not in TURNED_TO and at_ease(seen[:-1]) >= ENGAGED
    return turned or (last.move in ASKS and not at_ease(seen))


def is_back(seen: Sequence[Seen]) -> bool:
    """Whether the client has turned away or protested in this session, and is at ease again."""
    has_turned = any(minute.action not in TURNED_TO for minute in seen)
    return has_turned and at_ease(seen) >= BACK


def can_name(seen: Sequence[Seen]) -> bool:
    """Whether a coming absence is named now: to one who can hear it, never twice running."""
    made = [minute.move for minute in seen]
    if len(seen) + 1 < NAMED_FROM or made.count("name_ending") >= NAMED_AT_MOST:
        return False
    return made[-1] != "name_ending" and seen[-1].distress <= UNEASY


def options(seen: Sequence[Seen], *, absence_is_near: bool) -> dict[str, float]:
    """Moves and their probabilities.

    Args:
        seen: The minutes of the session so far.
        absence_is_near: Whether this is the session before a break or the last.
    """
    if not seen:
        return OPENING
    if looks_ruptured(seen):
        return {"repair": 1.0}
    if absence_is_near and can_name(seen):
        return {"name_ending": 1.0}
    fitting = _fitting(seen)
    others = {name: p for name, p in fitting.items() if name != seen[-1].move}
    return {name: p / sum(others.values()) for name, p in others.items()}


def _fitting(seen: Sequence[Seen]) -> dict[str, float]:
    """What fits the state of the last minute."""
    last = seen[-1]
    if last.distress > UNEASY:
        return DISTRESSED
    if last.action == WITHDRAWN:
        return WITHDRAWS
    if last.distress == UNEASY:
        return UNSETTLED
    return CALM_AND_BACK if is_back(seen) else CALM


def move(seen: Sequence[Seen], *, absence_is_near: bool, dice: np.random.Generator) -> str:
    """A move drawn from `options`."""
    found = options(seen, absence_is_near=absence_is_near)
    return str(dice.choice(list(found), p=list(found.values())))

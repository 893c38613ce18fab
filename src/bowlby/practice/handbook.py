"""A textbook therapist: one move a minute, from what can be seen of a client from outside.

Regulate first; think together once there is calm; interpret where the client has been at ease
for some time; own a part in it when one who was at ease turns away or protests; keep near a
client who withdraws without pursuing; name a break or an ending before it comes. It is the par
of the practice room, and sees no more than a trainee in the hidden mode: what the client does
with a minute, how distressed they look, and the minutes before. Trust and ruptures are read
from these, and misread as a trainee's reading can be.

Source: Holmes & Slade (2018), Attachment in Therapeutic Practice (acceptance before
interpretation, endings); Safran & Muran (2000), Negotiating the Therapeutic Alliance (markers
of rupture: withdrawal and confrontation after engagement); Allen, Fonagy & Bateman (2008),
Mentalizing in Clinical Practice (regulate, then mentalise); all in words. The probabilities and
the minutes are ours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TURNED_TO, WITHDRAWN = (0, 1), 2
"""Numbers of the actions of one who comes closer or thinks, and of one who withdraws."""

UNEASY = 1
"""Number of the distress above which one is not at ease."""

NAMED_IN = (4, 5, 9, 10)
"""Minutes of a session before a break or an ending in which it is named."""

TRUSTING = 4
"""Minutes at ease running after which the textbook interprets."""

ENGAGED = 3
"""Minutes at ease running after which turning away or protesting is taken for a rupture."""

OPENING = {"hold": 0.5, "mirror": 0.5}
DISTRESSED = {"validate": 0.55, "mirror": 0.25, "hold": 0.2}
WITHDRAWS = {"hold": 0.4, "mirror": 0.3, "validate": 0.3}
UNSETTLED = {"validate": 0.4, "mirror": 0.3, "mentalise": 0.3}
CALM_IN_TRUST = {
    "mentalise": 0.45, "interpret": 0.25, "validate": 0.15, "challenge": 0.05, "hold": 0.1,
}  # fmt: skip
CALM = {"mentalise": 0.4, "validate": 0.25, "mirror": 0.2, "hold": 0.15}
"""Moves and their probabilities, by what is seen."""


class Seen(NamedTuple):
    """A minute as it looks from outside.

    Attributes:
        distress: How it looks, 0 calm to 3 overwhelmed; now and then a shade off.
        action: 0 approach, 1 explore, 2 withdraw, 3 protest.
    """

    distress: int
    action: int


def at_ease(seen: Sequence[Seen]) -> int:
    """Minutes running, up to the last, in which the client was turned to the other, at ease."""
    running = 0
    for minute in reversed(seen):
        if minute.distress > UNEASY or minute.action not in TURNED_TO:
            break
        running += 1
    return running


def looks_ruptured(seen: Sequence[Seen]) -> bool:
    """Whether one who was at ease has just turned away or protested."""
    return seen[-1].action not in TURNED_TO and at_ease(seen[:-1]) >= ENGAGED


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
    last = seen[-1]
    if last.distress > UNEASY:
        return DISTRESSED
    if absence_is_near and len(seen) in NAMED_IN:
        return {"name_ending": 1.0}
    if last.action == WITHDRAWN:
        return WITHDRAWS
    if last.distress == UNEASY:
        return UNSETTLED
    return CALM_IN_TRUST if at_ease(seen) >= TRUSTING else CALM


def move(seen: Sequence[Seen], *, absence_is_near: bool, dice: np.random.Generator) -> str:
    """A move drawn from `options`."""
    found = options(seen, absence_is_near=absence_is_near)
    return str(dice.choice(list(found), p=list(found.values())))

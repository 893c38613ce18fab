"""A textbook therapist: one move a minute, from what the visible room shows.

Regulate first; think together once there is calm; interpret in trust; own ruptures; keep near a
client who withdraws without pursuing; name a break or an ending before it comes. It is the par
of the practice room. It sees the client's distress, last action, trust and ruptures, which the
visible mode shows; a trainee in the hidden mode must read trust and ruptures from behaviour.

Source: Holmes & Slade (2018), Attachment in Therapeutic Practice (acceptance before
interpretation, endings); Safran & Muran (2000), Negotiating the Therapeutic Alliance
(ruptures); Allen, Fonagy & Bateman (2008), Mentalizing in Clinical Practice (regulate, then
mentalise); all in words. The probabilities are ours.
"""

from typing import NamedTuple

import numpy as np

WITHDRAWN = 2
"""Number of the action of one who withdraws."""

NAMED_IN = (4, 5, 9, 10)
"""Minutes of a session before a break or an ending in which it is named."""

TRUSTING = 0.6
"""Trust above which the textbook interprets."""

OPENING = {"hold": 0.5, "mirror": 0.5}
DISTRESSED = {"validate": 0.55, "mirror": 0.25, "hold": 0.2}
WITHDRAWS = {"hold": 0.4, "mirror": 0.3, "validate": 0.3}
UNEASY = {"validate": 0.4, "mirror": 0.3, "mentalise": 0.3}
CALM_IN_TRUST = {
    "mentalise": 0.45, "interpret": 0.25, "validate": 0.15, "challenge": 0.05, "hold": 0.1,
}  # fmt: skip
CALM = {"mentalise": 0.4, "validate": 0.25, "mirror": 0.2, "hold": 0.15}
"""Moves and their probabilities, by what is seen."""


class Seen(NamedTuple):
    """The last minute as the visible room shows it.

    Attributes:
        distress: 0 calm to 3 overwhelmed.
        action: 0 approach, 1 explore, 2 withdraw, 3 protest.
        trust: 0 to 1.
        ruptured: Whether there is a rupture.
    """

    distress: int
    action: int
    trust: float
    ruptured: bool


def options(seen: Seen | None, *, minute: int, absence_is_near: bool) -> dict[str, float]:
    """Moves and their probabilities.

    Args:
        seen: The last minute; None at the start of a session.
        minute: Minute of the session, from 0.
        absence_is_near: Whether this is the session before a break or the last.
    """
    if seen is None:
        return OPENING
    if seen.ruptured:
        return {"repair": 1.0}
    if seen.distress >= 2:
        return DISTRESSED
    if absence_is_near and minute in NAMED_IN:
        return {"name_ending": 1.0}
    if seen.action == WITHDRAWN:
        return WITHDRAWS
    if seen.distress == 1:
        return UNEASY
    return CALM_IN_TRUST if seen.trust > TRUSTING else CALM


def move(
    seen: Seen | None, *, minute: int, absence_is_near: bool, dice: np.random.Generator
) -> str:
    """A move drawn from `options`."""
    found = options(seen, minute=minute, absence_is_near=absence_is_near)
    return str(dice.choice(list(found), p=list(found.values())))

"""The handbook therapist in the room: sessions played by the handbook, and advice.

What supervision advises is what fits a state (docs/explanation/handbook.md): regulate first,
then think together; meet withdrawal without pursuing and protest without retreating; repair
where a rupture stands; interpret when it can be borne; name absences.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from bowlby.practice import handbook, room, view


def _seen(session: room.Session) -> list[handbook.Seen]:
    """The minutes so far as they look from outside."""
    return [
        handbook.Seen(view.looks(session, turn), view.usual(minute, "action"), minute.move)
        for turn, minute in enumerate(session.minutes, start=1)
    ]


ADVISED: Mapping[str, tuple[str, ...]] = {
    "a rupture stands": ("repair", "validate", "hold"),
    "distressed or overwhelmed": ("validate", "mirror", "hold"),
    "withdrawn": ("hold", "mirror", "mentalise"),
    "protesting": ("validate", "mentalise", "hold"),
    "uneasy": ("mentalise", "mirror", "validate"),
    "calm": ("mentalise", "interpret", "hold", "challenge"),
}
"""Moves that can be advised, by state, the first that holds."""


def state(distress: str, act: str, *, is_ruptured: bool) -> str:
    """Which of the states of `ADVISED` a client is in.

    Args:
        distress: How distressed the client is.
        act: What the client has just done; "" at the start.
        is_ruptured: Whether a rupture stands.
    """
    if is_ruptured:
        return "a rupture stands"
    if distress in ("distressed", "overwhelmed"):
        return "distressed or overwhelmed"
    by_act = {"withdraw": "withdrawn", "protest": "protesting"}
    return by_act.get(act) or ("uneasy" if distress == "uneasy" else "calm")


def fitting(
    distress: str, act: str, *, is_ruptured: bool, is_absence_near: bool
) -> tuple[str, ...]:
    """Moves that can be advised: those of the state, and naming an absence that is near.

    Args:
        distress: How distressed the client is.
        act: What the client has just done; "" at the start.
        is_ruptured: Whether a rupture stands.
        is_absence_near: Whether a break or the ending follows.
    """
    moves = ADVISED[state(distress, act, is_ruptured=is_ruptured)]
    can_name = is_absence_near and not is_ruptured and distress != "overwhelmed"
    return (*moves, "name_ending") if can_name else moves


def play(session: room.Session, *, minutes: int, dice: np.random.Generator) -> room.Session:
    """A session of a handbook therapist, from where it stands to its end."""
    near = session.until_absence == 0
    while len(session.minutes) < minutes:
        move = handbook.move(_seen(session), absence_is_near=near, dice=dice)
        session = room.play(session, move)
    return session


def moves_from(
    session: room.Session, *, count: int, dice: np.random.Generator
) -> Sequence[str]:
    """What a handbook therapist would do for the next few minutes of a session."""
    first = len(session.minutes)
    return [m.move for m in play(session, minutes=first + count, dice=dice).minutes[first:]]

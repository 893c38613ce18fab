"""The handbook therapist in the room: sessions played by the handbook, and advice.

What supervision advises is what fits a state (docs/explanation/handbook.md): regulate first,
then think together; meet withdrawal without pursuing and protest without retreating; repair
where a rupture stands; interpret when it can be borne; name absences.
"""

from collections.abc import Sequence

import numpy as np

from bowlby.practice import handbook, room, view


def _seen(session: room.Session) -> list[handbook.Seen]:
    """The minutes so far as they look from outside."""
    return [
        handbook.Seen(view.looks(session, turn), view.usual(minute, "action"))
        for turn, minute in enumerate(session.minutes, start=1)
    ]


def fitting(
    distress: str, act: str, *, is_ruptured: bool, is_absence_near: bool
) -> tuple[str, ...]:
    """Moves that can be advised in a state.

    Args:
        distress: How distressed the client is.
        act: What the client has just done; "" at the start.
        is_ruptured: Whether a rupture stands.
        is_absence_near: Whether a break or the ending follows.
    """
    if is_ruptured:
        return ("repair", "validate", "hold")
    naming = ("name_ending",) if is_absence_near and distress != "overwhelmed" else ()
    if distress in ("distressed", "overwhelmed"):
        return ("validate", "mirror", "hold", *naming)
    if act == "withdraw":
        return ("hold", "mirror", "mentalise", *naming)
    if act == "protest":
        return ("validate", "mentalise", "hold", *naming)
    if distress == "uneasy":
        return ("mentalise", "mirror", "validate", *naming)
    return ("mentalise", "interpret", "hold", "challenge", *naming)


def play(session: room.Session, *, minutes: int, dice: np.random.Generator) -> room.Session:
    """A session of a handbook therapist, from where it stands to its end."""
    here = session.standing
    near = session.number in (here.break_after, here.schedule.sessions)
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

"""A handbook therapist, who sees only what a trainee sees (docs/explanation/handbook.md).

Regulate first, then think together; stay with distress before touching meaning; meet withdrawal
without pursuing and protest without retreating; own what went wrong at once; interpret rarely,
when it can be borne; wait; name absences before they come.

Source: Bateman & Fonagy 2016 (arousal before mentalising); Safran & Muran 2000 (ruptures);
Holmes & Slade 2019 (attachment in the hour, endings); Hill et al. 2003 (silence); Høglend 2014
(interpretation and its dose). The shares are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby.practice import room, view

_ASKS = ("interpret", "challenge", "direct")


@dataclass(frozen=True)
class Seen:
    """What can be seen before a move.

    Attributes:
        turn: The turn that is next, from 1.
        minutes: Minutes of a session.
        is_absence_near: Whether a break or the ending follows.
        distress: How distressed the client looks, from `DISTRESS`.
        acts: What the client has done with the minutes so far, from `ACTS`.
        moves: What was done so far.
    """

    turn: int
    minutes: int
    is_absence_near: bool
    distress: str
    acts: tuple[str, ...]
    moves: tuple[str, ...]


def seen(session: room.Session, minutes: int) -> Seen:
    """What a therapist could see of a session as it stands."""
    here, made = session.standing, session.minutes
    return Seen(
        turn=len(made) + 1,
        minutes=minutes,
        is_absence_near=session.number in (here.break_after, here.schedule.sessions),
        distress=view.distress_of(made[-1]) if made else "calm",
        acts=tuple(view.act_of(minute) for minute in made[-3:]),
        moves=tuple(minute.move for minute in made),
    )


def looks_ruptured(now: Seen) -> bool:
    """Whether something may have gone wrong between the two, as far as can be seen."""
    if not now.acts:
        return False
    after_asking = now.moves[-1] in _ASKS and now.acts[-1] in ("withdraw", "protest")
    return after_asking or now.acts[-2:] == ("protest", "protest")


def next_move(now: Seen, dice: np.random.Generator) -> str:
    """What a handbook therapist does next."""
    shares = _shares(now)
    # Nobody says the same thing three times running.
    if len(now.moves) > 1 and now.moves[-1] == now.moves[-2] and len(shares) > 1:
        shares.pop(now.moves[-1], None)
    total = sum(shares.values())
    return str(dice.choice([*shares], p=[share / total for share in shares.values()]))


def _shares(now: Seen) -> dict[str, float]:
    if not now.acts:
        return {"hold": 0.5, "mirror": 0.5}
    if looks_ruptured(now) and now.moves[-1] != "repair":
        return {"repair": 1.0}
    if now.distress == "overwhelmed":
        return {"mirror": 0.5, "validate": 0.3, "hold": 0.2}
    if now.distress == "distressed":
        return {"validate": 0.5, "mirror": 0.3, "hold": 0.2}
    if now.is_absence_near and now.turn in _named_at(now.minutes):
        return {"name_ending": 1.0}
    if now.acts[-1] == "withdraw":
        return {"hold": 0.4, "mirror": 0.3, "mentalise": 0.3}
    if now.acts[-1] == "protest":
        return {"validate": 0.5, "mentalise": 0.3, "hold": 0.2}
    if now.distress == "uneasy":
        return {"validate": 0.3, "mirror": 0.25, "mentalise": 0.45}
    return {
        "mentalise": 0.4,
        "interpret": 0.25,
        "hold": 0.15,
        "validate": 0.15,
        "challenge": 0.05,
    }


def _named_at(minutes: int) -> tuple[int, ...]:
    return tuple(round(minutes * share) for share in (0.3, 0.4, 0.65, 0.75))


def fitting(
    distress: str, act: str, *, is_ruptured: bool, is_absence_near: bool
) -> tuple[str, ...]:
    """Moves that the handbook has for a state.

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
    while len(session.minutes) < minutes:
        session = room.play(session, next_move(seen(session, minutes), dice))
    return session


def moves_from(
    session: room.Session, *, count: int, dice: np.random.Generator
) -> Sequence[str]:
    """What a handbook therapist would do for the next few minutes of a session."""
    first = len(session.minutes)
    return [m.move for m in play(session, minutes=first + count, dice=dice).minutes[first:]]

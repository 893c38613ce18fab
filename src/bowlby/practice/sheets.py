"""A session as tables: for `bowlby measure`, and for a spreadsheet."""

import csv
import io
from collections.abc import Mapping

import numpy as np

from bowlby.practice import room
from bowlby.practice.messages import Supervision

MINUTES_HEADER = (
    "session", "minute", "move", "note", "kind", "words", "posture", "distress", "arousal",
    "heard_as", "expects_old", "alliance", "rupture", "marked", "mark_right",
)  # fmt: skip
"""Columns of a session by the minute."""


def arousals(session: room.Session) -> str:
    """Both arousals, every second: a table that `bowlby measure` reads."""
    text = io.StringIO()
    text.write("time,client_arousal,therapist_arousal\n")
    both = np.concatenate([minute.arousal for minute in session.minutes])
    for second, (client, therapist) in enumerate(both):
        text.write(f"{second},{client:.6f},{therapist:.6f}\n")
    return text.getvalue()


def by_minute(told: Supervision) -> str:
    """A session by the minute: what was done, said and shown, the inside, and the marks."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(MINUTES_HEADER)
    for turn in told.turns:
        own = [mark for mark in told.marks if mark.turn == turn.number]
        inside = turn.inside
        old = sum(b.weight for b in inside.beliefs if b.is_old) if inside else None
        table.writerow([
            told.session, turn.number, turn.move, _plain(turn.said), turn.seen.kind,
            turn.seen.words, turn.seen.posture,
            inside.distress if inside else "", inside.state if inside else "",
            _most(inside.heard) if inside else "",
            f"{old:.3f}" if old is not None else "",
            f"{inside.alliance:.3f}" if inside else "", inside.rupture if inside else "",
            "; ".join(f"{mark.what}: {mark.marked}" for mark in own),
            sum(mark.marked == mark.truth for mark in own) if own else "",
        ])  # fmt: skip
    return text.getvalue()


def _most(shares: Mapping[str, float]) -> str:
    return max(shares, key=lambda name: shares[name])


def _plain(note: str) -> str:
    """A note that no spreadsheet takes for a formula."""
    return f"'{note}" if note.startswith(("=", "+", "-", "@", "\t", "\r")) else note

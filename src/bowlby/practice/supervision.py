"""Supervision: what a session can teach, by simulating what else could have been done."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bowlby.practice import room, textbook, view
from bowlby.practice.language import say
from bowlby.practice.messages import Aim, Alternative, ByState, KeyMoment, NextDrill
from bowlby.practice.moves import MOVES, label
from bowlby.practice.utterances import ACTS, DISTRESS

AIMS: tuple[Aim, ...] = ("rupture", "settled", "understood", "explored", "changed")
"""What another move could have been better for; a session tells one moment of each at most."""

FLOOR = 0.05
"""Difference below which a moment does not matter."""

MOST, FIRST_OF_A_KIND = 6, 2
"""Lines on what was missed or done at most, and of one kind before they are counted."""

_NAMES = tuple(move.name for move in MOVES)
_APART = 3
_TRIED = 6
_BATCHES = 4
_ASKS = ("interpret", "challenge", "direct")
# How many of the responses make a session one-sided.
_ONE_SIDED = 0.6
_LONG_ENOUGH = 8


class _Candidate(NamedTuple):
    gain: float
    turn: int
    better: int
    what: Aim


def key_moments(session: room.Session, *, count: int = 3) -> tuple[KeyMoment, ...]:
    """Moments at which another move would have mattered most, told in order of time.

    All moves are tried at every turn with one batch of futures, and of those that the handbook
    has for the state the best is kept for each aim (`better`). The moments chosen are then
    simulated afresh, so that the numbers told are not the lucky ones that chose them; what
    differs by less than `FLOOR`, or by nothing with 95 % confidence, is not told. Futures end
    with the session.

    No two are near each other, of the same aim, or of the same advice.

    Args:
        session: A session with at least one turn.
        count: Moments at most.
    """
    turns = range(1, len(session.minutes) - room.AHEAD + 2)
    candidates = [found for turn in turns for found in _candidates(session, turn)]
    told: list[KeyMoment] = []
    tried = 0
    for found in sorted(candidates, reverse=True):
        if len(told) == count or tried == _TRIED * count:
            break
        if any(_is_like(found, other) for other in told):
            continue
        tried += 1
        moment = _moment(session, found)
        if moment.difference >= FLOOR and moment.low > 0.0:
            told.append(moment)
    return tuple(sorted(told, key=lambda moment: moment.turn))


def _is_like(found: _Candidate, told: KeyMoment) -> bool:
    """Whether a moment would teach what another teaches: near it, of its aim, or its advice."""
    is_near = abs(found.turn - told.turn) < _APART
    return is_near or found.what == told.what or _NAMES[found.better] == told.better.move


def _values(tried: room.Futures, what: Aim) -> np.ndarray:
    """What is to be raised, by move and future."""
    return {
        "rupture": -tried.rupture,
        "settled": tried.settled,
        "understood": tried.trust,
        "explored": tried.explored,
        "changed": tried.changed,
    }[what]


def _candidates(session: room.Session, turn: int) -> list[_Candidate]:
    tried = room.futures(session, turn, _NAMES)
    made = _NAMES.index(session.minutes[turn - 1].move)
    fits = np.array([name in fitting(session, turn) for name in _NAMES])
    found = []
    for what in aims(session, turn):
        mean = _values(tried, what).mean(1)
        gain = np.where(fits, mean - mean[made], -1.0)
        if gain.max() >= FLOOR:
            j = better(gain, [minute.move for minute in session.minutes])
            found.append(_Candidate(float(gain[j]), turn, j, what))
    return found


def better(gain: np.ndarray, made: Sequence[str]) -> int:
    """Of the moves with which as much is gained, the one that the session has least of.

    What differs by less than `FLOOR` is as good; of as good moves a trainee learns most from
    the one that is not made anyway.

    Args:
        gain: What each move gains over the one made (move).
        made: All moves of the session.
    """
    as_good = np.flatnonzero((gain >= FLOOR) & (gain > gain.max() - FLOOR))
    return int(min(as_good, key=lambda j: (made.count(_NAMES[j]), -gain[j])))


def aims(session: room.Session, turn: int) -> tuple[Aim, ...]:
    """What is worth aiming at in a state: rest in distress, thought and change in calm."""
    distress = int(session.minutes[turn - 1].trace["distress"][0])
    if distress >= DISTRESS.index("distressed"):
        return ("rupture", "settled", "understood")
    if session.standing.who.pattern == "secure":
        return ("rupture", "understood", "explored")
    return ("rupture", "understood", "explored", "changed")


def fitting(session: room.Session, turn: int) -> tuple[str, ...]:
    """Moves that the handbook has for the state before a turn."""
    distress, act, is_ruptured = _before(session, turn)
    return textbook.fitting(
        distress, act, is_ruptured=is_ruptured, is_absence_near=session.until_absence == 0
    )


def state(session: room.Session, turn: int) -> str:
    """The state of the handbook in which the client is before a turn."""
    distress, act, is_ruptured = _before(session, turn)
    return textbook.state(distress, act, is_ruptured=is_ruptured)


def _before(session: room.Session, turn: int) -> tuple[str, str, bool]:
    """How distressed the client is before a turn, what they did, whether a rupture stands."""
    minute = session.minutes[turn - 1]
    return (
        DISTRESS[int(minute.trace["distress"][0])],
        view.act_of(session.minutes[turn - 2]) if turn > 1 else "",
        view.only(minute.before.course.ruptured) > 0.5,
    )


def _moment(session: room.Session, found: _Candidate) -> KeyMoment:
    made, better = session.minutes[found.turn - 1].move, _NAMES[found.better]
    # The same number of moves in every batch: nothing is compiled again.
    batches = [room.futures(session, found.turn, _NAMES, batch=1 + b) for b in range(_BATCHES)]
    values = np.concatenate([_values(b, found.what) for b in batches], axis=1)
    i, j = _NAMES.index(made), found.better
    mean, low, high = interval(values[j] - values[i])
    shares = abs(values[i].mean()), abs(values[j].mean())
    return KeyMoment(
        turn=found.turn, what=found.what,
        made=_alternative(session, made, shares[0]),
        better=_alternative(session, better, shares[1]),
        difference=mean, low=low, high=high, futures=values.shape[1],
        sentence=_sentence(session, found, made, better, shares),
    )  # fmt: skip


def interval(each: np.ndarray) -> tuple[float, float, float]:
    """Mean of paired differences, and its 95 % interval."""
    mean, error = float(each.mean()), float(each.std(ddof=1) / np.sqrt(each.size))
    return mean, mean - 1.96 * error, mean + 1.96 * error


def _alternative(session: room.Session, move: str, share: float) -> Alternative:
    told = label(move, session.standing.who.language)
    return Alternative(move=move, label=told, share=min(share, 1.0))


def _sentence(
    session: room.Session,
    found: _Candidate,
    made: str,
    better: str,
    shares: tuple[float, float],
) -> str:
    who = session.standing.who
    language, name = who.language, who.card.name
    minute = session.minutes[found.turn - 1]
    act = (
        view.act_of(session.minutes[found.turn - 2])
        if found.turn > 1
        else ACTS[int(minute.trace["action"][0])]
    )
    distress = say(language, f"words.{DISTRESS[int(minute.trace['distress'][0])]}")
    reason = say(
        language, "supervision.reason", name=name, distress=distress,
        act=say(language, f"supervision.act_{act}"),
    )  # fmt: skip
    return say(
        language, "supervision.moment", turn=found.turn, reason=reason,
        better=label(better, language), made=label(made, language),
        what=say(language, f"supervision.{found.what}", name=name),
        instead=f"{100 * shares[1]:.0f}", was=f"{100 * shares[0]:.0f}",
    )  # fmt: skip


def by_state(session: room.Session) -> tuple[ByState, ...]:
    """How often each move was made in each state in which the client was."""
    counts = {move.name: dict.fromkeys(DISTRESS, 0) for move in MOVES}
    for minute in session.minutes:
        counts[minute.move][DISTRESS[int(minute.trace["distress"][0])]] += 1
    return tuple(
        ByState(move=name, label=label(name, session.standing.who.language), **row)
        for name, row in counts.items()
        if any(row.values())
    )


def done_well(session: room.Session) -> tuple[str, ...]:
    """What was done well, by what came of it."""
    language, name = session.standing.who.language, session.standing.who.card.name
    found: list[tuple[str, str]] = []
    for turn, minute in enumerate(session.minutes, start=1):
        kind = _good(session, turn)
        if kind:
            found.append((kind, say(
                language, f"supervision.done_{kind}", turn=turn, name=name,
                move=label(minute.move, language),
                distress=say(language, f"words.{DISTRESS[int(minute.trace['distress'][0])]}"),
                absence=say(language, f"supervision.{absence(session)}"),
            )))  # fmt: skip
    return _few(found, language)


def _good(session: room.Session, turn: int) -> str:
    """The kind of what was done well in a minute, or nothing."""
    minute = session.minutes[turn - 1]
    if view.rupture(session, turn) == "repaired":
        return "repair"
    if view.heard_as(minute) != "attuned":
        return ""
    before, after = int(minute.trace["distress"][0]), int(minute.trace["distress"][-1])
    if minute.move == "name_ending" and session.until_absence == 0:
        return "named"
    if before >= 2 and after < 2 and minute.move in ("validate", "mirror", "hold"):
        return "stayed"
    if minute.move in ("interpret", "challenge") and after < 2:
        return "bold"
    if minute.move == "hold" and before < 2 and view.act_of(minute) == "explore":
        return "waited"
    return ""


def absence(session: room.Session) -> str:
    """Which absence a session would have to speak of: `ending` or `break`."""
    last = session.number == session.standing.schedule.sessions
    return "ending" if last else "break"


def missed_kinds(session: room.Session) -> list[tuple[str, int]]:
    """What was there and found no answer: its kind, and the minute (0: the whole session)."""
    found: list[tuple[str, int]] = []
    waits = 0
    for turn, minute in enumerate(session.minutes, start=1):
        what = view.rupture(session, turn)
        waits = waits + 1 if what in ("began", "goes on") and minute.move != "repair" else 0
        if waits == 2:
            found.append(("rupture", turn))
        hard = minute.trace["distress"][0] >= 2
        if hard and minute.move in ("challenge", "direct", "interpret"):
            found.append(("need", turn))
    moves = Counter(minute.move for minute in session.minutes)
    if session.until_absence == 0 and not moves["name_ending"]:
        found.append(("absence", 0))
    if len(session.minutes) >= _LONG_ENOUGH:
        if max(moves.values()) >= _ONE_SIDED * len(session.minutes):
            found.append(("one_sided", 0))
        if not any(moves[name] for name in (*_ASKS, "mentalise")):
            found.append(("only_warm", 0))
    return found


def missed(session: room.Session) -> tuple[str, ...]:
    """What was there and found no answer."""
    language, name = session.standing.who.language, session.standing.who.card.name
    moves = [minute.move for minute in session.minutes]
    most = max(dict.fromkeys(moves), key=moves.count)
    found = []
    for kind, turn in missed_kinds(session):
        minute = session.minutes[turn - 1]
        found.append((kind, say(
            language, f"supervision.missed_{kind}", turn=turn, name=name,
            distress=say(language, f"words.{DISTRESS[int(minute.trace['distress'][0])]}"),
            move=label(most if not turn else minute.move, language),
            share=moves.count(most), minutes=len(moves),
            absence=say(language, f"supervision.{absence(session)}"),
        )))  # fmt: skip
    return _few(found, language)


def _few(found: list[tuple[str, str]], language: str) -> tuple[str, ...]:
    """The first of each kind; how many more there were."""
    lines, times = [], Counter[str]()
    for kind, sentence in found:
        times[kind] += 1
        if times[kind] <= FIRST_OF_A_KIND and len(lines) < MOST:
            lines.append(sentence)
    more = len(found) - len(lines)
    return (*lines, *([say(language, "supervision.more", count=more)] if more else []))


def practise_next(session: room.Session) -> NextDrill:
    """One thing to practise next: a drill, and why."""
    language, name = session.standing.who.language, session.standing.who.card.name
    kinds = Counter(kind for kind, _ in missed_kinds(session))
    moves = Counter(minute.move for minute in session.minutes)
    after = list(zip(session.minutes, session.minutes[1:], strict=False))
    pursued = any(view.act_of(a) == "withdraw" and b.move in _ASKS for a, b in after)
    retreated = any(
        view.act_of(a) == "protest" and b.move in ("hold", "direct") for a, b in after
    )
    mistimed = any(
        minute.move == "interpret" and view.heard_as(minute) != "attuned"
        for minute in session.minutes
    )
    reasons = (
        (kinds["rupture"], "rupture", "next_repair"),
        (kinds["need"], "distress", "next_distress"),
        (kinds["absence"], "ending", "next_ending"),
        (pursued, "withdrawal", "next_withdrawal"),
        (retreated, "protest", "next_protest"),
        (mistimed, "interpret", "next_interpret"),
        (kinds["only_warm"], "interpret", "next_bold"),
        (len(session.minutes) >= _LONG_ENOUGH and not moves["hold"], "wait", "next_wait"),
    )
    for holds, drill, why in reasons:
        if holds:
            return NextDrill(drill=drill, why=say(language, f"supervision.{why}", name=name))
    return NextDrill(drill="", why=say(language, "supervision.next_mark"))


def questions(session: room.Session) -> tuple[str, str, str]:
    """Three questions to reflect on, by what happened."""
    language, name = session.standing.who.language, session.standing.who.card.name
    minutes = session.minutes
    moves = [minute.move for minute in minutes]
    # The first among equals: the order of a set changes from run to run.
    most = max(dict.fromkeys(moves), key=moves.count)
    own = np.concatenate([m.arousal[:, 1] for m in minutes])
    turn = 1 + int(np.argmax([float(np.abs(m.arousal[:, 0]).mean()) for m in minutes]))
    third = "question_body" if float((own > 1.0).mean()) > 0.1 else "question_whom"
    return (
        say(language, "supervision.question_far", turn=turn, name=name),
        say(language, "supervision.question_most", move=label(most, language), name=name),
        say(language, f"supervision.{third}", name=name),
    )

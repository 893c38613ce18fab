"""Drills: a single skill for three minutes, from a state that is there, until it is passed.

A state is not written but found: clients are played until it has come about. Whether the
criterion is met is read from what the model did; how much of it was luck, from other futures of
the same three moves.

Source: deliberate practice of single skills (Rousmaniere 2016; Perlman et al. 2020).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from bowlby.practice import room, textbook, view
from bowlby.practice.client import SimulatedClient, find_client
from bowlby.practice.drill_messages import DrillCard
from bowlby.practice.language import ToldError, UnknownError, catalogue
from bowlby.practice.store import StoredDrill

MINUTES = 3
LEVELS = 3
RUNNING = 2
"""Times a level is passed running until it is mastered."""

_LONGEST_BEFORE, _SHORTEST_BEFORE = 12, 3
_TRIES, _PEOPLE = 12, 6
_WARM = ("validate", "mirror", "mentalise", "hold")
_PUSHES = ("interpret", "challenge", "direct")


class NoSceneError(ToldError, ValueError):
    """A state that a drill starts from has not come about."""


@dataclass(frozen=True)
class Drill:
    """A single skill.

    Attributes:
        name: Its name; its words are in the `drills.toml` of each language.
        clients: Whom it is practised with, by level.
        before: What was done before, any of these; the last `_PUSHES` only after three minutes.
        starts: Whether a session stands where the drill starts, by level.
        met: Whether three minutes met the criterion.
        sessions: How many sessions the course has; in the last one, if there are two.
    """

    name: str
    clients: tuple[str, str, str]
    before: tuple[str, ...]
    starts: Callable[[room.Session, int], bool]
    met: Callable[[room.Session], bool]
    sessions: int = 4


def _own(session: room.Session) -> tuple[room.Minute, ...]:
    return session.minutes[-MINUTES:]


def _distress(session: room.Session) -> int:
    """How distressed the client is now."""
    return int(session.minutes[-1].trace["distress"][-1])


def _ruptured(session: room.Session) -> bool:
    return view.only(session.pair.course.ruptured) > 0.5


def _attuned(minute: room.Minute) -> bool:
    return view.heard_as(minute) == "attuned"


def _does(session: room.Session, act: str) -> bool:
    return view.act_of(session.minutes[-1]) == act


def _trusts(session: room.Session) -> float:
    return view.only(session.pair.trust)


def _repaired(session: room.Session) -> bool:
    return any(m.trace["repaired"].any() for m in _own(session)) and not _ruptured(session)


def _stayed(session: room.Session) -> bool:
    own = _own(session)
    fixes = any(minute.move in (*_PUSHES, "name_ending") for minute in own)
    return not fixes and _distress(session) <= 1 and sum(map(_attuned, own)) >= 2


def _waited(session: room.Session) -> bool:
    own = _own(session)
    goes_on = [np.isin(m.trace["action"], (0, 1)).mean() > 0.5 for m in own]
    waits = sum(minute.move == "hold" for minute in own)
    return waits >= 2 and sum(goes_on) >= 2 and not _ruptured(session)


def _timed(session: room.Session) -> bool:
    borne = any(m.move == "interpret" and _attuned(m) for m in _own(session))
    return borne and not _ruptured(session) and _distress(session) <= 1


def _met_withdrawal(session: room.Session) -> bool:
    own = _own(session)
    pursued = any(view.heard_as(minute) == "intrusive" for minute in own)
    return not pursued and view.act_of(own[-1]) in ("approach", "explore")


def _met_protest(session: room.Session) -> bool:
    own = _own(session)
    left = any(view.heard_as(minute) == "dismissive" for minute in own)
    return not left and view.act_of(own[-1]) != "protest" and not _ruptured(session)


def _owned(session: room.Session) -> bool:
    own = _own(session)
    trust = _trusts(session) >= float(own[0].trace["trust"][0])
    return any(m.move == "repair" for m in own) and _attuned(own[-1]) and trust


def _named(session: room.Session) -> bool:
    heard = any(m.move == "name_ending" and _attuned(m) for m in _own(session))
    return heard and not _ruptured(session) and _distress(session) <= 2


def _at_least(level: int, *rungs: int) -> int:
    return rungs[level - 1]


DRILLS: tuple[Drill, ...] = (
    Drill("rupture", ("ruth", "ruth", "jonas"), (*_WARM, *_PUSHES),
          lambda s, level: _ruptured(s) and (level != 2 or _does(s, "withdraw")), _repaired),
    Drill("distress", ("ruth", "jonas", "nadia"), (*_WARM, *_PUSHES),
          lambda s, level: _distress(s) >= _at_least(level, 2, 2, 3), _stayed),
    Drill("wait", ("ruth", "tomas", "jonas"), _WARM,
          lambda s, level: _distress(s) <= 1 and _does(s, "explore")
          and _trusts(s) > (0.6, 0.5, 0.4)[level - 1], _waited),
    Drill("interpret", ("ruth", "tomas", "mara"), _WARM,
          lambda s, level: _distress(s) == _at_least(level, 0, 1, 1), _timed),
    Drill("withdrawal", ("ruth", "mara", "walter"), (*_WARM, *_PUSHES),
          lambda s, _: _does(s, "withdraw"), _met_withdrawal),
    Drill("protest", ("ruth", "jonas", "nadia"), (*_WARM, *_PUSHES),
          lambda s, _: _does(s, "protest"), _met_protest),
    Drill("mistake", ("ruth", "jonas", "mara"), (*_WARM, *_PUSHES),
          lambda s, _: s.minutes[-1].move in _PUSHES and not _attuned(s.minutes[-1]), _owned),
    Drill("ending", ("ruth", "jonas", "mara"), _WARM,
          lambda s, level: _distress(s) <= _at_least(level, 0, 1, 2), _named, 2),
)  # fmt: skip
"""All drills, easiest skills first."""


_MET_BY = {
    "rupture": ("repair",), "mistake": ("repair",), "ending": ("name_ending",),
    "wait": ("hold", "hold"), "interpret": ("validate", "interpret"),
}  # fmt: skip
"""First moves of the handbook in drills that tell what is there."""


def find_drill(name: str) -> Drill:
    """The drill of that name.

    Raises:
        UnknownError: If there is none.
    """
    for drill in DRILLS:
        if drill.name == name:
            return drill
    known = ", ".join(drill.name for drill in DRILLS)
    raise UnknownError("no_drill", drill=name[:40], known=known)


def client_of(drill: Drill, level: int, language: str) -> SimulatedClient:
    """With whom a level is practised, told in a language.

    Where nobody has written their lines in it, these stay as they are; all else is told in it.
    """
    who = find_client(drill.clients[level - 1])
    return who.speaking(language) if who.speaks(language) else replace(who, language=language)


def spoken(drill: Drill, level: int, language: str) -> str:
    """The language in which the client of a level speaks."""
    who = find_client(drill.clients[level - 1])
    return language if who.speaks(language) else who.language


@lru_cache(maxsize=32)
def scene(name: str, level: int, seed: int) -> room.Session:
    """A session that stands where a drill starts.

    Args:
        name: The drill.
        level: Its level, from 1.
        seed: What chance follows from.

    Raises:
        NoSceneError: If the state has not come about with this client.
    """
    drill = find_drill(name)
    who = find_client(drill.clients[level - 1])
    for person in range(_PEOPLE):
        own = (seed + 7919 * person) % 2**31
        standing = room.begin(who, seed=own, sessions=drill.sessions)
        if drill.sessions == 2:
            dice = np.random.default_rng([own, 1])
            standing = room.leave(textbook.play(room.enter(standing), minutes=6, dice=dice))
        begun = room.enter(standing)
        for attempt in range(_TRIES):
            found = _played_to(drill, level, begun, np.random.default_rng([own, 2, attempt]))
            if found is not None:
                return found
    raise NoSceneError("no_scene", name=who.card.name)


def _played_to(
    drill: Drill, level: int, session: room.Session, dice: np.random.Generator
) -> room.Session | None:
    while len(session.minutes) < _LONGEST_BEFORE:
        warm = len(session.minutes) < _SHORTEST_BEFORE - 1
        pool = [m for m in drill.before if not warm or m not in _PUSHES]
        session = room.play(session, str(dice.choice(pool)))
        if len(session.minutes) >= _SHORTEST_BEFORE and drill.starts(session, level):
            return session
    return None


def played(run: StoredDrill) -> room.Session:
    """The session of an attempt as it stands."""
    session = scene(run.drill, run.level, run.seed)
    for move in run.moves:
        session = room.play(session, move)
    return session


def luck(session: room.Session, drill: Drill) -> float:
    """Share of other chances in which the same three moves meet the criterion.

    Args:
        session: A session with the three minutes at its end.
        drill: What was practised.
    """
    start, own = session.minutes[:-MINUTES], [m.move for m in _own(session)]
    times = 0
    for chance in range(1, _CHANCES + 1):
        again = room.replayed(session, start, own, chance=chance)
        times += drill.met(again)
    return times / _CHANCES


_CHANCES = 24
"""Other chances that are played to tell luck."""


@cache
def handbook(name: str, level: int, seed: int) -> tuple[tuple[str, ...], bool]:
    """What a handbook therapist does in a scene, and whether it meets the criterion."""
    before = scene(name, level, seed)
    dice = np.random.default_rng([seed, 3])
    # The drill's page says what there is to be met: who practises it need not find that out.
    session = before
    for move in _MET_BY.get(name, ()):
        session = room.play(session, move)
    own = len(_MET_BY.get(name, ()))
    for move in textbook.moves_from(session, count=MINUTES - own, dice=dice):
        session = room.play(session, move)
    return tuple(m.move for m in _own(session)), find_drill(name).met(session)


def cards(language: str, runs: Iterable[StoredDrill]) -> tuple[DrillCard, ...]:
    """All drills, with how far the trainee has come.

    Args:
        language: Of the words.
        runs: All attempts, in order.
    """
    told = catalogue(language, "drills")
    over = [run for run in runs if run.passed is not None]
    found = []
    for drill in DRILLS:
        words = told[drill.name]
        by_level = [
            [bool(run.passed) for run in over if (run.drill, run.level) == (drill.name, level)]
            for level in range(1, LEVELS + 1)
        ]
        passed, tried = ([*map(f, by_level)] for f in (sum, len))
        found.append(
            DrillCard(
                name=drill.name, title=words["title"], skill=words["skill"].strip(),
                criterion=words["criterion"], levels=tuple(words["levels"]),
                passed=(passed[0], passed[1], passed[2]), tried=(tried[0], tried[1], tried[2]),
                mastered=max([0, *(n for n, had in enumerate(by_level, 1) if _mastered(had))]),
            )
        )  # fmt: skip
    return tuple(found)


def _mastered(passed: list[bool]) -> bool:
    """Whether a level was passed several times running."""
    running = 0
    for one in passed:
        running = running + 1 if one else 0
        if running >= RUNNING:
            return True
    return False

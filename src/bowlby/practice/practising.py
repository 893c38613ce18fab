"""Attempts at drills, kept in the store."""

from dataclasses import replace
from secrets import randbelow

from bowlby.practice import drills, room, view
from bowlby.practice.courses import ConflictError
from bowlby.practice.drill_messages import BeginDrill, DrillMove, DrillRun, Drills
from bowlby.practice.language import catalogue, say
from bowlby.practice.messages import Turn
from bowlby.practice.moves import TRAINEES, label, moves
from bowlby.practice.store import DamagedError, Store, StoredDrill, new_drill

_SHOWN_BEFORE = 3


class Practising:
    """Drills of one store.

    Args:
        store: Where attempts are kept.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def all(self, language: str) -> Drills:
        """All drills, with how far the trainee has come."""
        return Drills(drills=drills.cards(language, self.store.drills()), moves=moves(language))

    def begin(self, wanted: BeginDrill) -> DrillRun:
        """A new attempt; whoever begins with the same seed meets the same moment."""
        drills.find_drill(wanted.drill)
        catalogue(wanted.language, "drills")
        seed = randbelow(2**31 - 1) if wanted.seed is None else wanted.seed
        run = new_drill(wanted.drill, level=wanted.level, seed=seed, language=wanted.language)
        told = self._told(run)
        self.store.save_drill(run)
        return told

    def run(self, name: str) -> DrillRun:
        """An attempt as it stands.

        Raises:
            KeyError: If there is none.
        """
        return self._told(self._stored(name))

    def move(self, name: str, wanted: DrillMove) -> DrillRun:
        """A minute. One that was made already is told, not made again."""
        label(wanted.move)
        run = self._stored(name)
        made = len(run.moves)
        if wanted.turn > made + 1 or (wanted.turn == made + 1 and run.passed is not None):
            raise ConflictError("minute_not_next", minute=wanted.turn)
        if wanted.turn == made + 1:
            run = _with(run, (*run.moves, wanted.move), passed=None)
            if made + 1 == drills.MINUTES:
                met = drills.find_drill(run.drill).met(drills.played(run))
                run = _with(run, run.moves, passed=met)
            self.store.save_drill(run)
        return self._told(run)

    def _stored(self, name: str) -> StoredDrill:
        """An attempt of the store, which may be of another time or damaged.

        Raises:
            KeyError: If there is none.
            DamagedError: If it cannot be played.
        """
        run = self.store.drill(name)
        there = {drill.name for drill in drills.DRILLS}
        fits = run.drill in there and run.level in range(1, drills.LEVELS + 1)
        if not fits or not set(run.moves) <= set(TRAINEES) or len(run.moves) > drills.MINUTES:
            raise DamagedError("damaged_drill", drill=name)
        return run

    def _told(self, run: StoredDrill) -> DrillRun:
        drill = drills.find_drill(run.drill)
        who = drills.client_of(drill, run.level, run.language)
        session = drills.played(run)
        session = replace(session, standing=replace(session.standing, who=who))
        first = len(session.minutes) - len(run.moves)
        turns = _turns(session)
        words = catalogue(run.language, "drills")["words"]
        scene = words["scene"].format(
            minute=first, name=who.card.name,
            heard=words[f"scene_{run.drill}"].format(name=who.card.name),
        )  # fmt: skip
        over = run.passed is not None
        own = turns[first + 1 :]
        return DrillRun(
            id=run.id, drill=run.drill, level=run.level, client=who.card,
            spoken=drills.spoken(drill, run.level, run.language), scene=scene,
            before=turns[max(first - _SHOWN_BEFORE + 1, 0) : first + 1],
            turns=tuple(_inside(session, turn) for turn in own) if over else own,
            minutes=drills.MINUTES, passed=run.passed,
            verdict=words["passed" if run.passed else "failed"] if over else "",
            luck=drills.luck(session, drill) if over else None,
            handbook=_handbook(run, words) if over else "",
        )  # fmt: skip


def _inside(session: room.Session, turn: Turn) -> Turn:
    inside = view.inward(_part(session, turn.number), turn.number)
    return turn.model_copy(update={"inside": inside})


def _handbook(run: StoredDrill, words: dict[str, str]) -> str:
    """What the handbook would have done, and whether that was enough."""
    found, met = drills.handbook(run.drill, run.level, run.seed)
    told = words["handbook"].format(
        moves=", ".join(
            say(run.language, "words.quoted", text=label(move, run.language)) for move in found
        )
    )
    return f"{told} {words['handbook_met' if met else 'handbook_not']}"


def _with(run: StoredDrill, made: tuple[str, ...], *, passed: bool | None) -> StoredDrill:
    return StoredDrill(
        run.id, run.drill, run.level, run.seed, run.began, made, passed, run.language
    )


def _part(session: room.Session, turn: int) -> room.Session:
    return replace(session, minutes=session.minutes[:turn])


def _turns(session: room.Session) -> tuple[Turn, ...]:
    """What is seen of a session."""
    said: list[int] = []
    found = []
    for turn in range(len(session.minutes) + 1):
        seen, line = view.outward(_part(session, turn), turn, said=said)
        said.append(line)
        move = session.minutes[turn - 1].move if turn else ""
        found.append(Turn(number=turn, move=move, said="", seen=seen, inside=None))
    return tuple(found)

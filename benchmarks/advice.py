"""What supervision advises, in which states, and how often lines come back.

    python benchmarks/advice.py            writes benchmarks/advice.json (two and a half minutes of a processor)

Four trainees (at random; warm alone; asking alone; the textbook) have a course of five sessions of fifteen
minutes with each client: 120 sessions. Of each: the moments of supervision and the state in which each is
advised; at every turn, which of the nine would have been best for the aim at which most was to be gained, and whether
by more than the floor over every other; and lines said before within three sessions.
"""

import json
import time
from collections import Counter
from pathlib import Path

import numpy as np

from bowlby.practice import room, supervision, textbook
from bowlby.practice.client import of_courses
from bowlby.practice.course_state import State, happened
from bowlby.practice.moves import TRAINEES
from bowlby.practice.store import Event, StoredCourse

SESSIONS, MINUTES, BACK = 5, 15, 3
DRAWN = {
    "at random": TRAINEES,
    "warm alone": ("validate", "mirror", "hold"),
    "asking alone": ("mentalise", "interpret", "challenge", "direct"),
}
TRAINEES_WHO = (*DRAWN, "textbook")


def course(standing, trainee, seed):
    """A course: its sessions, and the lines of each."""
    name = standing.who.card.id
    stored = StoredCourse("0" * 32, name, "hidden", SESSIONS, MINUTES, seed, "")
    state = State(standing)
    dice = np.random.default_rng([seed, 11])
    for number in range(1, SESSIONS + 1):
        state = happened(stored, state, Event(number, 0, "open", {}))
        for turn in range(1, MINUTES + 1):
            if trainee == "textbook":
                (move,) = textbook.moves_from(state.open, count=1, dice=dice)
            else:
                move = str(dice.choice(DRAWN[trainee]))
            state = happened(stored, state, Event(number, turn, "move", {"move": move}))
        state = happened(stored, state, Event(number, MINUTES, "close", {}))
        yield state.past[number], [turn.seen.words for turn in state.seen[number]]


def best(session, turn, tried):
    """The best of all nine moves, and the one that is better than every other by the floor; or ""."""
    made = TRAINEES.index(session.minutes[turn - 1].move)
    gains = []
    for what in supervision.aims(session, turn):
        mean = supervision._values(tried, what).mean(1)
        gains.append(mean - mean[made])
    aim = gains[int(np.argmax(np.max(gains, axis=1)))]
    second, first = np.sort(aim)[-2:]
    name = TRAINEES[int(aim.argmax())]
    is_better, is_alone = first >= supervision.FLOOR, first - second >= supervision.FLOOR
    return name if is_better else "", name if is_better and is_alone else ""


def remembering(futures):
    """Futures of a turn, simulated once."""
    known = {}

    def told(session, turn, moves, *, batch=0):
        key = id(session), turn, batch
        if key not in known:
            known[key] = futures(session, turn, moves, batch=batch)
        return known[key]

    return told


def shares(counts):
    """Shares of all, the largest first."""
    total = sum(counts.values())
    return {name or "none": round(times / total, 3) for name, times in counts.most_common()}


def measured(seed=1):
    """Advice by state, best moves, and repeats by client."""
    advised, by_state, differences = Counter(), {}, []
    best_of_all, alone_best, repeats, sessions, turns = Counter(), Counter(), {}, 0, 0
    plain = room.futures
    for who in of_courses():
        said_before, lines = 0, 0
        standing = room.begin(who, seed=seed, sessions=SESSIONS)
        for trainee in TRAINEES_WHO:
            heard = []
            for session, words in course(standing, trainee, seed):
                sessions += 1
                recent = {line for one in heard[-(BACK - 1) :] for line in one}
                said_before += sum(
                    line in recent or line in words[:i] for i, line in enumerate(words)
                )
                lines += len(words)
                heard.append(words)
                room.futures = remembering(plain)
                for moment in supervision.key_moments(session):
                    state = supervision.state(session, moment.turn)
                    advised[moment.better.move] += 1
                    by_state.setdefault(state, Counter())[moment.better.move] += 1
                    differences.append(moment.difference)
                for turn in range(1, MINUTES - room.AHEAD + 2):
                    first, alone = best(session, turn, room.futures(session, turn, TRAINEES))
                    best_of_all[first] += 1
                    alone_best[alone] += 1
                    turns += 1
                room.futures = plain
        repeats[who.card.id] = round(said_before / lines, 3)
        print(who.card.id, sessions, dict(advised), repeats[who.card.id], flush=True)
    return {
        "sessions": sessions, "moments": sum(advised.values()), "least_difference": min(differences),
        "advised": shares(advised), "by_state": {s: dict(by_state[s]) for s in textbook.ADVISED if s in by_state},
        "turns": turns, "best": shares(best_of_all), "best_alone": shares(alone_best), "repeats": repeats,
    }  # fmt: skip


def main():
    """Measure and write."""
    began = time.time()
    found = measured()
    print(json.dumps(found, indent=1), f"{time.time() - began:.0f} s")
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()

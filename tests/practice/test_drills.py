"""Drills start where they say, and their criteria are met by what they teach."""

import numpy as np
import pytest

from bowlby.practice import drills, room, textbook
from bowlby.practice.language import catalogue, languages
from bowlby.practice.store import StoredDrill

NAMES = [drill.name for drill in drills.DRILLS]


def attempt(drill, level, seed, moves):
    session = drills.scene(drill.name, level, seed)
    for move in moves:
        session = room.play(session, move)
    return session


def test_there_are_eight_skills_at_least():
    assert len(set(NAMES)) == len(NAMES) >= 8


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("drill", drills.DRILLS, ids=NAMES)
def test_every_drill_has_its_page_in_every_language(language, drill):
    words = catalogue(language, "drills")
    page = words[drill.name]
    assert len(page["skill"]) > 500
    assert len(page["levels"]) == drills.LEVELS
    assert page["title"]
    assert page["criterion"]
    assert f"scene_{drill.name}" in words["words"]


@pytest.mark.parametrize("drill", drills.DRILLS, ids=NAMES)
def test_a_scene_is_a_state_that_has_come_about(drill):
    session = drills.scene(drill.name, 1, 4)
    assert drill.starts(session, 1)
    again = drills.scene(drill.name, 1, 4)
    assert [m.move for m in again.minutes] == [m.move for m in session.minutes]


def test_a_level_is_mastered_when_passed_twice_running():
    runs = [StoredDrill(str(n), "wait", 1, n, "", ("hold",) * 3, passed)
            for n, passed in enumerate((True, False, True))]  # fmt: skip
    before = next(d for d in drills.cards("en", runs) if d.name == "wait")
    assert (before.passed[0], before.tried[0], before.mastered) == (2, 3, 0)
    runs.append(StoredDrill("x", "wait", 1, 9, "", ("hold",) * 3, True))
    after = next(d for d in drills.cards("en", runs) if d.name == "wait")
    assert after.mastered == 1


def test_luck_is_a_share_and_of_the_same_moves_the_same():
    drill = drills.find_drill("distress")
    session = attempt(drill, 1, 4, ("validate", "mirror", "validate"))
    share = drills.luck(session, drill)
    assert 0.0 <= share <= 1.0
    assert drills.luck(session, drill) == share


def test_a_handbook_therapist_sees_only_what_is_seen_and_never_repeats_thrice():
    session = drills.scene("wait", 1, 4)
    session = textbook.play(session, minutes=15, dice=np.random.default_rng(1))
    moves = [minute.move for minute in session.minutes][-10:]
    assert not any(a == b == c for a, b, c in zip(moves, moves[1:], moves[2:], strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("drill", drills.DRILLS, ids=NAMES)
def test_a_criterion_is_met_more_often_by_the_handbook_than_by_pushing(drill):
    seeds = range(12)
    handbook = [drills.handbook(drill.name, 1, seed)[1] for seed in seeds]
    pushing = [
        drill.met(attempt(drill, 1, seed, ("challenge", "direct", "challenge")))
        for seed in seeds
    ]
    assert np.mean(handbook) > np.mean(pushing)
    assert np.mean(handbook) >= 0.3

"""Drills start where they say, and their criteria are met by what they teach."""

import numpy as np
import pytest

from bowlby.practice import drills, handbook, room, textbook, view
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
    assert len(page["skill"]) > 400
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


def test_the_handbook_therapist_of_the_room_is_that_of_the_handbook():
    session = drills.scene("wait", 1, 4)
    first = len(session.minutes)
    again = textbook.play(session, minutes=first + 6, dice=np.random.default_rng(1))
    dice = np.random.default_rng(1)
    for turn in range(first, first + 6):
        seen = [
            handbook.Seen(view.looks(again, n), view.usual(minute, "action"), minute.move)
            for n, minute in enumerate(again.minutes[:turn], start=1)
        ]
        move = handbook.move(seen, absence_is_near=False, dice=dice)
        assert again.minutes[turn].move == move


@pytest.mark.parametrize("distress", ["calm", "uneasy", "distressed", "overwhelmed"])
@pytest.mark.parametrize("act", ["approach", "explore", "withdraw", "protest"])
def test_no_repair_is_advised_without_a_rupture_and_no_push_in_distress(distress, act):
    advised = textbook.fitting(distress, act, is_ruptured=False, is_absence_near=True)
    assert "repair" not in advised
    if distress in ("distressed", "overwhelmed"):
        assert not {"interpret", "challenge", "direct"} & set(advised)


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

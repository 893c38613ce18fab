"""The textbook therapist: what it does, and that skill wins."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from bowlby.practice import handbook
from bowlby.practice.handbook import Seen, options
from bowlby.practice.moves import TRAINEES

CALM, UNEASY, DISTRESSED = 0, 1, 2
EXPLORES, WITHDRAWS = 1, 2
GAME = Path(__file__).parents[2] / "benchmarks" / "game.py"


def seen(distress=CALM, action=EXPLORES, trust=0.4, *, ruptured=False):
    return Seen(distress, action, trust, ruptured)


def told(at, *, minute=7, near=False):
    return options(at, minute=minute, absence_is_near=near)


@pytest.mark.parametrize("distress", range(4))
@pytest.mark.parametrize("action", range(4))
@pytest.mark.parametrize("trust", [0.2, 0.9])
@pytest.mark.parametrize("near", [True, False])
def test_every_state_has_moves_of_a_trainee_that_add_up_to_one(distress, action, trust, near):
    for minute in (0, 4, 7):
        found = told(seen(distress, action, trust), minute=minute, near=near)
        assert set(found) <= set(TRAINEES)
        assert sum(found.values()) == pytest.approx(1.0)


def test_a_rupture_is_owned_before_anything_else():
    assert told(seen(DISTRESSED, WITHDRAWS, ruptured=True), near=True, minute=4) == {
        "repair": 1.0
    }


def test_distress_is_met_before_anything_is_asked():
    asks = {"mentalise", "interpret", "challenge", "direct"}
    assert not asks & set(told(seen(DISTRESSED)))
    assert not asks & set(told(seen(CALM, WITHDRAWS)))


def test_interpretation_waits_for_calm_and_trust():
    assert "interpret" in told(seen(trust=0.8))
    assert "interpret" not in told(seen(trust=0.4))
    assert "interpret" not in told(seen(UNEASY, trust=0.8))


def test_a_coming_absence_is_named():
    assert told(seen(), minute=4, near=True) == {"name_ending": 1.0}
    assert "name_ending" not in told(seen(), minute=4)


def test_it_opens_without_asking():
    first = handbook.move(None, minute=0, absence_is_near=True, dice=np.random.default_rng(0))
    assert first in ("hold", "mirror")


@pytest.mark.slow
def test_skill_wins_with_every_client():
    spec = importlib.util.spec_from_file_location("game", GAME)
    game = importlib.util.module_from_spec(spec)
    sys.modules["game"] = game
    spec.loader.exec_module(game)
    table = game.compared(game.Game(64, 5).play())
    found = game.summary(table)
    assert found["interval above 0"] >= 0.9 * found["comparisons"]
    assert found["d of .3 or more"] >= 0.75 * found["comparisons"]
    assert found["greatest lead in alliance"] < 0.05

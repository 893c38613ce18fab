"""The textbook therapist: what it does, and that skill wins."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from bowlby.practice import handbook, textbook
from bowlby.practice.handbook import (
    ASKS,
    BACK,
    ENGAGED,
    NAMED_AT_MOST,
    NAMED_FROM,
    Seen,
    options,
)
from bowlby.practice.moves import TRAINEES

CALM, UNEASY, DISTRESSED = 0, 1, 2
APPROACHES, EXPLORES, WITHDRAWS, PROTESTS = range(4)
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AT_EASE = Seen(CALM, EXPLORES, "validate")
TURNED_AWAY = Seen(UNEASY, WITHDRAWS, "hold")


def told(*seen, near=False):
    return options(seen, absence_is_near=near)


@pytest.mark.parametrize("distress", range(4))
@pytest.mark.parametrize("action", range(4))
@pytest.mark.parametrize("before", [0, 3, 4, 9])
@pytest.mark.parametrize("near", [True, False])
def test_every_state_has_moves_of_a_trainee_that_add_up_to_one(distress, action, before, near):
    for move in TRAINEES:
        found = told(*[AT_EASE] * before, Seen(distress, action, move), near=near)
        assert set(found) <= set(TRAINEES)
        assert sum(found.values()) == pytest.approx(1.0)


def test_it_sees_no_more_than_the_hidden_mode_shows():
    assert Seen._fields == ("distress", "action", "move")


@pytest.mark.parametrize("action", [WITHDRAWS, PROTESTS])
def test_one_who_was_at_ease_and_turns_away_or_protests_is_met_by_owning_it(action):
    before = [AT_EASE] * ENGAGED
    assert told(*before, Seen(DISTRESSED, action, "hold"), near=True) == {"repair": 1.0}
    assert told(*before[1:], Seen(CALM, action, "hold")) != {"repair": 1.0}
    assert told(*before, Seen(DISTRESSED, APPROACHES, "hold")) != {"repair": 1.0}


@pytest.mark.parametrize("move", TRAINEES)
def test_one_who_was_asked_and_is_no_longer_at_ease_is_met_by_owning_it(move):
    distressed, away = Seen(DISTRESSED, EXPLORES, move), Seen(CALM, WITHDRAWS, move)
    for after in (distressed, away):
        assert (told(after) == {"repair": 1.0}) == (move in ASKS)
    assert told(Seen(UNEASY, EXPLORES, move)) != {"repair": 1.0}


def test_one_who_was_never_near_is_not_apologised_to():
    assert "repair" not in told(*[TURNED_AWAY] * 9)


def test_distress_is_met_before_anything_is_asked():
    assert not ASKS & set(told(Seen(DISTRESSED, EXPLORES, "hold")))
    assert not ASKS & set(told(Seen(CALM, WITHDRAWS, "hold")))


def test_interpretation_waits_for_one_who_has_turned_away_and_is_back():
    assert "interpret" in told(TURNED_AWAY, *[AT_EASE] * BACK)
    assert "interpret" not in told(TURNED_AWAY, *[AT_EASE] * (BACK - 1))
    assert "interpret" not in told(*[AT_EASE] * 9)
    assert "interpret" not in told(
        TURNED_AWAY, *[AT_EASE] * BACK, Seen(UNEASY, EXPLORES, "hold")
    )


@pytest.mark.parametrize("move", ["hold", "mirror", "validate", "mentalise"])
@pytest.mark.parametrize("distress", [CALM, UNEASY])
def test_no_answer_is_given_twice_running(distress, move):
    assert move not in told(Seen(distress, EXPLORES, move))


def test_a_coming_absence_is_named_whenever_it_can_be_heard_and_never_twice_running():
    uneasy, upset = Seen(UNEASY, EXPLORES, "hold"), Seen(DISTRESSED, EXPLORES, "hold")
    named = Seen(CALM, EXPLORES, "name_ending")
    early = [AT_EASE] * (NAMED_FROM - 2)
    for minutes in ([*early, AT_EASE], [*early, uneasy], [upset] * 9 + [uneasy]):
        assert told(*minutes, near=True) == {"name_ending": 1.0}
        assert "name_ending" not in told(*minutes)
    for minutes in (early, [*early, upset], [*early, AT_EASE, named]):
        assert "name_ending" not in told(*minutes, near=True)


def test_a_coming_absence_is_named_in_four_minutes_at_most():
    seen = []
    for _ in range(20):
        (move, *_) = told(*seen, near=True)
        seen.append(Seen(CALM, EXPLORES, move))
    minutes = [n for n, minute in enumerate(seen, start=1) if minute.move == "name_ending"]
    assert minutes == [NAMED_FROM + 2 * n for n in range(NAMED_AT_MOST)]


def test_it_opens_without_asking():
    first = handbook.move([], absence_is_near=True, dice=np.random.default_rng(0))
    assert first in ("hold", "mirror")


def benchmark(name):
    """A script of `benchmarks/`, as a module."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_skill_wins_with_every_client():
    game = benchmark("game")
    # The pairs of moves take three times as long: they are in the table of the docs.
    played = {k: v for k, v in game.STRATEGIES.items() if k not in game.PAIRS}
    found = game.summary(game.compared(game.Game(64, 5).play(played), strategies=played))
    assert found["interval above 0"] >= 0.9 * found["comparisons"]
    assert found["d of .3 or more"] >= 0.75 * found["comparisons"]
    assert found["greatest lead in alliance"] < 0.05


@pytest.mark.slow
def test_a_hundred_supervisions_advise_five_acts_and_no_act_is_best_in_most_turns():
    found = benchmark("advice").measured()
    assert found["sessions"] >= 100
    assert len(found["advised"]) >= 5
    assert max(found["advised"].values()) < 0.6
    assert max(v for k, v in found["best"].items() if k != "none") <= 0.4
    assert max(found["repeats"].values()) <= 0.1
    for state, counts in found["by_state"].items():
        assert set(counts) <= {*textbook.ADVISED[state], "name_ending"}

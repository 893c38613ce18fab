"""Own words are heard as a move, or not at all."""

import numpy as np
import pytest

from bowlby.practice import own_words
from bowlby.practice.moves import TRAINEES

pytest.importorskip("sklearn")


def test_every_move_has_lines_to_learn_from_and_none_twice():
    texts, names = own_words.lines()
    assert len(set(texts)) == len(texts) >= 500
    assert {*names} == {*TRAINEES}
    assert min(names.count(name) for name in TRAINEES) >= 50


def test_what_is_plain_is_heard():
    assert own_words.heard("I'm so sorry, that was my mistake.").move == "repair"
    assert own_words.heard("Next week is our last session together.").move == "name_ending"


def test_what_is_not_clear_is_not_guessed():
    told = own_words.heard("The bus was late and there were pigeons.")
    assert (told.move, told.label) == (None, "")


def test_a_small_share_is_no_certainty():
    shares = np.array([0.39, 0.36, 0.25])
    told = own_words.chosen(["hold", "repair", "mirror"], shares)
    assert (told.move, told.second) == (None, "hold")
    shares = np.array([0.6, 0.2, 0.2])
    assert own_words.chosen(["hold", "repair", "mirror"], shares).move == "hold"


def test_what_it_is_sure_of_is_right_three_times_in_four_on_lines_held_out():
    from sklearn.model_selection import StratifiedKFold

    texts, names = (np.array(one) for one in own_words.lines())
    told = np.empty(len(names), object)
    for known, held_out in StratifiedKFold(5, shuffle=True, random_state=0).split(texts, names):
        learnt = own_words.learn([*texts[known]], [*names[known]])
        shares = learnt.shares([*texts[held_out]])
        told[held_out] = [own_words.chosen(learnt.moves, row).move for row in shares]
    is_sure = np.array([move is not None for move in told])
    assert is_sure.mean() >= 0.7
    assert (told == names)[is_sure].mean() >= 0.75

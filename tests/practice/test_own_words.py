"""Own words are heard as a move, or not at all."""

from difflib import get_close_matches

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


def test_more_lines_are_no_copies_of_those_it_is_tried_on():
    tried, _ = own_words.lines(own_words.TRIED)
    more, _ = own_words.lines(own_words.MORE)
    assert not [line for line in more if get_close_matches(line, tried, n=1, cutoff=0.85)]


def test_three_lines_in_four_that_it_has_not_learnt_are_heard_rightly():
    names, moves, shares = own_words.tried()
    is_right = np.array([moves[i] for i in shares.argmax(1)]) == names
    is_sure = shares.max(1) >= own_words.SURE
    assert is_right.mean() >= 0.75
    assert is_sure.mean() >= 0.8
    assert is_right[is_sure].mean() >= 0.8

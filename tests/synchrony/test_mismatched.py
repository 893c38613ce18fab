from dataclasses import replace

import numpy as np
import pytest

from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.mismatched import (
    Session,
    false_positives,
    mismatched_pairs,
    pseudo_pair,
)
from bowlby.synchrony.pseudo_dyads import _repaired_mean, pseudo_dyads

SETTINGS = Settings(surrogates=49, window_s=20, step_s=10, max_lag_s=2)


def session(name, *, dyad=None, therapist=None, seed=0, strength=0.0):
    rng = np.random.default_rng(seed)
    x, noise = np.apply_along_axis(
        lambda v: np.convolve(v, np.ones(4), "valid"), 1, rng.normal(size=(2, 1203))
    )
    y = strength * x + np.sqrt(1 - strength**2) * noise
    pair = SignalPair("motion", "motion", x, y, 5.0, 0.0, "", ("client", "therapist"))
    dyad = dyad or name
    return Session(name, pair, f"{dyad}/1", therapist or f"{dyad}/2", dyad)


def names(sessions):
    return {(a.name, b.name) for a, b in mismatched_pairs(sessions)}


def test_every_ordered_pair_of_different_dyads_is_used():
    assert len(names([session(str(i)) for i in range(20)])) == 380


def test_two_sessions_of_one_dyad_are_never_mismatched():
    sessions = [session("a1", dyad="a"), session("a2", dyad="a"), session("b")]
    assert names(sessions) == {("a1", "b"), ("b", "a1"), ("a2", "b"), ("b", "a2")}


def test_a_client_is_never_paired_with_their_own_therapist_from_another_case():
    sessions = [session("a", therapist="T"), session("b", therapist="T"), session("c")]
    assert ("a", "b") not in names(sessions)
    assert ("a", "c") in names(sessions)


def test_nobody_is_paired_with_themself_across_roles():
    supervisor = session("a", therapist="P")
    sessions = [supervisor, Session("b", supervisor.pair, "P", "Q", "b")]
    assert ("b", "a") not in names(sessions)


def test_a_pseudo_dyad_takes_the_first_of_one_and_the_second_of_the_other():
    a, b = session("a", seed=1), session("b", seed=2)
    pair = pseudo_pair(a, b)
    np.testing.assert_array_equal(pair.x, a.pair.x)
    np.testing.assert_array_equal(pair.y, b.pair.y)


def test_false_positives_are_counted_with_their_exact_interval():
    found = false_positives([session(str(i), seed=i) for i in range(6)], SETTINGS)
    assert found.pairs == 30
    assert found.rejected == np.sum(found.p <= 0.05)
    assert found.low <= found.rate <= found.high


def test_coupled_dyads_differ_from_pseudo_dyads():
    sessions = [session(str(i), seed=i, strength=0.6) for i in range(8)]
    found = pseudo_dyads(sessions, SETTINGS, permutations=499)
    assert found.p <= 0.01
    assert found.d > 1


def test_uncoupled_dyads_differ_from_pseudo_dyads_in_few_studies():
    p = [
        pseudo_dyads(
            [session(str(i), seed=100 * study + i) for i in range(5)], SETTINGS, permutations=99
        ).p
        for study in range(40)
    ]
    # 2 expected of 40 at .05; the exact 99.9 % interval ends at 8.
    assert np.sum(np.array(p) <= 0.05) <= 8


def test_two_recordings_cannot_be_repaired():
    with pytest.raises(ValueError, match="at least three"):
        pseudo_dyads([session("a"), session("b")], SETTINGS)


def unrecorded(name):
    empty = session(name)
    return replace(empty, pair=replace(empty.pair, y=np.full_like(empty.pair.y, np.nan)))


def test_a_recording_without_a_valid_window_is_left_out():
    whole = [session(str(i), seed=i) for i in range(4)]
    found = pseudo_dyads([*whole, unrecorded("x")], SETTINGS, permutations=99)
    alone = pseudo_dyads(whole, SETTINGS, permutations=99)
    assert (found.d, found.p) == (alone.d, alone.p)


def test_too_few_recordings_with_a_valid_window_are_refused():
    sessions = [session("a"), session("b"), unrecorded("x")]
    with pytest.raises(ValueError, match="2 of 3 dyads have a window"):
        pseudo_dyads(sessions, SETTINGS)


def test_one_recording_has_no_mismatched_pair():
    with pytest.raises(ValueError, match="at least two recordings"):
        false_positives([session("a")], SETTINGS)


@pytest.mark.parametrize("dyads", [3, 4, 6])
def test_the_test_against_pseudo_dyads_holds_its_level_in_small_studies(dyads):
    rng = np.random.default_rng(dyads)
    p = []
    for _ in range(400):
        table = rng.normal(size=(dyads, dyads))
        means = [_repaired_mean(table, rng) for _ in range(199)]
        p.append((1 + np.sum(np.array(means) >= np.diag(table).mean() - 1e-12)) / 200)
    # 20 expected of 400 at .05; the exact 99 % interval ends at 32.
    assert np.sum(np.array(p) <= 0.05) <= 32


def test_pseudo_dyads_who_share_no_valid_window_are_left_out():
    sessions = [session(str(i), seed=i) for i in range(4)]
    early, late = sessions[0].pair, sessions[1].pair
    x, y = early.x.copy(), late.y.copy()
    x[600:], y[:640] = np.nan, np.nan
    sessions[0] = replace(sessions[0], pair=replace(early, x=x))
    sessions[1] = replace(sessions[1], pair=replace(late, y=y))
    assert false_positives(sessions, SETTINGS).pairs == 11
    assert len(pseudo_dyads(sessions, SETTINGS, permutations=19).pseudo) == 11


def of_length(name, n, seed):
    whole = session(name, seed=seed)
    return replace(whole, pair=replace(whole.pair, x=whole.pair.x[:n], y=whole.pair.y[:n]))


def test_sessions_of_unequal_lengths_are_no_less_synchronous_than_strangers():
    d = [
        pseudo_dyads(
            [of_length(str(i), 300 + 150 * i, 50 * study + i) for i in range(7)],
            SETTINGS, permutations=19,
        ).d
        for study in range(25)
    ]  # fmt: skip
    assert abs(np.mean(d)) < 3.3 * np.std(d) / np.sqrt(len(d))


def test_whole_people_are_repaired_and_their_sessions_summed():
    sessions = [
        session(f"{i}{s}", dyad=str(i), seed=10 * i + s, strength=0.6)
        for i in range(5)
        for s in range(2)
    ]
    found = pseudo_dyads(sessions, SETTINGS, permutations=199)
    assert (len(found.real), len(found.pseudo)) == (10, 40)
    assert found.dyads == tuple("01234")
    assert np.isnan(found.p_dyad).all()
    assert found.p <= 0.02


def test_each_dyad_of_a_large_study_has_its_place_among_its_own_strangers():
    sessions = [session(str(i), seed=i, strength=0.8 * (i == 3)) for i in range(11)]
    found = pseudo_dyads(sessions, SETTINGS, permutations=19)
    np.testing.assert_allclose(found.p_dyad[3], 1 / 21)


def test_the_name_of_earlier_scripts_is_read():
    from bowlby.synchrony import mismatched
    from bowlby.synchrony.pseudo_dyads import pseudo_dyads

    assert mismatched.between_dyads is pseudo_dyads
    with pytest.raises(AttributeError, match="no attribute 'between'"):
        _ = mismatched.between

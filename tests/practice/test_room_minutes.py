"""A session, minute by minute."""

import itertools
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bowlby.practice import marks, room, supervision, textbook, view
from bowlby.practice.client import clients, find_client, of_courses
from bowlby.practice.messages import Alternative, KeyMoment, Mark, MarkOutcome
from bowlby.practice.moves import MOVES, TRAINEES, override
from bowlby.practice.utterances import PATTERNS
from bowlby.theory.interventions import built_in

INTERVENTIONS = built_in().names
SCRIPT = ("hold", "validate", "interpret", "challenge", "repair", "validate")


def played(client="mara", script=SCRIPT, seed=3, sessions=2):
    session = room.enter(room.begin(find_client(client), seed=seed, sessions=sessions))
    for move in script:
        session = room.play(session, move)
    return session


@pytest.fixture(scope="module")
def session():
    return played()


def told(*minutes):
    """What is told of the last of some minutes, each (ruptured, repaired) by tick."""
    traces = [
        {"ruptured": np.array(ruptured, float), "repaired": np.array(repaired, float)}
        for ruptured, repaired in minutes
    ]
    session = SimpleNamespace(minutes=[SimpleNamespace(trace=trace) for trace in traces])
    return view.rupture(session, len(minutes))


NOTHING = ([0, 0], [0, 0])
STANDS = ([1, 1], [0, 0])


@pytest.mark.parametrize(
    ("minutes", "what"),
    [
        ((NOTHING,), ""),
        ((NOTHING, STANDS), "began"),
        ((STANDS, STANDS), "goes on"),
        ((STANDS, ([1, 0], [0, 1])), "repaired"),
        ((([1, 0], [0, 1]),), "repaired"),
        ((STANDS, ([1, 0], [0, 0])), "left open"),
        ((([1, 0], [0, 0]),), "left open"),
    ],
)
def test_a_rupture_that_ends_without_being_owned_is_not_told_as_repaired(minutes, what):
    assert told(*minutes) == what


def test_a_rupture_that_a_trainee_never_owns_is_not_repaired_by_time():
    pushed = played("ruth", ("challenge", "direct") * 4 + ("hold",) * 8, sessions=3)
    what = [view.rupture(pushed, turn) for turn in range(1, len(pushed.minutes) + 1)]
    assert "began" in what
    assert "repaired" not in what


def test_every_client_has_words_and_only_known_topics():
    assert len(of_courses()) >= 6
    assert {client.pattern for client in clients()} == set(PATTERNS)


def test_the_nine_moves_have_the_keys_one_to_nine():
    assert [move.key for move in MOVES] == list(range(1, 10))


def test_a_move_is_one_intervention_in_every_tick():
    chosen = override("validate", 6)
    np.testing.assert_array_equal(chosen.sum(1), 1.0)
    assert chosen[:, INTERVENTIONS.index("validate")].all()


def test_an_unknown_move_is_refused_by_name():
    with pytest.raises(ValueError, match="no move 'hug'"):
        override("hug", 6)


def test_the_engine_does_what_the_trainee_chose(session):
    for minute in session.minutes:
        assert (minute.trace["intervention"] == INTERVENTIONS.index(minute.move)).all()


def test_the_same_seed_and_moves_give_the_same_session_to_the_bit(session):
    again = played()
    for one, other in zip(session.minutes, again.minutes, strict=True):
        np.testing.assert_array_equal(one.arousal, other.arousal)
        np.testing.assert_array_equal(
            one.trace["perceived_stance"], other.trace["perceived_stance"]
        )


def test_another_move_changes_what_follows_and_not_what_was():
    other = played(script=(*SCRIPT[:3], "validate", *SCRIPT[4:]))
    one = played()
    np.testing.assert_array_equal(one.minutes[2].arousal, other.minutes[2].arousal)
    assert (
        one.minutes[3].trace["perceived_stance"] != other.minutes[3].trace["perceived_stance"]
    ).any()


def test_clients_remember_across_sessions(session):
    after = room.leave(session)
    second = room.enter(after)
    assert second.number == 2
    counts = [np.asarray(s.opening.experience.memory.counts) for s in (session, second)]
    assert (counts[0] != counts[1]).any()


def test_a_course_ends_after_its_last_session(session):
    second = room.play(room.enter(room.leave(session)), "hold")
    with pytest.raises(ValueError, match="has ended"):
        room.enter(room.leave(second))


def test_a_session_without_a_move_is_not_left():
    empty = room.enter(room.begin(find_client("ruth"), seed=1, sessions=1))
    with pytest.raises(ValueError, match="not begun"):
        room.leave(empty)


def test_an_ending_that_is_named_and_heard_pulls_back_less():
    left = {}
    for move in ("name_ending", "hold"):
        done = room.leave(played("ruth", ("validate", move, move), sessions=1))
        left[move] = done.named
    assert left["name_ending"] > 0.5
    assert left["hold"] == 0.0


def test_an_ending_is_named_where_one_is_near():
    """In the first of eight sessions it leaves need unanswered, in the last it does not."""
    far, near = (
        room.enter(room.begin(find_client("ruth"), seed=3, sessions=n)) for n in (8, 1)
    )
    assert (far.until_absence, near.until_absence) == (3, 0)
    attuned = [
        room.play(session, "name_ending").minutes[0].trace["perceived_stance"][:, 0].mean()
        for session in (far, near)
    ]
    assert attuned[0] < attuned[1]


def test_challenge_in_alarm_is_heard_as_less_attuned_than_validation_on_average(session):
    found = room.futures(session, 4, ("validate", "challenge"))
    assert found.trust[0].mean() > found.trust[1].mean()


def test_the_futures_of_the_move_that_was_made_do_not_depend_on_which_others_are_tried(session):
    few = room.futures(session, 2, ("validate", "challenge"))
    more = room.futures(session, 2, ("validate", "hold", "challenge"))
    np.testing.assert_array_equal(few.trust[1], more.trust[2])


def test_a_session_that_is_kept_has_the_same_futures(session):
    later = room.futures(room.kept(session), 3, ("validate", "challenge"))
    now = room.futures(session, 3, ("validate", "challenge"))
    np.testing.assert_array_equal(later.trust, now.trust)
    np.testing.assert_array_equal(later.rupture, now.rupture)


def test_equal_moves_have_equal_futures_by_common_random_numbers(session):
    found = room.futures(session, 2, ("validate", "validate"))
    np.testing.assert_array_equal(found.trust[0], found.trust[1])


def test_moments_tell_a_better_move_with_an_interval_above_nothing(session):
    moments = supervision.key_moments(session)
    assert len(moments) <= 3
    assert len({moment.what for moment in moments}) == len(moments)
    for moment in moments:
        assert 0.0 < moment.low <= moment.difference <= moment.high
        assert moment.difference >= supervision.FLOOR
        assert moment.turn <= len(session.minutes) - room.AHEAD + 1
        assert moment.made.move == session.minutes[moment.turn - 1].move
        assert moment.better.move != moment.made.move
        assert moment.better.move in supervision.fitting(session, moment.turn)


def test_a_session_too_short_for_a_future_tells_no_moment():
    assert supervision.key_moments(played("ruth", ("challenge", "challenge"))) == ()


def test_one_sided_warmth_is_told_and_a_drill_named():
    session = played("ruth", ("validate",) * 9)
    told = " ".join(supervision.missed(session))
    assert "“Validate” was 9 of your 9 responses" in told
    assert "nothing was asked of Ruth" in told
    assert supervision.practise_next(session).drill


def test_what_was_missed_many_times_is_told_twice_and_counted():
    session = played("jonas", ("challenge",) * 12)
    told = supervision.missed(session)
    assert sum("the need was not answered" in one for one in told) <= 2
    assert len(told) <= supervision.MOST + 1


def test_repair_is_not_advised_where_nothing_is_ruptured(session):
    for moment in supervision.key_moments(session):
        ruptured = float(session.minutes[moment.turn - 1].before.course.ruptured[0]) > 0.5
        assert ruptured or moment.better.move != "repair"


def test_moves_by_state_count_every_minute_once(session):
    rows = supervision.by_state(session)
    total = sum(r.calm + r.uneasy + r.distressed + r.overwhelmed for r in rows)
    assert total == len(session.minutes)


def test_among_moves_made_equally_often_the_first_is_asked_about():
    session = played("ruth", ("mirror", "validate", "hold", "validate", "mirror"))
    assert "most often chose “Mirror”" in supervision.questions(session)[1]


def test_nothing_is_said_twice_in_a_session():
    session = played("jonas", ("hold", "validate", "mirror") * 8)
    said, words = [], []
    for turn in range(len(session.minutes) + 1):
        seen, index = view.outward(session, turn, said=said)
        said.append(index)
        words.append(seen.words)
    assert len(set(words)) == len(words)


def test_the_window_of_tolerance_is_where_mentalising_is_half_its_best():
    from bowlby.theory.mentalising import Mentalising

    for edge in view.window(1.3):
        law = Mentalising()
        assert law.capacity(edge, 1.3, law.usual) == pytest.approx(0.45, rel=1e-6)


def test_synchrony_needs_three_minutes_and_lies_in_a_band_of_surrogates(session):
    assert view.synchrony(session, 2) == (None, None)
    found, band = view.synchrony(session, 3)
    assert found is not None
    assert band is not None
    assert -1.0 <= band[0] < band[1] <= 1.0


def test_surrogates_of_synchrony_are_circular_shifts_by_at_least_twenty_seconds(session):
    found, band = view.synchrony(session, 3)
    x, y = np.concatenate([m.arousal for m in session.minutes[:3]]).T
    slow = [np.corrcoef(x, np.roll(y, shift))[0, 1] for shift in range(20, len(y) - 19)]
    np.testing.assert_allclose(band, np.quantile(slow, [0.025, 0.975]), atol=1e-6)
    assert found == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)


def test_what_is_expected_is_what_the_engine_expects(session):
    from bowlby.theory.relational_models import expected_stance

    pair = session.pair
    engine = np.asarray(expected_stance(pair.experience.memory.counts))[:, 0, :, 0]
    np.testing.assert_allclose(room.expectations(pair), engine, rtol=1e-6)


@pytest.mark.parametrize("client", [client.card.id for client in clients()])
def test_what_a_client_has_learnt_is_worded_by_its_pattern(client):
    who = find_client(client)
    for seed in (1, 2):
        session = room.enter(room.begin(who, seed=seed, sessions=2))
        old = next(b for b in view.beliefs(session.opening, session.standing) if b.is_old)
        assert old.is_safe == (who.pattern == "secure")
        assert view.fits(who.pattern, room.expected_of(session.standing.client))


@pytest.mark.parametrize(
    ("shares", "named"),
    [
        ((0.8, 0.05, 0.1, 0.05), "secure"),
        ((0.45, 0.2, 0.28, 0.07), "ambivalent"),
        ((0.34, 0.1, 0.22, 0.34), "disorganised"),
        ((0.2, 0.1, 0.55, 0.15), "dismissive"),
        ((0.2, 0.55, 0.1, 0.15), "intrusive"),
    ],
)
def test_half_of_the_time_is_not_security(shares, named):
    assert view.profile(np.array(shares)) == named


def test_topics_differ_by_seed_and_move_on():
    orders = set()
    for seed in range(4):
        session = played("mara", ("hold",) * 13, seed=seed)
        rng = np.random.default_rng(0)
        topics = [view._topic(session, turn, "hold", rng) for turn in (0, 4, 8, 12)]
        assert len(set(topics)) == 4
        orders.add(tuple(topics))
    assert len(orders) > 1


def test_marks_are_asked_apart_and_only_of_what_can_surprise():
    session = played("jonas", ("validate", "challenge", "hold", "interpret", "mirror") * 3)
    asked = marks.asked(session)
    assert asked
    turns = sorted(asked)
    assert all(b - a >= marks.APART for a, b in itertools.pairwise(turns))
    for turn, questions in asked.items():
        so_far = marks.truths(session)[:turn]
        doubtful = marks._in_doubt(session, turn)
        assert all(len({one[q] for one in so_far}) > 1 or q in doubtful for q in questions)
        assert questions


def test_where_nothing_can_surprise_nothing_is_asked(monkeypatch):
    session = played("ruth", ("validate",) * 9)
    steady = {"arousal": "inside", "heard": "attuned", "expects": "old"}
    monkeypatch.setattr(marks, "truths", lambda session: (steady,) * len(session.minutes))
    monkeypatch.setattr(marks, "_in_doubt", lambda _session, _turn: frozenset())
    assert marks.asked(session) == {}
    monkeypatch.setattr(marks, "_in_doubt", lambda _session, _turn: frozenset({"heard"}))
    assert set(marks.asked(session).values()) == {("heard",)}


def test_what_is_asked_does_not_depend_on_what_follows():
    session = played("jonas", ("validate", "challenge", "hold", "interpret", "mirror") * 2)
    part = replace(session, minutes=session.minutes[:7])
    whole = marks.asked(session)
    assert marks.asked(part) == {turn: q for turn, q in whole.items() if turn <= 7}


def test_not_looking_reads_nothing_and_knowing_reads_all():
    session = played("jonas", ("validate", "challenge", "hold", "interpret", "mirror") * 3)
    truths = marks.truths(session)
    everywhere = range(1, len(truths) + 1)
    knows = [(turn, Mark(**truths[turn - 1], sure=1.0)) for turn in everywhere]
    found = marks.reading(session, marks.outcomes(session, knows))
    assert (found.skill, found.brier) == (1.0, 0.0)
    common = {
        q: max(sorted({t[q] for t in truths}), key=[t[q] for t in truths].count)
        for q in marks.QUESTIONS
    }
    # Of all minutes, and not only of those that surprise.
    blind = [
        MarkOutcome(turn=turn, what=q, marked=common[q], truth=truths[turn - 1][q], sure=0.9)
        for turn in everywhere
        for q in marks.QUESTIONS
    ]
    assert marks.reading(session, blind).skill == pytest.approx(0.0, abs=1e-12)


def test_a_session_without_marks_has_no_reading(session):
    assert marks.reading(session, ()) is None


def test_no_two_moments_of_a_session_teach_the_same():
    better = Alternative(move="validate", label="Validate", share=0.8)
    told = KeyMoment.model_construct(turn=5, what="settled", better=better)
    validate, mirror = TRAINEES.index("validate"), TRAINEES.index("mirror")
    near, aim, advice, other = (
        supervision._Candidate(0.2, turn, move, what)
        for turn, move, what in (
            (6, mirror, "explored"), (10, mirror, "settled"), (10, validate, "explored"),
            (10, mirror, "explored"),
        )
    )  # fmt: skip
    assert all(supervision._is_like(one, told) for one in (near, aim, advice))
    assert not supervision._is_like(other, told)


def test_of_moves_that_gain_as_much_the_one_least_made_is_advised():
    gain = np.full(len(MOVES), -1.0)
    validate, mirror, hold = (TRAINEES.index(one) for one in ("validate", "mirror", "hold"))
    gain[[validate, mirror, hold]] = 0.3, 0.27, 0.2
    assert supervision.better(gain, ("validate",) * 3) == mirror
    assert supervision.better(gain, ("mirror", "validate", "mirror")) == validate
    assert supervision.better(gain, ()) == validate
    gain[[validate, mirror, hold]] = 0.06, 0.04, -1.0
    assert supervision.better(gain, ("validate",) * 9) == validate


@pytest.mark.slow
def test_no_answer_to_a_mark_is_right_without_looking():
    """Over all clients, handbook and chance: nothing that one could always say is right mostly."""
    truths: dict[str, list[str]] = {}
    for who, seed in itertools.product(of_courses(), (101, 102)):
        opened = room.enter(room.begin(who, seed=seed, sessions=8))
        dice = np.random.default_rng(seed)
        by_chance = opened
        for move in dice.choice(TRAINEES, 25):
            by_chance = room.play(by_chance, str(move))
        for session in (textbook.play(opened, minutes=25, dice=dice), by_chance):
            for turn, questions in marks.asked(session).items():
                for question in questions:
                    there = marks.truths(session)[turn - 1]
                    truths.setdefault(question, []).append(there[question])
    often = {q: told for q, told in truths.items() if len(told) >= 20}
    assert {"heard", "arousal"} <= often.keys()
    for question, told in often.items():
        best = Counter(told).most_common(1)[0][1] / len(told)
        assert best < 0.8, f"{question}: one answer is right in {best:.0%}"

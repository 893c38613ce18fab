"""The written lines are complete and varied, and the choice from them fits, varies and remembers."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from bowlby.practice.client import clients, find_client
from bowlby.practice.lint import lint
from bowlby.practice.utterances import (
    ACTS,
    DISTRESS,
    EXPECTATIONS,
    STANCES,
    Moment,
    Utterance,
    build_utterances,
    choose,
    joined,
    read_utterances,
    shared_words,
)

CALM = {
    "distress": "calm",
    "stance": "attuned",
    "expectation": "open",
    "topic": "work",
    "act": "explore",
}
ENTRY = {
    "text": ["The lift was out again."],
    "distress": ["calm"],
    "stance": ["attuned"],
    "topic": "work",
    "act": "explore",
}
WHO = clients()
IDS = [client.card.id for client in WHO]
RUTH = find_client("ruth")
WHOLE = RUTH.words
FITTING = Utterance(
    text="The lift was out again.",
    distress=("calm",),
    stance=("attuned",),
    topic="work",
    act="explore",
)


def a_session(library, *, turns, seed, topics, said=(), earlier=None):
    """Lines said in a session that wanders through all states."""
    states = np.random.default_rng(seed)
    rng = np.random.default_rng(seed + 1)
    found = list(said)
    for _ in range(turns):
        moment = Moment(
            str(states.choice(DISTRESS, p=[0.35, 0.35, 0.2, 0.1])),
            str(states.choice(STANCES, p=[0.6, 0.15, 0.15, 0.1])),
            str(states.choice(EXPECTATIONS)),
            str(states.choice(topics)),
            str(states.choice(ACTS, p=[0.2, 0.4, 0.25, 0.15])),
            facts=frozenset({"later"}),
        )
        found.append(choose(library, moment, said=found, earlier=earlier, rng=rng))
    return found


def chosen(*library, said=(), seed=0, earlier=None, **state):
    """Choice in a calm, attuned state on the topic of work, with changes."""
    moment = Moment(**{**CALM, **state})
    rng = np.random.default_rng(seed)
    return choose(library, moment, said=said, earlier=earlier, rng=rng)


@pytest.mark.parametrize("client", WHO, ids=IDS)
def test_the_written_lines_have_no_findings(client):
    assert client.findings() == ()


def test_there_are_six_clients_at_least_and_twelve_hundred_lines():
    texts = [one.text for client in WHO for one in client.own]
    texts += [one.text for one in shared_words("en")]
    assert len(WHO) >= 6
    assert len(set(texts)) == len(texts) >= 1200


@pytest.mark.parametrize("client", WHO, ids=IDS)
def test_clients_seldom_answer_that_they_do_not_know(client):
    assert sum("I don't know" in one.text for one in client.own) <= 2


@pytest.mark.parametrize("client", WHO, ids=IDS)
def test_what_is_shown_names_no_gender(client):
    shown = [one.text for one in client.words if one.kind != "speech"]
    pronouns = {"he", "she", "his", "her", "him", "hers", "himself", "herself"}
    assert not [text for text in shown if pronouns & set(re.findall(r"\w+", text.lower()))]


@pytest.mark.parametrize("client", WHO, ids=IDS)
def test_clients_remember_in_words_what_was_done_and_how_it_was_left(client):
    needs = {need for one in client.own if one.role == "opening" for need in one.needs}
    assert {"left_in_rupture", "left_in_distress", "repaired", "after_break"} <= needs
    assert sum(need.startswith("did_") for need in needs) >= 3
    assert sum(need.startswith("told_") for need in needs) >= 2


@pytest.mark.parametrize("client", WHO, ids=IDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tenth_of_the_lines_at_most_comes_back_within_three_sessions(client, seed):
    earlier: dict[int, int] = {}
    all_said = []
    for session in range(3):
        said = a_session(
            client.words, turns=16, seed=10 * seed + session, topics=client.topics,
            earlier=earlier,
        )  # fmt: skip
        all_said += said
        earlier = {line: ago + 1 for line, ago in earlier.items()} | dict.fromkeys(said, 1)
    assert 1 - len(set(all_said)) / len(all_said) <= 0.1


def with_lines(*texts, **changes):
    return [*WHOLE, *(replace(WHOLE[-1], text=text, **changes) for text in texts)]


@pytest.mark.parametrize(
    ("library", "said"),
    [
        (with_lines("x" * 141), "141 characters, 140 allowed"),
        (with_lines("x" * 101, distress=("overwhelmed",)), "101 characters, 100 allowed"),
        (with_lines(WHOLE[3].text), "Twice"),
        (with_lines("Hello. I'm Ruth. I feel rather a fraud, I'd better say that straight away."),
         "Nearly the same"),
        (with_lines(*(f"And then yesterday {end}" for end in ("rain.", "nobody rang.",
                    "my sister wept all through lunch.", "the old car died"))),
         "4 lines begin with 'and then yesterday', 3 allowed."),
        (with_lines("It's my attachment style."), "A client does not say 'attachment style'"),
        (with_lines("You asked me that before.", role="opening"), "First words answer"),
        (with_lines("Well, here I am again.", role="opening", stance=("intrusive",)),
         "First words cannot answer a stance"),
        (with_lines("Hal died.", needs=("told_atlantis",)), "There is no story 'atlantis'"),
        (with_lines("One line.", story="short", step=1), "The story 'short' has one line"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_lines_is_found(library, said):
    assert any(finding.startswith(said) for finding in lint(library))


def test_a_line_that_contradicts_the_card_is_found():
    found = lint(with_lines("My wife says so too."), never=(r"\bmy wife\b",))
    assert found == ("'My wife' contradicts the card: 'My wife says so too.'.",)


def test_a_client_who_never_says_what_brings_them_is_found():
    assert lint(WHOLE, about=("volcano",)) == (
        "0 lines on what brings the client; at least 6.",
    )


def test_a_state_without_speech_is_found():
    silent = [u for u in WHOLE if u.act != "protest" or "frightening" not in u.stance]
    assert 'No speech on "here" or "any" for calm, frightening, protest.' in lint(silent)


def test_fewer_than_three_for_a_distress_and_act_are_found():
    assert "1 lines for calm, explore; at least 3 are needed." in lint([FITTING])


def test_a_topic_of_the_card_of_which_nobody_speaks_is_found():
    assert lint(WHOLE, topics=("child",)) == (
        "Nobody speaks of 'child', which is a topic of the card.",
    )


@pytest.mark.parametrize("client", WHO, ids=IDS)
def test_forty_turns_do_not_repeat(client):
    said = a_session(client.words, turns=40, seed=1, topics=client.topics)
    assert len(set(said)) == 40


def test_words_come_back_when_everything_has_been_said():
    assert chosen(FITTING, said=(0,)) == 0


def test_the_same_seed_says_the_same():
    said = [a_session(WHOLE, turns=30, seed=9, topics=RUTH.topics) for _ in range(2)]
    assert said[0] == said[1]


def test_chance_decides_among_equals():
    library = (FITTING, replace(FITTING, text="Somebody had taken my mug."))
    assert {chosen(*library, seed=seed) for seed in range(20)} == {0, 1}


def test_an_unsaid_misfit_comes_before_a_repetition_in_the_session():
    assert chosen(FITTING, replace(FITTING, act="protest"), said=(0,)) == 1


@pytest.mark.parametrize(("ago", "expected"), [(1, 1), (2, 1), (3, 0)])
def test_what_was_said_two_sessions_ago_gives_way_to_another_act_and_three_does_not(
    ago, expected
):
    assert chosen(FITTING, replace(FITTING, act="protest"), earlier={0: ago}) == expected


def test_a_story_is_told_in_its_order_and_gone_on_with():
    story = tuple(replace(FITTING, text=f"Beat {n}.", story="s", step=n) for n in (1, 2, 3))
    other = replace(FITTING, text="Something else.")
    assert chosen(*story[1:], other) == 2
    assert chosen(*story, other, said=(0,)) == 1
    assert chosen(*story, other, said=(3,), earlier={0: 1, 1: 1}) == 2


def test_stories_of_several_groups_are_counted_on():
    groups = [dict(ENTRY, text=texts, story="s") for texts in (["One.", "Two."], ["Three."])]
    found = joined(build_utterances({"lines": groups}, where="own.toml"))
    assert [one.step for one in found] == [1, 2, 3]


def test_what_must_have_happened_before_is_waited_for_and_then_preferred():
    recalls = replace(FITTING, text="As you said.", needs=("did_interpret",))
    assert chosen(recalls, FITTING) == 1
    assert chosen(recalls, FITTING, facts=frozenset({"did_interpret"})) == 0


def test_an_answer_to_one_move_is_given_to_no_other():
    silent = replace(FITTING, text="Don't go quiet on me.", move=("hold",))
    assert chosen(silent, FITTING, move="repair") == 1
    assert chosen(silent, FITTING, move="hold") == 0


@pytest.mark.parametrize("client", WHO, ids=IDS)
@pytest.mark.parametrize("facts", [{"first"}, {"later"}, {"later", "left_in_rupture"}])
def test_first_words_fit_what_has_happened_and_answer_nothing(client, facts):
    for seed in range(6):
        index = chosen(
            *client.words, role="opening", stance="any", seed=seed, facts=frozenset(facts)
        )
        one = client.words[index]
        assert (one.role, one.stance, one.move) == ("opening", ("any",), ())
        assert facts >= set(one.needs)
        assert "left_in_rupture" not in facts or "left_in_rupture" in one.needs


def test_what_was_written_for_the_state_comes_before_what_suits_any():
    assert chosen(replace(FITTING, stance=("any",)), FITTING) == 1


def test_a_fit_to_any_state_comes_before_a_misfit():
    vague = replace(FITTING, stance=("any",), topic="any", act=None)
    assert chosen(replace(FITTING, stance=("frightening",)), vague) == 1


@pytest.mark.parametrize(
    "change",
    [{"act": "protest"}, {"stance": ("intrusive",)}, {"distress": ("distressed",)}],
)
def test_the_client_leaves_the_topic_before_acting_out_of_state(change):
    assert chosen(replace(FITTING, **change), replace(FITTING, topic="parents")) == 1


def test_the_nearest_distress_stands_in_for_a_missing_one():
    library = (FITTING, replace(FITTING, distress=("distressed",)))
    assert chosen(*library, distress="overwhelmed") == 1


@pytest.mark.parametrize("topic", ["work", "any"])
def test_nobody_speaks_of_the_ending_before_it_comes(topic):
    library = (replace(FITTING, topic="ending"), replace(FITTING, topic="body", act="protest"))
    assert chosen(*library, topic=topic) == 1


@pytest.mark.parametrize("client", WHO, ids=IDS)
@pytest.mark.parametrize("distress", DISTRESS)
@pytest.mark.parametrize("stance", STANCES)
def test_the_first_turn_always_fits_the_state(client, distress, stance):
    index = chosen(
        *client.words, distress=distress, stance=stance, act="protest", topic="ending"
    )
    first = client.words[index]
    heard = {"any", stance} & set(first.stance)
    assert (distress in first.distress, bool(heard), first.act) == (True, True, "protest")


@pytest.mark.parametrize("client", WHO, ids=IDS)
@pytest.mark.parametrize(("leads", "never"), [("old", ("new",)), ("new", ("old",))])
def test_nobody_words_an_expectation_that_does_not_lead(client, leads, never):
    for distress, stance, act in itertools.product(DISTRESS, STANCES, ACTS):
        for topic in client.topics:
            index = chosen(
                *client.words, distress=distress, stance=stance, act=act, topic=topic,
                expectation=leads,
            )  # fmt: skip
            assert client.words[index].expectation != never


def test_the_client_leaves_the_topic_before_wording_trust_where_there_is_none():
    library = (replace(FITTING, expectation=("new",)), replace(FITTING, topic="parents"))
    assert chosen(*library, expectation="old") == 1
    assert chosen(*library, expectation="new") == 0


def test_what_a_line_was_written_for_counts_only_where_it_holds():
    trusts, upset = (replace(FITTING, **{k: (v,)}) for k, v in
                     (("expectation", "new"), ("distress", "distressed")))  # fmt: skip
    found = {chosen(trusts, upset, expectation="old", seed=seed) for seed in range(20)}
    assert found == {0, 1}


def test_no_lines_are_refused():
    with pytest.raises(ValueError, match="no line to choose from"):
        chosen()


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="distress 'furious' is not known; use one of calm"):
        chosen(FITTING, distress="furious")


def test_lines_are_read_by_client_or_by_pattern():
    assert read_utterances("secure") == RUTH.words
    assert read_utterances("walter") == find_client("walter").words


def test_an_entry_reads_as_written():
    assert build_utterances({"lines": [ENTRY]}, where="own.toml") == (FITTING,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distress": ["furious"]}, "distress 'furious' is not known"),
        ({"stance": ["any", "attuned"]}, 'stance has "any" beside other words'),
        ({"expectation": []}, "expectation is empty"),
        ({"topic": "weather"}, "topic 'weather' is not known"),
        ({"act": "flee"}, "act 'flee' is not known"),
        ({"kind": "song"}, "kind 'song' is not known"),
        ({"role": "chorus"}, "role 'chorus' is not known"),
        ({"move": ["hug"]}, "move 'hug' is not known"),
        ({"needs": ["did_hug"]}, "'hug' is not known"),
        ({"needs": ["rain"]}, "needs 'rain' is not known"),
        ({"stance": "attuned"}, "stance is 'attuned'; wanted a list of words"),
        ({"mood": "grey"}, "no such key: mood"),
        ({"text": [" "]}, "text is empty"),
        ({"text": [3]}, "text is 3; wanted words"),
        ({"text": "One line."}, "text is missing; wanted a list"),
    ],
)
def test_a_wrong_entry_names_file_and_entry(change, message):
    content = {"lines": [ENTRY, {**ENTRY, **change}]}
    with pytest.raises(ValueError, match=rf"^own\.toml, lines 2.*{message}"):
        build_utterances(content, where="own.toml")


def test_a_file_with_other_tables_is_refused():
    with pytest.raises(ValueError, match=r"wanted \[\[lines\]\] tables only"):
        build_utterances({"utterance": [ENTRY]}, where="own.toml")

"""The written libraries are complete and varied, and the choice from them fits and varies."""

from dataclasses import replace

import numpy as np
import pytest

from bowlby.practice.utterances import (
    ACTS,
    DISTRESS,
    EXPECTATIONS,
    PATTERNS,
    STANCES,
    TOPICS,
    Utterance,
    build_utterances,
    choose,
    lint,
    read_utterances,
)

CALM = {
    "distress": "calm",
    "stance": "attuned",
    "expectation": "open",
    "topic": "work",
    "act": "explore",
}
ENTRY = {
    "text": "The lift was out again.",
    "kind": "speech",
    "distress": ["calm"],
    "stance": ["attuned"],
    "expectation": ["any"],
    "topic": "work",
    "act": "explore",
}
WHOLE = read_utterances("secure")
FITTING = Utterance(
    text="The lift was out again.",
    kind="speech",
    distress=("calm",),
    stance=("attuned",),
    expectation=("any",),
    topic="work",
    act="explore",
)


def a_session(pattern: str, *, turns: int, seed: int) -> list[int]:
    """Indices said in a session that wanders through all states."""
    library = read_utterances(pattern)
    states = np.random.default_rng(seed)
    rng = np.random.default_rng(seed + 1)
    said: list[int] = []
    for _ in range(turns):
        said.append(
            choose(
                library,
                distress=str(states.choice(DISTRESS)),
                stance=str(states.choice(STANCES)),
                expectation=str(states.choice(EXPECTATIONS)),
                topic=str(states.choice(TOPICS)),
                act=str(states.choice(ACTS)),
                said=said,
                rng=rng,
            )
        )
    return said


def chosen(*library: Utterance, said: tuple[int, ...] = (), seed: int = 0, **state: str) -> int:
    """Choice in a calm, attuned state on the topic of work, with changes."""
    return choose(library, **{**CALM, **state}, said=said, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_written_library_has_no_findings(pattern):
    assert lint(read_utterances(pattern)) == ()


@pytest.mark.parametrize(
    ("pattern", "at_least"),
    [("avoidant", 90), ("ambivalent", 90), ("disorganised", 90), ("secure", 60)],
)
def test_the_written_library_is_large_enough(pattern, at_least):
    assert len(read_utterances(pattern)) >= at_least


def test_no_two_patterns_share_an_utterance():
    texts = [u.text for pattern in PATTERNS for u in read_utterances(pattern)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_clients_seldom_answer_that_they_do_not_know(pattern):
    assert sum("I don't know" in u.text for u in read_utterances(pattern)) <= 2


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_shown_names_no_gender(pattern):
    shown = [u.text for u in read_utterances(pattern) if u.kind != "speech"]
    pronouns = {"he", "she", "his", "her", "him", "hers", "himself", "herself"}
    assert not [text for text in shown if pronouns & set(text.lower().split())]


def test_a_long_utterance_is_found():
    assert "141 characters, 140 allowed" in lint([replace(WHOLE[0], text="x" * 141)])[0]


def test_the_same_words_twice_are_found():
    assert lint([*WHOLE, WHOLE[3]])[0].startswith("Twice")


def test_nearly_the_same_words_are_found():
    near = replace(WHOLE[0], text="I've been looking forward to this, in a funny way.")
    assert lint([*WHOLE, near])[0].startswith("Nearly the same")


def test_a_fourth_utterance_with_the_same_opening_is_found():
    endings = ("nobody rang.", "my sister wept all through lunch.", "rain.", "the old car died")
    four = [replace(WHOLE[0], text=f"And then yesterday {ending}") for ending in endings]
    assert lint([*WHOLE, *four]) == (
        "4 utterances begin with 'and then yesterday', 3 allowed.",
    )


def test_a_state_without_speech_is_found():
    silent = [u for u in WHOLE if u.act != "protest" or "frightening" not in u.stance]
    assert 'No speech on "here" or "any" for calm, frightening, protest.' in lint(silent)


def test_speech_on_one_topic_does_not_cover_a_state():
    narrow = [replace(u, topic="work") for u in WHOLE]
    assert 'No speech on "here" or "any" for calm, attuned, approach.' in lint(narrow)


def test_fewer_than_three_for_a_distress_and_act_are_found():
    assert "1 utterances for calm, explore; at least 3 are needed." in lint([FITTING])


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_turns_do_not_repeat(pattern, seed):
    said = a_session(pattern, turns=40, seed=seed)
    assert len(set(said)) == 40


def test_a_session_as_long_as_the_library_says_everything_once():
    assert sorted(a_session("secure", turns=len(WHOLE), seed=5)) == [*range(len(WHOLE))]


def test_one_state_held_for_forty_turns_does_not_repeat():
    library, said = read_utterances("avoidant"), []
    for _ in range(40):
        said.append(chosen(*library, said=tuple(said), distress="overwhelmed", act="protest"))
    assert len(set(said)) == 40


def test_words_come_back_when_everything_has_been_said():
    assert chosen(FITTING, said=(0,)) == 0


def test_the_same_seed_says_the_same():
    assert a_session("ambivalent", turns=40, seed=9) == a_session(
        "ambivalent", turns=40, seed=9
    )


def test_chance_decides_among_equals():
    library = (FITTING, replace(FITTING, text="Somebody had taken my mug."))
    assert {chosen(*library, seed=seed) for seed in range(20)} == {0, 1}


def test_an_unsaid_misfit_comes_before_a_repetition():
    assert chosen(FITTING, replace(FITTING, act="protest"), said=(0,)) == 1


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


def test_what_passes_between_the_two_fits_every_topic():
    library = (replace(FITTING, topic="here"), replace(FITTING, topic="parents"))
    assert chosen(*library, topic="partner") == 0


@pytest.mark.parametrize("topic", ["work", "any"])
def test_nobody_speaks_of_the_ending_before_it_comes(topic):
    library = (replace(FITTING, topic="ending"), replace(FITTING, topic="body", act="protest"))
    assert chosen(*library, topic=topic) == 1


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("distress", DISTRESS)
@pytest.mark.parametrize("stance", STANCES)
def test_the_first_turn_always_fits_the_state(pattern, distress, stance):
    library = read_utterances(pattern)
    first = library[chosen(*library, distress=distress, stance=stance, act="protest")]
    heard = {"any", stance} & set(first.stance)
    assert (distress in first.distress, bool(heard), first.act) == (True, True, "protest")


def test_an_empty_library_is_refused():
    with pytest.raises(ValueError, match="library is empty"):
        chosen()


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="distress 'furious' is not known; use one of calm"):
        chosen(FITTING, distress="furious")


def test_an_unknown_pattern_is_refused():
    with pytest.raises(ValueError, match="pattern 'anxious' is not known"):
        read_utterances("anxious")


def test_an_entry_reads_as_written():
    assert build_utterances({"utterance": [ENTRY]}, where="own.toml") == (FITTING,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distress": ["furious"]}, "distress 'furious' is not known"),
        ({"stance": ["any", "attuned"]}, 'stance has "any" beside other words'),
        ({"expectation": []}, "expectation is empty"),
        ({"topic": "weather"}, "topic 'weather' is not known"),
        ({"act": "flee"}, "act 'flee' is not known"),
        ({"kind": "song"}, "kind 'song' is not known"),
        ({"stance": "attuned"}, "stance is 'attuned'; wanted a list of words"),
        ({"mood": "grey"}, "no such key: mood"),
        ({"text": " "}, "text is empty"),
    ],
)
def test_a_wrong_entry_names_file_and_entry(change, message):
    content = {"utterance": [ENTRY, {**ENTRY, **change}]}
    with pytest.raises(ValueError, match=rf"^own\.toml, utterance 2 .*{message}"):
        build_utterances(content, where="own.toml")


def test_a_missing_key_is_named():
    content = {"utterance": [{k: v for k, v in ENTRY.items() if k != "topic"}]}
    with pytest.raises(ValueError, match=r"^own\.toml, utterance 1 .*missing topic"):
        build_utterances(content, where="own.toml")


def test_a_file_with_other_tables_is_refused():
    with pytest.raises(ValueError, match=r"own\.toml: wanted \[\[utterance\]\] tables only"):
        build_utterances({"phrase": []}, where="own.toml")

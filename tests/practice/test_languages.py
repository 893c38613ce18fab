"""Every language is whole: the same names, the same gaps to fill, and clients who speak it."""

import re
from pathlib import Path

import pytest

from bowlby.practice import room
from bowlby.practice.client import clients, of_courses
from bowlby.practice.courses import ConflictError
from bowlby.practice.language import SOURCE_LANGUAGE, catalogue, languages, say, worded
from bowlby.practice.moves import TRAINEES, moves
from bowlby.practice.utterances import shared_words

OTHERS = [code for code in languages() if code != SOURCE_LANGUAGE]


def flat(tree, path=""):
    """Texts by dotted name."""
    if isinstance(tree, str):
        return {path: tree}
    pairs = enumerate(tree) if isinstance(tree, list) else tree.items()
    found = {}
    for key, value in pairs:
        found |= flat(value, f"{path}.{key}" if path else str(key))
    return found


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["page", "room", "drills"])
def test_a_language_has_every_text_of_the_source_with_the_same_gaps(language, name):
    source, other = flat(catalogue(SOURCE_LANGUAGE, name)), flat(catalogue(language, name))
    other = {key: text for key, text in other.items() if not key.startswith("moves.")}
    assert other.keys() == source.keys()
    for key, text in source.items():
        gaps = [set(re.findall(r"\{(\w+)\}", one)) for one in (text, other[key])]
        assert gaps[1] <= gaps[0], key
        assert other[key].strip(), key


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_names_every_move_and_a_course_can_be_begun_in_it(language):
    told, source = moves(language), moves()
    assert [move.name for move in told] == list(TRAINEES)
    assert all(a.label != b.label for a, b in zip(told, source, strict=True))
    assert any(language in client.tongues for client in of_courses())
    assert len(shared_words(language)) == len(shared_words(SOURCE_LANGUAGE))


@pytest.mark.parametrize("language", OTHERS)
def test_a_client_has_the_same_stories_and_memories_in_another_language(language):
    for client in clients():
        if language not in client.tongues:
            continue
        one, other = client.own, client.tongues[language].own
        shapes = [
            sorted((u.role, u.story, u.step, u.needs) for u in own) for own in (one, other)
        ]
        assert shapes[0] == shapes[1]


def test_a_sentence_is_filled_in():
    assert say("en", "supervision.more", count=3) == "3 more minutes were like this."


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="no language 'xx'; choose one of en"):
        catalogue("xx", "page")


@pytest.mark.parametrize("language", list(languages()))
def test_every_problem_is_told_in_the_language_of_who_asks(language):
    source = Path(room.__file__).parent
    keys = re.findall(
        r'(?:Conflict|Damaged|Unknown|Store)Error\(\s*"(\w+)"',
        "".join(path.read_text() for path in source.glob("*.py")),
    )
    assert len(keys) > 20
    told = catalogue(language, "room")["problem"]
    assert set(keys) <= set(told)
    assert worded(ConflictError("end_first"), language) == told["end_first"]

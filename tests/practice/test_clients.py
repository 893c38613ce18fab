"""Clients to practise with are courses with a card."""

import pytest

from bowlby.courses.course import CourseError
from bowlby.practice.client import (
    checked,
    clients,
    find_client,
    read_client,
    read_clients,
)
from bowlby.practice.store import Store

CARD = """
name = "Ada"
age = 30
pattern = "avoidant"
severity = "moderate"
brings = "She says it is nothing."
vignette = "A clockmaker."
history = "A brisk mother."
topics = ["work"]
"""


def test_every_client_is_a_course_of_one_dyad():
    assert all(client.course().dyads == 1 for client in clients())


def test_a_client_keeps_its_own_numbers_among_calibrated_people():
    mara = find_client("mara").with_parameters(
        {"client.reactivity": 0.8, "client.memory": 119.0, "life.partner_quality": -1.0}
    )
    course = mara.course(seed=3, sessions=8)
    assert (course.client.reactivity, course.client.memory) == (1.0, 119.0)
    assert (course.life.partner_quality, course.therapy.sessions) == (-1.0, 8)


def test_a_client_written_before_is_read(tmp_path):
    old = CARD + "[childhood]\ncontingency = -1.0\n[client]\nreactivity = 1.1\n"
    (tmp_path / "ada.toml").write_text(old)
    found = read_client(tmp_path / "ada.toml")
    assert (found.card.id, found.seeker["reactivity"]) == ("ada", 1.1)
    assert found.childhood["contingency"] == -1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[client]\nreactivity = 1.0\n", "card"),
        (f"[card]{CARD}nick = 'A'\n", "card.nick: no such parameter"),
        (f"[card]{CARD.replace('moderate', 'some')}", "severity"),
        (f"[card]{CARD}", "childhood.caregiver: give the caregiver's own numbers"),
        (f"[card]{CARD}[client]\ngama = 2.0\n", "did you mean 'gamma'?"),
    ],
)
def test_what_is_wrong_with_a_client_is_said(tmp_path, text, said):
    (tmp_path / "ada.toml").write_text(text)
    with pytest.raises(CourseError, match=r"ada") as error:
        read_client(tmp_path / "ada.toml")
    assert said in str(error.value)


def test_a_course_is_replayed_with_the_parameters_it_was_begun_with(tmp_path):
    store = Store(tmp_path / "courses.sqlite")
    begun = {"client": "mara", "mode": "visible", "sessions": 8, "minutes": 10, "seed": 1}
    with_them = store.begin(**begun, parameters={"client.memory": 119.0})
    assert store.parameters(with_them.id) == {"client.memory": 119.0}
    assert store.parameters(store.begin(**begun).id) == {}
    store.close()


WORDS = """
[[lines]]
text = ["It's nothing, my wife says."]
"""
FIGURE = "[childhood.caregiver]\ncontingency = -1.0\nmentalising = 0.5\nthreat = 0.0\n"


def test_a_folder_of_own_clients_is_checked_with_the_same_lint(tmp_path):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD}never = ['my wife']\n{FIGURE}")
    (tmp_path / "ada.words.toml").write_text(WORDS)
    with pytest.raises(CourseError, match="contradicts the card") as error:
        checked(read_clients(tmp_path))
    assert "0 goodbyes; at least 4" in str(error.value)


@pytest.mark.parametrize("text", ["[[lines]]\n", "lines = 3\n", "[[line]]\n", "not toml"])
def test_lines_that_cannot_be_read_are_told_with_their_file(tmp_path, text):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD}{FIGURE}")
    (tmp_path / "ada.words.toml").write_text(text)
    with pytest.raises(CourseError, match=r"ada\.words\.toml"):
        read_clients(tmp_path)


def test_an_own_client_of_drills_alone_would_be_met_nowhere(tmp_path):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD}met_in = 'drills'\n{FIGURE}")
    with pytest.raises(CourseError, match=r"ada\.toml:\n  card\.met_in: leave it out"):
        checked(read_clients(tmp_path))


def test_a_folder_without_clients_is_told(tmp_path):
    with pytest.raises(CourseError, match="has no client"):
        read_clients(tmp_path)
    with pytest.raises(CourseError, match="not a folder"):
        read_clients(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "said"),
    [(("avoidant", "anxious"), "card.pattern: 'anxious'"), (('"work"', '"rain"'), "'rain'")],
)
def test_a_pattern_or_topic_that_is_not_known_is_told(tmp_path, change, said):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD.replace(*change)}{FIGURE}")
    with pytest.raises(CourseError, match=said):
        read_client(tmp_path / "ada.toml")


@pytest.mark.parametrize(
    ("card", "course", "said"),
    [
        ("never = ['my (wife']", "", "'my (wife' is no regular expression"),
        ("topics = []", "", "card.topics"),
        ("", "kind = 'childhood'", "whoever comes to a room is in therapy"),
        ("", "time_step_s = 5.0", "a tick of a room is 10 s"),
        ("", "[life]\nwaiting_weeks = 0", "life.waiting_weeks: at least 4"),
        ("", "[life.stress]\n30 = 2.0", "life.stress names week 30"),
    ],
)
def test_a_client_who_could_not_be_met_is_told_before_the_room_opens(
    tmp_path, card, course, said
):
    of_card = CARD.replace('topics = ["work"]\n', "") if "topics" in card else CARD
    top, sections = ("", course) if course.startswith("[") else (course, "")
    text = f"{top}\n[card]{of_card}{card}\n{FIGURE}{sections}\n"
    (tmp_path / "ada.toml").write_text(text)
    with pytest.raises(CourseError) as error:
        read_clients(tmp_path)
    assert said in str(error.value)


@pytest.mark.parametrize("name", ["adda.words.toml", "de/adda.toml", "de/adda.words.toml"])
def test_a_file_of_nobody_is_told(tmp_path, name):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD}{FIGURE}")
    (tmp_path / "de").mkdir()
    (tmp_path / name).write_text("")
    with pytest.raises(CourseError, match=r"adda.* is of nobody: there is no .*adda\.toml"):
        read_clients(tmp_path)


def test_a_client_can_be_told_in_another_language_by_a_folder(tmp_path):
    (tmp_path / "ada.toml").write_text(f"[card]{CARD}{FIGURE}")
    other = tmp_path / "xx"
    other.mkdir()
    told = "\n".join(f'{key} = "{key} xx"' for key in ("name", "brings", "vignette", "history"))
    (other / "ada.toml").write_text(f"[card]\n{told}\n")
    (ada,) = read_clients(tmp_path, tongues={"xx": other})
    assert ada.speaking("xx").card.name == "name xx"
    assert ada.speaking("xx").course() == ada.course()
    with pytest.raises(ValueError, match="does not speak 'yy'; choose one of en, xx"):
        ada.speaking("yy")

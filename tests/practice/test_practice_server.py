"""The server of the room, over its documented interface."""

import asyncio
import csv
import io
import re
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from bowlby.practice import live, outcome
from bowlby.practice.client import clients, find_client
from bowlby.practice.courses import Courses
from bowlby.practice.language import catalogue
from bowlby.practice.server import create_app
from bowlby.practice.store import Store

BASE = "http://127.0.0.1:8765"
BEGIN = {"client": "tomas", "mode": "hidden", "minutes": 15, "sessions": 2, "seed": 5}
TOMAS = find_client("tomas")


@pytest.fixture
def page(tmp_path):
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as client:
        yield client


def begun(page, **changes):
    return page.post("/api/courses", json=BEGIN | changes).raise_for_status().json()


def made(page, course, move, turn):
    return page.post(f"/api/courses/{course}/turns", json={"move": move, "turn": turn})


def formulated(page, course):
    wanted = {"text": "", "pattern": "secure", "sure": 0.5}
    return page.post(f"/api/courses/{course}/formulation", json=wanted)


def played(page, *, minutes=15, move="hold", **changes):
    """A session that is over and formulated."""
    course = begun(page, **changes)["course"]["id"]
    for turn in range(1, minutes + 1):
        made(page, course, move, turn).raise_for_status()
    if minutes < 15:
        page.post(f"/api/courses/{course}/close").raise_for_status()
    formulated(page, course).raise_for_status()
    return course


def test_the_first_page_tells_clients_moves_and_what_this_is_not(page):
    told = page.get("/api/welcome").json()
    assert len(told["clients"]) >= 6
    assert len(told["moves"]) == 9
    assert "does not diagnose" in told["remark"]


def test_the_hidden_mode_hides_the_inside_until_the_session_is_over(page):
    course = begun(page)["course"]["id"]
    room = made(page, course, "validate", 1).json()
    assert all(turn["inside"] is None for turn in room["turns"])
    page.post(f"/api/courses/{course}/close")
    told = formulated(page, course).json()
    assert told["turns"][1]["inside"] is not None


def test_the_visible_mode_shows_it(page):
    course = begun(page, mode="visible")["course"]["id"]
    assert made(page, course, "validate", 1).json()["turns"][1]["inside"]["beliefs"]


def test_supervision_before_the_end_is_refused_and_tells_nothing(page):
    course = begun(page)["course"]["id"]
    made(page, course, "validate", 1)
    answer = page.get(f"/api/courses/{course}/sessions/1/supervision")
    assert answer.status_code == 409


def test_a_turn_asked_for_twice_happens_once(page):
    course = begun(page)["course"]["id"]
    first = made(page, course, "validate", 1).json()
    assert made(page, course, "challenge", 1).json() == first


def test_a_turn_that_is_not_next_is_refused(page):
    course = begun(page)["course"]["id"]
    assert made(page, course, "validate", 3).status_code == 409


def test_a_problem_is_told_in_the_language_of_the_page_that_asks(page):
    course = begun(page)["course"]["id"]
    asked = {"json": {"move": "hold", "turn": 3}, "headers": {"Accept-Language": "de-CH, en"}}
    told = page.post(f"/api/courses/{course}/turns", **asked).json()["detail"]
    assert told == "Minute 3 ist nicht an der Reihe, sondern Minute 1."
    gone = page.get(f"/api/courses/{'0' * 32}", headers={"Accept-Language": "de"})
    assert "Verlauf" in gone.json()["detail"]
    address, own = f"/api/courses/{course}/live?language=de", {"Host": "127.0.0.1:8765"}
    with page.websocket_connect(address, headers=own) as line:
        line.receive_text()
        line.send_text('{"move": "hold", "turn": 3}')
        assert line.receive_json()["detail"] == told


def test_a_session_ends_by_itself_after_its_last_minute(page):
    course = begun(page)["course"]["id"]
    for turn in range(1, 16):
        room = made(page, course, "hold", turn).json()
    assert room["course"]["state"] == "between"


def test_another_server_on_the_same_file_tells_the_same_room(page, tmp_path):
    course = begun(page, mode="visible")["course"]["id"]
    before = made(page, course, "interpret", 1).json()
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        assert other.get(f"/api/courses/{course}").json() == before


def test_a_turn_made_on_another_server_of_the_same_file_is_told_and_not_made_again(
    page, tmp_path
):
    course = begun(page)["course"]["id"]
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        other.get(f"/api/courses/{course}")
        first = made(page, course, "interpret", 1).json()
        assert made(other, course, "hold", 1).json() == first


def test_a_second_mark_or_formulation_is_refused_and_the_first_kept(page, tmp_path):
    course = begun(page)["course"]["id"]
    made(page, course, "validate", 1)
    answers = [
        page.post(
            f"/api/courses/{course}/marks",
            json={"arousal": "inside", "heard": heard, "expects": "old", "sure": 0.9},
        )
        for heard in ("attuned", "intrusive")
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "Minute 1 has a mark already" in answers[1].json()["detail"]
    page.post(f"/api/courses/{course}/close")
    assert [formulated(page, course).status_code for _ in range(2)] == [200, 409]
    address = f"/api/courses/{course}/sessions/1/supervision"
    here = page.get(address).json()["marks"]
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        assert other.get(address).json()["marks"] == here
    assert [one["marked"] for one in here] == ["inside", "attuned", "old"]


def test_the_hidden_mode_asks_for_a_formulation_before_supervision(page):
    course = begun(page)["course"]["id"]
    made(page, course, "validate", 1)
    page.post(f"/api/courses/{course}/close")
    for path in ("supervision", "minutes.csv", "session.json"):
        answer = page.get(f"/api/courses/{course}/sessions/1/{path}")
        assert (answer.status_code, "formulation" in answer.json()["detail"]) == (409, True)
    formulated(page, course).raise_for_status()
    assert page.get(f"/api/courses/{course}/sessions/1/supervision").status_code == 200


def test_a_move_can_be_taken_back_for_three_seconds_and_another_made(page, monkeypatch):
    from bowlby.practice import courses

    course = begun(page)["course"]["id"]
    before = page.get(f"/api/courses/{course}").json()["turns"]
    made(page, course, "challenge", 1).raise_for_status()
    assert page.get("/api/welcome").json()["take_back_s"] == 3.0
    assert page.post(f"/api/courses/{course}/take-back").json()["turns"] == before
    assert page.post(f"/api/courses/{course}/take-back").status_code == 409
    other = made(page, course, "validate", 1).json()
    assert other["turns"][1]["move"] == "validate"
    monkeypatch.setattr(courses, "TAKE_BACK_S", -1.0)
    late = page.post(f"/api/courses/{course}/take-back")
    assert late.status_code == 409
    assert len(page.get(f"/api/courses/{course}").json()["turns"]) == 2


def test_the_last_move_of_a_session_opens_it_again_when_taken_back(page, tmp_path):
    course = begun(page)["course"]["id"]
    for turn in range(1, 16):
        made(page, course, "hold", turn)
    assert (
        page.post(f"/api/courses/{course}/take-back").json()["course"]["state"] == "in session"
    )
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        assert len(other.get(f"/api/courses/{course}").json()["turns"]) == 15


def test_a_page_that_does_not_read_misses_the_past_and_never_the_present():
    from bowlby.practice.live import Listeners

    async def told():
        listeners = Listeners()
        async with listeners.listening("c") as queue:
            for state in range(20):
                listeners.tell("c", str(state))
            return [queue.get_nowait() for _ in range(queue.qsize())][-1]

    assert asyncio.run(told()) == "19"


def test_marks_are_scored_against_the_truth(page):
    course = begun(page)["course"]["id"]
    made(page, course, "validate", 1)
    mark = {"arousal": "inside", "heard": "attuned", "expects": "old", "sure": 0.9}
    page.post(f"/api/courses/{course}/marks", json=mark).raise_for_status()
    page.post(f"/api/courses/{course}/close")
    told = formulated(page, course).json()
    right = [one["marked"] == one["truth"] for one in told["marks"]]
    expected = sum(0.01 if r else 0.81 for r in right) / 3
    assert told["calibration"] == pytest.approx(expected)


def test_a_formulation_is_kept_as_written(page):
    course = begun(page)["course"]["id"]
    made(page, course, "validate", 1)
    page.post(f"/api/courses/{course}/close")
    wrote = {"text": "<script>alert(1)</script>", "pattern": "secure", "sure": 0.7}
    told = page.post(f"/api/courses/{course}/formulation", json=wrote).json()
    assert told["formulation"] == wrote


def test_an_exported_session_is_read_by_measure(page, tmp_path):
    from bowlby.recordings.reading import read

    course = played(page, minutes=3)
    file = tmp_path / "session.csv"
    file.write_text(page.get(f"/api/courses/{course}/sessions/1/export.csv").text)
    recording = read(file)
    assert recording.first.signals
    assert recording.second.signals


def test_the_usability_scale_gives_its_ends_and_its_middle(page):
    for answers, score in (([5, 1] * 5, 100.0), ([1, 5] * 5, 0.0), ([3] * 10, 50.0)):
        told = page.post("/api/usability", json={"answers": answers}).json()
        assert told["score"] == score


def test_a_course_that_is_not_there_is_told_so(page):
    answer = page.get(f"/api/courses/{'0' * 32}")
    assert answer.status_code == 404
    assert "first page" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765"])
def test_another_host_name_is_refused(page, host):
    assert page.get("/api/welcome", headers={"Host": host}).status_code == 403


def test_another_sites_page_is_refused(page):
    answer = page.post("/api/courses", json=BEGIN, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_another_sites_socket_is_refused(page):
    from starlette.websockets import WebSocketDisconnect

    course = begun(page)["course"]["id"]
    with (
        pytest.raises(WebSocketDisconnect),
        page.websocket_connect(
            f"/api/courses/{course}/live", headers={"Origin": "http://evil.example"}
        ),
    ):
        pass


def test_every_answer_carries_a_strict_content_policy(page):
    answers = [page.get(path) for path in ("/", "/api/welcome", "/healthz", "/nowhere")]
    refused = page.get("/", headers={"Host": "evil.example"})
    for answer in (*answers, refused):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_the_page_asks_for_nothing_from_elsewhere(page):
    html = page.get("/").text
    assert "http" not in html.replace('http-equiv="', "")


def test_a_second_tab_is_told_of_a_turn_made_in_the_first(page):
    course = begun(page)["course"]["id"]
    address = f"/api/courses/{course}/live"
    with page.websocket_connect(address, headers={"Host": "127.0.0.1:8765"}) as tab:
        assert tab.receive_json()["turns"][-1]["number"] == 0
        made(page, course, "mirror", 1)
        assert tab.receive_json()["turns"][-1]["number"] == 1


def test_two_live_tabs_share_one_clock_and_either_may_respond(page, monkeypatch):
    monkeypatch.setattr(live, "LIVE_TURN_S", 0.6)
    course = begun(page)["course"]["id"]
    address, own = f"/api/courses/{course}/live", {"Host": "127.0.0.1:8765"}
    with (
        page.websocket_connect(address, headers=own) as one,
        page.websocket_connect(address, headers=own) as two,
    ):
        one.send_json({"live": True})
        time.sleep(0.3)
        two.send_json({"live": True})
        two.send_json({"move": "mirror", "turn": 1})
        time.sleep(3.0)
        turns = page.get(f"/api/courses/{course}").json()["turns"][1:]
    # Five or six minutes of .6 s; twice as many with a clock each.
    assert 1 <= len(turns) <= 6
    assert [turn["move"] for turn in turns] == ["mirror"] + ["hold"] * (len(turns) - 1)


def test_nonsense_on_the_socket_is_answered_and_harms_nothing(page):
    course = begun(page)["course"]["id"]
    address = f"/api/courses/{course}/live"
    with page.websocket_connect(address, headers={"Host": "127.0.0.1:8765"}) as tab:
        tab.receive_json()
        tab.send_json({"move": "hug", "turn": 1})
        assert "no move" in tab.receive_json()["detail"]
        tab.send_json({"move": "mirror", "turn": 1})
        assert tab.receive_json()["turns"][-1]["move"] == "mirror"
        tab.send_json({"live": True})
        tab.send_json({"move": "hug", "turn": 2})
        assert "no move" in tab.receive_json()["detail"]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "A move is an object"),
        ('{"move": "hold"}', "turn: Field required"),
        ('{"live": "yes"}', "true or false"),
        (b"\x00\x01", "JSON text"),
    ],
)
def test_a_frame_that_is_no_move_is_answered_in_words(page, frame, said):
    course = begun(page)["course"]["id"]
    own = {"Host": "127.0.0.1:8765"}
    with page.websocket_connect(f"/api/courses/{course}/live", headers=own) as tab:
        tab.receive_json()
        if isinstance(frame, bytes):
            tab.send_bytes(frame)
        else:
            tab.send_text(frame)
        told = tab.receive_json()["detail"]
        assert said in told
        assert "pydantic" not in told
        tab.send_json({"move": "mirror", "turn": 1})
        assert tab.receive_json()["turns"][-1]["move"] == "mirror"


@pytest.mark.parametrize(
    "body", ['{"move": "hold", "turn": NaN}', '{"move": "hold", "turn": true}',
             '{"move": "hold", "turn": 1, "said": "\\ud800"}', '{"move": "hold", "turn": "1"}'],
)  # fmt: skip
def test_a_request_that_cannot_be_understood_is_told_in_words(page, body):
    course = begun(page)["course"]["id"]
    answer = page.post(
        f"/api/courses/{course}/turns",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


def test_a_request_of_ten_megabytes_is_refused(page):
    answer = page.post("/api/courses", content=b"x" * 10_000_000)
    assert answer.status_code == 413


def test_a_file_that_is_held_is_told_and_the_turn_made_afterwards(page, tmp_path):
    course = begun(page)["course"]["id"]
    held = sqlite3.connect(tmp_path / "p.sqlite", isolation_level=None)
    held.execute("begin immediate")
    answer = made(page, course, "hold", 1)
    held.execute("rollback")
    held.close()
    assert (answer.status_code, "held by another program" in answer.text) == (503, True)
    assert made(page, course, "hold", 1).status_code == 200


def test_a_course_of_an_unknown_client_or_a_broken_event_hides_that_course_only(page, tmp_path):
    good, bad, broken = (begun(page)["course"]["id"] for _ in range(3))
    with sqlite3.connect(tmp_path / "p.sqlite") as file:
        file.execute("update courses set client = 'olga' where id = ?", (bad,))
        file.execute("update events set content = '{' where course = ?", (broken,))
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        told = other.get("/api/welcome").json()
        assert [course["id"] for course in told["courses"]] == [good]
        assert {one["id"] for one in told["unreadable"]} == {bad, broken}
        assert other.get(f"/api/courses/{broken}").status_code == 409
        assert other.delete(f"/api/courses/{bad}").status_code == 204


@pytest.mark.parametrize(
    "damage",
    ["sessions = 'many'", "mode = 'both'", "minutes = -1", "began = x'ff00'",
     "language = 'xx'", "seed = 'me'"],
)  # fmt: skip
def test_a_course_with_a_damaged_row_hides_itself_and_no_other(page, tmp_path, damage):
    good, bad = (begun(page)["course"]["id"] for _ in range(2))
    with sqlite3.connect(tmp_path / "p.sqlite") as file:
        file.execute(f"update courses set {damage} where id = ?", (bad,))
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        told = other.get("/api/welcome", params={"language": "de"})
        assert told.status_code == 200
        assert good in [course["id"] for course in told.json()["courses"]]
        assert all(" is " not in one["why"] for one in told.json()["unreadable"])
        assert other.get(f"/api/courses/{bad}").status_code in (200, 409)
        assert other.delete(f"/api/courses/{bad}").status_code == 204


@pytest.mark.parametrize(
    "damage",
    ["moves = '{'", "moves = '[1]'", "drill = 'hug'", "level = 9", "moves = '[\"hug\"]'"],
)
def test_a_damaged_attempt_at_a_drill_closes_no_other(page, tmp_path, damage):
    from bowlby.practice.store import Store, new_drill

    run = new_drill("wait", level=1, seed=4)
    Store(tmp_path / "p.sqlite").save_drill(run)
    with sqlite3.connect(tmp_path / "p.sqlite") as file:
        file.execute(f"update drills set {damage}")
    assert page.get("/api/drills").status_code == 200
    answer = page.get(f"/api/drills/{run.id}")
    assert (answer.status_code, "damaged" in answer.json()["detail"]) == (409, True)


def test_an_event_that_does_not_fit_is_told_as_damage(page, tmp_path):
    course = begun(page)["course"]["id"]
    made(page, course, "hold", 1)
    with sqlite3.connect(tmp_path / "p.sqlite") as file:
        file.execute("update events set content = '{}' where kind = 'move'")
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        answer = other.get(f"/api/courses/{course}")
        assert (answer.status_code, "damaged" in answer.json()["detail"]) == (409, True)


def test_all_courses_are_listed_with_their_pseudonyms_and_can_be_deleted(page):
    names = [f"Heron {n}" for n in range(22)]
    for name in names:
        page.post("/api/courses", json=BEGIN | {"pseudonym": name}).raise_for_status()
    told = page.get("/api/welcome").json()["courses"]
    assert {course["pseudonym"] for course in told} == set(names)
    gone = told[0]["id"]
    assert page.delete(f"/api/courses/{gone}").status_code == 204
    assert page.get(f"/api/courses/{gone}").status_code == 404
    assert page.delete(f"/api/courses/{gone}").status_code == 404


def test_another_try_keeps_what_was_before_and_plays_by_the_same_chances(page):
    course = played(page, move="challenge")
    address = f"/api/courses/{course}/sessions/1/retry"
    same = page.post(address, json={"turn": 5, "moves": ["challenge"] * 3}).json()
    bodies = [[turn["inside"]["arousal"] for turn in same[line]] for line in ("was", "instead")]
    assert bodies[0] == bodies[1]
    assert all(one["was"] == one["instead"] for one in same["chances"])
    other = page.post(address, json={"turn": 5, "moves": ["validate"] * 3}).json()
    understood = next(one for one in other["chances"] if one["what"] == "understood")
    assert understood["instead"] > understood["was"]
    assert page.post(address, json={"turn": 15, "moves": ["hold", "hold"]}).status_code == 409


def test_a_course_ends_with_what_became_of_the_client_beside_a_handbook_therapist(page):
    course = played(page, sessions=1)
    told = page.get(f"/api/courses/{course}/end").json()
    assert [one["session"] for one in told["own"]["sessions"]] == [1]
    for _ in range(300):
        if par := page.get(f"/api/courses/{course}/end").json()["par"]:
            break
        time.sleep(0.2)
    assert par["symptoms_before"] == told["own"]["symptoms_before"]
    assert len(par["sessions"]) == 1


def test_an_end_without_a_handbook_therapist_says_so_and_logs_why(page, monkeypatch, caplog):
    def planted(*_, **__):
        raise FloatingPointError("planted")

    monkeypatch.setattr(outcome, "par", planted)
    course = played(page, minutes=1, sessions=1)
    for _ in range(100):
        told = page.get(f"/api/courses/{course}/end").raise_for_status().json()
        if told["no_par"]:
            break
        time.sleep(0.05)
    assert "could not be computed" in told["no_par"]
    assert told["par"] is None
    assert told["own"]["sessions"]
    assert "planted" in caplog.text


def test_own_earlier_courses_are_told_after_another_start_as_well(page, tmp_path):
    before = played(page, minutes=1, sessions=1, pseudonym="Amsel")
    played(page, minutes=1, sessions=1, pseudonym="Star")
    begun(page, pseudonym="Amsel")
    with TestClient(create_app(tmp_path / "p.sqlite", warm=False), base_url=BASE) as other:
        course = played(other, minutes=1, sessions=1, pseudonym="Amsel")
        for _ in range(150):
            told = other.get(f"/api/courses/{course}/end").json()
            if told["par"]:
                break
            time.sleep(0.2)
    assert [one["course"]["id"] for one in told["earlier"]] == [before]


def test_a_course_that_goes_on_has_no_end_yet(page):
    course = begun(page)["course"]["id"]
    assert page.get(f"/api/courses/{course}/end").status_code == 409


def test_a_session_is_exported_whole_and_by_the_minute(page):
    course = played(page, minutes=4)
    whole = page.get(f"/api/courses/{course}/sessions/1/session.json")
    assert "attachment" in whole.headers["content-disposition"]
    assert len(whole.json()["turns"]) == 5
    table = list(csv.DictReader(io.StringIO(
        page.get(f"/api/courses/{course}/sessions/1/minutes.csv").text
    )))  # fmt: skip
    assert [row["minute"] for row in table] == ["0", "1", "2", "3", "4"]
    assert [row["words"] for row in table] == [
        t["seen"]["words"] for t in whole.json()["turns"]
    ]


def test_nothing_of_the_inside_is_told_before_the_formulation_in_hidden_mode(page):
    course = begun(page, sessions=1)["course"]["id"]
    made(page, course, "hold", 1)
    page.post(f"/api/courses/{course}/close").raise_for_status()
    session = f"/api/courses/{course}/sessions/1"
    places = [f"/api/courses/{course}/end"]
    places += [f"{session}/{name}" for name in
               ("supervision", "session.json", "minutes.csv", "export.csv")]  # fmt: skip
    assert [page.get(place).status_code for place in places] == [409] * 5
    assert "formulation" in page.get(places[0]).json()["detail"]
    formulated(page, course).raise_for_status()
    assert [page.get(place).status_code for place in places] == [200] * 5


def test_whoever_is_seen_once_does_not_say_until_next_week(page):
    course = begun(page, sessions=1)["course"]["id"]
    made(page, course, "hold", 1)
    said = page.post(f"/api/courses/{course}/close").raise_for_status().json()["parting"]
    assert "last" in next(line for line in TOMAS.words if line.text == said).needs


def test_words_at_the_door_are_told_when_the_session_is_over(page):
    course = begun(page)["course"]["id"]
    assert made(page, course, "hold", 1).json()["parting"] == ""
    assert page.post(f"/api/courses/{course}/close").json()["parting"]


def test_the_words_of_the_page_are_served_by_language(page):
    assert page.get("/api/words/en").json()["app"]["title"] == "Practice room"
    answer = page.get("/api/words/xx")
    assert (answer.status_code, "choose one of en" in answer.json()["detail"]) == (409, True)


def test_a_drill_is_three_minutes_with_a_verdict_and_is_kept(page):
    wanted = {"drill": "distress", "level": 1, "seed": 4}
    run = page.post("/api/drills", json=wanted).raise_for_status().json()
    assert (run["passed"], run["turns"], run["verdict"]) == (None, [], "")
    address = f"/api/drills/{run['id']}/turns"
    for turn, move in enumerate(("validate", "mirror", "validate"), start=1):
        run = page.post(address, json={"move": move, "turn": turn}).raise_for_status().json()
    assert run["passed"] in (True, False)
    assert run["verdict"]
    assert 0.0 <= run["luck"] <= 1.0
    assert page.post(address, json={"move": "hold", "turn": 3}).json() == run
    told = page.get("/api/drills").json()["drills"]
    one = next(drill for drill in told if drill["name"] == "distress")
    assert (one["tried"], one["passed"]) == ([1, 0, 0], [int(run["passed"]), 0, 0])


def drilled(page, drill, level, language):
    """An attempt that is over."""
    wanted = {"drill": drill, "level": level, "seed": 4, "language": language}
    run = page.post("/api/drills", json=wanted).raise_for_status().json()
    for turn in (1, 2, 3):
        wanted = {"move": "validate", "turn": turn}
        run = page.post(f"/api/drills/{run['id']}/turns", json=wanted).raise_for_status().json()
    return run


@pytest.mark.parametrize(("level", "spoken"), [(1, "de"), (2, "en")])
def test_a_drill_is_told_in_the_language_of_the_page_whoever_it_is_with(page, level, spoken):
    run = drilled(page, "distress", level, "de")
    assert run["spoken"] == spoken
    name = run["client"]["name"]
    for turn in run["turns"]:
        assert turn["inside"]["note"].startswith(f"{name} war ")
        postures = catalogue("de", "room")["posture"].values()
        assert turn["seen"]["posture"].rstrip(".") in {
            p for a in postures for b in a for p in b
        }


def test_supervision_names_the_pattern_in_its_language(page):
    course = played(page, minutes=1, language="de")
    told = page.get(f"/api/courses/{course}/sessions/1/supervision").json()["truth"]
    assert "vermeidend" in told
    assert "avoidant" not in told


def test_an_unknown_drill_is_refused_by_name(page):
    answer = page.post("/api/drills", json={"drill": "hug"})
    assert (answer.status_code, "no drill 'hug'" in answer.json()["detail"]) == (409, True)


def test_a_server_killed_in_a_session_resumes_with_nothing_lost(tmp_path):
    def serve():
        process = subprocess.Popen(
            [sys.executable, "-m", "bowlby", "practise", "--no-browser", "--port", "0",
             "--database", str(tmp_path / "k.sqlite")],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        client = httpx.Client(base_url=address, timeout=120, trust_env=False)
        for _ in range(100):
            try:
                client.get("healthz")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        return process, client

    def stop(process, client):
        client.close()
        process.kill()
        process.wait()
        process.stdout.close()

    process, client = serve()
    course = client.post("api/courses", json=BEGIN).json()["course"]["id"]
    path = f"api/courses/{course}/turns"
    before = client.post(path, json={"move": "mirror", "turn": 1}).json()
    stop(process, client)
    process, client = serve()
    after = client.get(f"api/courses/{course}").json()
    stop(process, client)
    assert after == before


def test_whatever_is_asked_by_the_schema_is_answered_by_the_schema(tmp_path):
    own = {"Host": "127.0.0.1:8765"}
    app = create_app(tmp_path / "s.sqlite", warm=False)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=own)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=8, suppress_health_check=list(HealthCheck))
        def asks(case):
            case.call_and_validate(headers=own)

        asks()


def test_the_types_of_the_page_are_those_of_the_schema():
    script = Path(__file__).parents[2] / "room" / "make_types.py"
    found = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


def test_the_first_page_offers_the_easiest_client_first_as_the_documentation_does(page):
    offered = [
        f"{one['name']}, {one['age']}" for one in page.get("/api/welcome").json()["clients"]
    ]
    told = Path(__file__).parents[2].joinpath("docs/start/practise.md").read_text("utf8")
    assert offered == re.findall(r"^\| (\w+, \d+) \|", told, re.MULTILINE)
    assert offered[0].startswith("Jonas")
    assert offered[-1].startswith("Edda")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_secure_client_is_offered_in_drills_and_begun_by_address_alone(page, language):
    told = page.get("/api/welcome", params={"language": language}).json()
    offered = {one["id"]: one["name"] for one in told["clients"]}
    secure = {one.card.id for one in clients() if one.pattern == "secure"}
    assert secure
    assert not secure & offered.keys()
    assert {one["card"]["id"] for one in told["not_offered"]} == secure
    words = catalogue(language, "room")["welcome"]["in_drills"]
    for one in told["not_offered"]:
        name = one["card"]["name"]
        assert one["why"] == words.format(name=name, known=", ".join(offered.values()))
        course = begun(page, client=one["card"]["id"], language=language)["course"]
        assert course["client"]["id"] == one["card"]["id"]


def test_a_client_who_is_not_there_is_told_with_those_of_courses_alone(page):
    why = page.post("/api/courses", json=BEGIN | {"client": "olga"}).json()["detail"]
    assert "choose one of edda, jonas, mara, nadia, tomas, walter." in why


def test_a_course_that_was_begun_with_a_client_of_drills_can_be_opened(tmp_path):
    store = Store(tmp_path / "p.sqlite")
    kept = store.begin(client="ruth", mode="visible", sessions=2, minutes=15, seed=1).id
    store.close()
    app = create_app(tmp_path / "p.sqlite", warm=False)
    with TestClient(app, base_url=BASE) as page:
        assert [one["id"] for one in page.get("/api/welcome").json()["courses"]] == [kept]
        page.post(f"/api/courses/{kept}/session").raise_for_status()
        assert made(page, kept, "mirror", 1).status_code == 200


def test_a_secure_client_of_ones_own_is_offered_as_any_other(tmp_path):
    own = replace(find_client("ruth"), met_in="courses")
    courses = Courses(Store(tmp_path / "p.sqlite"), others=[own])
    told = courses.welcome()
    assert told.clients[0].id == "ruth"
    assert told.not_offered == ()
    courses.store.close()

"""A whole session in a real browser, with axe-core, and nothing asked of other machines."""

import json
import os
import shutil
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from bowlby.practice.language import languages

ROOM = Path(__file__).parents[2] / "room"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not ((ROOM / "node_modules").is_dir() and shutil.which("node") and Path(CHROMIUM).exists()),
        reason="needs Node, Chromium and `make page-tools`",
    ),
]  # fmt: skip


@pytest.fixture
def address(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "bowlby", "practise", "--no-browser", "--port", "0",
         "--database", str(tmp_path / "b.sqlite")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    yield process.stdout.readline().split()[-1]
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("mode", ["hidden", "visible"])
def test_a_session_can_be_practised_from_the_first_page_to_supervision(address, mode):
    found = subprocess.run(
        ["node", "browser/session.mjs", address, mode], cwd=ROOM, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout + found.stderr
    told = json.loads(found.stdout)
    assert told["exported"] == 15 * 60
    assert told["moments"] >= 1


def free_ports():
    """A port for a server, with the next one free as well."""
    for port in range(8801, 8820, 2):
        with socket.socket() as one, socket.socket() as next_one:
            if one.connect_ex(("127.0.0.1", port)) and next_one.connect_ex(
                ("127.0.0.1", port + 1)
            ):
                return port
    raise OSError("No two neighbouring ports of 8801 to 8820 are free; end what uses them.")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Play a scenario of robust.mjs; it fails where the page throws, overflows or axe objects."""

    @cache
    def play(scenario):
        found = subprocess.run(
            ["node", "browser/robust.mjs", sys.executable, str(tmp_path_factory.mktemp("room") / "b.sqlite"),
             str(free_ports()), scenario],
            cwd=ROOM, capture_output=True, text=True,
        )  # fmt: skip
        assert found.returncode == 0, found.stdout + found.stderr
        return json.loads(found.stdout)

    return play


def test_two_tabs_of_a_room_stay_in_step(seen):
    told = seen("tabs")
    assert told["same"]
    assert told["turns"] == 6


def test_a_server_killed_in_a_session_and_started_again_has_lost_nothing(seen):
    told = seen("killed")
    assert told["same"]
    assert told["note"] == told["said"] == "kept"


def test_the_banner_moves_nothing_on_the_page(seen):
    assert seen("killed")["jump"] == 0


def test_a_page_reconnects_after_the_network_was_lost_and_keeps_what_was_written(seen):
    told = seen("network")
    assert told["offline"] == 1
    assert (told["move"], told["said"]) == ("mirror", "kept")


def test_live_mode_plays_turns_waits_for_a_response_and_draws_the_minute_as_it_passes(seen):
    told = seen("live")
    assert told["moves"] == ["hold", "mentalise"]
    assert "Wonder together" in told["chosen"]
    assert told["waits"] == 0
    assert 5 <= told["drawn"] <= 25


def test_no_time_passes_while_one_has_stopped(seen):
    told = seen("live")
    assert (told["passed"], told["live"]) == (0, False)


def test_a_note_of_two_thousand_characters_is_kept_and_breaks_no_layout(seen):
    assert seen("note")["kept"]


def test_a_course_that_has_ended_offers_supervision_and_no_moves(seen):
    told = seen("ended")
    assert (told["moves"], told["early"], told["next"], told["forms"]) == (0, 0, 0, 0)


def test_a_course_is_opened_in_its_language_and_no_word_of_it_is_cut(seen):
    told = seen("german")
    assert (told["spoken"], told["cut"]) == ("de", [])


@pytest.mark.parametrize("language", languages())
def test_every_page_is_whole_in_every_language(seen, language):
    assert seen(f"pages {language}")["marks"] >= 1


def test_a_course_and_a_drill_can_be_done_by_the_keyboard_alone(seen):
    assert seen("keyboard")["stops"] > 100


def test_a_rebuild_of_the_page_is_identical(tmp_path):
    subprocess.run(
        ["npx", "vite", "build", "--outDir", str(tmp_path / "page")], cwd=ROOM, check=True,
        capture_output=True,
    )  # fmt: skip
    kept = ROOM.parent / "src" / "bowlby" / "practice" / "page"
    files = [f.relative_to(kept) for f in kept.rglob("*") if f.is_file()]
    assert files
    for file in files:
        assert (tmp_path / "page" / file).read_bytes() == (kept / file).read_bytes(), file


def test_a_key_that_is_held_plays_one_turn_which_can_be_taken_back(seen):
    told = seen("held")
    assert (told["held"], told["left"], told["focus"]) == (1, 0, "words")
    assert told["entered"] == 1

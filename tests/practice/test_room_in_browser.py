"""A whole session in a real browser, with axe-core, and nothing asked of other machines."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "room"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not ((ROOM / "node_modules").is_dir() and shutil.which("node") and Path(CHROMIUM).exists()),
        reason="needs Node, Chromium and `npm ci` in room/",
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


def test_tabs_agree_and_nothing_is_lost_when_the_server_is_killed(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = subprocess.run(
        ["node", "browser/robust.mjs", sys.executable, str(tmp_path / "b.sqlite"), str(port)],
        cwd=ROOM, capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


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

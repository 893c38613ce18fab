"""While one run writes a folder, every command that would write it too says so and leaves."""

import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.runs.folder import locked

COMMANDS = {
    "simulate": ("simulate", "one_story"),
    "simulate a published model": ("simulate", "regulator"),
    "trial": ("trial", "four_arms", "--workers", "1"),
    "evidence": ("evidence", "--seeds", "1"),
    "calibrate": ("calibrate", "--workers", "1"),
    "measure": ("measure", "session.txt", "--rate", "5", "--workers", "1"),
    "multiverse": ("multiverse", "session.txt", "--rate", "5", "--workers", "1"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_folder_that_another_run_writes_is_left_alone(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "session.txt").write_text("1 2\n" * 900)
    with locked(tmp_path / "out"):
        found = CliRunner().invoke(app, [*command, "--out", "out"])
    assert found.exit_code == 2
    told = " ".join(found.output.split())
    assert "Another run of bowlby is writing" in told
    assert "choose another --out" in told
    assert [path.name for path in tmp_path.iterdir()] == ["session.txt"]

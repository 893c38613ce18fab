"""Programs are compiled quickly where few people live, if XLA knows how."""

import os
import subprocess
import sys
from importlib import import_module

import pytest

from bowlby.simulation import compiled


@pytest.mark.parametrize(
    ("dyads", "quickly"), [(1, True), (64, True), (65, False), (512, False)]
)
def test_few_people_are_compiled_for_quickly(monkeypatch, tmp_path, dyads, quickly):
    simulate = import_module("bowlby.cli.simulate")
    asked = []
    monkeypatch.setattr(compiled, "compile_quickly", lambda: asked.append(True))
    monkeypatch.setattr("bowlby.studies.simulation_run.run_course", lambda *_, **__: None)
    simulate._run(
        "therapy", None, None, {"dyads": dyads}, tmp_path / "out", 0, parameters=None,
        compares=False,
    )  # fmt: skip
    assert bool(asked) is quickly


def test_what_the_user_asks_of_xla_wins(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_backend_optimization_level=3")
    compiled.compile_quickly()
    assert os.environ["XLA_FLAGS"].split() == [
        *compiled.QUICK, "--xla_backend_optimization_level=3"
    ]  # fmt: skip


def test_a_version_of_xla_that_was_not_tried_is_asked_nothing(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(compiled, "version", lambda _: "0.99.0")
    compiled.compile_quickly()
    assert os.environ["XLA_FLAGS"] == ""


def test_the_installed_xla_knows_the_options():
    done = subprocess.run(
        [sys.executable, "-c", "import jax; print(jax.numpy.ones(2).sum())"],
        env=os.environ | {"XLA_FLAGS": " ".join(compiled.QUICK)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr

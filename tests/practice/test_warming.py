"""What a room needs is compiled once, and whoever comes meanwhile waits for it."""

import os
import subprocess
import sys
import threading

import jax
import jax.numpy as jnp
import pytest

from bowlby.practice import warming
from bowlby.practice.warming import STEPS, Warming
from bowlby.simulation.company.caregiver import at_home


def shapes(tree):
    return jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype, leaf.weak_type), tree)


def test_an_encounter_of_life_is_run_by_the_program_of_childhood():
    one = jnp.ones(1)
    assert shapes(at_home(one, 0.3)) == shapes(at_home(one, jnp.asarray(0.1), held=one))


def test_nothing_is_waited_for_where_nothing_is_compiled():
    for step in STEPS:
        Warming().wait(step)


def test_whoever_waits_goes_on_when_compiling_has_failed(monkeypatch):
    def fails(*_args, **_named):
        raise RuntimeError("no compiler")

    monkeypatch.setattr(warming.room, "begin", fails)
    found = Warming()
    with pytest.raises(RuntimeError):
        found.run()
    found.wait("supervision")


def test_a_first_client_waits_for_a_childhood_and_no_longer(monkeypatch):
    begun, may_go_on, met = threading.Event(), threading.Event(), threading.Event()
    for name in ("begin", "enter", "leave", "futures"):
        monkeypatch.setattr(warming.room, name, lambda *_args, **_named: None)

    def plays(*_args):
        begun.set()
        may_go_on.wait(5.0)

    monkeypatch.setattr(warming.room, "play", plays)
    found = Warming()
    thread = threading.Thread(target=found.run)
    thread.start()
    begun.wait(5.0)
    found.wait("childhood")
    assert found.doing == "session"
    waits = threading.Thread(target=lambda: (found.wait("session"), met.set()))
    waits.start()
    assert not met.wait(0.05)
    may_go_on.set()
    assert met.wait(5.0)
    thread.join()
    waits.join()
    assert (found.share, found.doing) == (1.0, "")


def test_what_the_user_asks_of_xla_wins(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_backend_optimization_level=3")
    warming.compile_quickly()
    assert os.environ["XLA_FLAGS"].split() == [
        *warming.QUICK, "--xla_backend_optimization_level=3"
    ]  # fmt: skip


def test_a_version_of_xla_that_was_not_tried_is_asked_nothing(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(warming, "version", lambda _: "0.99.0")
    warming.compile_quickly()
    assert os.environ["XLA_FLAGS"] == ""


def test_the_installed_xla_knows_the_options():
    done = subprocess.run(
        [sys.executable, "-c", "import jax; print(jax.numpy.ones(2).sum())"],
        env=os.environ | {"XLA_FLAGS": " ".join(warming.QUICK)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr

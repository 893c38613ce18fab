"""What a room needs is compiled once, and whoever comes meanwhile waits for it."""

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

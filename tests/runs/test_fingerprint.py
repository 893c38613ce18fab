"""A run is known by all that decides its numbers, and by nothing else."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import bowlby
from bowlby.runs.fingerprint import (
    PRESENTATION,
    changed,
    code_hash,
    conditions,
    fingerprint,
    hash_of,
)


@pytest.fixture
def package(tmp_path):
    for name in ("theory/oxytocin.py", "theory/laws.csv", "cli/run.py", "page.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("half_life_s = 180.0")
    return tmp_path


@pytest.mark.parametrize("name", ["theory/oxytocin.py", "theory/laws.csv", "theory/new.py"])
def test_changed_code_or_tables_are_another_code(package, name):
    before = hash_of(package, PRESENTATION)
    (package / name).write_text("half_life_s = 5.0")
    assert hash_of(package, PRESENTATION) != before


@pytest.mark.parametrize("name", ["cli/run.py", "cli/new.py", "page.html"])
def test_changed_presentation_is_the_same_code(package, name):
    before = hash_of(package, PRESENTATION)
    (package / name).write_text("colour = 'red'")
    assert hash_of(package, PRESENTATION) == before


def test_moved_code_is_another_code(package):
    before = hash_of(package, PRESENTATION)
    (package / "theory" / "oxytocin.py").rename(package / "theory" / "zinc.py")
    assert hash_of(package, PRESENTATION) != before


def test_a_file_left_out_does_not_take_its_namesakes_with_it(package):
    (package / "theory" / "cli.py").write_text("x")
    assert hash_of(package, PRESENTATION) != hash_of(package, (*PRESENTATION, "theory/cli.py"))


def test_what_is_left_out_is_there_to_be_left_out():
    root = Path(bowlby.__file__).parent
    assert all((root / name).is_dir() for name in PRESENTATION)


def test_the_packages_own_hash_takes_less_than_a_twentieth_of_a_second():
    root = Path(bowlby.__file__).parent
    taken = []
    for _ in range(7):
        begun = time.process_time()
        hash_of(root, PRESENTATION)
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.05


def test_the_hash_is_taken_once():
    assert code_hash() is code_hash()


def test_the_order_of_keys_names_nothing():
    assert fingerprint({"a": 1, "b": [2, None]}) == fingerprint({"b": [2, None], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1.5})


def test_what_cannot_name_a_run_is_refused():
    with pytest.raises(TypeError, match="set cannot name a run"):
        fingerprint({"a": {1}})


def test_conditions_name_code_libraries_machine_and_precision():
    assert {"code", "numpy", "jax", "python", "machine", "64 bit"} <= conditions().keys()


def test_changes_are_told_in_words():
    before, now = (
        {"code": "a", "numpy": "1", "same": "x"},
        {"code": "b", "numpy": "2", "same": "x"},
    )
    assert changed(before, now) == ["the code", "numpy (1, now 2)"]


PRECISION = """
import os, sys
if sys.argv[1] == "variable": os.environ["JAX_ENABLE_X64"] = "1"
if sys.argv[1] == "setting":
    import jax
    jax.config.update("jax_enable_x64", True)
from bowlby.runs.fingerprint import conditions
print(conditions()["64 bit"], "jax" in sys.modules)
"""


@pytest.mark.parametrize(
    ("way", "said"),
    [("none", "False False"), ("variable", "True False"), ("setting", "True True")],
)
def test_precision_is_known_without_importing_jax(way, said):
    command = [sys.executable, "-c", PRECISION, way]
    environment = {"PATH": ""}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == said

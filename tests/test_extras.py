"""The base measures without the extras; what needs one says which."""

import csv
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bowlby._extras import EXTRAS, MissingExtraError, missing_named, require
from bowlby.cli import app

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
MODULES = sorted(module for extra in EXTRAS.values() for module in extra.modules)

# Run in a fresh interpreter in which no library of an extra can be imported. Those that the
# base brings along (typer needs pydantic, neurokit2 scikit-learn) are left to it.
BASE_ONLY = f"""
import sys
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted({*MODULES, "click"} - {"pydantic", "sklearn"})}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
from bowlby.cli import app
"""


def base_only(code: str, *arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", BASE_ONLY + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def two_people(tmp_path):
    walk = np.random.default_rng(1).normal(size=(3_000, 2)).cumsum(axis=0)
    path = tmp_path / "session.txt"
    np.savetxt(path, np.abs(walk), fmt="%.3f")
    return path


def test_the_base_measures_a_recording_with_every_measure(two_people, tmp_path):
    out = tmp_path / "out"
    done = base_only("app()", "measure", two_people, "--rate", 25, "--surrogates", 19,
                     "--measures", "all", "--workers", 1, "--out", out)  # fmt: skip
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert (out / "report.html").is_file()
    with (out / "summary.csv").open() as file:
        assert len({row["measure"] for row in csv.DictReader(file)}) > 5


def test_the_base_reads_and_measures_in_python(two_people):
    code = """
import bowlby
recording = bowlby.read(sys.argv[1], bowlby.ReadOptions(rate_hz=25))
print(bowlby.measure(recording, surrogates=19).sizes["statistic"])
"""
    done = base_only(code, two_people)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


def test_the_base_helps_with_every_command():
    code = """
for command in ("measure", "simulate", "trial", "practise"):
    app([command, "--help"], standalone_mode=False)
"""
    done = base_only(code)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Usage:") == 4


def test_the_base_says_in_python_that_the_simulator_is_missing():
    done = base_only("from bowlby import simulate")
    message = 'MissingExtraError: This needs the simulator: pip install "bowlby[simulate]".'
    assert done.stderr.splitlines()[-1].endswith(message)


@pytest.mark.parametrize(
    ("command", "extra", "gone"),
    [
        (["simulate", "list"], "simulate", "jax"),
        (["simulate", "skill"], "simulate", "zarr"),
        (["trial", "four_arms"], "simulate", "equinox"),
        (["evidence", "--list"], "simulate", "jaxtyping"),
        (["practise", "--no-browser"], "practise", "fastapi"),
        (["practise", "--no-browser"], "practise", "jax"),
        (["calibrate", "--list"], "calibrate", "SALib"),
        (["calibrate", "--list"], "calibrate", "jax"),
    ],
)
def test_a_command_without_its_extra_says_which(command, extra, gone, monkeypatch):
    monkeypatch.setitem(sys.modules, gone, None)
    done = CliRunner().invoke(app, command)
    told = f'Error: This needs {EXTRAS[extra].serves}: pip install "bowlby[{extra}]".\n'
    assert (done.exit_code, done.stderr, done.stdout) == (2, told, "")


def test_a_library_of_no_extra_is_not_explained_away():
    with pytest.raises(ModuleNotFoundError, match="nowhere"), missing_named():
        import nowhere  # noqa: F401  # pyright: ignore[reportMissingImports]


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_whose_libraries_are_installed_is_let_through(extra):
    if missing := [module for module in EXTRAS[extra].modules if find_spec(module) is None]:
        pytest.skip(f"{', '.join(missing)} is not installed here")
    require(extra)


def test_a_missing_extra_is_an_import_error():
    assert issubclass(MissingExtraError, ImportError)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_extras_are_those_of_the_package(extra):
    """The table of the code names the modules of exactly the libraries in pyproject.toml."""
    listed = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"][extra]
    names = {line.split(">=")[0] for line in listed}
    brought_by = packages_distributions()
    if missing := set(EXTRAS[extra].modules) - set(brought_by):
        pytest.skip(f"{', '.join(sorted(missing))} is not installed here")
    libraries = {
        library.lower()
        for module in EXTRAS[extra].modules
        for library in brought_by[module]
        if len(brought_by[module]) == 1 or library.lower() in names
    }
    includes = {f"bowlby[{other}]" for other in EXTRAS[extra].includes}
    assert names == libraries | includes


def test_every_extra_of_the_package_is_in_the_table():
    listed = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["all"]
    assert set(listed[0].removeprefix("bowlby[").removesuffix("]").split(",")) == set(EXTRAS)

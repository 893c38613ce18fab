"""The notebooks run from top to bottom."""

import runpy
import warnings
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"
QUICK = ("calibrate",)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
        for path in sorted(NOTEBOOKS.glob("*.py"))
    ],
)
def test_a_notebook_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOWLBY_LONG", raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runpy.run_path(str(NOTEBOOKS / f"{name}.py"), run_name="notebook")
    assert capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.py")), ids=lambda path: path.stem)
def test_a_notebook_begins_with_a_title_and_is_shown(path):
    assert path.read_text(encoding="utf-8").startswith("# %% [markdown]\n# # ")
    assert f"{path.name}\n" in (NOTEBOOKS / "index.md").read_text(encoding="utf-8")

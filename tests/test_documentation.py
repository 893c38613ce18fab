"""The documentation is true: its Python prints what it says, its links and pictures exist."""

import contextlib
import importlib.util
import io
import re
import tomllib
from pathlib import Path

import pytest

from bowlby.courses.course import build_course

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
RUN = ["README.md", "docs/how-to/format.md", "docs/how-to/measure.md"]


def module_at(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def measures_restored():
    """Measures that a page registers are forgotten after it."""
    from bowlby.synchrony.measures import MEASURES

    before = dict(MEASURES)
    yield
    MEASURES.clear()
    MEASURES.update(before)


@pytest.mark.usefixtures("measures_restored")
@pytest.mark.parametrize("name", RUN)
def test_the_python_of_a_page_prints_what_the_page_says(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    said = re.findall(r"```python\n.*?```\n\n    (.*?)\n", text, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {"__name__": "page"})
    assert printed.getvalue().split("\n")[:-1] == said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_of_a_page_exist(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)", text)
    missing = [x for x in links if "://" not in x and not (page.parent / x).exists()]
    assert not missing


def test_the_gallery_shows_the_lines_that_draw_it():
    gallery = module_at(DOCS / "gallery" / "make.py")
    assert (DOCS / "gallery" / "index.md").read_text(encoding="utf-8") == gallery.page()


def test_every_picture_of_the_gallery_is_on_its_page_and_drawn():
    drawn = {path.stem for path in (DOCS / "gallery").glob("*.png")}
    chapters = module_at(DOCS / "gallery" / "make.py").GALLERY["chapters"]
    assert drawn == {p["name"] for chapter in chapters for p in chapter["pictures"]}


def test_the_reference_tells_every_option_of_the_command_line():
    text = module_at(DOCS / "generated.py").commands()
    assert all(f"## bowlby {name}\n" in text for name in ("measure", "simulate", "practise"))
    assert "`--rate <float>` | Sampling rate (Hz)" in text


def test_the_readme_says_in_its_first_sentence_what_it_is_for():
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("\n")[2].split(".")[0]
    assert "interpersonal synchrony" in first


OTHER_TOML = {"outcomes.md": "a mapping of columns", "clients.md": "a card, and its lines"}
"""Pages whose TOML is no course, and what it is."""


def _courses() -> list[tuple[str, str]]:
    return [
        (f"{page.relative_to(DOCS)}:{text[: found.start()].count(chr(10)) + 1}", found[1])
        for page in sorted(DOCS.rglob("*.md"))
        if page.name not in OTHER_TOML
        for text in [page.read_text(encoding="utf-8")]
        for found in re.finditer(r"```toml\n(.*?)```", text, re.DOTALL)
    ]


@pytest.mark.parametrize(("where", "text"), _courses(), ids=lambda value: value[:40])
def test_courses_in_the_documentation_are_accepted(where, text):
    assert build_course(tomllib.loads(text), where=where)

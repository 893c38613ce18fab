"""The page that all reports share."""

from pathlib import Path

import pytest

import bowlby
from bowlby.reports.numbers import minus, number, percent, signed, unbroken
from bowlby.reports.page import Card, Cell, Page, Section, Table, page_html, script_json

SOURCE = Path(bowlby.__file__).parent


def page_of(*sections: Section, **given) -> str:
    return page_html(Page(title="T", kind="test", sections=sections, **given))


def test_only_one_file_makes_a_template_environment():
    makers = [path for path in SOURCE.rglob("*.py") if "StrictUndefined" in path.read_text()]
    assert [path.name for path in makers] == ["page.py"]


def test_text_from_outside_stays_text():
    html = page_of(Section("<b>", "<i>", tables=[Table(["<u>"], [[Cell("<s>", more="<q>")]])]))
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>", "<s>", "<q>"))


def test_a_cell_with_more_to_say_unfolds():
    html = page_of(Section("S", tables=[Table(["x"], [[Cell("claim", "claim", "source")]])]))
    assert "<details><summary>claim</summary><p>source</p></details>" in html


def test_the_first_cell_names_its_row_and_numbers_stand_right():
    table = Table(["arm", "n"], [[Cell("a"), Cell("3", "number")]])
    html = page_of(Section("S", tables=[table]))
    assert '<th scope="row">a</th><td class="number">3</td>' in html


def test_a_table_without_rows_still_has_its_header():
    assert '<th scope="col">arm</th>' in page_of(Section("S", tables=[Table(["arm"], [])]))


def test_every_line_of_a_sections_text_is_a_paragraph():
    assert page_of(Section("S", "one\ntwo")).count('<p class="prose">') == 2


def test_what_a_page_lacks_leaves_no_heading():
    html = page_of()
    assert "Methods" not in html
    assert "To repeat this" not in html


def test_a_card_beyond_chance_is_marked():
    html = page_of(cards=[Card("who?", "she", is_beyond=True), Card("when?", "now")])
    assert html.count('class="answer beyond"') == 1


def test_json_cannot_end_its_script():
    assert "</script>" not in script_json({"name": "</script>"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(-0.001), "0.00"),
        (number(-1.5), "\N{MINUS SIGN}1.50"),
        (number(None), "\N{EN DASH}"),
        (number(float("nan")), "\N{EN DASH}"),
        (signed(0.5), "+0.50"),
        (signed(0.001), "0.00"),
        (signed(None), "\N{EN DASH}"),
        (percent(0.256), "26 %"),
        (minus("z = -1.2, from -2 to 1"), "z = \N{MINUS SIGN}1.2, from \N{MINUS SIGN}2 to 1"),
        (unbroken("p = .05"), "p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}.05"),
    ],
)
def test_numbers_are_said_in_one_way(said, expected):
    assert said == expected

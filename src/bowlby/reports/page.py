"""The page that all reports share: one self-contained HTML file that works offline.

A report fills in a `Page`. What only it has (a viewer, its script) stands in a template of its
own that extends `templates/page.html.j2`; looks stand in `templates/page.css`, once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from bowlby.reports.inline import inline_svg
from bowlby.reports.numbers import unbroken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OF_A_MODEL = (
    "These are results of a model. They show what the theory, written as equations, implies; "
    "they are not evidence about patients and diagnose nobody."
)
"""What every report of something simulated says of itself."""


@dataclass(frozen=True)
class Card:
    """A question with its short and its long answer.

    Attributes:
        question: What a reader wants to know.
        short: The answer in a word or a number.
        detail: What it rests on.
        is_beyond: True if the answer is beyond chance.
    """

    question: str
    short: str
    detail: str = ""
    is_beyond: bool = False


@dataclass(frozen=True)
class Drawing:
    """A figure on the page.

    Attributes:
        svg: The inline SVG element.
        caption: Text below it.
        is_narrow: True for a figure of one column.
    """

    svg: str
    caption: str
    is_narrow: bool = False


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        text: What it says.
        kind: Class of the cell on the page (`number`, `met`, ...), or empty.
        more: Text that unfolds below it, or empty.
    """

    text: str
    kind: str = ""
    more: str = ""


@dataclass(frozen=True)
class Table:
    """A table of text; the first cell names its row.

    Attributes:
        header: Titles of the columns.
        rows: Cells, row by row.
        title: What it shows, or empty if its section says so.
        note: What its numbers mean, or empty.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part of the page: text, points, figures, tables, in this order.

    Attributes:
        title: Its heading.
        text: Paragraphs, a line each, or empty.
        drawings: Its figures.
        tables: Its tables.
        points: A list.
        is_pair: True to put the text beside the figure.
    """

    title: str
    text: str = ""
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    points: Sequence[str] = ()
    is_pair: bool = False


@dataclass(frozen=True)
class Page:
    """Everything that a page shows and every report has.

    Attributes:
        title: The heading.
        kind: What kind of report it is, beside the name of the program.
        meta: Version, seed and the like.
        summary: The result in short, a paragraph each.
        points: The same as a list.
        cards: The main results.
        limits: What the result does not say.
        sections: The rest.
        methods: Paragraphs of the methods; empty for no such section.
        methods_title: Its heading.
        references: What the methods cite.
        command: How to make the report again; empty if unknown.
    """

    title: str
    kind: str
    meta: str = ""
    summary: Sequence[str] = ()
    points: Sequence[str] = ()
    cards: Sequence[Card] = ()
    limits: str = ""
    sections: Sequence[Section] = ()
    methods: Sequence[str] = ()
    methods_title: str = "Methods"
    references: Sequence[str] = ()
    command: str = ""


def page_html(
    page: Page, template: str = "page.html.j2", *, context: Mapping[str, Any] | None = None
) -> str:
    """The page as text.

    Args:
        page: What it shows.
        template: A template of `reports/templates`.
        context: What a template of one's own shows beside the page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("bowlby.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    return environment.get_template(template).render(page=page, **(context or {}))


def draw(
    figure: "Figure", salt: str, label: str, caption: str, *, is_narrow: bool = False
) -> Drawing:
    """A figure as an element of the page.

    Args:
        figure: The figure.
        salt: Makes the ids inside the figure unlike those of others.
        label: What it shows, for those who cannot see it.
        caption: Text below it.
        is_narrow: True for a figure of one column.
    """
    from bowlby.figures.style import figure_svg

    svg = figure_svg(figure, salt=salt, dpi=120.0, digits=1)
    return Drawing(inline_svg(svg, label=label), caption, is_narrow)


def text_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str = "",
    *,
    kind: str = "number",
) -> Table:
    """A table of texts.

    Args:
        title: What it shows.
        header: Titles of the columns.
        rows: Texts, row by row; the first names its row.
        note: What its numbers mean, or empty.
        kind: Class of all cells but the first.
    """
    cells = [[Cell(row[0]), *(Cell(text, kind) for text in row[1:])] for row in rows]
    return Table(header, cells, title, note)


def script_json(data: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

"""The page all outcome reports share: one self-contained HTML file that works offline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from bowlby.figures.style import figure_svg
from bowlby.reports.drawings import Drawing
from bowlby.reports.inline import inline_svg
from bowlby.reports.trial.tables import Table

NOT_A_JUDGEMENT = (
    "These numbers support a person's judgement and do not replace it. They do not diagnose."
)


@dataclass(frozen=True)
class Card:
    """One result.

    Attributes:
        question: What it is about.
        short: The result.
        detail: How sure, or how often wrong.
        is_beyond: Whether it stands out.
    """

    question: str
    short: str
    detail: str
    is_beyond: bool = False


@dataclass(frozen=True)
class Part:
    """A titled part of the page."""

    title: str
    text: str = ""
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    points: Sequence[str] = ()


@dataclass(frozen=True)
class Link:
    """A link to another page of the run."""

    href: str
    text: str


@dataclass(frozen=True)
class OutcomePage:
    """Everything a page shows.

    Attributes:
        kind: Of report, beside the brand.
        title: Heading.
        meta: A line below it.
        story: The result in sentences.
        cards: The results that matter.
        warning: What to know before reading on, or empty.
        parts: The rest.
        methods: Paragraphs to copy.
        references: Sources.
        command: What made the page.
        links: Other pages.
        label: Text of a banner such as "simulated", or empty.
        lead: A figure that stands before the cards.
    """

    kind: str
    title: str
    meta: str
    story: str
    cards: Sequence[Card]
    warning: str
    parts: Sequence[Part]
    methods: Sequence[str] = ()
    references: Sequence[str] = ()
    command: str = ""
    links: Sequence[Link] = ()
    label: str = ""
    lead: Drawing | None = None


def write_page(path: Path, page: OutcomePage) -> None:
    """Write a page as one HTML file."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("bowlby.reports.outcomes"), PackageLoader("bowlby.reports")]
        ),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    html = environment.get_template("outcomes.html.j2").render(page=page, note=NOT_A_JUDGEMENT)
    path.write_text(html, encoding="utf-8")


def draw(
    figure: Figure, salt: str, label: str, caption: str, *, is_narrow: bool = False
) -> Drawing:
    """A figure as it stands on the page."""
    svg = figure_svg(figure, salt=salt, dpi=120.0, digits=1)
    return Drawing(inline_svg(svg, label=label), caption, is_narrow)

"""What pages of outcomes have beside the page that all reports share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bowlby.reports.page import Card, Drawing, Page, Section, Table, page_html, text_table

NOT_A_JUDGEMENT = (
    "These numbers support a person's judgement and do not replace it. They do not diagnose."
)


@dataclass(frozen=True)
class Link:
    """A link to another page of the run."""

    href: str
    text: str


@dataclass(frozen=True)
class OutcomePage:
    """Everything a page of outcomes shows.

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
    parts: Sequence[Section]
    methods: Sequence[str] = ()
    references: Sequence[str] = ()
    command: str = ""
    links: Sequence[Link] = ()
    label: str = ""
    lead: Drawing | None = None


def words_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> Table:
    """A table whose cells are words as often as numbers, so all stand left."""
    return text_table(title, header, rows, note, kind="")


def write_page(path: Path, page: OutcomePage) -> None:
    """Write a page as one HTML file."""
    shared = Page(
        title=page.title,
        kind=page.kind,
        meta=page.meta,
        summary=(page.story,),
        cards=page.cards,
        limits=page.warning,
        sections=page.parts,
        methods=page.methods,
        references=page.references,
        command=page.command,
    )
    own = {
        "label": page.label,
        "links": page.links,
        "lead": page.lead,
        "note": NOT_A_JUDGEMENT,
    }
    path.write_text(page_html(shared, "outcomes.html.j2", context=own), encoding="utf-8")

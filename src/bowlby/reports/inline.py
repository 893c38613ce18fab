"""Figures as SVG elements inside a page: no ids that clash, nothing to fetch."""

import re
from html import escape

_OPENING = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="([^"]+)"')
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'url\(#([^)]+)\)|href="#([^"]+)"')


def inline_svg(svg: str, *, label: str) -> str:
    """The `<svg>` element of an SVG file, with a label for those who cannot see it.

    Args:
        svg: Text of an SVG file as `figure_svg` returns it.
        label: What the figure shows.
    """
    opening = _OPENING.search(svg)
    if opening is None:
        raise ValueError("This text holds no <svg> element.")
    box = _VIEW_BOX.search(opening.group())
    width, height = box.group(1).split()[2:] if box else ("600", "400")
    body = _METADATA.sub("", svg[opening.end() :]).replace("xlink:href", "href")
    used = {one or other for one, other in _REFERENCE.findall(body)}
    body = _ID.sub(lambda found: found.group() if found.group(1) in used else "", body)
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" style="--w:{float(width):.0f}" '
        f'role="img" aria-label="{escape(label)}">{body.strip()}'
    )

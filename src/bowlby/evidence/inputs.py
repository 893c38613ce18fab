"""Inputs against findings: what went into the model may not be scored as a prediction.

A source is its first author and its year, as written in the declarations of the theory, in the
table of instruments and in the tables of findings.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bowlby.evidence.findings import Finding

_NAMED = re.compile(r"([A-Z][\w'-]+)(?:[^;:()]*?)\(?((?:19|20)\d\d)")


class Shared(NamedTuple):
    """A source that an input and a scored finding share.

    Attributes:
        source: First author and year.
        inputs: Names of the inputs.
        findings: Names of the findings.
    """

    source: str
    inputs: tuple[str, ...]
    findings: tuple[str, ...]


def shared_sources(
    findings: Iterable[Finding], inputs: Mapping[str, str] | None = None
) -> list[Shared]:
    """Sources of inputs from which a scored finding comes too.

    Args:
        findings: Findings.
        inputs: Name of each input to its source in words; all of the package if not given.
    """
    of_inputs = _by_source((inputs or packaged_inputs()).items())
    of_findings = _by_source((f.slug, f.source) for f in findings if f.is_scored)
    return [
        Shared(source, tuple(names), tuple(of_findings[source]))
        for source, names in sorted(of_inputs.items())
        if source in of_findings
    ]


def packaged_inputs() -> dict[str, str]:
    """Every number that came from a publication, by name, with its source in words."""
    from bowlby.courses.numbers import numbers
    from bowlby.theory.instruments import instruments

    found = {number.name: number.source for number in numbers()}
    found |= {f"measures.{name}": row.source for name, row in instruments().items()}
    return {
        name: source
        for name, source in found.items()
        if _NAMED.search(source) and "in words" not in source
    }


def _by_source(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in named:
        for author, year in _NAMED.findall(text):
            found.setdefault(f"{author} {year}", []).append(name)
    return found


def told(shared: Sequence[Shared]) -> str:
    """What is shared, in words."""
    if not shared:
        return "No input of the model comes from a source that is scored."
    each = "; ".join(
        f"{one.source} (inputs {', '.join(one.inputs)}; findings {', '.join(one.findings)})"
        for one in shared
    )
    return f"Sources of inputs that are scored too, and so predict nothing: {each}."

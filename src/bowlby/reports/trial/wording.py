"""Numbers and names of a trial as the page says them."""

from collections.abc import Mapping
from typing import Any

from bowlby.figures.style import format_p
from bowlby.reports.numbers import number, signed

_OUTCOMES = {
    "internalising_after": "internalising symptoms at the end of therapy",
    "internalising_follow_up": "internalising symptoms at follow-up",
    "externalising_after": "externalising symptoms at the end of therapy",
    "externalising_follow_up": "externalising symptoms at follow-up",
}


def p_short(p: float | None) -> str:
    """A p-value in a table."""
    if p is None:
        return "\N{EN DASH}"
    return format_p(p).removeprefix("p ").removeprefix("= ")


def arm_said(name: str) -> str:
    """Name of an arm."""
    return name.replace("_", " ")


def outcome_said(name: str) -> str:
    """An outcome in words."""
    return _OUTCOMES[name]


def response_said(stage: Mapping[str, Any]) -> str:
    """The criterion of a second stage."""
    what = "the mean of the last four weekly scores"
    if stage["response"] == "score":
        return f"{what} at most {number(stage['criterion'])} SD"
    return f"{what} {number(stage['criterion'])} SD or more below the score before"


def of_r(found: Mapping[str, Any]) -> str:
    """A correlation with its interval."""
    if found["low"] is None:
        return "\N{EN DASH}"
    return f"r = {signed(found['r'])} ({number(found['low'])} to {number(found['high'])})"

"""Numbers and names of a trial as the page says them."""

from collections.abc import Mapping
from typing import Any

_OUTCOMES = {
    "internalising_after": "internalising symptoms at the end of therapy",
    "internalising_follow_up": "internalising symptoms at follow-up",
    "externalising_after": "externalising symptoms at the end of therapy",
    "externalising_follow_up": "externalising symptoms at follow-up",
}


def number(value: float | None, digits: int = 2) -> str:
    """Number with a true minus sign; a dash if there is none."""
    if value is None:
        return "\N{EN DASH}"
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "\N{MINUS SIGN}")


def signed(value: float | None, digits: int = 2) -> str:
    """Number with its sign."""
    text = number(value, digits)
    return f"+{text}" if value is not None and float(f"{value:.{digits}f}") > 0 else text


def percent(value: float | None) -> str:
    """Share as a percentage."""
    return "\N{EN DASH}" if value is None else f"{100 * value:.0f} %"


def p_said(p: float) -> str:
    """A p-value."""
    return "p < .001" if p < 0.001 else f"p = {f'{p:.3f}'.removeprefix('0')}"


def p_short(p: float | None) -> str:
    """A p-value in a table."""
    if p is None:
        return "\N{EN DASH}"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def arm_said(name: str) -> str:
    """Name of an arm."""
    return name.replace("_", " ")


def outcome_said(name: str) -> str:
    """An outcome in words."""
    return _OUTCOMES[name]


def of_r(found: Mapping[str, Any]) -> str:
    """A correlation with its interval."""
    if found["low"] is None:
        return "\N{EN DASH}"
    return f"r = {signed(found['r'])} ({number(found['low'])} to {number(found['high'])})"

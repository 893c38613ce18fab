"""Numbers as every report says them."""


def minus(text: str) -> str:
    """Text with true minus signs before its numbers."""
    return text.replace(" -", " \N{MINUS SIGN}")


def number(value: float | None, digits: int = 2) -> str:
    """Number with a true minus sign and no negative zero; a dash if there is none."""
    if value is None or value != value:
        return "\N{EN DASH}"
    text = f"{value:.{digits}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "\N{MINUS SIGN}")


def signed(value: float | None, digits: int = 2) -> str:
    """Number with its sign."""
    text = number(value, digits)
    return f"+{text}" if text[0].isdigit() and float(text) > 0 else text


def percent(value: float | None) -> str:
    """Share as a percentage."""
    return "\N{EN DASH}" if value is None or value != value else f"{100 * value:.0f} %"


def unbroken(text: str) -> str:
    """Text whose p-values and units do not break over lines."""
    for short in ("p = ", "p < ", "p ≤ ", "z = ", "d = "):
        text = text.replace(short, short.replace(" ", "\N{NO-BREAK SPACE}"))
    return text.replace(" SD", "\N{NO-BREAK SPACE}SD").replace(" %", "\N{NO-BREAK SPACE}%")

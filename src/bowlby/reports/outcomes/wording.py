"""Words of the outcome reports."""

from typing import Any

import numpy as np

CLASS_SAID = {
    "recovered": "recovered",
    "improved": "reliably improved",
    "unchanged": "not reliably changed",
    "deteriorated": "reliably deteriorated",
    "harmed": "deteriorated into the clinical range",
}
METHOD_SAID = {
    "JT": "Jacobson & Truax",
    "GLN": "Gulliksen, Lord & Novick",
    "HLL": "Hsu, Linn & Lord",
    "EN": "Edwards & Nunnally",
    "NK": "Nunnally & Kotsch",
    "HA": "Hageman & Arrindell",
    "HLM": "Multilevel slope",
    "RC": "Reliable change in points",
    "percentage": "Percentage",
    "anchor": "Smallest important difference",
}
SIGNAL_SAID = {
    "red": "Off course (red)",
    "amber": "Worth a look (amber)",
    "green": "Well and steady (green)",
    "on course": "On course",
    "none yet": "No signal possible yet",
}
_NUMERALS = (
    "none",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)


def number(x: Any, digits: int = 1) -> str:
    """A number with a true minus sign; an en dash where there is none."""
    if x is None or not np.isfinite(x):
        return "–"
    text = f"{x:.{digits}f}"
    if digits and float(x).is_integer():
        text = f"{x:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def percent(x: Any, digits: int = 0) -> str:
    """A share in per cent."""
    return "–" if x is None or not np.isfinite(x) else f"{100 * x:.{digits}f} %"


def of_ten(share: float) -> str:
    """`about one in ten` for .10, where that is honest; else per cent."""
    tens = round(10 * share)
    if 1 <= tens <= 9 and abs(share - tens / 10) < 0.021:
        return f"about {_NUMERALS[tens]} in ten"
    return f"about {100 * share:.0f} of 100"


def false_alarm(alarm: Any, unit: str) -> str:
    """How often the red and amber signals are wrong, in words."""
    steps = f"{alarm.planned} {unit}s"
    return (
        f"Of clients on course, {of_ten(alarm.ever)} would be marked red at some point of "
        f"{steps}, and {of_ten(alarm.ever_amber)} amber or red."
    )


def power(alarm: Any, unit: str) -> str:
    """How many who do not change are found, in words."""
    found = ", ".join(
        f"{percent(alarm.found[s])} by {unit} {s} (amber or red "
        f"{percent(alarm.found_amber[s])})"
        for s in alarm.found
    )
    return f"Of clients who do not change on average, red finds {found}."


def source(name: str) -> str:
    """A number's name in words."""
    return {
        "reliability": "Reliability", "sd": "SD that belongs to it",
        "clinical_mean": "Clinical mean", "clinical_sd": "Clinical SD",
        "functional_mean": "Mean of people who are well",
        "functional_sd": "SD of people who are well", "cutoff": "Cut-off",
        "reliable_change": "Reliable change",
    }[name]  # fmt: skip

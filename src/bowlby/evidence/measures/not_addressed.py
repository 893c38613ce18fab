"""Findings that the model has no output for, with the reason."""

from collections.abc import Mapping
from types import MappingProxyType

_INPUT = "its source sets how much of a childhood an adult keeps (years_between.own)"
_NO_VOICE = "no voice is simulated"
_NO_FACTOR = "the model does not have what the study varied"

REASONS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("stability-all", "stability-15y-null"), _INPUT)
    | {
        "interv-sens": "it sets the strength of an intervention and so cannot test one",
        "nvs-vocal": _NO_VOICE,
        "sync-prosocial": "coupling cannot be forced on strangers who then cooperate",
        "mbt-8y": _NO_FACTOR + ": no diagnosis is given, and courses end after months",
    }
)  # fmt: skip
"""Slug to the reason."""

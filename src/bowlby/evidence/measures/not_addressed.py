"""Findings that the model has no output for, with the reason."""

from collections.abc import Mapping
from types import MappingProxyType

_INPUT = "its source sets how much of a childhood an adult keeps (years_between.own)"
_NO_VOICE = "no voice is simulated"
_NO_TASK = "the simulated people do not play this task"
_NO_FACTOR = "the model does not have what the study varied"

REASONS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("stability-all", "stability-15y-null"), _INPUT)
    | {
        "interv-sens": "it sets the strength of an intervention and so cannot test one",
        "nvs-vocal": _NO_VOICE,
        "sync-prosocial": "coupling cannot be forced on strangers who then cooperate",
        "buffer-adolescent-null": "no adolescence is simulated",
        "ti-reverse": "protocols do not answer a weak alliance with more interpretation",
        "mbt-8y": _NO_FACTOR + ": no diagnosis is given, and courses end after months",
    }
    | dict.fromkeys(
        (
            "bpd-volatility-blunt", "anx-volatility-blunt", "intern-volatility-blunt",
            "intern-volatility-null",
        ),
        "what is learnt here of others moves by .001 an answer, in such tasks by .2 to .5",
    )
    | dict.fromkeys(
        (
            "bpd-inconsistency", "anx-statejumps", "bpd-bad-certain", "trust-secure-flexible",
            "bpd-emotion-explore",
        ),
        _NO_TASK,
    )
)  # fmt: skip
"""Slug to the reason."""

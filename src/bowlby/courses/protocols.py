"""Named protocols, therapists and caregivers: values that can be written in TOML.

A protocol gives each intervention a propensity: one number, or four for the state the therapist
reads: calm and distrusting, calm and trusting, distressed and distrusting, distressed and
trusting.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

_NEVER = 1e-6

Propensities = Mapping[str, float | tuple[float, float, float, float]]

_ACCEPT: Propensities = {
    "hold": (0.3, 0.1, 0.3, 0.2),
    "validate": (0.4, 0.2, 0.5, 0.5),
    "mirror": 0.2,
    "mentalise": (0.1, 0.5, 0.0, 0.1),
}
_EXPLORE: Propensities = {
    "hold": (0.3, 0.1, 0.3, 0.2),
    "validate": (0.35, 0.15, 0.5, 0.5),
    "mirror": (0.2, 0.1, 0.2, 0.2),
    "mentalise": (0.1, 0.35, 0.0, 0.1),
    "interpret": (0.05, 0.3, 0.0, 0.0),
}
_INTERPRET: Propensities = {
    "hold": 0.2, "mirror": 0.1, "validate": 0.1, "mentalise": 0.2, "interpret": 0.4,
}  # fmt: skip
_SUPPORT: Propensities = {"hold": 0.3, "validate": 0.4, "mirror": 0.3}
_COLD: Propensities = {"dismiss": 0.7, "direct": 0.15, "hold": 0.15}
_LOOM: Propensities = {"loom": 0.6, "challenge": 0.2, "direct": 0.2}

PROTOCOLS: Mapping[str, tuple[Propensities, Propensities]] = MappingProxyType(
    {
        "attachment_informed": (_ACCEPT, _EXPLORE),
        "interpretation_first": (_INTERPRET, _ACCEPT),
        "interpretation_only": (_INTERPRET, _INTERPRET),
        "supportive": (_SUPPORT, _SUPPORT),
        "cold": (_COLD, _COLD),
        "looming": (_LOOM, _LOOM),
        "active_inference": (_SUPPORT, _SUPPORT),
        "waiting_list": (_SUPPORT, _SUPPORT),
    }
)
"""Name to the propensities before and after the switch."""

FORCED = frozenset({"cold", "looming"})
"""Protocols that are themselves the failure."""

DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "attachment_informed": "accept and co-regulate, then explore",
        "interpretation_first": "interpret from the first session, accept later",
        "interpretation_only": "interpret throughout",
        "supportive": "hold, validate and mirror throughout",
        "cold": "dismiss throughout",
        "looming": "loom and challenge throughout",
        "active_inference": "choose each act by the client's expected free energy",
        "waiting_list": "no sessions",
    }
)

CAREGIVERS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "sensitive": {"contingency": 1.5, "mentalising": 0.9, "threat": 0.0},
        "rejecting": {"contingency": -1.5, "mentalising": 0.7, "threat": 0.0},
        "inconsistent": {"contingency": 0.3, "mentalising": 0.15, "threat": 0.0},
        "frightening": {"contingency": 0.3, "mentalising": 0.4, "threat": 2.2},
    }
)
"""Prototypical caregivers."""

CAREGIVER_POPULATIONS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {"institution": {"contingency": -2.0, "mentalising": -2.0}}
)
"""Means of populations of caregivers that are no families: they differ as others do."""

THERAPISTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "average": {
            "mentalising": 0.65, "latency_s": 2.0, "repair": 0.6, "anxiety": 0.25,
            "avoidance": 0.25, "contagion": 0.03, "recovery": 1.0,
        },
        "skilled": {
            "mentalising": 0.9, "latency_s": 1.5, "repair": 0.9, "anxiety": 0.1,
            "avoidance": 0.1, "contagion": 0.02, "recovery": 0.6,
        },
        "clumsy": {
            "mentalising": 0.3, "latency_s": 4.0, "repair": 0.2, "anxiety": 0.5,
            "avoidance": 0.5, "contagion": 0.04, "recovery": 1.6,
        },
    }
)  # fmt: skip
"""Named therapists."""


def propensity_table(propensities: Propensities, names: Sequence[str]) -> np.ndarray:
    """Propensities (intervention, distressed, trusting), each state summing to one.

    Args:
        propensities: By name; those left out are hardly ever made.
        names: All interventions, in the theory's order.
    """
    table = np.full((len(names), 2, 2), _NEVER, np.float32)
    for name, value in propensities.items():
        table[names.index(name)] = np.broadcast_to(value, 4).reshape(2, 2) + _NEVER
    return table / table.sum(0)

"""Names of readouts and variables before version 0.3, and what they are called now."""

from collections.abc import Mapping
from types import MappingProxyType

OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "agency": "controllability",
        "splitting": "model_switching",
        "bound_energy": "surprise_bound",
        "misread_self": "interoceptive_error",
        "heard": "perceived_stance",
    }
)
"""Old name to new one."""


def renamed(name: str) -> str | None:
    """What an old name is called now, with its prefixes and suffixes kept; None if not old."""
    for old, new in OLD_NAMES.items():
        if name == old:
            return new
        if name.startswith(f"{old}_"):
            return new + name.removeprefix(old)
        if name.endswith(f"_{old}"):
            return name.removesuffix(old) + new
    return None

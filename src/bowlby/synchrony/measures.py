"""The registry of measures beside the windowed lagged correlation."""

from typing import Any

Measure = Any
MEASURES: dict[str, Measure] = {}

"""What the report's scrubber shows of one dyad, small enough to be carried in the page."""

import base64
from typing import Any

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.figures.course import (
    ACTION_COLOURS,
    STANCE_COLOURS,
    Panel,
    course_axis,
    course_panels,
    model_names,
)
from bowlby.reports.simulation.wording import (
    DOES,
    encounter_line,
    encounter_title,
    encounter_values,
)
from bowlby.theory.vocabulary import DISTRESS

_MISSING = 255
_NUMBERS = (
    *("trust", "mentalising", "contact", "learning_rate"),
    *("free_energy_self", "free_energy_other"),
)
_CODES = ("distress", "action", "intervention", "ruptured")


def story_data(
    encounters: xr.Dataset, ticks: xr.Dataset | None, *, name: str
) -> dict[str, Any]:
    """The course and, where they were kept, its ticks, ready for JSON.

    Args:
        encounters: Encounters of one dyad (no dimension `dyad`).
        ticks: Its ticks; `encounter` holds their places in `encounters`.
        name: What the page calls the dyad.
    """
    axis = course_axis(encounters)
    count = encounters.sizes["encounter"]
    return {
        "name": name,
        "x": [round(float(x), 5) for x in axis.position],
        "phases": [
            [p.name, round(p.start, 5), round(p.end, 5), p.first, p.last] for p in axis.phases
        ],
        "axis": [[round(x, 5), label] for x, label in axis.ticks],
        "panels": [_panel(panel) for panel in course_panels(encounters)],
        "ruptures": _counts(encounters, "ruptures"),
        "repairs": _counts(encounters, "repairs"),
        "encounters": [
            {
                "title": encounter_title(encounters, i),
                "line": encounter_line(encounters, i),
                "values": encounter_values(encounters, i),
            }
            for i in range(count)
        ],
        "start": _start(encounters, ticks),
        "ticks": None if ticks is None else _ticks(encounters, ticks),
    }


def quantised(values: FloatArray) -> dict[str, Any]:
    """Values in 254 steps between their extremes as base64 bytes; 255 is missing."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    scale = (_MISSING - 1) / (high - low) if high > low else 0.0
    codes = np.full(values.shape, _MISSING, np.uint8)
    there = np.isfinite(values)
    codes[there] = np.round((values[there] - low) * scale)
    return {"low": _short(low), "high": _short(high), "data": _base64(codes)}


def codes(values: FloatArray) -> str:
    """Small whole numbers as base64 bytes; missing and negative ones are 255."""
    there = np.isfinite(values) & (values >= 0)
    found = np.full(values.shape, _MISSING, np.uint8)
    found[there] = np.round(values[there])
    return _base64(found)


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "name": panel.name, "title": panel.title, "unit": panel.unit,
        "stack": panel.is_stack, "extra": panel.is_extra,
        "low": _short(panel.low), "high": _short(panel.high),
        "lines": [
            {"label": line.label, "colour": line.colour, "v": [_short(v, 4) for v in line.values]}
            for line in panel.lines
        ],
    }  # fmt: skip


def _counts(encounters: xr.Dataset, name: str) -> list[int]:
    if name not in encounters:
        return [0] * encounters.sizes["encounter"]
    return [round(float(v)) for v in np.nan_to_num(encounters[name].to_numpy())]


def _start(encounters: xr.Dataset, ticks: xr.Dataset | None) -> int:
    """Encounter to begin with: the first session with ticks, else the first session, else 0."""
    sessions = np.flatnonzero(encounters.phase.to_numpy() == "therapy")
    kept = [] if ticks is None else [int(i) for i in ticks.encounter.to_numpy()]
    both = [i for i in kept if i in set(sessions.tolist())]
    return int([*both, *sessions.tolist(), *kept, 0][0])


def _ticks(encounters: xr.Dataset, ticks: xr.Dataset) -> dict[str, Any]:
    """Ticks as bytes, each variable (encounter, tick) row by row."""
    shape = ("encounter", "tick")
    found: dict[str, Any] = {
        "which": [int(i) for i in ticks.encounter.to_numpy()],
        "count": ticks.sizes["tick"],
        "length": [int(n) for n in _lengths(ticks)],
        "tickSeconds": int(ticks.sizes["second"]),
        "distress": list(DISTRESS),
        "numbers": {n: quantised(_values(ticks, n, *shape)) for n in _NUMBERS if n in ticks},
        "codes": {n: codes(_values(ticks, n, *shape)) for n in _CODES if n in ticks},
        "actions": _labels(encounters, "action", ACTION_COLOURS),
        "interventions": _labels(encounters, "intervention", {}),
    }
    if "arousal" in ticks:
        arousal = _values(ticks, "arousal", "partner", "encounter", "tick", "second")
        found |= {"arousal": [quantised(one) for one in arousal], "seconds": arousal.shape[-1]}
    if "perceived_stance" in ticks:
        heard = _values(ticks, "perceived_stance", "stance", *shape)
        found["heard"] = [quantised(one) for one in heard]
        found["stances"] = _labels(ticks, "stance", STANCE_COLOURS)
    if "model_belief" in ticks and "model_belief" in encounters:
        belief = _values(ticks, "model_belief", "model", *shape)
        found["belief"] = [quantised(one) for one in belief]
        found["models"] = list(model_names(encounters))
    return found


def _lengths(ticks: xr.Dataset) -> np.ndarray:
    """Ticks of each encounter: up to the last that is not missing."""
    name = next(n for n in ("trust", "contact", "arousal", "action") if n in ticks)
    values = _values(ticks, name, "encounter", "tick", ...)
    flat = np.isfinite(values).reshape(*values.shape[:2], -1)
    there = np.asarray(flat.any(axis=2))
    return np.where(there.any(1), there.shape[1] - there[:, ::-1].argmax(1), 0)


def _labels(dataset: xr.Dataset, dim: str, colours: dict[str, str]) -> list[list[str]]:
    """Word, verb in the present and colour of each label of a dimension."""
    if dim not in dataset.coords:
        return []
    words = [str(label) for label in dataset[dim].to_numpy()]
    return [[word, DOES.get(word, word), colours.get(word, "")] for word in words]


def _values(dataset: xr.Dataset, name: str, *dims: Any) -> FloatArray:
    return dataset[name].transpose(*dims).to_numpy().astype(float)


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _short(value: float, digits: int = 5) -> float | None:
    return float(f"{float(value):.{digits}g}") if np.isfinite(value) else None

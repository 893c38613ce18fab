"""Many simulated dyads in numbers: quantiles over the course, means by arm and pattern."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.figures.population import GroupMean
from bowlby.reports.numbers import number, percent
from bowlby.reports.page import Cell, Table
from bowlby.reports.simulation.wording import symptom_name
from bowlby.statistics.intervals import share_interval
from bowlby.theory.vocabulary import PATTERN_NAMES, STATE_OF_MIND_NAMES

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_Z = 1.959964
_BANDS = {
    "symptoms": ("Symptoms", "SD, lower is better"),
    "trust": ("Trust", "P(attuned)"),
    "learning_rate": ("Plasticity", "learning rate"),
    "uncertainty": ("Uncertainty", "nats over models"),
}


class Mean(NamedTuple):
    """Mean of what is not missing.

    Attributes:
        n: Values.
        mean: Mean, NaN if there is none.
        error: Standard error, NaN below two values.
    """

    n: int
    mean: float
    error: float


def mean_of(values: FloatArray) -> Mean:
    """Mean and standard error of finite values."""
    values = values[np.isfinite(values)]
    n = len(values)
    return Mean(
        n,
        float(values.mean()) if n else float("nan"),
        float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
    )


def arms_of(dataset: xr.Dataset, order: Sequence[str] = ()) -> list[str]:
    """Arms in the order asked for, else as they come; one empty name if there are none."""
    if "arm" not in dataset.coords:
        return [""]
    found = list(dict.fromkeys(str(arm) for arm in dataset.arm.to_numpy()))
    return [arm for arm in order if arm in found] + [arm for arm in found if arm not in order]


def in_arm(dataset: xr.Dataset, arm: str) -> np.ndarray:
    """Which dyads are in an arm."""
    if "arm" not in dataset.coords:
        return np.ones(dataset.sizes["dyad"], bool)
    return dataset.arm.to_numpy().astype(str) == arm


def course_bands(encounters: xr.Dataset, arms: Sequence[str]) -> xr.Dataset | None:
    """Quantiles over the dyads of each arm; None if there is nothing to show.

    Only encounters that took place count: those who left are missing from then on.
    """
    found = {}
    for name, (title, unit) in _BANDS.items():
        if name not in encounters or not np.isfinite(encounters[name]).any():
            continue
        values = encounters[name].transpose("dyad", "encounter").to_numpy().astype(float)
        bands = np.stack([_quantiles(values[in_arm(encounters, arm)]) for arm in arms])
        # Bands need three dyads.
        if np.isfinite(bands).any():
            attrs = {"long_name": title, "units": unit}
            found[name] = (("arm", "quantile", "encounter"), bands, attrs)
    if not found:
        return None
    return xr.Dataset(found, {"arm": list(arms), "quantile": list(QUANTILES)})


def _quantiles(values: FloatArray) -> FloatArray:
    """Quantiles of each column, missing where fewer than three dyads are left."""
    enough = np.isfinite(values).sum(axis=0) > 2
    result = np.full((len(QUANTILES), values.shape[1]), np.nan)
    if enough.any():
        result[:, enough] = np.nanquantile(values[:, enough], QUANTILES, axis=0)
    return result


def change(readouts: xr.Dataset, when: str = "after") -> FloatArray:
    """Change of symptoms from before to `when` (SD; negative is better); NaN if unknown."""
    name = symptom_name(readouts)
    if not name or f"{name}_{when}" not in readouts:
        return np.full(readouts.sizes["dyad"], np.nan)
    return numbers(readouts, f"{name}_{when}") - numbers(readouts, f"{name}_before")


def numbers(readouts: xr.Dataset, name: str) -> FloatArray:
    """A readout of every dyad, NaN if there is none."""
    if name not in readouts or readouts[name].dtype.kind not in "fiub":
        return np.full(readouts.sizes["dyad"], np.nan)
    return readouts[name].to_numpy().astype(float)


def left(readouts: xr.Dataset) -> FloatArray:
    """1 for those who left before the end, else 0; NaN where there was no therapy to leave."""
    if "exit_session" not in readouts:
        return np.full(readouts.sizes["dyad"], np.nan)
    gone = np.isfinite(numbers(readouts, "exit_session")).astype(float)
    if "ended_by" in readouts:
        gone[readouts.ended_by.to_numpy().astype(str) == ""] = np.nan
    return gone


def opened(readouts: xr.Dataset) -> FloatArray:
    """1 where a new relational model opened, else 0; NaN without therapy."""
    if "window_session" not in readouts:
        return np.full(readouts.sizes["dyad"], np.nan)
    found = np.isfinite(numbers(readouts, "window_session")).astype(float)
    if "ended_by" in readouts:
        found[readouts.ended_by.to_numpy().astype(str) == ""] = np.nan
    return found


def difference_from_first(readouts: xr.Dataset, arms: Sequence[str]) -> dict[str, Mean]:
    """Each arm's change minus that of the same dyads in the first arm."""
    changes = change(readouts)
    dyads = readouts.dyad.to_numpy()
    by_arm = {
        arm: dict(
            zip(dyads[in_arm(readouts, arm)], changes[in_arm(readouts, arm)], strict=True)
        )
        for arm in arms
    }
    first = by_arm[arms[0]]
    return {
        arm: mean_of(np.array([mine[d] - first[d] for d in mine if d in first], float))
        for arm, mine in by_arm.items()
    }


def arms_table(readouts: xr.Dataset, arms: Sequence[str]) -> Table | None:
    """A row per arm; columns that would be empty are left out, None if all are."""
    ruptures, repairs = numbers(readouts, "ruptures"), numbers(readouts, "repairs")
    repaired = np.divide(
        repairs, ruptures, out=np.full_like(repairs, np.nan), where=ruptures > 0
    )
    name = symptom_name(readouts)
    columns: list[tuple[str, FloatArray, Callable[[Mean], str]]] = [
        ("symptoms before (SD)", numbers(readouts, f"{name}_before"), _signed),
        ("change after", change(readouts), _signed),
        ("change at follow-up", change(readouts, "follow_up"), _signed),
        ("left early", left(readouts), _percent),
        ("alliance", numbers(readouts, "alliance_client"), _plain),
        ("ruptures a session", ruptures, _plain),
        ("repaired", repaired, _percent),
        ("new model opened", opened(readouts), _percent),
    ]
    shown = [
        (title, values, say) for title, values, say in columns if np.isfinite(values).any()
    ]
    if not shown:
        return None
    header = ["arm" if len(arms) > 1 or arms[0] else "", "n", *(title for title, _, _ in shown)]
    has_contrast = len(arms) > 1 and np.isfinite(change(readouts)).any()
    contrast = difference_from_first(readouts, arms) if has_contrast else {}
    if has_contrast:
        header.append("difference from first arm")
    rows = []
    for arm in arms:
        mine = in_arm(readouts, arm)
        cells = [Cell(arm.replace("_", " ") or "all"), Cell(str(int(mine.sum())), "number")]
        cells += [Cell(say(mean_of(values[mine])), "number") for _, values, say in shown]
        if has_contrast:
            cells.append(Cell(_signed(contrast[arm]) if arm != arms[0] else "–", "number"))
        rows.append(cells)
    return Table(header, rows)


def _signed(found: Mean) -> str:
    if not found.n:
        return "–"
    error = f" ± {number(found.error)}" if np.isfinite(found.error) else ""
    return f"{number(found.mean)}{error}"


def _plain(found: Mean) -> str:
    return number(found.mean)


def _percent(found: Mean) -> str:
    return percent(found.mean)


def means_by_pattern(readouts: xr.Dataset, arms: Sequence[str]) -> list[GroupMean]:
    """Outcomes by Strange Situation class and arm, with 95 % intervals of the mean."""
    if "pattern" not in readouts:
        return []
    pattern = readouts.pattern.to_numpy().astype(str)
    wanted = {
        "Change after therapy (SD)": change(readouts),
        "Change at follow-up (SD)": change(readouts, "follow_up"),
        "Alliance rated by client": numbers(readouts, "alliance_client"),
        "Ruptures a session": numbers(readouts, "ruptures"),
        "Left early (share)": left(readouts),
        "New model opened (share)": opened(readouts),
    }
    groups = {
        f"{p} {PATTERN_NAMES[p]}": pattern == p for p in PATTERN_NAMES if (pattern == p).any()
    }
    return _means(readouts, arms, wanted, groups)


def synchrony_means(readouts: xr.Dataset, arms: Sequence[str]) -> list[GroupMean]:
    """Synchrony and lead by arm, as far as they were measured."""
    names = [str(n) for n in readouts.data_vars if str(n).startswith(("synchrony_", "lead_"))]
    wanted = {}
    for name in names:
        kind, _, signal = name.partition("_")
        unit = str(readouts[name].attrs.get("units", ""))
        title = f"{kind.capitalize()}, {signal.upper() if signal in ('ibi', 'eda') else signal}"
        wanted[f"{title} ({unit})" if unit else title] = numbers(readouts, name)
    groups = {arm.replace("_", " ") or "all": in_arm(readouts, arm) for arm in arms}
    return [
        m
        for m in _means(readouts, arms, wanted, groups)
        if m.group == (m.arm.replace("_", " ") or "all")
    ]


def _means(
    readouts: xr.Dataset,
    arms: Sequence[str],
    wanted: dict[str, FloatArray],
    groups: dict[str, np.ndarray],
) -> list[GroupMean]:
    return [
        GroupMean(title, group, arm, len(found), float(found.mean()), *interval_of(found))
        for title, values in wanted.items()
        if np.isfinite(values).sum() > 1
        for group, members in groups.items()
        for arm in arms
        if len(found := _known(values[members & in_arm(readouts, arm)]))
    ]


def interval_of(values: FloatArray) -> tuple[float, float]:
    """95 % interval of the mean; Wilson's where every value is 0 or 1."""
    n, mean = len(values), float(values.mean())
    if np.isin(values, (0.0, 1.0)).all():
        return share_interval(int(values.sum()), n)
    half = _Z * float(values.std(ddof=1)) / np.sqrt(n) if n > 1 else 0.0
    return float(mean - half), float(mean + half)


def _known(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values)]


def windows(readouts: xr.Dataset, arms: Sequence[str]) -> dict[str, FloatArray]:
    """Session in which a new model opened by arm; arms without therapy are left out."""
    sessions, had_therapy = numbers(readouts, "window_session"), np.isfinite(opened(readouts))
    found = {arm: sessions[in_arm(readouts, arm) & had_therapy] for arm in arms}
    return {arm: values for arm, values in found.items() if len(values)}


def class_shares(readouts: xr.Dataset) -> dict[str, dict[str, float]]:
    """Shares of attachment classes; every dyad counts once, however many arms it is in."""
    _, once = np.unique(readouts.dyad.to_numpy(), return_index=True)
    result = {}
    for title, name, words in (
        ("Strange Situation", "pattern", PATTERN_NAMES), ("Adult interview", "aai", STATE_OF_MIND_NAMES),
    ):  # fmt: skip
        if name not in readouts:
            continue
        classes = readouts[name].to_numpy().astype(str)[once]
        known = np.isin(classes, list(words))
        if known.any():
            result[title] = {
                f"{c} {word}": float((classes[known] == c).mean()) for c, word in words.items()
            }
    return result

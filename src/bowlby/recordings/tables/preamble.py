"""Facts that stand above a table: rate, start, device, names and units of channels."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bowlby.recordings.channel_words import unique_labels
from bowlby.recordings.plausible import COUNTS_UNIT
from bowlby.recordings.tables import labchart
from bowlby.recordings.tables.parsing import Table

_NUMBER = r"(\d+(?:[.,]\d+)?)"
_RATE = (
    re.compile(
        _NUMBER + r"\s*(?:hz|fps|sps|(?:samples?|frames?)\s*(?:/|per)\s*s(?:ec(?:ond)?)?)\b",
        re.I,
    ),
    re.compile(
        r"(?:sampl\w*[ _-]*(?:rate|freq\w*)|frame\s*rate|abtastrate|fps)\D{0,24}?" + _NUMBER,
        re.I,
    ),
)
_STEP = (
    re.compile(_NUMBER + r"\s*(msec|ms|sec|s|us|usec)\s*/\s*sample", re.I),
    re.compile(
        r"(?:sample|sampling)?\s*interval\W{1,3}" + _NUMBER + r"\s*(msec|ms|sec|s|us)\b", re.I
    ),
)
_STEP_S = {"msec": 1e-3, "ms": 1e-3, "sec": 1.0, "s": 1.0, "us": 1e-6, "usec": 1e-6}
_MOVESENSE = re.compile(
    r"^\s{10,}(\S+)\s+(\d\d)\.(\d\d)\.(\d\d)(\d\d)\.(\d\d)\.(\d\d)(\d+)\s*$"
)
_SENSORS = {
    "ECG": "ECG", "EDA": "EDA", "GSR": "EDA", "BVP": "BVP", "PPG": "PPG", "PZT": "RESP",
    "RESP": "RESP", "RIP": "RESP", "ACC": "ACC", "TEMP": "TEMP", "SKT": "TEMP",
}  # fmt: skip


@dataclass(frozen=True)
class Preamble:
    """What the lines above a table say.

    Attributes:
        rate_hz: Sampling rate (Hz).
        rate_source: The line it stands in.
        start_s: Start in local time as seconds since 1970, None if not told.
        hint: A word that tells the kind of signal.
        scale: Least and greatest rating of a dial.
    """

    rate_hz: float | None = None
    rate_source: str = ""
    start_s: float | None = None
    hint: str = ""
    scale: tuple[float, float] | None = None


def read_preamble(table: Table) -> tuple[Table, Preamble]:
    """The table with the names that its preamble gives, and the facts found."""
    lines = table.preamble
    for reader in (_opensignals, _movesense, _labchart, _acqknowledge, _carma):
        found = reader(table, lines)
        if found is not None:
            return found
    rate, source = _rate(lines)
    return table, Preamble(rate, source, _start(lines))


def _rate(lines: Sequence[str]) -> tuple[float | None, str]:
    for number, line in enumerate(lines, 1):
        for pattern in _STEP:
            found = pattern.search(line)
            if found:
                step = float(found[1].replace(",", ".")) * _STEP_S[found[2].lower()]
                if step > 0:
                    return float(f"{1 / step:.9g}"), f"line {number}"
        for pattern in _RATE:
            found = pattern.search(line)
            if found:
                rate = float(found[1].replace(",", "."))
                if 0 < rate < 1e6:
                    return rate, f"line {number}"
    return None, ""


def _start(lines: Sequence[str]) -> float | None:
    for line in lines:
        found = re.search(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:\.\d+)?)", line)
        if found:
            year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
            try:
                moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
            except ValueError:
                continue
            return moment.timestamp() + float(found[6])
    return None


def _renamed(table: Table, names: Sequence[str], units: Sequence[str]) -> Table:
    """The table under other names; an empty one keeps the old."""
    old = list(table.frame.columns)
    new = unique_labels([n.strip() or o for n, o in zip(names, old, strict=True)])
    frame = table.frame.copy(deep=False)
    frame.columns = list(new)
    found = {n: u or table.units.get(o, "") for n, o, u in zip(new, old, units, strict=True)}
    number_of = {
        n: table.number_of.get(o, i + 1) for i, (n, o) in enumerate(zip(new, old, strict=True))
    }
    return replace(
        table, frame=frame, units={n: u for n, u in found.items() if u}, has_header=True,
        number_of=number_of,
    )  # fmt: skip


def _opensignals(table: Table, lines: Sequence[str]) -> tuple[Table, Preamble] | None:
    """OpenSignals: a line of JSON tells columns, sensors, rate and start."""
    devices: list[dict[str, Any]] = []
    for line in lines:
        text = line.lstrip("# ")
        if text.startswith("{"):
            try:
                said = json.loads(text)
            except ValueError:
                continue
            if isinstance(said, dict):
                devices = [d for d in said.values() if isinstance(d, dict) and "column" in d]
    names = [str(name) for device in devices for name in device["column"]]
    units = [""] * len(names)
    if not devices or len(names) != len(table.frame.columns):
        return None
    before = 0
    for number, device in enumerate(devices, 1):
        place = {name: before + i for i, name in enumerate(map(str, device["column"]))}
        # Two devices are two people: `P2` is the second's.
        person = f"P{number} " if len(devices) > 1 else ""
        for label, sensor in zip(
            map(str, device.get("label", [])), map(str, device.get("sensor", [])), strict=False
        ):
            at = place.get(label)
            if at is None:
                continue
            kind = next((v for k, v in _SENSORS.items() if k in sensor.upper()), "")
            names[at] = f"{person}{kind} {label}" if kind else f"{person}{label}"
            names[at] = names[at].strip()
            bits = device.get("resolution", [])
            if kind == "EDA" and len(bits) == len(device["column"]):
                units[at] = COUNTS_UNIT.format(bits[at - before])
        before += len(device["column"])
    device = devices[0]
    rate = device.get("sampling rate")
    start = None
    day, clock = str(device.get("date", "")), str(device.get("time", ""))
    parts = [int(p) for p in re.findall(r"\d+", day)][:3]
    if len(parts) == 3 and ":" in clock:
        hour, minute, second = (float(p) for p in clock.split(":"))
        try:
            midnight = datetime(*parts, tzinfo=UTC).timestamp()  # pyright: ignore[reportArgumentType]
            start = midnight + 3600 * hour + 60 * minute + second
        except ValueError:
            start = None
    table = _renamed(table, names, units)
    rate_hz = float(rate) if isinstance(rate, int | float) and rate > 0 else None
    return table, Preamble(rate_hz, "line 2 (JSON)", start)


def _movesense(table: Table, lines: Sequence[str]) -> tuple[Table, Preamble] | None:
    """Movesense showcase app: one line of fixed width with signal, date, time and rate."""
    for line in lines:
        found = _MOVESENSE.match(line)
        if not found:
            continue
        day, month, year, hour, minute, second = (int(p) for p in found.groups()[1:7])
        try:
            moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            continue
        word = {"HEARTRATE": "hr", "HR": "hr", "ACC": "acc"}.get(found[1].upper(), found[1])
        return table, Preamble(float(found[8]) or None, "line 1", moment.timestamp(), word)
    return None


def _labchart(table: Table, lines: Sequence[str]) -> tuple[Table, Preamble] | None:
    """LabChart text: `Interval=`, `ChannelTitle=`, `UnitName=`; time comes first, if at all."""
    columns = len(table.frame.columns)
    titles = labchart.titles_of(lines)[:columns]
    if not titles:
        return None
    units = (labchart.keyed(lines, "UnitName") or [])[: len(titles)]
    lead = [labchart.TIME] if columns > len(titles) else []
    rest = columns - len(lead) - len(titles)
    names = [*lead, *titles, *[""] * rest]
    said = ["s"] * len(lead) + units
    said += [""] * (columns - len(said))
    rate, source = _rate(lines)
    start = labchart.start_of(lines)
    if start is None:
        start = _start(lines)
    elif table.frame.iloc[:, 0].dtype.kind == "f" and lead:
        # The moment of the first row, not of the zero it counts from.
        start -= float(np.nanmin(table.frame.iloc[:, 0]))
    return _renamed(table, names, said), Preamble(rate, source, start)


def _acqknowledge(table: Table, lines: Sequence[str]) -> tuple[Table, Preamble] | None:
    """AcqKnowledge text: number of channels, then a line of name and one of unit for each."""
    bare = [line.strip() for line in lines if line.strip()]
    at = next((i for i, x in enumerate(bare) if re.fullmatch(r"\d+ channels?", x, re.I)), None)
    if at is None:
        return None
    count = int(bare[at].split()[0])
    pairs = bare[at + 1 : at + 1 + 2 * count]
    rate, source = _rate(bare)
    columns = list(table.frame.columns)
    if len(pairs) == 2 * count and len(columns) in (count, count + 1):
        lead = len(columns) - count
        names = [*columns[:lead], *pairs[::2]]
        table = _renamed(table, names, [*[""] * lead, *pairs[1::2]])
    return table, Preamble(rate, source, _start(lines))


def _carma(table: Table, lines: Sequence[str]) -> tuple[Table, Preamble] | None:
    """CARMA and DARMA: labels and the scale of a rating, one rater a file."""
    found = {}
    for line in lines:
        key, mark, value = line.partition(",")
        if mark and re.fullmatch(r"(minimum|maximum) value", key.strip(), re.I):
            try:
                found[key.strip().lower()[:3]] = float(value.strip().strip('"'))
            except ValueError:
                continue
    if len(found) != 2:
        return None
    return table, Preamble(hint="rating", scale=(found["min"], found["max"]))

"""Annotations of ELAN and Praat: tiers of intervals, which become events of a recording.

Source: the EAF 3.0 schema (annotations refer to time slots, dependent ones to their parents,
whose time they share evenly) and Praat's TextGrid, long and short.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.tables.loading import load_text


def read_annotations(path: Path) -> dict[str, tuple[Event, ...]]:
    """Events of every tier, by the tier's name.

    Raises:
        RecordingError: If the file is damaged or holds no tier.
    """
    tiers = _elan(path) if path.suffix.lower() == ".eaf" else _praat(path)
    if not tiers:
        raise RecordingError(f"{path.name}: holds no tier.")
    return tiers


def _elan(path: Path) -> dict[str, tuple[Event, ...]]:
    text = load_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RecordingError(f"{path.name}: declares entities, which ELAN does not.")
    try:
        root = ElementTree.fromstring(text)
        slots = {
            slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) / 1000.0
            for slot in root.iter("TIME_SLOT")
            if "TIME_VALUE" in slot.attrib
        }
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise RecordingError(f"{path.name}: is no readable ELAN file ({error}).") from error
    _fill_slots(root, slots)
    spans: dict[str, tuple[float, float]] = {}
    children: dict[str, list[ElementTree.Element]] = {}
    for found in root.iter("ALIGNABLE_ANNOTATION"):
        ends = [slots.get(found.get(f"TIME_SLOT_REF{i}", "")) for i in (1, 2)]
        if ends[0] is not None and ends[1] is not None:
            spans[found.get("ANNOTATION_ID", "")] = (ends[0], ends[1])
    for found in root.iter("REF_ANNOTATION"):
        children.setdefault(found.get("ANNOTATION_REF", ""), []).append(found)
    waiting = [parent for parent in children if parent in spans]
    while waiting:
        parent = waiting.pop()
        begin, end = spans[parent]
        mine = children[parent]
        # Words of one sentence share its time evenly, each tier for itself.
        for place, found in enumerate(mine):
            own = found.get("ANNOTATION_ID", "")
            share = (end - begin) / len(mine) if _are_divided(mine) else end - begin
            first = begin + (place * share if _are_divided(mine) else 0.0)
            spans[own] = (first, first + share)
            if own in children:
                waiting.append(own)
    tiers: dict[str, tuple[Event, ...]] = {}
    for tier in root.iter("TIER"):
        events = []
        for found in tier.iter():
            span = spans.get(found.get("ANNOTATION_ID", ""))
            if span is not None:
                label = (found.findtext("ANNOTATION_VALUE") or "").strip()
                events.append(Event(span[0], span[1] - span[0], label))
        name = tier.get("TIER_ID", "tier")
        tiers[name] = tuple(sorted(events, key=lambda event: event.start_s))
    return tiers


def _fill_slots(root: ElementTree.Element, slots: dict[str, float]) -> None:
    """Give slots without a time one evenly between those around them in their tier.

    Words that subdivide a sentence share its time; only the outer ends are aligned.
    """
    for tier in root.iter("TIER"):
        chain: list[str] = []
        for found in tier.iter("ALIGNABLE_ANNOTATION"):
            first, second = (found.get(f"TIME_SLOT_REF{i}", "") for i in (1, 2))
            if not chain or chain[-1] != first:
                chain = [first]
            chain.append(second)
            if second in slots:
                known = max((i for i, s in enumerate(chain[:-1]) if s in slots), default=None)
                if known is not None:
                    steps = len(chain) - 1 - known
                    begin, end = slots[chain[known]], slots[second]
                    for i in range(1, steps):
                        slots[chain[known + i]] = begin + (end - begin) * i / steps


def _are_divided(found: list[ElementTree.Element]) -> bool:
    return any(child.get("PREVIOUS_ANNOTATION") for child in found)


def _praat(path: Path) -> dict[str, tuple[Event, ...]]:
    """Praat TextGrid, long or short: the quoted words and the numbers in their order."""
    text = load_text(path)
    if "TextGrid" not in text[:200]:
        raise RecordingError(f"{path.name}: is no TextGrid of Praat.")
    bare = re.sub(r"\b(item|intervals|points)\s*\[\d*\]\s*:?", " ", text)
    tokens = re.findall(
        r'"((?:[^"]|"")*)"|(?<![\w"])([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)', bare
    )
    values: list[str | float] = [
        float(number) if number else word.replace('""', '"') for word, number in tokens
    ]
    tiers: dict[str, tuple[Event, ...]] = {}
    at = 0
    while at < len(values):
        kind = values[at]
        if kind not in ("IntervalTier", "TextTier"):
            at += 1
            continue
        name, count = str(values[at + 1]), int(float(values[at + 4]))
        at += 5
        events = []
        width = 3 if kind == "IntervalTier" else 2
        for _ in range(count):
            part = values[at : at + width]
            at += width
            if len(part) < width:
                raise RecordingError(f"{path.name}: ends inside tier {name!r}; it is cut off.")
            label = str(part[-1]).strip()
            begin = float(part[0])
            if label or width == 2:
                end = float(part[1]) if width == 3 else begin
                events.append(Event(begin, end - begin, label))
        tiers[name] = tuple(events)
    return tiers


def _refuse(path: Path, _: ReadOptions) -> Reading:
    tiers = read_annotations(path)
    told = ", ".join(f"{name} ({len(events)})" for name, events in list(tiers.items())[:8])
    raise RecordingError(
        f"{path.name}: holds annotations ({told}), not samples of a signal. Name the file in a "
        'mapping, as [[phases]] from = "' + path.name + '", beside the recording it belongs to.'
    )


FORMAT = Format(
    "annotations", "ELAN and Praat annotations, as events", (".eaf", ".textgrid"),
    lambda path: path.suffix.lower() in (".eaf", ".textgrid"), _refuse,
)  # fmt: skip

"""Corrections by hand: intervals to leave out, beats to remove, add or move.

They stand in a table with the columns `recording, person, signal, action, begin, end, to, why`
and, if `bowlby inspect` wrote it, `use`: rows are used whose `use` is yes. Times are seconds on
the recording's clock. Every correction is counted, with its reason, in the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bowlby.recordings.recording import Beats, Partner, Recording, RecordingError, Signal

ACTIONS = ("leave_out", "remove_beat", "add_beat", "move_beat")
COLUMNS = ("recording", "person", "signal", "action", "begin", "end", "to", "why", "use")
NEAREST_S = 0.15
"""How near a beat must be to the time that names it (s)."""
_YES = frozenset({"yes", "y", "1", "1.0", "true", "x", "ja", "oui", "si", "sí"})
_HEART = ("ecg", "ppg")


@dataclass(frozen=True)
class Correction:
    """One correction.

    Attributes:
        action: One of `ACTIONS`.
        begin_s: Where it begins, or the beat's time (s).
        end_s: Where it ends (s); for `leave_out` alone.
        to_s: Where the beat is moved to (s); for `move_beat` alone.
        recording: The recording's name; empty for every one.
        person: The person's role; empty for both.
        signal: The signal's name; empty for all.
        why: The reason, in the user's words.
    """

    action: str
    begin_s: float
    end_s: float | None = None
    to_s: float | None = None
    recording: str = ""
    person: str = ""
    signal: str = ""
    why: str = "by hand"

    def is_of(self, recording: str, person: str, signal: str) -> bool:
        """Whether it is meant for a signal of a person in a recording."""
        return (
            self.recording in ("", recording)
            and self.person in ("", person)
            and self.signal in ("", signal)
        )


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read a table of corrections; rows that are not to be used are left out.

    Raises:
        RecordingError: Naming the line that cannot be understood.
    """
    import pandas as pd

    from bowlby.recordings.tables.loading import load_text

    try:
        text = load_text(path)
        delimiter = next((d for d in "\t;" if d in text.split("\n", 1)[0]), ",")
        from io import StringIO

        table = pd.read_csv(StringIO(text), sep=delimiter, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path.name}: cannot be read as a table ({error}).") from error
    table.columns = [str(name).strip().lower() for name in table.columns]
    unknown = [name for name in table.columns if name not in COLUMNS]
    lacks = [name for name in ("action", "begin") if name not in table.columns]
    if unknown or lacks:
        what = f"has an unknown column {unknown[0]!r}" if unknown else f"lacks {lacks[0]!r}"
        raise RecordingError(
            f"{path.name}: {what}. Columns of corrections: {', '.join(COLUMNS)}."
        )
    found = []
    for number, row in enumerate(table.to_dict("records"), start=2):
        cells = {str(key): str(value).strip() for key, value in row.items()}
        if "use" in cells and cells["use"].lower() not in _YES:
            continue
        found.append(_correction(cells, f"{path.name}, line {number}"))
    return tuple(found)


def _correction(cells: dict[str, str], where: str) -> Correction:
    action = cells["action"].lower()
    if action not in ACTIONS:
        raise RecordingError(f"{where}: {action!r} is not one of {', '.join(ACTIONS)}.")
    times = {}
    for name in ("begin", "end", "to"):
        text = cells.get(name, "").replace(",", ".")
        try:
            times[name] = float(text) if text else None
        except ValueError:
            raise RecordingError(
                f"{where}: {name} = {text!r} is no number of seconds on the recording's clock."
            ) from None
    needs = {"leave_out": "end", "move_beat": "to"}.get(action)
    if times["begin"] is None or (needs and times[needs] is None):
        raise RecordingError(
            f"{where}: {action} needs begin{f' and {needs}' if needs else ''}."
        )
    if action == "leave_out" and times["end"] < times["begin"]:
        raise RecordingError(f"{where}: ends before it begins.")
    return Correction(
        action, times["begin"], times["end"], times["to"], cells.get("recording", ""),
        cells.get("person", ""), cells.get("signal", ""), cells.get("why", "") or "by hand",
    )  # fmt: skip


def corrected(recording: Recording, corrections: Sequence[Correction]) -> Recording:
    """The recording with the corrections meant for it; each is told in the signal's notes.

    Raises:
        RecordingError: If a correction names a person or signal that is not there, or a beat
            where there is none.
    """
    mine = [each for each in corrections if each.recording in ("", recording.name)]
    if not mine:
        return recording
    _check_names(recording, mine)
    people = [
        _person(recording.name, partner, mine)
        for partner in (recording.first, recording.second)
    ]
    return replace(recording, first=people[0], second=people[1])


def _check_names(recording: Recording, corrections: Sequence[Correction]) -> None:
    signals = {*recording.first.signals, *recording.second.signals}
    for each in corrections:
        for name, there in ((each.person, recording.roles), (each.signal, tuple(signals))):
            if name and name not in there and each.recording:
                raise RecordingError(
                    f"{recording.name}: a correction names {name!r}; there are "
                    f"{', '.join(there)}."
                )


def _person(name: str, partner: Partner, corrections: Sequence[Correction]) -> Partner:
    signals = dict(partner.signals)
    for key, signal in partner.signals.items():
        mine = [each for each in corrections if each.is_of(name, partner.role, key)]
        where = f"{name}, {key} of {partner.role}"
        beats = [each for each in mine if each.action != "leave_out"]
        if beats and isinstance(signal, Signal) and signal.kind not in _HEART:
            if any(each.signal for each in beats):
                raise RecordingError(f"{where}: has no beats to correct.")
            beats = []
        if beats:
            signal = _beats_corrected(signal, beats, where)
        for each in mine:
            if each.action == "leave_out" and each.end_s is not None:
                signal = left_out(signal, each.begin_s, each.end_s, each.why)
        signals[key] = signal
    return replace(partner, signals=signals)


def left_out(signal: Signal | Beats, begin_s: float, end_s: float, why: str) -> Signal | Beats:
    """The signal without an interval; the note counts what was left out."""
    if isinstance(signal, Beats):
        inside = (signal.times_s >= begin_s) & (signal.times_s <= end_s)
        count, what = int(inside.sum()), "intervals"
        made = replace(signal, ibi_ms=np.where(inside, np.nan, signal.ibi_ms))
    else:
        at_s = signal.start_s + np.arange(len(signal.values)) / signal.rate_hz
        inside = (at_s >= begin_s) & (at_s <= end_s)
        count, what = int(inside.sum()), "samples"
        made = replace(signal, values=np.where(inside, np.nan, signal.values))
    note = f"{count} {what} from {begin_s:g} to {end_s:g} s left out ({why})."
    return replace(made, notes=(*made.notes, note))


def _beats_corrected(
    signal: Signal | Beats, corrections: Sequence[Correction], where: str
) -> Beats:
    if isinstance(signal, Signal):
        from bowlby.recordings.preparation.heart import find_beats

        found = find_beats(signal)
        note = f"{len(found.times_s)} intervals found in the {signal.kind}, to be corrected."
        signal = replace(found, notes=(*signal.notes, note))
    times, ibi = signal.times_s.tolist(), signal.ibi_ms.tolist()
    for each in sorted(corrections, key=lambda c: c.begin_s):
        _correct_beat(times, ibi, each, where)
    counts = {a: sum(c.action == a for c in corrections) for a in ACTIONS[1:]}
    told = ", ".join(
        f"{count} {word}" for count, word in zip(counts.values(), ("removed", "added", "moved"),
                                                 strict=True) if count
    )  # fmt: skip
    reasons = ", ".join(dict.fromkeys(each.why for each in corrections))
    note = f"Beats corrected by hand: {told} ({reasons})."
    return replace(
        signal, times_s=np.array(times), ibi_ms=np.array(ibi), notes=(*signal.notes, note)
    )


def _correct_beat(
    times: list[float], ibi: list[float], correction: Correction, where: str
) -> None:
    at = correction.begin_s
    if correction.action == "add_beat":
        i = int(np.searchsorted(times, at))
        if i == len(times) or not times[i] - ibi[i] / 1000.0 < at < times[i]:
            raise RecordingError(f"{where}: no interval holds {at:g} s, to add a beat there.")
        times.insert(i, at)
        ibi.insert(i, ibi[i] - (times[i + 1] - at) * 1000.0)
        ibi[i + 1] = (times[i + 1] - at) * 1000.0
        return
    i = int(np.argmin(np.abs(np.array(times) - at))) if times else 0
    if not times or abs(times[i] - at) > NEAREST_S:
        near = f"; the nearest is at {times[i]:.3f} s" if times else ""
        raise RecordingError(f"{where}: no beat within {NEAREST_S:g} s of {at:g} s{near}.")
    is_joined = i + 1 < len(times) and (
        abs(times[i + 1] - ibi[i + 1] / 1000.0 - times[i]) < NEAREST_S
    )
    if correction.action == "remove_beat":
        if is_joined:
            ibi[i + 1] += ibi[i]
        del times[i], ibi[i]
        return
    to = float(correction.to_s or 0.0)
    moved_ms = (to - times[i]) * 1000.0
    before = times[i] - ibi[i] / 1000.0
    after = times[i + 1] if i + 1 < len(times) else np.inf
    if not before < to < after:
        raise RecordingError(
            f"{where}: a beat at {times[i]:.3f} s cannot be moved to {to:g} s, past its "
            "neighbours."
        )
    times[i] = to
    ibi[i] += moved_ms
    if is_joined:
        ibi[i + 1] -= moved_ms

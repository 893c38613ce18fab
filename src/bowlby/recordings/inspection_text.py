"""What was found in files, in words: lines for a person, and a mapping file to be measured."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby.recordings.inspection import FoundSignal, Session
from bowlby.recordings.recording import Event, Signal


def told(session: Session) -> str:
    """A session in lines for a person to read."""
    if session.sessions:
        return _table(session)
    lines = [_headline(session)]
    width = max((len(s.person) for s in session.signals), default=0)
    for signal in session.signals[:24]:
        lines.append(f"  {signal.person:<{width}}  {_line(signal)}")
        lines += [f"  {'':<{width}}    {note}" for note in signal.notes[:4]]
    if len(session.signals) > 24:
        lines.append(f"  ... and {len(session.signals) - 24} more signals")
    if session.events:
        lines.append(f"  phases  {_phases(session.events)}")
    lines += _listed("left out", session.left_out)
    for trust in ("sure", "likely"):
        facts = [f for f in session.facts if f.trust == trust]
        unique = dict.fromkeys(f"{f.name}: {f.value} ({f.source})" for f in facts)
        lines += _listed(trust, list(unique))
    lines += _listed("told", session.notes)
    lines += _listed("ask", session.asks)
    return "\n".join(lines)


def _listed(title: str, entries: Sequence[str]) -> list[str]:
    shown = [f"{title if i == 0 else '':<9} {entry}" for i, entry in enumerate(entries[:8])]
    return shown + ([f"{'':<9} ... and {len(entries) - 8} more"] if len(entries) > 8 else [])


def _headline(session: Session) -> str:
    people = len(session.people)
    who = (
        "nothing that can be read"
        if not people
        else f"{people} people"
        if people > 1
        else "1 person"
    )
    parts = [who]
    ends = [s.start_s + s.duration_s for s in session.signals]
    if ends:
        begin = max(s.start_s for s in session.signals) if people > 1 else 0.0
        last = min(ends) if people > 1 else max(ends)
        parts.append(f"{_length(max(0.0, last - begin))}{' together' if people > 1 else ''}")
    if session.start:
        parts.append(session.start)
    return f"{session.name}: {', '.join(parts)}"


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _line(signal: FoundSignal) -> str:
    rate = "beats" if np.isnan(signal.rate_hz) else f"{signal.rate_hz:.6g} Hz"
    holes = ""
    if signal.missing > 0 or signal.holes:
        pauses = len(signal.pauses)
        words = [f"{pauses} pause{'s' if pauses != 1 else ''}"] if pauses else []
        words += [f"{signal.holes - pauses} holes"] if signal.holes > pauses else []
        holes = f"  {', '.join(words) or 'holes'} ({signal.missing:.1%} missing)"
    unit = f" {signal.unit}" if signal.unit else ""
    return (
        f"{signal.file}  {signal.name}  {rate}  {signal.count} values  starts "
        f"{signal.start_s:+.2f} s{holes}  {signal.least:.4g} to {signal.most:.4g}{unit}"
    )


def _phases(events: Sequence[Event]) -> str:
    shown = [
        f"{e.label} {e.start_s:.1f}"
        + (f"-{e.start_s + e.duration_s:.1f} s" if e.duration_s else " s")
        for e in events[:8]
    ]
    return ", ".join(shown) + (f" and {len(events) - 8} more" if len(events) > 8 else "")


def _table(session: Session) -> str:
    open_ones = [one for one in session.sessions if not one.is_settled]
    lines = [
        f"{session.name}: {len(session.sessions)} recordings, {len(open_ones)} with a question"
    ]
    for one in session.sessions:
        if one.asks:
            lines.append(f"  ask   {one.name}: {one.asks[0]}")
        else:
            kinds = ", ".join(dict.fromkeys(s.name for s in one.signals))
            ends = [s.start_s + s.duration_s for s in one.signals]
            worst = max((s.missing for s in one.signals), default=0.0)
            lines.append(
                f"  ready {one.name}: {' and '.join(one.people)}, {kinds}, "
                f"{_length(max(ends, default=0.0))}, up to {worst:.1%} missing"
            )
    lines += _listed("left out", session.left_out)
    return "\n".join(lines)


def mapping_text(session: Session, folder: Path) -> str:
    """A mapping file of what was found; every guess tells where it came from.

    Args:
        session: One session, settled.
        folder: Where the file will lie; paths are written from there.
    """
    recording = session.recordings[0]
    lines = [
        "# What bowlby inspect found. Every line can be deleted; what is missing is found "
        "again.",
        f"session = {_quoted(session.name)}",
    ]
    sources = recording.sources
    options = session.options
    for i, partner in enumerate((recording.first, recording.second)):
        file = sources[min(i, len(sources) - 1)]
        lines += [
            "",
            f"[people.{_key(partner.role)}]",
            f"file = {_quoted(_relative(file, folder))}",
        ]
        chosen = (options.first, options.second)[i]
        kinds = list(partner.signals)
        if chosen:
            columns = ", ".join(_quoted(c) for c in chosen)
            kind = next(iter(partner.signals.values())).kind
            lines.append(f"signals = [{{ columns = [{columns}], kind = {_quoted(kind)} }}]")
        else:
            lines.append(f"# signals found: {', '.join(kinds)}")
        if i == 1 and options.offset_s is not None:
            lines.append(f"offset_s = {options.offset_s}  # as told")
        elif len(sources) > 1:
            first = next(iter(partner.signals.values()))
            start = first.start_s if isinstance(first, Signal) else float(first.times_s[0])
            lines.append(
                f"# its clock: {session.start or 'counts from zero'}, begins {start:+.3f} s"
            )
    lines[2:2] = _sync_lines(options.sync, recording.roles)
    told_table = {
        k: v for k, v in (("rate_hz", options.rate_hz), ("zone", options.zone),
                          ("kind", None if options.first else options.kind)) if v is not None
    }  # fmt: skip
    if told_table:
        lines += ["", "[table]"]
        lines += [
            f"{k} = {_quoted(v) if isinstance(v, str) else v}  # as told"
            for k, v in told_table.items()
        ]
    for event in session.events:
        if event.duration_s > 0:
            lines += [
                "", "[[phases]]", f"name = {_quoted(event.label)}",
                f"begin = {event.start_s:.3f}", f"end = {event.start_s + event.duration_s:.3f}",
            ]  # fmt: skip
    lines += [f"# left out: {reason}" for reason in session.left_out[:20]]
    return "\n".join(lines) + "\n"


def _sync_lines(sync: str | None, roles: tuple[str, str]) -> list[str]:
    """What put the two clocks on one, as lines of a mapping."""
    if sync is None:
        return []
    if "=" not in sync:
        return [f"sync = {_quoted(sync)}  # as told"]
    moments = [pair.split("=") for pair in sync.split(",")]
    inside = [
        ", ".join(f"{_key(role)} = {float(t)!r}" for role, t in zip(roles, moment, strict=True))
        for moment in moments
    ]
    return [f"sync = [{', '.join(f'{{ {one} }}' for one in inside)}]  # as told"]


def _relative(path: Path, folder: Path) -> str:
    path, folder = path.resolve(), folder.resolve()
    return (
        path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    )


def _quoted(text: str) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(role: str) -> str:
    is_bare = role.isascii() and role.replace("_", "").replace("-", "").isalnum()
    return role if is_bare else _quoted(role)

"""The picture of an inspection: a strip a signal over the whole length, ten seconds near."""

import html

import numpy as np

from bowlby.recordings.inspection import Session
from bowlby.recordings.inspection_text import told
from bowlby.recordings.recording import Beats, Signal

_WIDTH, _HEIGHT, _NEAR = 820, 54, 260
# Points from which a long signal's picture is drawn.
_MOST_POINTS = 1 << 17
_STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 74em; color: #222; }
pre { background: #f6f6f4; padding: 1em; overflow-x: auto; }
svg { display: block; } text { font-size: 11px; fill: #444; }
.hole { fill: #d9a0a0; opacity: .45; } .phase { fill: #9fb8d8; opacity: .35; }
.line { fill: none; stroke: #1b5e7a; stroke-width: 1; }
h2 { font-size: 1em; margin: 1.2em 0 .2em; }
"""


def page(session: Session) -> str:
    """A page of HTML that needs nothing else."""
    strips = []
    for recording in session.recordings:
        for partner in (recording.first, recording.second):
            for name, signal in partner.signals.items():
                strips.append(_strip(f"{partner.role}: {name}", signal, session))
    body = "\n".join(dict.fromkeys(strips))
    title = html.escape(session.name)
    return (
        f"<!doctype html><meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1><pre>{html.escape(told(session))}</pre>{body}"
        "<p>Red: missing. Blue: phases. Right: ten seconds from the middle.</p>\n"
    )


def _strip(title: str, signal: Signal | Beats, session: Session) -> str:
    if isinstance(signal, Beats):
        times, values = signal.times_s, signal.ibi_ms
        near_times, near_values = times, values
    else:
        times, values = _thinned(signal)
        near_times, near_values = _ten_seconds(signal)
    if not len(times):
        return ""
    begin = 0.0
    end = max(float(times[-1]), *(s.start_s + s.duration_s for s in session.signals))
    whole = _path(times, values, begin, end, _WIDTH)
    known = near_times[np.isfinite(near_values)]
    middle = (
        float(known[0 if isinstance(signal, Signal) else len(known) // 2])
        if len(known)
        else float(times[0])
    )
    near = _path(near_times, near_values, middle, middle + 10.0, _NEAR)
    scale = _WIDTH / max(end - begin, 1e-9)
    holes = "".join(
        f"<rect class='hole' x='{a * scale:.1f}' y='0' width='{max((b - a) * scale, 1):.1f}' "
        f"height='{_HEIGHT}'/>"
        for a, b in _holes(signal)
    )
    phases = "".join(
        f"<rect class='phase' x='{e.start_s * scale:.1f}' y='0' "
        f"width='{max(e.duration_s * scale, 1):.1f}' height='{_HEIGHT}'><title>"
        f"{html.escape(e.label)}</title></rect>"
        for e in session.events
    )
    total = _WIDTH + _NEAR + 20
    return (
        f"<h2>{html.escape(title)}</h2><svg viewBox='0 0 {total} {_HEIGHT + 16}' "
        f"width='{total}' "
        f"role='img' aria-label='{html.escape(title, quote=True)}'>{phases}{holes}"
        f"<path class='line' d='{whole}'/>"
        f"<g transform='translate({_WIDTH + 20} 0)'><path class='line' d='{near}'/></g>"
        f"<text x='0' y='{_HEIGHT + 13}'>{begin:.0f} s</text>"
        f"<text x='{_WIDTH}' y='{_HEIGHT + 13}' text-anchor='end'>{end:.0f} s</text></svg>"
    )


def _thinned(signal: Signal) -> tuple[np.ndarray, np.ndarray]:
    """Times and values; of a long signal the lowest and the highest of each few samples."""
    values, rate_hz = signal.values, signal.rate_hz
    few = max(1, len(values) // _MOST_POINTS)
    if few > 1:
        rows = values[: len(values) // few * few].reshape(-1, few)
        values = np.stack(
            [np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)], 1
        ).ravel()
        rate_hz = 2 * rate_hz / few
    return signal.start_s + np.arange(len(values)) / rate_hz, values


def _ten_seconds(signal: Signal) -> tuple[np.ndarray, np.ndarray]:
    """Ten seconds from the middle of what was recorded."""
    known = np.isfinite(signal.values)
    at = int(np.searchsorted(np.cumsum(known, dtype=np.int32), known.sum() // 2))
    part = signal.values[at : at + round(11 * signal.rate_hz) + 2]
    return signal.start_s + (at + np.arange(len(part))) / signal.rate_hz, part


def _holes(signal: Signal | Beats) -> list[tuple[float, float]]:
    from bowlby.recordings.stretches import stretches

    if isinstance(signal, Signal):
        gaps = [
            (signal.start_s + a / signal.rate_hz, signal.start_s + (b - 1) / signal.rate_hz)
            for a, b in stretches(~np.isfinite(signal.values))
        ]
    else:
        times = signal.times_s
        gaps = [(float(times[a]), float(times[b - 1]))
                for a, b in stretches(~np.isfinite(signal.ibi_ms))]  # fmt: skip
        steps = np.diff(times)
        usual = float(np.median(steps)) if len(steps) else 0.0
        wide = np.flatnonzero(steps > max(3.0, 5 * usual))
        gaps += [(float(times[i]), float(times[i + 1])) for i in wide]
    return sorted(gaps, key=lambda gap: gap[0] - gap[1])[:200]


def _path(times: np.ndarray, values: np.ndarray, begin: float, end: float, width: int) -> str:
    """Lowest and highest value of every column of pixels."""
    inside = (times >= begin) & (times <= end) & np.isfinite(values)
    if inside.sum() < 2:
        return ""
    t, v = times[inside], values[inside]
    low, high = float(np.percentile(v, 0.5)), float(np.percentile(v, 99.5))
    span = high - low or 1.0
    x = np.minimum(((t - begin) / max(end - begin, 1e-9) * width).astype(int), width - 1)
    y = _HEIGHT - np.clip((v - low) / span, -0.05, 1.05) * (_HEIGHT - 6) - 3
    if len(t) < 2 * width:
        points = list(zip((t - begin) / (end - begin) * width, y, strict=True))
        breaks = np.concatenate(([True], np.diff(t) > 5 * np.median(np.diff(t))))
        return " ".join(
            f"{'M' if new else 'L'}{a:.1f} {b:.1f}"
            for (a, b), new in zip(points, breaks, strict=True)
        )
    first = np.flatnonzero(np.concatenate(([True], np.diff(x) > 0)))
    lowest, highest = np.minimum.reduceat(y, first), np.maximum.reduceat(y, first)
    return " ".join(
        f"M{column} {a:.1f}L{column} {b + 0.5:.1f}"
        for column, a, b in zip(x[first], lowest, highest, strict=True)
    )

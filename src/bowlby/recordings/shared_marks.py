"""Two devices on one clock by what both recorded: taps, claps, buttons, markers, a signal.

Never by the signals that are to be measured: aligning on them finds what it looks for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import Reading
from bowlby.recordings.preparation.clock import at_times
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal
from bowlby.recordings.shared_signals import marks_of_signal, shared_signal, without_signal

# Spread of one mark against the other where fewer than four show their own (s): a tap or a
# button pressed by hand, on two devices.
MARK_S = 0.1
# Spread of the drift of two devices' clocks before any mark is seen: parts of one.
DRIFT = 100e-6
# Marks that belong together lie within this after one of them is laid on the other (s).
_NEAR_S = 0.5
_STEEPEST = 1e-3
_FEWEST_FOR_SPREAD = 4
_FINEST_S = 1e-3
_MOST_MARKS = 200


@dataclass(frozen=True, eq=False)
class Alignment:
    """The second clock against the first: `t2 = offset_s + (1 + drift) t1`.

    Attributes:
        offset_s: The second clock where the first is 0 (s).
        drift: How much faster the second clock runs, parts of one.
        pairs: Marks that belong together, first and second clock (marks x 2, s).
        residual_s: Spread of the marks around the line (s).
        uncertainty_s: Half width of the 95 % interval where the two clocks are known worst
            within the session (s).
        unmatched: Marks without a partner.
        signal: The signal whose parts are the marks, if they are.
    """

    offset_s: float
    drift: float
    pairs: FloatArray
    residual_s: float
    uncertainty_s: float
    unmatched: int = 0
    signal: str = ""

    def told(self, names: tuple[str, str]) -> str:
        """The alignment in a sentence or two."""
        count = len(self.pairs)
        what = (
            f"part{'s' if count > 1 else ''} of {self.signal!r}"
            if self.signal
            else (f"shared mark{'s' if count > 1 else ''}")
        )
        known = f"known to {self.uncertainty_s:.2g} s"
        at = f"One clock by {count} {what}: "
        lies = f"{names[1]} shows {self.offset_s:+.3f} s where {names[0]} shows 0"
        if count == 1:
            return (
                f"{at}{lies}; {known} at the far end, since one tells no drift. Mark the "
                "end of a session too."
            )
        residual = f", all within {self.residual_s * 1000:.0f} ms of it" if count > 2 else ""
        lost = f" {self.unmatched} marks have no partner." if self.unmatched else ""
        return (
            f"{at}{lies} and runs faster by {self.drift * 1e6:+.0f} parts in a million "
            f"({self.drift * 60_000:+.2f} ms a minute), which was undone{residual}; {known}."
            f"{lost}"
        )


def aligned(
    first_s: FloatArray, second_s: FloatArray, *, spans_s: Sequence[tuple[float, float]]
) -> Alignment:
    """Line of the second clock over the first by marks that both recorded.

    The drift starts from what quartz clocks usually differ by, so that two marks close to one
    another do not tell wild drifts. The spread of a mark is that around the line with four
    marks and more, and `MARK_S` with fewer.

    Args:
        first_s: Marks on the first clock (s).
        second_s: Marks on the second (s); as many, or some are missing on either side.
        spans_s: Begin and end of each recording on its own clock (s).

    Raises:
        RecordingError: If the marks do not fit one another, or fit in several ways.
    """
    pairs = _matched(np.unique(first_s), np.unique(second_s))
    count = len(pairs)
    middle = float(pairs[:, 0].mean())
    x, y = pairs[:, 0] - middle, pairs[:, 1] - pairs[:, 0]
    sd, quantile = MARK_S, 1.96
    if count >= _FEWEST_FOR_SPREAD:
        from scipy.stats import t

        rest = y - np.polyval(np.polyfit(x, y, 1), x)
        sd = max(_FINEST_S, float(np.sqrt(np.sum(rest**2) / (count - 2))))
        quantile = float(t.ppf(0.975, count - 2))
    mean = float(y.mean())
    precision = float(np.sum(x**2)) / sd**2 + 1 / DRIFT**2
    drift = float(np.sum(x * (y - mean))) / sd**2 / precision
    (begin, end), (other_begin, other_end) = spans_s
    together = max(begin, other_begin - mean), min(end, other_end - mean)
    farthest = max(abs(moment - middle) for moment in together)
    unsure = quantile * np.sqrt(sd**2 / count + farthest**2 / precision)
    residual = float(np.sqrt(np.mean((y - mean - drift * x) ** 2)))
    return Alignment(
        mean - drift * middle, drift, pairs, residual, float(unsure),
        len(np.unique(first_s)) + len(np.unique(second_s)) - 2 * count,
    )  # fmt: skip


def _matched(first: FloatArray, second: FloatArray) -> FloatArray:
    """Marks that belong together: the one way of laying them over another that fits most.

    Raises:
        RecordingError: If no way fits, or several do.
    """
    shown = f"{_listed(first)} on the first clock, {_listed(second)} on the second"
    by_hand = (
        f"Say which are the same moments, e.g. --sync {first[0]:.3f}={second[0]:.3f} if the "
        "first of each is (more with commas)."
    )
    if len(first) == len(second) == 1:
        return np.array([[first[0], second[0]]])
    if max(len(first), len(second)) > _MOST_MARKS:
        raise RecordingError(
            f"{len(first)} and {len(second)} marks are too many to tell which belong "
            f"together. {by_hand}"
        )
    found: dict[tuple[tuple[int, int], ...], None] = {}
    for i in range(len(first)):
        for j in range(len(second)):
            found[_laid(first, second, i, j)] = None
    most = max(map(len, found))
    best = [pairs for pairs in found if len(pairs) == most]
    if most < 2 or 2 * most <= min(len(first), len(second)):
        raise RecordingError(f"The marks do not lie the same way apart ({shown}). {by_hand}")
    if len(best) > 1:
        raise RecordingError(
            f"The marks fit one another in {len(best)} ways ({shown}). {by_hand}"
        )
    return np.array([[first[i], second[j]] for i, j in best[0]])


def _laid(first: FloatArray, second: FloatArray, i: int, j: int) -> tuple[tuple[int, int], ...]:
    """Pairs of marks that lie together where mark `j` is laid on mark `i`."""
    moved = second - second[j] + first[i]
    middles = (moved[1:] + moved[:-1]) / 2
    nearest = np.searchsorted(middles, first)
    apart = np.abs(moved[nearest] - first)
    fits = apart <= _NEAR_S + _STEEPEST * np.abs(first - first[i])
    pairs = [(int(a), int(nearest[a])) for a in np.flatnonzero(fits)]
    taken = Counter(b for _, b in pairs)
    return tuple((a, b) for a, b in pairs if taken[b] == 1)


def _listed(times_s: FloatArray) -> str:
    shown = ", ".join(f"{time:.2f}" for time in times_s[:6])
    return f"{shown}{', ...' if len(times_s) > 6 else ''} s"


def shared_labels(readings: Sequence[Reading]) -> list[str]:
    """Labels of moments that both readings hold, those with the fewest moments first."""
    counts = [Counter(e.label.strip() for e in r.events if e.label.strip()) for r in readings]
    both = [label for label in counts[0] if label in counts[1]]
    return sorted(both, key=lambda label: (counts[0][label] + counts[1][label], label))


def marks_called(reading: Reading, label: str) -> FloatArray:
    """Onsets of a reading's events of that label, in any case of letters (s)."""
    asked = label.strip().casefold()
    times = [e.start_s for e in reading.events if e.label.strip().casefold() == asked]
    return np.array(times, dtype=np.float64)


def align_readings(
    first: Reading, second: Reading, sync: str, names: tuple[str, str]
) -> tuple[Reading, Reading, Alignment]:
    """Both readings, the second with its clock's drift undone, and how the two clocks lie.

    Its times are still counted from its own zero: add `-offset_s / (1 + drift)` to them.

    Args:
        first: The first person's reading.
        second: The second person's.
        sync: Label of events of both, pairs of times, `12.3=8.1,605.2=600.9`, or a signal
            that both recorded, which is then left out.
        names: What to call the two files.

    Raises:
        RecordingError: If a label is not in both, or the marks do not fit.
    """
    told = _told_pairs(sync)
    has_events = any(len(marks_called(reading, sync)) for reading in (first, second))
    name = None if told or has_events else shared_signal((first, second), sync)
    try:
        if name is not None:
            one, two = marks_of_signal((first, second), name)
            first, second = without_signal(first, name), without_signal(second, name)
        else:
            one, two = told or _found_marks((first, second), sync, names)
        found = aligned(one, two, spans_s=(_span(first), _span(second)))
    except RecordingError as error:
        raise RecordingError(f"--sync {sync}, {names[0]} and {names[1]}: {error}") from error
    found = replace(found, signal=name or "")
    used = set(found.pairs[:, 1].tolist())
    asked = sync.strip().casefold()
    scale = 1 / (1 + found.drift)
    events = tuple(
        replace(event, start_s=event.start_s * scale)
        for event in second.events
        if event.label.strip().casefold() != asked or event.start_s not in used
    )
    partners = tuple(_rescaled(partner, scale) for partner in second.partners)
    return first, replace(second, partners=partners, events=events), found


def _told_pairs(sync: str) -> tuple[FloatArray, FloatArray] | None:
    """Marks that the user tells as `T1=T2,...`; None if `sync` is a label."""
    if "=" not in sync:
        return None
    try:
        pairs = np.array(
            [[float(t) for t in pair.split("=")] for pair in sync.split(",") if pair.strip()]
        )
        if pairs.ndim != 2 or pairs.shape[1] != 2 or not np.isfinite(pairs).all():
            raise ValueError
    except ValueError:
        raise RecordingError(
            f"--sync {sync!r}: give the label of events in both files, or seconds of the first "
            "file = seconds of the second, e.g. --sync 12.3=8.1,605.2=600.9."
        ) from None
    return pairs[:, 0], pairs[:, 1]


def _found_marks(
    readings: tuple[Reading, Reading], label: str, names: tuple[str, str]
) -> tuple[FloatArray, FloatArray]:
    one, two = (marks_called(reading, label) for reading in readings)
    for times, reading, name in zip((one, two), readings, names, strict=True):
        if len(times):
            continue
        own = list(dict.fromkeys(e.label for e in reading.events))
        both = shared_labels(readings)
        remedy = (
            f"Both files hold {both[0]!r}: --sync {_typed(both[0])}."
            if both
            else "Give seconds of the first file = seconds of the second, as in --sync "
            "12.3=8.1,605.2=600.9, or --offset."
        )
        raise RecordingError(
            f"{name}: no event {label!r} ({', '.join(own[:8]) or 'it holds no events'}). "
            f"{remedy}"
        )
    return one, two


def _typed(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _span(reading: Reading) -> tuple[float, float]:
    begins, ends = [], []
    for signal in reading.partners[0].signals.values():
        if isinstance(signal, Beats):
            begins += signal.times_s[:1].tolist()
            ends += signal.times_s[-1:].tolist()
        else:
            begins.append(signal.start_s)
            ends.append(signal.start_s + signal.duration_s)
    return min(begins), max(ends)


def _rescaled(partner: Partner, scale: float) -> Partner:
    """The person with every time multiplied; signals keep their rate, on a grid of their own.

    A drift of less than a tenth of a sample over the whole signal is left.
    """
    signals: dict[str, Signal | Beats] = {}
    for name, signal in partner.signals.items():
        if isinstance(signal, Beats):
            signals[name] = replace(signal, times_s=signal.times_s * scale)
            continue
        start = signal.start_s * scale
        moved = replace(signal, start_s=start)
        if abs(scale - 1) * len(signal.values) >= 0.1:
            count = int((len(signal.values) - 1) * scale + 1e-9) + 1
            inside = start + np.arange(count) / signal.rate_hz
            values = at_times(signal, inside / scale)
            moved = replace(moved, values=values)
        signals[name] = moved
    return replace(partner, signals=signals)


def disagreement(readings: Sequence[Reading], delays: Sequence[float]) -> str:
    """What shared marks say against the clocks as they were laid, or nothing.

    Only marks that agree with one another are believed: two and more of one label.
    """
    for label in shared_labels(readings):
        one, two = (marks_called(reading, label) for reading in readings)
        if min(len(one), len(two)) < 2:
            continue
        try:
            found = aligned(one, two, spans_s=(_span(readings[0]), _span(readings[1])))
        except RecordingError:
            continue
        apart = found.pairs[:, 1] + delays[1] - found.pairs[:, 0] - delays[0]
        worst = float(apart[np.argmax(np.abs(apart))])
        if abs(worst) > max(_NEAR_S, 2 * found.uncertainty_s):
            return (
                f"{len(apart)} events {label!r} of both files lie up to {worst:+.2f} s apart "
                f"on these clocks. If both devices recorded the same moments, put them on one "
                f"clock with --sync {_typed(label)}."
            )
    return ""

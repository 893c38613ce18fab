"""Values that can be what they claim to be: units, plausible ranges, lost contact, by kind.

Before anything else. A sample outside the wide bounds is missing; a signal outside the usual
ones for more than a fifth of the time is a doubt; what cannot be the kind at all is refused.
Each rule says how much it took.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import words_of
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, RecordingError, Signal
from bowlby.recordings.stretches import stretches


class RawCountsError(RecordingError):
    """Counts of a converter where skin conductance belongs.

    Attributes:
        said: What is wrong, without the remedy.
        formula: What turns them into uS, for a sensor of OpenSignals.
        people: Role, file and channel of everyone whose counts they are.
    """

    def __init__(
        self, said: str, formula: str, people: Sequence[tuple[str, Path, str]] = ()
    ) -> None:
        self.said, self.formula, self.people = said, formula, tuple(people)
        is_whole = len(self.people) > 1
        more = "" if is_whole else " and the same lines for the other person and their file"
        lines = [
            f"[people.{_quoted(role)}]\nfile = {_quoted(path.resolve().as_posix())}\n"
            f'signals = [{{ column = {_quoted(label)}, kind = "eda", formula = "{formula}", '
            'unit = "uS" }]\n'
            for role, path, label in self.people
        ]
        super().__init__(
            f"{said}: write these lines into bowlby.toml{more}, then type `bowlby measure "
            f"bowlby.toml`.\n{''.join(lines)}"
        )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True)
class Bounds:
    """Values of one kind: outside `wide` they are missing, outside `usual` doubtful."""

    wide: tuple[float, float]
    usual: tuple[float, float]


BOUNDS: dict[str, Bounds] = {
    "heart_rate": Bounds((25.0, 250.0), (40.0, 180.0)),
    "ibi": Bounds((200.0, 3000.0), (300.0, 1500.0)),
    "eda": Bounds((0.0, np.inf), (0.1, 40.0)),
    "temperature": Bounds((15.0, 45.0), (25.0, 38.0)),
    "motion": Bounds((0.0, np.inf), (0.0, np.inf)),
}
# Codes that programs write for "no value".
_CODES = (
    -9.0,
    -99.0,
    -999.0,
    -9999.0,
    -99999.0,
    -1.0,
    999.0,
    9999.0,
    99999.0,
    65535.0,
    32767.0,
)
_NEVER_NEGATIVE = ("motion", "heart_rate", "eda")
_DOUBT = 0.2
# Unit of counts of a converter of so many bits.
COUNTS_UNIT = "counts of {} bit"
_NO_CONTACT_US, _NO_CONTACT_S = 0.05, 5.0
_AT_LIMIT = 0.01
_EDA_TO_US: dict[str, Callable[[FloatArray], FloatArray]] = {
    "us": lambda x: x, "usiemens": lambda x: x, "microsiemens": lambda x: x,
    "microsiemen": lambda x: x, "umho": lambda x: x, "umhos": lambda x: x,
    "micromho": lambda x: x, "s": lambda x: x * 1e6, "siemens": lambda x: x * 1e6,
    "ms": lambda x: x * 1e3, "ns": lambda x: x * 1e-3, "nsiemens": lambda x: x * 1e-3,
    "kohm": lambda x: 1e3 / x, "kohms": lambda x: 1e3 / x, "kω": lambda x: 1e3 / x,
    "ohm": lambda x: 1e6 / x, "ohms": lambda x: 1e6 / x, "mohm": lambda x: 1.0 / x,
    "mohms": lambda x: 1.0 / x, "ω": lambda x: 1e6 / x,
}  # fmt: skip


def checked(
    signal: Signal | Beats,
    *,
    label: str,
    where: str,
    limits: tuple[float, float] | None = None,
) -> Signal | Beats:
    """The signal in its kind's unit, with impossible values missing and told.

    Args:
        signal: As the file has it.
        label: The channel's name, which may tell the unit.
        where: File and channel, for messages.
        limits: Least and greatest value the recorder could write, if the file says.

    Raises:
        RecordingError: If the values cannot be of that kind: raw counts, an uncalibrated
            channel, all missing, or one value throughout.
    """
    if isinstance(signal, Beats):
        return signal
    notes: list[str] = []
    values, unit = np.array(signal.values), signal.unit
    _without_codes(values, signal.kind, notes)
    if limits is not None:
        _at_limits(values, limits, signal, notes)
    if signal.kind in ("eda", "eda_tonic"):
        values, unit = _in_microsiemens(values, unit, label, where, notes, signal.kind)
        if signal.kind == "eda":
            _without_contact(values, signal.rate_hz, where, notes)
    if signal.kind == "temperature":
        values, unit = _in_celsius(values, unit, label, notes)
    bounds = BOUNDS.get(signal.kind)
    if bounds is not None:
        _within(values, bounds, signal.kind, notes)
    if signal.kind in ("ecg", "ppg", "respiration"):
        _flat_stretches(values, signal.kind, signal.rate_hz, notes)
    _refuse_empty(values, signal.values, where)
    if not unit and signal.kind in ("eda", "eda_tonic", "ibi", "heart_rate", "temperature"):
        unit = KINDS[signal.kind].unit
    if not np.any((values != signal.values) & ~np.isnan(signal.values)):
        values = signal.values
    values.flags.writeable = False
    return replace(signal, values=values, unit=unit, notes=(*signal.notes, *notes))


def _refuse_empty(values: FloatArray, before: FloatArray, where: str) -> None:
    low, high = np.fmin.reduce(values, initial=np.nan), np.fmax.reduce(values, initial=np.nan)
    if np.isnan(low):
        was = before[np.isfinite(before)]
        told = f" (the file holds {was.min():g} to {was.max():g})" if len(was) else ""
        raise RecordingError(
            f"{where}: all values are missing{told}. Check the export and the sensor, or name "
            "other columns with --first and --second."
        )
    if low == high and np.count_nonzero(np.isfinite(values)) > 1:
        raise RecordingError(
            f"{where}: every value is {low:g}. A signal that never changes cannot be "
            "compared; check the sensor or the region of interest."
        )


def _without_codes(values: FloatArray, kind: str, notes: list[str]) -> None:
    """Set codes such as -999 and 9999 missing where they lie far outside everything else."""
    if kind == "hormone":
        return
    if kind in _NEVER_NEGATIVE:
        below = values < 0
        # Standardised values have many below zero; one number and nothing else is a code.
        is_one = below.sum() > 1 and len(np.unique(values[below])) == 1
        if is_one and np.isfinite(values).sum() - below.sum() >= 10:
            code = float(values[below][0])
            values[below] = np.nan
            notes.append(
                f"{below.sum()} samples of {code:g}, a code for no value, set missing."
            )
    for code in _CODES:
        is_code = values == code
        count = int(is_code.sum())
        if not count:
            continue
        rest = values[np.isfinite(values) & ~is_code]
        if len(rest) < 10:
            continue
        low, high = np.percentile(rest, [0.5, 99.5])
        spread = max(high - low, 1e-12)
        if code < 0:
            is_far = code < rest.min() and (
                rest.min() >= 0 if code > -99 else rest.min() >= 0 or code < low - 3 * spread
            )
            is_far = is_far and (code <= -9 or kind in ("eda", "heart_rate", "motion"))
            is_far = is_far and (rest.min() - code > 0.5 * spread or code <= -99)
        else:
            is_far = code > rest.max() and code > high + 3 * spread
        if is_far:
            values[is_code] = np.nan
            notes.append(f"{count} samples of {code:g}, a code for no value, set missing.")


def _at_limits(
    values: FloatArray, limits: tuple[float, float], signal: Signal, notes: list[str]
) -> None:
    """Tell samples that stand at the recorder's limit, and leave out those of slow signals."""
    step = (limits[1] - limits[0]) / 65535
    for limit, name in zip(limits, ("least", "greatest"), strict=True):
        is_at = np.abs(values - limit) <= step
        runs = [(a, b) for a, b in stretches(is_at) if b - a >= 4]
        count = sum(b - a for a, b in runs)
        if count <= _AT_LIMIT * len(values):
            continue
        is_left_out = signal.kind not in ("ecg", "other")
        notes.append(
            f"Saturated: {count} samples ({count / len(values):.0%}) stand at {limit:g} "
            f"{signal.unit}, the {name} value the recorder can write"
            + (", and were set missing." if is_left_out else ".")
        )
        if is_left_out:
            for a, b in runs:
                values[a:b] = np.nan


def _in_microsiemens(
    values: FloatArray, unit: str, label: str, where: str, notes: list[str], kind: str
) -> tuple[FloatArray, str]:
    plain = unit.strip().lower().replace("µ", "u").replace("μ", "u").replace("/", "")
    if not plain and ("resistance" in words_of(label) or "ohm" in label.lower()):
        plain = "kohm"
    if plain in ("ms", "msiemens") and np.nanmedian(values) > 0.5:
        plain = "us"  # No skin conducts a thousand times as well: a mu written as m.
    change = _EDA_TO_US.get(plain)
    valid = values[np.isfinite(values)]
    if not len(valid):
        return values, unit
    if plain not in ("us", "usiemens", "microsiemens", "microsiemen", "umho", "umhos", ""):
        if change is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(values > 0, change(values), np.nan)
            notes.append(f"Skin conductance: {unit or 'kOhm'} turned into uS.")
            return values, "uS"
        if plain in ("v", "mv", "uv", "volt", "volts"):
            notes.append(
                f"Skin conductance is given in {unit}, not in uS: its shape is compared, its "
                "level means nothing."
            )
            return values, unit
    if np.mean(valid <= 0) > 0.95 and np.median(valid) < 0:
        raise RecordingError(
            f"{where}: skin conductance is below zero ({valid.min():.3g} to {valid.max():.3g} "
            f"{unit or 'uS'}): an uncalibrated channel. Calibrate it in the recording program "
            "and export it again."
        )
    is_counts = bool(np.all(valid == np.rint(valid))) and float(np.median(valid)) > 60
    bits = re.fullmatch(COUNTS_UNIT.format(r"(\d+)"), plain)
    if bits and not np.all(valid == np.rint(valid)):
        return values, "uS"  # Exported after the conversion.
    if kind == "eda" and (bits or (is_counts and not plain)):
        raise _raw_counts(valid, where, int(bits[1]) if bits else None)
    return values, unit


def _raw_counts(valid: FloatArray, where: str, bits: int | None) -> RawCountsError:
    """The refusal of counts, with the formula of BITalino's and plux' sensors.

    uS = ADC / 2^n * VCC / gain: 3.3 V and .132 V/uS for BITalino, 3 V and .12 V/uS for plux,
    which is the same, 25 uS at most (data sheets of both EDA sensors).
    """
    said = "" if bits else " (OpenSignals' sensors; another has its own, see its data sheet)"
    bits = bits or next((n for n in (10, 12, 16) if valid.max() < 2**n), 24)
    return RawCountsError(
        f"{where}: {valid.min():g} to {valid.max():g} without decimals are raw counts of a "
        "converter, not skin conductance in uS. Export it in uS, or give the sensor's formula "
        f"in a mapping file{said}",
        f"x / {2**bits} * 3.3 / 0.132",
    )


def _in_celsius(
    values: FloatArray, unit: str, label: str, notes: list[str]
) -> tuple[FloatArray, str]:
    """Temperatures of skin in degrees Celsius; 77 to 110 can only be Fahrenheit."""
    told = unit.strip().lower().lstrip("°").removeprefix("deg").strip()
    usual = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0
    is_named = told in ("f", "fahrenheit") or "fahrenheit" in words_of(label)
    if is_named or (not told and 77 < usual < 110):
        notes.append("Temperature: degrees Fahrenheit turned into Celsius.")
        return (values - 32) / 1.8, "degC"
    return values, unit


def _without_contact(values: FloatArray, rate_hz: float, where: str, notes: list[str]) -> None:
    """Set electrode off (0 uS, or next to nothing for seconds) missing."""
    if len(values) and values[0] == 0 and len(values) > 1 and values[1] > 0:
        values[0] = np.nan
    with np.errstate(invalid="ignore"):
        is_zero = values <= 0
        is_low = values < _NO_CONTACT_US
    count = int(is_zero.sum())
    if count:
        values[is_zero] = np.nan
        notes.append(
            f"{count} samples of 0 uS or less (electrode off, no contact) set missing."
        )
    usual = float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0
    runs = [(a, b) for a, b in stretches(is_low & ~is_zero) if b - a > _NO_CONTACT_S * rate_hz]
    if runs and usual > _NO_CONTACT_US:
        lost = sum(b - a for a, b in runs)
        for a, b in runs:
            values[a:b] = np.nan
        notes.append(
            f"{lost / rate_hz:.0f} s below {_NO_CONTACT_US:g} uS (no contact) set missing."
        )
    flat = _flat(values, rate_hz, at_least_s=10.0)
    if flat > 0.05 * len(values) / rate_hz:
        notes.append(f"{flat:.0f} s are a flat line: check the electrode's contact.")
    del where


def _flat(values: FloatArray, rate_hz: float, *, at_least_s: float) -> float:
    """Seconds that the signal stands still, in stretches of some length."""
    still = np.append(values[1:] == values[:-1], False)
    runs = [b - a for a, b in stretches(still) if b - a >= at_least_s * rate_hz]
    return sum(runs) / rate_hz


def _within(values: FloatArray, bounds: Bounds, kind: str, notes: list[str]) -> None:
    low, high = bounds.wide
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
    if kind == "eda":
        outside &= False
    if kind == "motion":
        # Standardised motion has two signs; only a stray value below zero is a fault.
        outside &= float(np.mean(outside)) < 0.02
    if kind == "heart_rate":
        outside |= values == 255
    count = int(outside.sum())
    if count:
        found = values[outside]
        values[outside] = np.nan
        notes.append(
            f"{count} of {len(values)} values outside {low:g} to {high:g} set missing "
            f"({found.min():g} to {found.max():g}: no reading)."
        )
    valid = values[np.isfinite(values)]
    if not len(valid):
        return
    low, high = bounds.usual
    share = float(np.mean((valid < low) | (valid > high)))
    if share > _DOUBT:
        notes.append(
            f"Doubtful: {share:.0%} of the values lie outside {low:g} to {high:g}, where "
            f"{kind.replace('_', ' ')} usually is. Check unit, sensor and contact."
        )


def _flat_stretches(values: FloatArray, kind: str, rate_hz: float, notes: list[str]) -> None:
    at_least_s = 10.0 if kind == "respiration" else 1.0
    flat = _flat(values, rate_hz, at_least_s=at_least_s)
    if flat > 0.01 * len(values) / rate_hz:
        notes.append(f"{flat:.1f} s are a flat line: check the sensor's contact.")
    count = int(np.count_nonzero(np.isfinite(values)))
    if kind == "ecg" and count > 100:
        for extreme in (np.nanmin(values), np.nanmax(values)):
            share = float(np.count_nonzero(values == extreme)) / count
            if share > _AT_LIMIT:
                notes.append(f"Clipped: {share:.0%} of the samples are {extreme:g}.")


def looks_like_heart(values: FloatArray, rate_hz: float) -> bool:
    """True for an ECG or a pulse wave under no name: beats repeat in most 10 s pieces.

    The smoothed absolute slope of four in five pieces repeats every .3 to 2 s (autocorrelation
    over .3).
    """
    if rate_hz < 20 or len(values) < 60 * rate_hz:
        return False
    length = int(10 * rate_hz)
    begins = np.linspace(0, len(values) - length, 24).astype(int)
    found = [_repeats(values[a : a + length], rate_hz) for a in begins]
    known = [is_beating for is_beating in found if is_beating is not None]
    return len(known) >= 12 and sum(known) >= 0.8 * len(known)


def _repeats(piece: FloatArray, rate_hz: float) -> bool | None:
    if not np.isfinite(piece).all() or np.ptp(piece) == 0:
        return None
    slope = np.abs(np.diff(piece))
    width = max(1, round(0.1 * rate_hz))
    smooth = np.convolve(slope, np.ones(width) / width, "valid")
    smooth = smooth - smooth.mean()
    power = float(np.dot(smooth, smooth))
    if power <= 0:
        return None
    n = 1 << (2 * len(smooth) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(smooth, n)) ** 2
    r = np.fft.irfft(spectrum, n)[: len(smooth)] / power
    low, high = round(0.3 * rate_hz), round(2.0 * rate_hz)
    inside = r[low : high + 1]
    at = int(np.argmax(inside))
    # A peak, not the shoulder of lag zero.
    return bool(inside[at] > 0.3 and at > 0 and r[:low].min() < inside[at] - 0.2)


def are_copies(x: FloatArray, y: FloatArray) -> bool:
    """True if one signal is the other, moved, scaled or shifted."""
    n = min(len(x), len(y))
    if n < 100:
        return False
    x, y = np.asarray(x[:2_000_000]), np.asarray(y[:2_000_000])
    size = 1 << (len(x) + len(y) - 1).bit_length()
    if np.isnan(x).all() or np.isnan(y).all():
        return False
    a, b = (np.nan_to_num(v - np.nanmean(v)) for v in (x, y))
    if not a.any() or not b.any():
        return False
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    lags = {0, *(int(k) for k in np.argsort(np.abs(cross))[-3:])}
    return any(_is_same(x, y, k if k < size // 2 else k - size, n) for k in lags)


def _is_same(x: FloatArray, y: FloatArray, lag: int, n: int) -> bool:
    u, v = (x[lag:], y) if lag >= 0 else (x, y[-lag:])
    length = min(len(u), len(v))
    u, v = u[:length], v[:length]
    ok = np.isfinite(u) & np.isfinite(v)
    if ok.sum() < max(100, 0.3 * n) or np.ptp(u[ok]) == 0 or np.ptp(v[ok]) == 0:
        return False
    if abs(float(np.corrcoef(u[ok], v[ok])[0, 1])) <= 0.9999:
        return False
    # Two straight lines are alike too; copies are alike in their steps.
    du, dv = np.diff(u[ok]), np.diff(v[ok])
    if np.ptp(du) == 0 or np.ptp(dv) == 0:
        return bool(np.ptp(du) == np.ptp(dv))
    return abs(float(np.corrcoef(du, dv)[0, 1])) > 0.999

"""Clock drift: two devices whose lag moves steadily through a long recording."""

from dataclasses import replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import Recording, SignalPair

_SHORTEST_S = 1800.0
_PIECES = 12
_SEARCH_S = 10.0
_LEAST_R = 0.2
_LEAST_MOVE_S = 0.4


def with_drift_told(pair: SignalPair, recording: Recording) -> SignalPair:
    """The pair with a warning where the best lag of its pieces moves steadily.

    Never corrected by the signals themselves: aligning on what is to be measured finds what it
    looks for.
    """
    duration_s = len(pair.x) / pair.rate_hz
    if not recording.has_two_clocks or duration_s < _SHORTEST_S:
        return pair
    lags, times = _best_lags(pair)
    if len(lags) < 6:
        return pair
    slope, intercept = np.polyfit(times, lags, 1)
    move_s = float(slope * duration_s)
    rest = lags - (slope * times + intercept)
    if abs(move_s) < _LEAST_MOVE_S or abs(move_s) < 3 * float(np.std(rest)):
        return pair
    step = (
        f"Doubtful, clock drift: the best lag of {pair.signal} moves steadily by "
        f"{move_s:+.2f} s over "
        f"{duration_s / 3600:.1f} h ({move_s / duration_s * 60_000:+.1f} ms a minute), as the "
        "clocks of two devices do. Lags and strengths are blurred by it; put both on one clock "
        "by events that both recorded (--sync)."
    )
    return replace(pair, steps=(*pair.steps, step))


def _best_lags(pair: SignalPair) -> tuple[FloatArray, FloatArray]:
    """Lag of the highest correlation (s) of each piece, and the piece's middle (s)."""
    length = len(pair.x) // _PIECES
    reach = round(_SEARCH_S * pair.rate_hz)
    lags, times = [], []
    for k in range(_PIECES):
        x, y = (v[k * length : (k + 1) * length] for v in (pair.x, pair.y))
        ok = np.isfinite(x) & np.isfinite(y)
        if ok.mean() < 0.7 or length < 6 * reach:
            continue
        a, b = (np.where(ok, v - v[ok].mean(), 0.0) for v in (x, y))
        scale = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
        if scale == 0:
            continue
        n = 1 << (2 * length).bit_length()
        cross = np.fft.irfft(np.conj(np.fft.rfft(a, n)) * np.fft.rfft(b, n), n) / scale
        around = np.concatenate((cross[-reach:], cross[: reach + 1]))
        best = int(np.argmax(around))
        if around[best] > _LEAST_R and 0 < best < 2 * reach:
            lags.append((best - reach) / pair.rate_hz)
            times.append((k + 0.5) * length / pair.rate_hz)
    return np.array(lags), np.array(times)

"""Where correlation windows lie, and which samples meet at each lag.

A window starts at sample `s` and holds `length` samples. Anchored *forward* (rMEA, bowlby),
lag `k >= 0` compares `x[s : s+length]` with `y[s+k : s+k+length]`, and lag `k < 0` compares
`x[s-k : ...]` with `y[s : ...]`: the leader keeps the window's place and the follower's part is
taken later, so exchanging the partners mirrors the lags exactly. Anchored *backward* (Boker et
al., 2002) the leader's part is taken earlier instead.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bowlby._types import FloatArray, IntArray


@dataclass(frozen=True)
class Windows:
    """Timing of a windowed lagged correlation, in seconds.

    Attributes:
        window_s: Length of a window (s).
        step_s: Time from one window to the next (s).
        max_lag_s: Largest lag, each way (s).
        lag_step_s: Time between lags (s); None looks at every sample.
    """

    window_s: float
    step_s: float
    max_lag_s: float
    lag_step_s: float | None = None

    def __post_init__(self) -> None:
        """Check that the times can make windows."""
        for name in ("window_s", "step_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)} must be positive.")
        if not self.max_lag_s >= 0:
            raise ValueError(f"max_lag_s={self.max_lag_s} must not be negative.")
        if self.lag_step_s is not None and not self.lag_step_s > 0:
            raise ValueError(f"lag_step_s={self.lag_step_s} must be positive.")


@dataclass(frozen=True, eq=False)
class WindowPlan:
    """Windows and lags in samples.

    Attributes:
        starts: First sample of each window, increasing.
        length: Samples in a window.
        lags: Lags in samples, increasing; positive means the first partner leads.
        block: Length of the blocks that windows and steps are whole numbers of (samples).
        is_backward: True if the leader's part is taken earlier, False if the follower's later.
        rate_hz: Sampling rate (Hz).
    """

    starts: IntArray
    length: int
    lags: IntArray
    block: int
    is_backward: bool
    rate_hz: float

    @property
    def start_s(self) -> FloatArray:
        """Start of each window (s)."""
        return self.starts / self.rate_hz

    @property
    def lag_s(self) -> FloatArray:
        """Lags (s)."""
        return self.lags / self.rate_hz

    @property
    def offsets(self) -> tuple[IntArray, IntArray]:
        """Samples by which each lag moves the first and the second partner's part."""
        later = offsets_of(self.lags)
        if self.is_backward:
            return -later[1], -later[0]
        return later


def offsets_of(lags: IntArray) -> tuple[IntArray, IntArray]:
    """Samples by which lags move the first and the second partner's part, anchored forward."""
    return np.maximum(-lags, 0), np.maximum(lags, 0)


def plan_windows(
    n_samples: int,
    windows: Windows,
    *,
    rate_hz: float,
    is_exact: bool = False,
    is_backward: bool = False,
) -> WindowPlan:
    """Place windows on a recording of `n_samples`.

    Window and step become whole numbers of one block, whose length is their greatest common
    divisor in seconds rounded to samples. At whole-numbered rates this changes nothing; at
    29.97 Hz a window may be a few samples off, and the plan says by how much. With `is_exact`,
    window and step are rounded to samples one by one, as rMEA and WCC do.

    Args:
        n_samples: Length of the recording (samples).
        windows: Timing (s).
        rate_hz: Sampling rate (Hz).
        is_exact: Round window and step to samples separately.
        is_backward: Anchor as Boker et al. (2002).

    Raises:
        ValueError: If the recording is too short for one window and the largest lag, or the
            window has fewer than 3 samples.
    """
    if is_exact:
        length, step = round(windows.window_s * rate_hz), round(windows.step_s * rate_hz)
        block = math.gcd(length, step)
    else:
        window, stride = (
            Fraction(seconds).limit_denominator(1000)
            for seconds in (windows.window_s, windows.step_s)
        )
        common = Fraction(
            math.gcd(
                window.numerator * stride.denominator, stride.numerator * window.denominator
            ),
            window.denominator * stride.denominator,
        )
        block = max(1, round(float(common) * rate_hz))
        length, step = (max(1, round(float(t / common))) * block for t in (window, stride))
    if length < 3 or step < 1:
        raise ValueError(
            f"A window of {windows.window_s} s every {windows.step_s} s has {length} samples "
            f"at {rate_hz:g} Hz; at least 3 are needed. Use a longer window or step."
        )
    lag_step = 1 if windows.lag_step_s is None else max(1, round(windows.lag_step_s * rate_hz))
    furthest = round(windows.max_lag_s * rate_hz) // lag_step
    lags = np.arange(-furthest, furthest + 1, dtype=np.int64) * lag_step
    reach = int(lags[-1])
    first = reach if is_backward else 0
    last = n_samples - length - (0 if is_backward else reach)
    if is_backward:
        # Behrens & Boker (2018) stop one window before the last that would fit.
        last = first + ((n_samples - length - reach) // step - 1) * step
    if last < first:
        raise ValueError(
            f"The recording has {n_samples / rate_hz:.1f} s, but one window of "
            f"{windows.window_s:g} s with lags to {windows.max_lag_s:g} s needs "
            f"{(length + reach) / rate_hz:.1f} s. Use a shorter --window or --max-lag."
        )
    return WindowPlan(
        starts=np.arange(first, last + 1, step, dtype=np.int64),
        length=length,
        lags=lags,
        block=block,
        is_backward=is_backward,
        rate_hz=rate_hz,
    )

"""`bowlby.measure`: from a recording to a labelled dataset in one call."""

import xarray as xr

from bowlby.recordings.recording import Recording, SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair


def measure(
    recording: Recording | SignalPair,
    *,
    signal: str | None = None,
    convention: str = "bowlby",
    window_s: float | None = None,
    step_s: float | None = None,
    max_lag_s: float | None = None,
    absolute: bool | None = None,
    fisher: bool | None = None,
    smooth_s: float | None = None,
    surrogate: str = "segments",
    surrogates: int = 999,
    measures: tuple[str, ...] = ("wcc",),
    seed: int = 1,
) -> xr.Dataset:
    """Measure the synchrony of two people's signal, against surrogates.

    Args:
        recording: What `bowlby.read` returned, or a pair that `bowlby.prepare` returned.
        signal: Which of the prepared signals; needed if there are several.
        convention: `"bowlby"`, `"rmea"`, `"susy"` or `"boker"`.
        window_s: Length of a window (s); None takes the signal kind's default.
        step_s: Time from one window to the next (s).
        max_lag_s: Largest lag, each way (s).
        absolute: Average absolute values; None takes the convention's default.
        fisher: Average Fisher's z; None takes the convention's default.
        smooth_s: Moving average before comparison (s), 0 for none.
        surrogate: `"segments"`, `"near"`, `"shift"`, `"phase"` or `"iaaft"`.
        surrogates: Number of surrogates, 0 for no test.
        measures: `("wcc",)`, `("all",)` or names.
        seed: Seed of everything random.

    Returns:
        Dataset with dims `window`, `lag`, `time`, `statistic`, `surrogate`.

    Raises:
        ValueError: If a setting is out of range, the recording is too short, or it holds
            several signals and none was chosen.
    """
    settings = Settings(
        convention=convention,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=max_lag_s,
        absolute=absolute,
        fisher=fisher,
        smooth_s=smooth_s,
        surrogate=surrogate,
        surrogates=surrogates,
        measures=measures,
        seed=seed,
    )
    if isinstance(recording, SignalPair):
        return measure_pair(recording, settings, name=recording.signal)
    chosen = None if signal is None else (signal,)
    pairs = settings.prepared(recording, chosen)
    if len(pairs) != 1:
        raise ValueError(
            f"{recording.name} has the signals {', '.join(pair.signal for pair in pairs)}; "
            "choose one with signal=."
        )
    return measure_pair(pairs[0], settings, name=recording.name)

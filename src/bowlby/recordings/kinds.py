"""The kinds of signal, with the windows and lags the field uses for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignalKind:
    """Defaults of one kind of signal.

    Attributes:
        name: Key of `KINDS`.
        title: What figures call it.
        unit: Usual unit.
        rate_hz: Rate at which partners are compared (Hz); None keeps the recorded rate.
        window_s: Length of a correlation window (s).
        step_s: Time from one window to the next (s).
        max_lag_s: Largest lag looked at, each way (s).
        short_s: Length of the short windows that are looked at too (s); None for none.
        segment_s: Length of a permuted segment (s): long against what a person's own signal
            remembers.
        source: Where these values come from.
        is_by_change: True if it drifts so slowly that partners are compared on its rate of
            change: two levels that fall over a session would be alike at any moment.
        is_raw: True if the signal must be turned into another kind before it is compared.
        ahead_s: How far into the future its preparation looks (s): a filter run both ways
            shows a response before it begins.
    """

    name: str
    title: str
    unit: str
    rate_hz: float | None
    window_s: float
    step_s: float
    max_lag_s: float
    short_s: float | None
    segment_s: float
    source: str
    is_raw: bool = False
    is_by_change: bool = False
    ahead_s: float = 0.0


_MOTION = (
    "Ramseyer & Tschacher (2011); Kleinbub & Ramseyer (2020): 30-60 s windows, lags to 5 s"
)
_HEART = (
    "McAssey et al. (2013) and the review of timing parameters by Marzoratti & Evans (2022); "
    "30 s hold about 30 beats"
)
_SKIN = "Marci et al. (2007); Kleinbub (2017): lags to 5-7 s, slow responses of 1-5 s rise time"
# Half a period of the .05 Hz that level and responses are split at.
_SKIN_AHEAD_S = 10.0
_DIAL = "Levenson & Gottman (1983); Butler (2011): slow ratings, lags to 10 s"

KINDS: dict[str, SignalKind] = {
    kind.name: kind
    for kind in (
        SignalKind("motion", "Motion energy", "", None, 60.0, 30.0, 5.0, 15.0, 60.0, _MOTION),
        SignalKind(
            "heart_rate", "Heart rate", "beats/min", 4.0, 30.0, 15.0, 5.0, 15.0, 60.0, _HEART
        ),
        SignalKind(
            "ibi", "Inter-beat interval", "ms", 4.0, 30.0, 15.0, 5.0, 15.0, 60.0, _HEART
        ),
        SignalKind(
            "rsa",
            "Respiratory sinus arrhythmia",
            "ln ms^2",
            2.0,
            60.0,
            30.0,
            10.0,
            30.0,
            90.0,
            _HEART,
            ahead_s=7.5,
        ),
        SignalKind(
            "eda",
            "Skin conductance",
            "uS",
            4.0,
            60.0,
            30.0,
            7.0,
            30.0,
            60.0,
            _SKIN,
            is_raw=True,
        ),
        SignalKind(
            "eda_tonic",
            "Skin conductance level",
            "uS",
            4.0,
            60.0,
            30.0,
            7.0,
            30.0,
            60.0,
            _SKIN,
            is_by_change=True,
            ahead_s=_SKIN_AHEAD_S,
        ),
        SignalKind(
            "eda_phasic",
            "Skin conductance responses",
            "uS",
            4.0,
            60.0,
            30.0,
            7.0,
            30.0,
            60.0,
            _SKIN,
            ahead_s=_SKIN_AHEAD_S,
        ),
        SignalKind(
            "ecg",
            "Electrocardiogram",
            "mV",
            None,
            30.0,
            15.0,
            5.0,
            15.0,
            60.0,
            _HEART,
            is_raw=True,
        ),
        SignalKind(
            "ppg",
            "Photoplethysmogram",
            "",
            None,
            30.0,
            15.0,
            5.0,
            15.0,
            60.0,
            _HEART,
            is_raw=True,
        ),
        SignalKind("respiration", "Respiration", "", 4.0, 30.0, 15.0, 5.0, 15.0, 60.0, _HEART),
        SignalKind("dial", "Affect rating", "", None, 60.0, 30.0, 10.0, 30.0, 60.0, _DIAL),
        SignalKind("face", "Facial action", "", None, 60.0, 30.0, 5.0, 15.0, 60.0, _MOTION),
        SignalKind(
            "temperature",
            "Skin temperature",
            "degC",
            1.0,
            120.0,
            60.0,
            10.0,
            None,
            120.0,
            _SKIN,
        ),
        SignalKind("other", "Signal", "", None, 60.0, 30.0, 5.0, 15.0, 60.0, _MOTION),
    )
}

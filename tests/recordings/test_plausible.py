import numpy as np
import pytest

from bowlby.recordings.plausible import are_copies, checked, looks_like_heart
from bowlby.recordings.recording import RecordingError, Signal

RNG = np.random.default_rng(4)
SKIN = 4 + np.cumsum(RNG.normal(0, 0.01, 2000))


def _checked(kind, values, unit="", label="x", **more):
    return checked(Signal(kind, values, 4.0, unit), label=label, where="f", **more)


def test_zero_conductance_is_no_contact():
    values = SKIN.copy()
    values[100:300] = 0.0
    found = _checked("eda", values)
    assert np.isnan(found.values[100:300]).all()
    assert "200 samples of 0 uS" in found.notes[0]


@pytest.mark.parametrize(
    ("unit", "change"),
    [("kOhm", lambda x: 1000 / x), ("S", lambda x: x * 1e-6), ("nS", lambda x: x * 1000),
     ("Ohm", lambda x: 1e6 / x)],
)  # fmt: skip
def test_every_unit_of_the_skin_becomes_microsiemens(unit, change):
    np.testing.assert_allclose(_checked("eda", change(SKIN), unit).values, SKIN, rtol=1e-9)


def test_raw_counts_of_skin_are_refused():
    with pytest.raises(RecordingError, match="raw counts"):
        _checked("eda", np.rint(SKIN * 100))


def test_an_uncalibrated_skin_channel_is_refused():
    with pytest.raises(RecordingError, match="below zero"):
        _checked("eda", SKIN - 20)


@pytest.mark.parametrize("value", [0.0, 255.0, 12.0])
def test_impossible_heart_rates_are_missing(value):
    values = np.r_[np.full(50, value), 70 + RNG.normal(0, 3, 200)]
    assert np.isnan(_checked("heart_rate", values).values).sum() == 50


@pytest.mark.parametrize("code", [-9999.0, -999.0, 9999.0, 99999.0])
@pytest.mark.parametrize("kind", ["motion", "dial", "other", "respiration"])
def test_codes_for_no_value_are_missing(kind, code):
    values = np.abs(RNG.normal(50, 10, 500))
    values[[3, 90, 91]] = code
    assert np.isnan(_checked(kind, values).values).sum() == 3


def test_a_value_inside_the_range_is_no_code():
    values = np.linspace(-2000, 2000, 4001)
    assert np.isfinite(_checked("other", values).values).all()


def test_samples_at_the_recorders_limit_are_missing_and_told():
    values = np.minimum(SKIN, np.median(SKIN))
    found = _checked("eda", values, limits=(0.0, float(np.median(SKIN))))
    assert "Saturated" in found.notes[0]
    assert np.isnan(found.values).mean() > 0.4


def _ecg(rate_hz=200.0, seconds=120):
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    beats = np.cumsum(0.8 + 0.05 * RNG.standard_normal(200))
    wave = sum(np.exp(-0.5 * ((t - b) / 0.012) ** 2) for b in beats)
    return wave + 0.02 * RNG.standard_normal(len(t))


def test_an_electrocardiogram_is_known_by_its_beats():
    assert looks_like_heart(_ecg(), 200.0)


def test_motion_noise_and_waves_are_no_heart():
    noise = np.convolve(RNG.gamma(1, 1, 24_000), np.ones(20) / 20, "same")
    assert not looks_like_heart(noise, 25.0)
    assert not looks_like_heart(np.cumsum(RNG.standard_normal(24_000)), 200.0)


@pytest.mark.parametrize("lag", [0, 7, -40])
def test_a_scaled_and_shifted_copy_is_a_copy(lag):
    x = np.cumsum(RNG.standard_normal(3000))
    assert are_copies(x, 3 * np.roll(x, lag) + 5)


def test_two_people_are_no_copies():
    assert not are_copies(SKIN, SKIN + RNG.normal(0, 0.05, len(SKIN)))

import numpy as np
import pytest

from bowlby.figures.style import diverging_map, format_clock, format_p, sequential_map
from bowlby.figures.views import envelope, envelope_line, missing_spans


def lightness(colours: np.ndarray) -> np.ndarray:
    """CIE L* of sRGB colours (0 to 100)."""
    rgb = colours[:, :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def test_the_sequential_map_darkens_all_the_way():
    assert (np.diff(lightness(sequential_map()(np.linspace(0, 1, 64)))) < 0).all()


def test_the_diverging_map_is_lightest_at_0_and_darkens_to_both_ends():
    found = lightness(diverging_map()(np.linspace(0, 1, 65)))
    assert (np.diff(found[:33]) > 0).all()
    assert (np.diff(found[32:]) < 0).all()


@pytest.mark.parametrize(
    ("p", "text"), [(0.02, "p = .020"), (0.0004, "p < .001"), (1.0, "p = 1.000"), (np.nan, "")]
)
def test_p_is_written_as_psychology_does(p, text):
    assert format_p(p) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (89.6, "1:30"), (3600, "60:00")])
def test_time_is_written_in_minutes_and_seconds(seconds, text):
    assert format_clock(seconds) == text


def test_a_spike_survives_the_envelope():
    values = np.zeros(100_000)
    values[54_321] = 7.0
    low, high = envelope(values, 500)
    assert (low.max(), high.max(), len(high)) == (0.0, 7.0, 500)


def test_a_short_series_is_drawn_sample_by_sample():
    values = np.arange(50.0)
    np.testing.assert_array_equal(envelope_line(values, values, 700)[1], values)


def test_a_gap_is_missing_from_half_a_sample_before_to_half_a_sample_after():
    values = np.array([1.0, np.nan, np.nan, 2.0])
    assert missing_spans(np.arange(4.0), values) == [(0.5, 2.5)]

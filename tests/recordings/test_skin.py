"""Skin conductance split into level and responses."""

import neurokit2 as nk
import numpy as np
import pytest

from bowlby.recordings.preparation.skin import skin_pairs, split_level_and_responses
from bowlby.recordings.recording import RecordingError, Signal

ROLES = ("client", "therapist")


def eda(seed, count=2400):
    rng = np.random.default_rng(seed)
    return 5.0 + np.cumsum(rng.normal(0.0, 0.02, count))


def pairs(first, second, rate_hz=4.0):
    return skin_pairs(
        "eda",
        Signal("eda", first, rate_hz, "uS"),
        Signal("eda", second, rate_hz, "uS"),
        names=("eda_tonic", "eda_phasic"),
        roles=ROLES,
        where="dyad, eda",
    )


def test_the_split_is_neurokits_highpass_method():
    values = eda(1)
    expected = nk.eda_phasic(values, sampling_rate=4, method="highpass")
    tonic, phasic, _ = split_level_and_responses(values, rate_hz=4.0)
    np.testing.assert_allclose(tonic, expected["EDA_Tonic"], atol=1e-9)
    np.testing.assert_allclose(phasic, expected["EDA_Phasic"], atol=1e-9)


def test_each_side_of_a_pause_is_split_on_its_own():
    values = eda(2)
    values[1000:1200] = np.nan
    tonic, phasic, _ = split_level_and_responses(values, rate_hz=4.0)
    alone = split_level_and_responses(values[1200:], rate_hz=4.0)
    np.testing.assert_array_equal(tonic[1200:], alone[0])
    np.testing.assert_array_equal(phasic[1200:], alone[1])
    assert np.isnan(phasic[1000:1200]).all()


def test_a_stretch_too_short_to_be_split_is_missing_and_told():
    values = eda(3)
    # Holes of more than a second are not drawn over; between them 9.75 s are left.
    values[395:401] = values[440:446] = np.nan
    tonic, _ = pairs(values, eda(4))
    assert np.isnan(tonic.x[395:446]).all()
    assert np.isfinite(np.delete(tonic.x, np.s_[395:446])).all()
    assert any("9.8 s in stretches shorter than 20 s" in step for step in tonic.steps)


def test_fast_skin_conductance_is_compared_at_4_hz():
    tonic, phasic = pairs(eda(5, 6000), eda(6, 6000), rate_hz=32.0)
    assert tonic.rate_hz == phasic.rate_hz == 4.0


def test_a_rate_too_slow_for_responses_says_what_to_do():
    with pytest.raises(RecordingError, match=r"0\.2 Hz is too slow.*eda_tonic"):
        pairs(eda(7), eda(8), rate_hz=0.2)


def test_an_impulse_is_a_response_and_an_offset_a_level():
    values = np.full(2400, 7.0)
    values[1200] += 1.0
    tonic, phasic, _ = split_level_and_responses(values, rate_hz=4.0)
    assert np.nanargmax(phasic) == 1200
    np.testing.assert_allclose(tonic, 7.0, atol=0.06)

"""The default measure on people who never met, and on a planted follower (real motion)."""

import numpy as np
import pytest

from bowlby import ReadOptions, Settings, read
from bowlby.recordings.emit import planted_follower
from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.recording import Signal
from bowlby.synchrony.measuring import measure_pair
from bowlby.synchrony.mismatched import Session, false_positives

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recordings(shared_data):
    found, _ = find_recordings(shared_data / "rmea_psychotherapy_mea")
    return [read(files.paths[0], ReadOptions(rate_hz=25.0)) for files in found]


def test_the_default_rejects_three_to_seven_per_cent_of_pseudo_dyads_over_seeds(recordings):
    rates = []
    for seed in range(1, 6):
        settings = Settings(surrogates=199, seed=seed)
        sessions = [
            Session(r.name, settings.prepared(r)[0], f"{r.name}/1", f"{r.name}/2", r.name)
            for r in recordings
        ]
        found = false_positives(sessions, settings)
        assert found.pairs == 380
        rates.append(found.rate)
    assert 0.03 <= np.mean(rates) <= 0.07


def followed(recording, number, kind):
    """The recording with its second person replaced by a follower at 1.2 s, r = .4."""
    rng = np.random.default_rng(number)
    x = recording.first.signals["motion"].values
    if kind == "emitted":
        y = planted_follower(x, rate_hz=25.0, lag_s=1.2, correlation=0.4, rng=rng)
    else:
        other = rng.normal(size=len(x) + 24)
        other = np.convolve(other, np.ones(25), "valid")
        late = np.roll(x, 30)
        y = 0.4 * (late - late.mean()) / late.std()
        y += np.sqrt(1 - 0.4**2) * (other - other.mean()) / other.std()
    partner = recording.second
    signals = {"motion": Signal("motion", y, 25.0)}
    return type(recording)(
        recording.name, recording.first, type(partner)(partner.role, signals)
    )


@pytest.mark.parametrize("kind", ["emitted", "mixed with noise"])
def test_a_follower_at_1200_ms_is_found_at_its_lag_in_at_least_eighty_per_cent(
    recordings, kind
):
    settings = Settings(surrogates=199)
    hits = 0
    for number, recording in enumerate(recordings):
        (pair,) = settings.prepared(followed(recording, number, kind))
        found = measure_pair(pair, settings, name=recording.name).sel(statistic="wcc_peak")
        hits += bool(found.p <= 0.05) and abs(float(found.peak_lag_s) - 1.2) <= 0.2
    assert hits >= 0.8 * len(recordings)

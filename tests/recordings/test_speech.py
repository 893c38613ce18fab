"""Who spoke when, from transcripts, tiers, subtitles and sound."""

import json

import numpy as np
import pytest
from scipy.io import wavfile

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.sound import speech_of_two
from bowlby.recordings.speech import read_speech
from bowlby.synchrony.turns import measure_turns

RATE = 16_000


def _voices(seed=1, *, leak_db=-12.0, seconds=60):
    """Bursts of noise as speech on known turns, heard in the other channel too."""
    rng = np.random.default_rng(seed)
    speech, spans, t, who = np.zeros((2, seconds * RATE)), ([], []), 1.0, 0
    while t < seconds - 6:
        length = rng.uniform(1.5, 4.0)
        a, b = int(t * RATE), int((t + length) * RATE)
        syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(b - a) / RATE)
        speech[who, a:b] = rng.normal(0, 0.1, b - a) * syllables
        spans[who].append((t, t + length))
        t, who = t + length + rng.uniform(0.4, 1.0), 1 - who
    heard = speech + 10 ** (leak_db / 20) * speech[::-1]
    return heard + rng.normal(0, 0.0005, heard.shape), spans


@pytest.mark.parametrize("leak_db", [-18.0, -12.0, -6.0])
def test_speech_is_found_in_its_own_channel_in_spite_of_leaking(leak_db):
    heard, spans = _voices(leak_db=leak_db)
    found = speech_of_two(heard[0], heard[1], rate_hz=RATE)
    for own, true in zip(found.spans, spans, strict=True):
        times = np.arange(0, 60, 0.02)
        is_true, is_found = (
            np.any([(times >= a) & (times < b) for a, b in s], axis=0) for s in (true, own)
        )
        assert np.mean(is_found[is_true]) > 0.95
        assert np.mean(is_found[~is_true]) < 0.02


def test_a_wav_with_two_channels_is_read_to_its_end(tmp_path):
    heard, spans = _voices(seconds=30)
    path = tmp_path / "talk.wav"
    wavfile.write(path, RATE, (heard.T * 32767).clip(-32767, 32767).astype(np.int16))
    speech = read_speech([path], ReadOptions(roles=("client", "therapist")))
    assert speech.people == ("client", "therapist")
    assert speech.duration_s == 30.0
    assert abs(sum(b - a for a, b in speech.spans[0]) - sum(b - a for a, b in spans[0])) < 0.5


def test_one_channel_with_two_voices_is_refused(tmp_path):
    path = tmp_path / "mono.wav"
    wavfile.write(path, RATE, np.zeros(RATE, np.int16))
    with pytest.raises(RecordingError, match="cannot be told apart"):
        read_speech([path])


def test_a_transcript_is_read_as_planted(shared_data, tmp_path):
    import importlib.util

    spec = importlib.util.spec_from_file_location("twins", shared_data / "real" / "twins.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    made.transcript(tmp_path, np.random.default_rng(1))
    truth = json.loads(json.dumps(made.TRUTH["transcript.csv"]))
    speech = read_speech([tmp_path / "transcript.csv"])
    assert list(speech.people) == truth["people"]
    found = {(m.name, m.person): m.comparison.estimate
             for m in measure_turns(*speech.spans, speech.duration_s, surrogates=0)}  # fmt: skip
    # A second turn of less than a second inside the first would be a back-channel.
    assert found["turns", 0] + found["turns", 1] + found["back_channels", 0] + found[
        "back_channels", 1] == truth["turns"]  # fmt: skip
    np.testing.assert_allclose(found["gap_mean_s", None], truth["mean_gap_s"], atol=2e-3)
    np.testing.assert_allclose(found["overlap_share", None], truth["overlapping"], atol=0.01)
    np.testing.assert_allclose(found["talk_s", 0], truth["talk_s"]["T"], atol=0.05)


def test_subtitles_tell_the_speaker_once(tmp_path):
    path = tmp_path / "s.vtt"
    path.write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nAnna: hello\n\n"
        "00:03.500 --> 00:05.000\n<v Ben>yes</v>\n\n00:05.000 --> 00:06.000\nBen: and so on\n"
    )
    speech = read_speech([path])
    assert speech.people == ("Anna", "Ben")
    assert speech.spans == (((1.0, 3.0),), ((3.5, 6.0),))


def test_more_than_two_speakers_are_asked_about(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("start,end,speaker\n0,1,A\n1,2,B\n2,9,C\n")
    with pytest.raises(RecordingError, match=r"--roles C,A"):
        read_speech([path])
    assert read_speech([path], ReadOptions(roles=("C", "A"))).people == ("C", "A")

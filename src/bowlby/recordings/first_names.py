"""Files named by a person each, `anna.csv` and `ben.csv`, or by the sessions of one person."""

import re
from pathlib import Path

from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.one_clock import span_s
from bowlby.recordings.reading import read, stem
from bowlby.recordings.recording import RecordingError

# What two files of one person may be named by.
_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        "pre post before after baseline base rest resting task stress recovery intervention "
        "therapy treatment control session start end begin middle intake first second third "
        "one two three morning evening day night left right up down old new raw clean copy "
        "test data output export speech talk play still face reunion relax relaxation music "
        "film video movie vorher nachher ruhe links rechts avant apres repos monday tuesday "
        "wednesday thursday friday saturday sunday",
    )
)
# Letters alone, with parts of one name: `anna`, `Anna-Lena`.
_FIRST_NAME = re.compile(r"[^\W\d_]+(?:[- ][^\W\d_]+)?")


def are_two_people(paths: tuple[Path, ...], options: ReadOptions) -> bool:
    """True for files of a person each that were recorded at one time, as far as can be told.

    By their dates; without, files of about one length, whose names tell nothing else.
    """
    if not all(_FIRST_NAME.fullmatch(stem(path)) for path in paths):
        return False
    words = {word for path in paths for word in words_of(stem(path))}
    if words & _NO_NAMES or any(meaning_of(word, "").kind for word in words):
        return False
    try:
        recording = read(paths, options)
    except RecordingError:
        return False
    ends = [
        max(span_s(signal)[1] for signal in partner.signals.values())
        for partner in (recording.first, recording.second)
    ]
    return recording.unix_start_s is not None or min(ends) > 0.9 * max(ends)

"""The words of a channel label: which name a kind of signal, which a person, which neither."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_KIND_WORDS: dict[str, tuple[str, ...]] = {
    "ecg": ("ecg", "ekg", "electrocardiogram"),
    "eda_tonic": ("scl",),
    "eda_phasic": ("scr",),
    "eda": (
        "eda", "gsr", "skinconductance", "skinresistance", "sc", "electrodermal", "conductance",
        "resistance", "hautleitwert", "hautleitfahigkeit",
    ),
    "heart_rate": ("hr", "bpm", "heartrate", "herzfrequenz", "herzrate", "pulserate"),
    "ibi": (
        "ibi", "rr", "rri", "nn", "nni", "ppi", "ppinterval", "ppintervals",
        "interbeatinterval",
        "interbeat", "hrvinterval", "beatinterval",
    ),
    "rsa": ("rsa",),
    "ppg": ("ppg", "bvp", "pleth", "plethysmogram", "photoplethysmogram", "cardiac"),
    "respiration": (
        "resp", "rsp", "respiration", "respiratory", "breathing", "breath", "atmung",
    ),
    "motion": ("motion", "movement", "mea", "motionenergy", "bewegung", "mouvement"),
    "dial": ("dial", "affect", "rating", "valence", "arousal"),
    "temperature": ("temp", "temperature", "skt", "hauttemperatur"),
    "hormone": ("cortisol", "oxytocin", "testosterone", "hormone", "kortisol"),
}  # fmt: skip
_KIND_OF_WORD = {word: kind for kind, words in _KIND_WORDS.items() for word in words}
_ACCELERATION = frozenset({"acc", "accel", "accelerometer", "acceleration", "accelerometry"})
_NOT_A_SIGNAL = frozenset(
    {"trigger", "triggers", "status", "marker", "markers", "stim", "event", "events", "sync"}
    | {"time", "timestamp", "timestamps", "counter", "battery", "annotations", "annotation"}
    | {"frame", "frames", "index", "row", "nseq", "seq", "impedance", "confidence", "success"}
    | {"blocker", "contact", "valid", "validity", "quality", "error", "ambient", "id"}
)
FLAG_WORDS = frozenset({"success", "valid", "validity", "blocker", "confidence"})
_ROLES: dict[str, tuple[str, ...]] = {
    "client": ("client", "cl", "clients", "klient", "klientin", "cliente"),
    "patient": ("patient", "pat", "patientin", "patiente", "paziente", "paciente"),
    "therapist": (
        "therapist", "ther", "th", "therapeut", "therapeutin", "therapeute", "terapeuta",
        "psychologist", "psychologe", "psychologin",
    ),
    "counsellor": ("counsellor", "counselor"),
    "infant": ("infant", "saugling", "nourrisson"),
    "baby": ("baby", "bebe", "bub", "bubba"),
    "child": ("child", "kind", "enfant", "bambino", "bambina", "nino", "nina"),
    "daughter": ("daughter", "tochter"),
    "son": ("son", "sohn"),
    "parent": ("parent", "elternteil"),
    "mother": ("mother", "mom", "mum", "mama", "mutter", "mere", "madre", "moeder"),
    "father": ("father", "dad", "papa", "vater", "pere", "padre", "vader"),
    "caregiver": ("caregiver", "carer"),
    "husband": ("husband", "ehemann", "mari"),
    "wife": ("wife", "ehefrau", "epouse"),
    "man": ("man", "male"),
    "woman": ("woman", "female"),
    "teacher": ("teacher", "lehrer", "lehrerin"),
    "student": ("student", "pupil"),
    "sister": ("sister", "schwester"),
    "brother": ("brother", "bruder"),
    "interviewer": ("interviewer",),
    "interviewee": ("interviewee",),
}  # fmt: skip
# Who is named first where a file's columns may stand in any order: who is cared for.
FIRST_ROLES = (
    "client", "patient", "infant", "baby", "child", "daughter", "son", "student", "first",
)  # fmt: skip
ROLE_OF_WORD = {word: role for role, words in _ROLES.items() for word in words}
_PERSON_PREFIXES = frozenset(
    {"p", "s", "sub", "subj", "subject", "participant", "person", "partner", "id"}
)
# What tells two channels of one body apart, or two versions of one signal, never two people.
SIDES = frozenset({"left", "right", "links", "rechts", "l", "r"})
ONE_BODY = SIDES | frozenset(
    re.findall(
        r"\S+",
        "hand foot finger wrist ankle palm arm leg head body trunk torso face upper lower top "
        "bottom chest abdomen thorax belly neck raw filtered filt clean cleaned cal uncal "
        "calibrated uncalibrated tonic phasic lead i ii iii iv v avr avl avf x y z red ir "
        "green smooth smoothed norm normalized normalised detrended scaled mean median sd "
        "std min max biopac shimmer empatica e polar garmin bitalino movesense fitbit h oh "
        "verity apple watch embrace nexus mindware biosemi backup copy orig original old new",
    )
)
_LETTERS = {"a": "1", "b": "2"}
_LONG_PREFIXES = frozenset({"subject", "participant", "person", "partner", "subj"})
_ORDINALS = {"first": "first", "second": "second"}
_DUPLICATE = re.compile(r" #\d+$")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class LabelMeaning:
    """What a label says.

    Attributes:
        kind: Key of `KINDS`, None if the label does not tell.
        person: A role such as `"client"`, the number of `P1`, or None.
        number: A bare number (or A, B), which may or may not mean a person.
        rest: The words that name neither kind nor person.
        is_acceleration: True for an axis of an accelerometer.
        is_signal: False for triggers, clocks and the like.
    """

    kind: str | None
    person: str | None
    number: str | None
    rest: str
    is_acceleration: bool = False
    is_signal: bool = True


def without_number(label: str) -> str:
    """The label as the file has it, without what `unique_labels` added."""
    return _DUPLICATE.sub("", label)


def unique_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels with ` #2`, ` #3` added to repeated ones, so that each can be named."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        unique.append(label if seen[label] == 1 else f"{label} #{seen[label]}")
    return tuple(unique)


def words_of(text: str) -> list[str]:
    """Words and numbers of a label in lower case: `clientECG_2` has three.

    Accents are left off, so that `Thérapeute` and `therapeute` are one word.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [word.lower() for word in _WORD.findall(text)]


def _meaning(label: str) -> LabelMeaning:
    words = words_of(without_number(label))
    kind: str | None = None
    person: str | None = None
    number: str | None = None
    rest: list[str] = []
    is_acceleration = False
    # The `id` of `id101_EDA` names a person.
    following = (*words[1:], "")
    is_signal = not any(
        word in _NOT_A_SIGNAL and not (word == "id" and after.isdigit())
        for word, after in zip(words, following, strict=False)
    )
    at = 0
    while at < len(words):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        step = 1
        if kind is None and word + following in _KIND_OF_WORD and following:
            kind, step = _KIND_OF_WORD[word + following], 2
        elif kind is None and word in _KIND_OF_WORD:
            kind = _KIND_OF_WORD[word]
        elif kind is None and word == "au" and following.isdigit():
            # Action units of a face: intensity `_r`; presence `_c` is a code.
            kind, step = "face", 2
            is_signal = is_signal and words[-1] != "c"
            rest += [word + following]
        elif kind is None and word in _ACCELERATION:
            kind, is_acceleration = "motion", True
        elif person is None and word in ROLE_OF_WORD:
            person = ROLE_OF_WORD[word]
        elif person is None and word in _PERSON_PREFIXES and following.isdigit():
            # `P1` and `P2` alone, or after `EEG`, are electrodes.
            if len(words) > 2 and "eeg" not in words:
                person = str(int(following))
            else:
                rest += [word, following]
            step = 2
        elif person is None and word in _LONG_PREFIXES and following in _LETTERS:
            if len(words) > 2:
                person = f"{word} {following}"
            else:
                rest += [word, following]
            step = 2
        elif person is None and word in _ORDINALS and following == "person":
            person, step = _ORDINALS[word], 2
        elif word.isdigit():
            number = str(int(word))
            rest.append(number)
        elif word in _LETTERS:
            number = _LETTERS[word]
            rest.append(word)
        else:
            rest.append(word)
        at += step
    return LabelMeaning(kind, person, number, " ".join(rest), is_acceleration, is_signal)


def meaning_of(label: str, hint: str) -> LabelMeaning:
    """What a label says; the hint is asked only where the label is silent."""
    own, other = _meaning(label), _meaning(hint)
    return LabelMeaning(
        own.kind or other.kind,
        own.person or other.person,
        own.number,
        own.rest,
        own.is_acceleration or (own.kind is None and other.is_acceleration),
        own.is_signal,
    )

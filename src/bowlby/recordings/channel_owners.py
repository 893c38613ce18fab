"""Whose a channel is and what it measures, by its label.

Devices label channels in every way (`client_ECG`, `ECG therapist`, `P1 EDA`, `EDA_2`, `GSR`).
A label is cut into words; some name a kind of signal, some a person. What stays unclear is
asked of the user, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bowlby.recordings.channel_words import (
    ROLE_OF_WORD,
    LabelMeaning,
    meaning_of,
    without_number,
    words_of,
)
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import RecordingError

# Channels that a message lists, and looks among for its example.
_MOST_LISTED = 40


@dataclass(frozen=True)
class SignalChannels:
    """The channels that make one signal.

    Attributes:
        kind: Key of `KINDS`.
        channels: Positions of the channels in the file.
        is_acceleration: True if the channels are axes of an accelerometer.
    """

    kind: str
    channels: tuple[int, ...]
    is_acceleration: bool = False


@dataclass(frozen=True)
class PersonChannels:
    """One person's channels.

    Attributes:
        role: Who this is, None if the labels do not tell.
        signals: The person's signals by name.
    """

    role: str | None
    signals: Mapping[str, SignalChannels]


def channel_kind(label: str, options: ReadOptions, *, hint: str = "") -> str:
    """Kind of signal that a label (or else its hint, or else `options.kind`) names."""
    meaning = meaning_of(label, hint)
    return meaning.kind or options.kind or "other"


def role_of_one(path: Path, options: ReadOptions, *, default: str = "first") -> str:
    """Role of the only person of a file: named by its file name, `options.roles` or `default`.

    A role of `options.roles` that the file name contains wins, then the first of
    `options.roles`, then a usual role word in the file name.
    """
    words = words_of(path.name.split(".")[0])
    named = [ROLE_OF_WORD[word] for word in words if word in ROLE_OF_WORD]
    if options.roles is not None:
        stated = [
            role for role in options.roles if role.lower() in words or role.lower() in named
        ]
        return stated[0] if len(stated) == 1 else options.roles[0]
    return named[0] if named else default


def assign_channels(
    labels: Sequence[str],
    options: ReadOptions,
    *,
    source: str,
    hints: Sequence[str] = (),
    is_good_pair: Callable[[int, int], bool] = lambda *_: True,
) -> tuple[PersonChannels, ...]:
    """Sort a file's channels into people's signals.

    Args:
        labels: Channel labels, each only once.
        options: `first` and `second` name the partners' channels, `kind` the kind of
            channels whose label does not tell it, `roles` the partners.
        source: The file's name, for messages.
        hints: Further text for each label, looked at only where the label says nothing.
        is_good_pair: Tells whether two channels would pass as two people's: only such a pair
            is named as an example in a message.

    Returns:
        One person if nothing in the labels tells two apart, else all whom they name.

    Raises:
        RecordingError: If it stays unclear whose channel one is, or a named one is missing.
    """
    if options.kind is not None and options.kind not in KINDS:
        raise RecordingError(
            f"{source}: there is no kind of signal {options.kind!r}. Use one of "
            f"{', '.join(KINDS)}."
        )
    hints = hints or [""] * len(labels)
    meanings = [meaning_of(*pair) for pair in zip(labels, hints, strict=True)]
    remedy = _Remedy(labels, meanings, hints, is_good_pair, options.is_one_person)
    if options.first or options.second:
        return _assign_as_told(labels, meanings, options, remedy, source=source)
    owners = _owners(labels, meanings, options, remedy, source=source)
    people: list[PersonChannels] = []
    for person in _in_order(owners, options):
        mine = [
            i for i, owner in enumerate(owners) if owner == person and meanings[i].is_signal
        ]
        names = {i: _signal_name(labels[i], meanings[i], options) for i in mine}
        role = None if person is None or person.isdigit() else person
        if person is not None and person.isdigit() and person not in ("1", "2"):
            role = f"person {person}"
        signals = _grouped(labels, meanings, names, options, remedy, source=source)
        people.append(PersonChannels(role, signals))
    if not any(person.signals for person in people):
        raise RecordingError(f"{source}: none of its channels is a signal ({quoted(labels)}).")
    sampled = [label for label, m in zip(labels, meanings, strict=True) if m.kind == "hormone"]
    if sampled:
        raise RecordingError(
            f"{source}: {quoted(sampled)} are named as hormones, a few samples and no time "
            "series: `bowlby samples` takes a table of them. If they are something else, "
            "rename them, or say which channels to use with --first and --second."
        )
    return tuple(person for person in people if person.signals)


def match_roles(found: Sequence[str | None], roles: tuple[str, str]) -> list[int | None]:
    """Which of the people found each of the user's two roles is; None where nobody fits."""

    def canonical(name: str | None) -> str:
        word = (name or "").strip().lower()
        return ROLE_OF_WORD.get(word, word)

    places: list[int | None] = []
    for role in roles:
        exact = [i for i, name in enumerate(found) if (name or "").lower() == role.lower()]
        alike = exact or [
            i for i, name in enumerate(found) if canonical(name) == canonical(role)
        ]
        places.append(alike[0] if len(alike) == 1 else None)
    if places[0] == places[1]:
        return [None, None]
    if len(found) == 2:
        # Who is left is the other one.
        places = [
            1 - places[1 - i] if place is None and places[1 - i] is not None else place  # pyright: ignore[reportOperatorIssue]
            for i, place in enumerate(places)
        ]
    return places


def _owners(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    options: ReadOptions,
    remedy: "_Remedy",
    *,
    source: str,
) -> list[str | None]:
    """The person of each channel; None for all if the labels name nobody."""
    owners = [meaning.person if meaning.is_signal else None for meaning in meanings]
    if not any(owners):
        owners = _numbered_owners(meanings, options)
    found = sorted({owner for owner in owners if owner is not None})
    nobodys = [
        labels[i]
        for i, (owner, meaning) in enumerate(zip(owners, meanings, strict=True))
        if found and owner is None and meaning.is_signal and meaning.kind is not None
    ]
    if nobodys:
        raise RecordingError(f"{source}: cannot tell whose {quoted(nobodys)} is. {remedy()}")
    return owners


def _numbered_owners(
    meanings: Sequence[LabelMeaning], options: ReadOptions
) -> list[str | None]:
    """People told by a bare 1 or 2 (or A or B) beside a known kind, as in `EDA_2`."""
    kinds = [
        meaning.kind or options.kind if meaning.is_signal else None for meaning in meanings
    ]
    owners: list[str | None] = [None] * len(meanings)
    for kind in {kind for kind in kinds if kind is not None}:
        same = [i for i, other in enumerate(kinds) if other == kind]
        numbers = [meanings[i].number for i in same]
        # A third number makes them leads or axes of one person.
        if any(number is not None and number not in ("1", "2") for number in numbers):
            continue
        if any(numbers):
            bare = "1" if "2" in numbers and "1" not in numbers else None
            for i in same:
                owners[i] = meanings[i].number or bare
    return owners if len({*owners} - {None}) > 1 else [None] * len(meanings)


def _in_order(owners: Sequence[str | None], options: ReadOptions) -> list[str | None]:
    """The people: numbers by size, words by appearance unless `options.roles` orders them."""
    people = [person for person in dict.fromkeys(owners) if person is not None]
    if all(person.isdigit() for person in people):
        people.sort(key=int)
    elif options.roles is not None and len(people) > 1:
        places = match_roles(people, options.roles)
        if places[0] is not None and places[1] is not None:
            people = [people[places[0]], people[places[1]]]
    return [*people] or [None]


def _assign_as_told(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    options: ReadOptions,
    remedy: "_Remedy",
    *,
    source: str,
) -> tuple[PersonChannels, ...]:
    if not options.first:
        raise RecordingError(
            f"{source}: --second names channels and --first does not. {remedy()}"
        )
    told = [
        _positions(names, labels, source=source) for names in (options.first, options.second)
    ]
    twice = set(told[0]) & set(told[1])
    if twice:
        raise RecordingError(
            f"{source}: {quoted([labels[i] for i in sorted(twice)])} is given to both "
            f"partners. {remedy()}"
        )
    people: list[PersonChannels] = []
    for mine in (positions for positions in told if positions):
        unknown = [i for i in mine if (meanings[i].kind or options.kind) is None]
        names = {i: _signal_name(labels[i], meanings[i], options) for i in mine}
        if len(unknown) == 1:
            # Whatever the two labels are, they are meant to be compared.
            names[unknown[0]] = "other"
        signals = _grouped(labels, meanings, names, options, remedy, source=source)
        people.append(PersonChannels(_told_role(mine, meanings), signals))
    return tuple(people)


def _told_role(mine: Sequence[int], meanings: Sequence[LabelMeaning]) -> str | None:
    roles = {meanings[i].person for i in mine}
    role = roles.pop() if len(roles) == 1 else None
    return None if role is None or role.isdigit() else role


def _positions(names: Sequence[str], labels: Sequence[str], *, source: str) -> list[int]:
    positions: list[int] = []
    for name in names:
        same = [i for i, label in enumerate(labels) if label == name] or [
            i for i, label in enumerate(labels) if label.strip().lower() == name.strip().lower()
        ]
        if len(same) != 1:
            found = "no channel" if not same else f"{len(same)} channels"
            raise RecordingError(
                f"{source} has {found} named {name!r}. Its channels are {quoted(labels)}."
            )
        positions.append(same[0])
    return positions


def _signal_name(label: str, meaning: LabelMeaning, options: ReadOptions) -> str:
    kind = meaning.kind or options.kind or "other"
    if meaning.kind == "face" and meaning.rest:
        return label  # Each action unit is a signal of its own.
    if kind != "other":
        return kind
    return meaning.rest or without_number(label).strip().lower() or "other"


def _grouped(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    names: Mapping[int, str],
    options: ReadOptions,
    remedy: "_Remedy",
    *,
    source: str,
) -> dict[str, SignalChannels]:
    signals: dict[str, SignalChannels] = {}
    for name in dict.fromkeys(names.values()):
        group = tuple(i for i, other in names.items() if other == name)
        kind = meanings[group[0]].kind or options.kind or "other"
        group = _without_other_views(group, labels, meanings, kind)
        axes = [meanings[i].is_acceleration for i in group]
        if len(group) > 1 and (kind != "motion" or len(set(axes)) > 1):
            title = KINDS[kind].title.lower()
            raise RecordingError(
                f"{source}: one person has several {title} channels "
                f"({quoted([labels[i] for i in group])}). {remedy(group)}"
            )
        signals[name] = SignalChannels(kind, group, all(axes))
    return signals


def _without_other_views(
    group: tuple[int, ...], labels: Sequence[str], meanings: Sequence[LabelMeaning], kind: str
) -> tuple[int, ...]:
    """One channel where several show one thing: conductance and resistance, a sensor's LEDs."""
    if len(group) < 2:
        return group
    if kind == "eda":
        words = [words_of(labels[i]) for i in group]
        kept = tuple(
            i
            for i, w in zip(group, words, strict=True)
            if not {"resistance", "skinresistance"}.intersection(w)
        )
        return kept or group
    if kind == "ppg" and all(meanings[i].rest.startswith(("channel", "ppg")) for i in group):
        return group[:1]
    return group


@dataclass(frozen=True)
class _Remedy:
    """What to type: an example made of two of the file's own channels that pass the checks."""

    labels: Sequence[str]
    meanings: Sequence[LabelMeaning]
    hints: Sequence[str]
    is_good_pair: Callable[[int, int], bool]
    is_one_person: bool = False

    def __call__(self, among: Sequence[int] | None = None) -> str:
        """The sentence with the example, or without one if no pair would do."""
        labels, meanings = self.labels, self.meanings
        places = range(len(labels)) if among is None else among
        signals = [i for i in places if meanings[i].is_signal]
        everywhere = [i for i in range(len(labels)) if meanings[i].is_signal]
        pair = self._pair(signals) or self._pair(everywhere)
        shown = quoted([labels[i] for i in everywhere] or list(labels))
        text = f"Its channels are {shown}."
        if self.is_one_person and signals:
            mine = labels[signals[0]]
            return (
                f'{text} Name one for each file, e.g. --first "{mine}" --second "{mine}" (if '
                "the other file's has the same name)."
            )
        if pair is None:
            return f"{text} Name each partner's with --first and --second."
        first, second = labels[pair[0]], labels[pair[1]]
        return (
            f'{text} Name each partner\'s, e.g. --first "{first}" --second "{second}", or '
            "--first alone for one person."
        )

    def _pair(self, places: Sequence[int]) -> tuple[int, int] | None:
        """Two channels of one kind, of two hosts or people rather than of one."""
        places = places[:_MOST_LISTED]
        pairs = [
            (i, j)
            for i in places
            for j in places
            if i < j and self.meanings[i].kind == self.meanings[j].kind
        ]

        def nearness(pair: tuple[int, int]) -> tuple[bool, bool]:
            i, j = pair
            own = [without_number(self.labels[k]).split()[-1:] for k in (i, j)]
            return self.hints[i] == self.hints[j], own[0] != own[1]

        pairs.sort(key=nearness)
        return next((pair for pair in pairs[:12] if self.is_good_pair(*pair)), None)


def quoted(labels: Sequence[str]) -> str:
    """Labels for a message, the first forty of them."""
    shown = ", ".join(repr(label) for label in labels[:_MOST_LISTED])
    more = len(labels) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown

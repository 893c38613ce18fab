"""From channel labels to people: whose channel it is, and what it measures.

Devices label channels in every way (`client_ECG`, `ECG therapist`, `P1 EDA`, `EDA_2`, `GSR`).
A label is cut into words; some name a kind of signal, some a person. What stays unclear is
asked of the user, never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import (
    ROLE_OF_WORD,
    LabelMeaning,
    meaning_of,
    without_number,
    words_of,
)
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel as a file holds it.

    Attributes:
        label: The channel's label, unlike that of any other channel of the file.
        values: Samples, NaN where missing.
        rate_hz: Sampling rate (Hz).
        unit: Unit as written in the file.
        start_s: Time of the first sample on the file's clock (s).
        hint: Further text that may tell kind and person, such as the stream's type and host.
        times_s: Times of the values (s) if they are inter-beat intervals, not samples.
    """

    label: str
    values: FloatArray
    rate_hz: float
    unit: str = ""
    start_s: float = 0.0
    hint: str = ""
    times_s: FloatArray | None = None


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
    labels: Sequence[str], options: ReadOptions, *, source: str, hints: Sequence[str] = ()
) -> tuple[PersonChannels, ...]:
    """Sort a file's channels into one or two people's signals.

    Args:
        labels: Channel labels, each only once.
        options: `first` and `second` name the partners' channels, `kind` the kind of
            channels whose label does not tell it, `roles` the partners.
        source: The file's name, for messages.
        hints: Further text for each label, looked at only where the label says nothing.

    Returns:
        One person if nothing in the labels tells two apart, else two.

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
    if options.first or options.second:
        return _assign_as_told(labels, meanings, options, source=source)
    owners = _owners(labels, meanings, options, source=source)
    people: list[PersonChannels] = []
    for person in _in_order(owners, options):
        mine = [
            i for i, owner in enumerate(owners) if owner == person and meanings[i].is_signal
        ]
        names = {i: _signal_name(labels[i], meanings[i], options) for i in mine}
        role = None if person is None or person.isdigit() else person
        if person is not None and person.isdigit() and person not in ("1", "2"):
            role = f"person {person}"
        signals = _grouped(labels, meanings, names, options, source=source)
        people.append(PersonChannels(role, signals))
    if not any(person.signals for person in people):
        raise RecordingError(f"{source}: none of its channels is a signal ({_quoted(labels)}).")
    return tuple(person for person in people if person.signals)


def partners_from_channels(
    channels: Sequence[Channel],
    options: ReadOptions,
    path: Path,
    *,
    default_role: str = "first",
) -> tuple[Partner, ...]:
    """Turn a file's channels into its one or two partners.

    A single person whom nothing names gets `default_role`.

    Raises:
        RecordingError: If the channels cannot be sorted into people or combined.
    """
    people = assign_channels(
        [channel.label for channel in channels],
        options,
        source=path.name,
        hints=[channel.hint for channel in channels],
    )
    roles = _roles(people, options, path, default_role)
    return tuple(
        Partner(
            role,
            {
                name: _combined([channels[i] for i in group.channels], group, source=path.name)
                for name, group in person.signals.items()
            },
        )
        for role, person in zip(roles, people, strict=True)
    )


def motion_from_acceleration(axes: FloatArray) -> FloatArray:
    """Length of the change of acceleration from one sample to the next, in the axes' unit.

    Differences remove gravity, whatever the sensor's posture.

    Args:
        axes: Acceleration, samples by axes, NaN where missing.

    Returns:
        As many samples as `axes` has; the first has no predecessor and is NaN.
    """
    change = np.full(len(axes), np.nan)
    # A broken sensor's 1e300 overflows to inf, which `Signal` counts as missing.
    with np.errstate(over="ignore", invalid="ignore"):
        change[1:] = np.sqrt(np.sum(np.diff(axes, axis=0) ** 2, axis=1))
    return change


def ibi_in_ms(values: FloatArray, unit: str) -> FloatArray:
    """Inter-beat intervals in ms; without a unit, a median below 10 can only be seconds."""
    finite = values[np.isfinite(values)]
    unknown = unit.strip().lower() not in ("s", "sec", "ms", "msec")
    in_seconds = unit.strip().lower() in ("s", "sec") or (
        unknown and len(finite) > 0 and float(np.median(finite)) < 10
    )
    with np.errstate(over="ignore"):
        in_ms = values * 1000.0 if in_seconds else values
    return np.where(np.isfinite(in_ms), in_ms, np.nan)


def beats_from_file(times_s: FloatArray, ibi_ms: FloatArray, *, where: str) -> Beats:
    """Beats whose errors name the file and channel they came from."""
    try:
        return Beats(times_s, ibi_ms)
    except RecordingError as error:
        raise RecordingError(f"{where}: {error}") from error


def _owners(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    options: ReadOptions,
    *,
    source: str,
) -> list[str | None]:
    """The person of each channel; None for all if the labels name nobody."""
    owners = [meaning.person if meaning.is_signal else None for meaning in meanings]
    if not any(owners):
        owners = _numbered_owners(meanings, options)
    found = sorted({owner for owner in owners if owner is not None})
    if len(found) > 2:
        raise RecordingError(
            f"{source}: the channels name {len(found)} people ({', '.join(found)}), and a "
            f"recording has two. {_remedy(labels, meanings)}"
        )
    nobodys = [
        labels[i]
        for i, (owner, meaning) in enumerate(zip(owners, meanings, strict=True))
        if found and owner is None and meaning.is_signal and meaning.kind is not None
    ]
    if nobodys:
        raise RecordingError(
            f"{source}: cannot tell whose {_quoted(nobodys)} is. {_remedy(labels, meanings)}"
        )
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
    elif options.roles is not None and set(people) == set(options.roles):
        people = list(options.roles)
    return [*people] or [None]


def _assign_as_told(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    options: ReadOptions,
    *,
    source: str,
) -> tuple[PersonChannels, ...]:
    if not options.first:
        raise RecordingError(
            f"{source}: --second names channels and --first does not. "
            f"{_remedy(labels, meanings)}"
        )
    told = [
        _positions(names, labels, source=source) for names in (options.first, options.second)
    ]
    twice = set(told[0]) & set(told[1])
    if twice:
        raise RecordingError(
            f"{source}: {_quoted([labels[i] for i in sorted(twice)])} is given to both "
            "partners. "
            f"{_remedy(labels, meanings)}"
        )
    people: list[PersonChannels] = []
    for mine in (positions for positions in told if positions):
        unknown = [i for i in mine if (meanings[i].kind or options.kind) is None]
        names = {i: _signal_name(labels[i], meanings[i], options) for i in mine}
        if len(unknown) == 1:
            # Whatever the two labels are, they are meant to be compared.
            names[unknown[0]] = "other"
        signals = _grouped(labels, meanings, names, options, source=source)
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
                f"{source} has {found} named {name!r}. Its channels are {_quoted(labels)}."
            )
        positions.append(same[0])
    return positions


def _signal_name(label: str, meaning: LabelMeaning, options: ReadOptions) -> str:
    kind = meaning.kind or options.kind or "other"
    if kind != "other":
        return kind
    return meaning.rest or without_number(label).strip().lower() or "other"


def _grouped(
    labels: Sequence[str],
    meanings: Sequence[LabelMeaning],
    names: Mapping[int, str],
    options: ReadOptions,
    *,
    source: str,
) -> dict[str, SignalChannels]:
    signals: dict[str, SignalChannels] = {}
    for name in dict.fromkeys(names.values()):
        group = tuple(i for i, other in names.items() if other == name)
        kind = meanings[group[0]].kind or options.kind or "other"
        axes = [meanings[i].is_acceleration for i in group]
        if len(group) > 1 and (kind != "motion" or len(set(axes)) > 1):
            title = KINDS[kind].title.lower()
            raise RecordingError(
                f"{source}: one person has several {title} channels "
                f"({_quoted([labels[i] for i in group])}). "
                f"{_remedy([labels[i] for i in group], [meanings[i] for i in group])}"
            )
        signals[name] = SignalChannels(kind, group, all(axes))
    return signals


def _roles(
    people: Sequence[PersonChannels], options: ReadOptions, path: Path, default_role: str
) -> tuple[str, ...]:
    if len(people) == 1:
        if people[0].role is not None:
            return (people[0].role,)
        return (role_of_one(path, options, default=default_role),)
    if options.roles is not None:
        return options.roles
    first, second = people[0].role or "first", people[1].role or "second"
    return (first, second) if first != second else ("first", "second")


def _combined(
    channels: Sequence[Channel], group: SignalChannels, *, source: str
) -> Signal | Beats:
    channel = channels[0]
    if channel.times_s is not None and group.kind == "ibi":
        intervals = ibi_in_ms(channel.values, channel.unit)
        return beats_from_file(channel.times_s, intervals, where=f"{source}, {channel.label}")
    differing = [
        other.label
        for other in channels
        if (other.rate_hz, other.start_s, len(other.values))
        != (channel.rate_hz, channel.start_s, len(channel.values))
    ]
    if differing:
        raise RecordingError(
            f"{source}: {_quoted([channel.label, *differing])} belong to one signal and differ "
            "in "
            "rate, start or length. Name one of them with --first or --second."
        )
    values, unit = channel.values, channel.unit
    if group.is_acceleration:
        values = motion_from_acceleration(np.column_stack([other.values for other in channels]))
    elif len(channels) > 1:
        values = np.sum([other.values for other in channels], axis=0)
    elif group.kind == "ibi":
        values, unit = ibi_in_ms(values, unit), "ms"
    return Signal(group.kind, values, channel.rate_hz, unit, channel.start_s)


def _remedy(labels: Sequence[str], meanings: Sequence[LabelMeaning]) -> str:
    """What to type: an example made of two of the file's own labels of one kind."""
    usable = [i for i, meaning in enumerate(meanings) if meaning.is_signal] or [0]
    pairs = [
        (labels[i], labels[j])
        for i in usable
        for j in usable
        if i < j and meanings[i].kind == meanings[j].kind
    ]
    first, second = pairs[0] if pairs else (labels[usable[0]], labels[usable[-1]])
    return (
        f"Its channels are {_quoted(labels)}. Name each partner's, e.g. "
        f'--first "{first}" --second "{second}", or --first alone for one person.'
    )


def _quoted(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label) for label in labels[:40])
    return shown if len(labels) <= 40 else f"{shown} and {len(labels) - 40} more"

"""From channel labels to people: whose channel it is, and what it measures.

Devices label channels in every way (`client_ECG`, `ECG therapist`, `P1 EDA`, `EDA_2`, `GSR`).
A label is cut into words; some name a kind of signal, some a person. What stays unclear is
asked of the user, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import (
    FIRST_ROLES,
    ROLE_OF_WORD,
    LabelMeaning,
    meaning_of,
    without_number,
    words_of,
)
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.plausible import are_copies, checked
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal

# Channels that a message lists, and looks among for its example.
_MOST_LISTED = 40
# How much larger the array may be that a signal's values are a part of.
_MOST_SPARE = 1.1


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
        beats: The channel as beats, where the reader made them already.
        limits: Least and greatest value that the recorder can write.
        notes: What reading found and did, one sentence each.
    """

    label: str
    values: FloatArray
    rate_hz: float
    unit: str = ""
    start_s: float = 0.0
    hint: str = ""
    times_s: FloatArray | None = None
    beats: Beats | None = None
    limits: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


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
        raise RecordingError(f"{source}: none of its channels is a signal ({_quoted(labels)}).")
    sampled = [label for label, m in zip(labels, meanings, strict=True) if m.kind == "hormone"]
    if sampled:
        raise RecordingError(
            f"{source}: {_quoted(sampled)} are named as hormones, a few samples and no time "
            "series: `bowlby samples` takes a table of them. If they are something else, "
            "rename them, or say which channels to use with --first and --second."
        )
    return tuple(person for person in people if person.signals)


def partners_from_channels(
    channels: Sequence[Channel],
    options: ReadOptions,
    path: Path,
    *,
    default_role: str = "first",
    left_out: list[str] | None = None,
) -> tuple[Partner, ...]:
    """Turn a file's channels into the people in it.

    A single person whom nothing names gets `default_role`. A signal that cannot be used is left
    out and told in `left_out` as long as its person has others.

    Raises:
        RecordingError: If the channels cannot be sorted into people or combined, or nothing
            usable is left of a person.
    """
    people = assign_channels(
        [channel.label for channel in channels],
        options,
        source=path.name,
        hints=[channel.hint for channel in channels],
        is_good_pair=lambda i, j: is_good_pair(channels[i], channels[j], options, path),
    )
    roles = _roles(people, options, path, default_role)
    failures: dict[str, RecordingError] = {}
    partners: list[Partner] = []
    for role, person in zip(roles, people, strict=True):
        signals: dict[str, Signal | Beats] = {}
        for name, group in person.signals.items():
            chosen = [channels[i] for i in group.channels]
            try:
                signals[name] = _combined(chosen, group, source=path.name)
            except RecordingError as error:
                failures.setdefault(name, error)
                if left_out is not None:
                    left_out.append(str(error))
        if not signals and len(people) < 3:
            raise next(iter(failures.values()))
        if signals:
            partners.append(Partner(role, signals))
    if failures and len(partners) == 2:
        shared = partners[0].signals.keys() & partners[1].signals.keys()
        if not shared or (left_out is None):
            raise next(iter(failures.values()))
    if not partners or (failures and len(partners) == 1 and len(people) > 1):
        raise next(iter(failures.values()))
    return in_role_order(partners, options)


def is_good_pair(first: Channel, second: Channel, options: ReadOptions, path: Path) -> bool:
    """True if the two channels would pass every check as two people's signals."""
    kinds = [channel_kind(c.label, options, hint=c.hint) for c in (first, second)]
    try:
        made = [
            _combined([c], SignalChannels(kind, (0,)), source=path.name)
            for c, kind in zip((first, second), kinds, strict=True)
        ]
    except RecordingError:
        return False
    values = [m.ibi_ms if isinstance(m, Beats) else m.values for m in made]
    return not are_copies(values[0], values[1])


def in_role_order(partners: list[Partner], options: ReadOptions) -> tuple[Partner, ...]:
    """The client, patient or infant first, wherever the file has them; the user's word first.

    Half of a study's files may have their columns the other way round.
    """
    if options.first or options.second or options.roles or len(partners) != 2:
        return tuple(partners)
    ranks = [_rank(p.role.lower()) for p in partners]
    known = [p.role.lower() in ROLE_OF_WORD or p.role == "first" for p in partners]
    if all(known) and ranks[1] < ranks[0]:
        partners = partners[::-1]
    return tuple(partners)


def _rank(role: str) -> int:
    """Place of a role among those that are named first; behind all of them if it is none."""
    for name in (role, ROLE_OF_WORD.get(role, "")):
        if name in FIRST_ROLES:
            return FIRST_ROLES.index(name)
    return len(FIRST_ROLES)


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
        raise RecordingError(f"{source}: cannot tell whose {_quoted(nobodys)} is. {remedy()}")
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
            f"{source}: {_quoted([labels[i] for i in sorted(twice)])} is given to both "
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
                f"{source} has {found} named {name!r}. Its channels are {_quoted(labels)}."
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
                f"({_quoted([labels[i] for i in group])}). {remedy(group)}"
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


def _roles(
    people: Sequence[PersonChannels], options: ReadOptions, path: Path, default_role: str
) -> tuple[str, ...]:
    if len(people) == 1:
        if people[0].role is not None:
            return (people[0].role,)
        return (role_of_one(path, options, default=default_role),)
    named = [person.role for person in people]
    if options.roles is not None and len(people) == 2:
        places = match_roles(named, options.roles)
        # Names beat position: `--roles pat,th` means the same whatever stands first.
        if places == [1, 0] and not options.first:
            return options.roles[::-1]
        return options.roles
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    roles = [role or ordinals[min(i, 7)] for i, role in enumerate(named)]
    if len(set(roles)) < len(roles):
        roles = [ordinals[i] if i < 8 else f"person {i + 1}" for i in range(len(people))]
    return tuple(roles)


def frozen(values: FloatArray) -> FloatArray:
    """The values for a signal to keep, not copied where they are nobody else's part."""
    if values.base is None or values.base.size <= _MOST_SPARE * values.size:
        values = values.view()
        values.flags.writeable = False
    return values


def _combined(
    channels: Sequence[Channel], group: SignalChannels, *, source: str
) -> Signal | Beats:
    channel = channels[0]
    if channel.beats is not None:
        return channel.beats
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
    notes = channel.notes
    if group.is_acceleration:
        values, unit, said = in_g(values, np.column_stack([c.values for c in channels]), unit)
        notes = (*notes, *said)
    signal = Signal(group.kind, frozen(values), channel.rate_hz, unit, channel.start_s, notes)
    return checked(
        signal, label=channel.label, where=f"{source}, {channel.label}", limits=channel.limits
    )


def in_g(
    motion: FloatArray, axes: FloatArray, unit: str
) -> tuple[FloatArray, str, tuple[str, ...]]:
    """Motion from an accelerometer in g, by the median length of its axes: gravity is 1 g."""
    if axes.shape[1] != 3:
        return motion, unit, ()
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.nanmedian(np.sqrt(np.sum(axes**2, axis=1))))
    for name, one_g in (("g", 1.0), ("m/s2", 9.81), ("mg", 1000.0), ("1/64 g", 64.0)):
        if 0.7 * one_g < length < 1.4 * one_g:
            said = () if name == "g" else (f"Acceleration in {name} turned into g.",)
            return motion / one_g, "g", said
    return (
        motion,
        unit,
        (
            f"Doubtful: the acceleration's median length is {length:.3g}, which is 1 g in no "
            "usual "
            "unit.",
        ),
    )


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
        shown = _quoted([labels[i] for i in everywhere] or list(labels))
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


def _quoted(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label) for label in labels[:_MOST_LISTED])
    more = len(labels) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown

"""A file's channels as the people in it, each with a role and signals."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bowlby.recordings.channel_owners import (
    PersonChannels,
    SignalChannels,
    assign_channels,
    channel_kind,
    match_roles,
    role_of_one,
)
from bowlby.recordings.channel_words import FIRST_ROLES, ROLE_OF_WORD
from bowlby.recordings.channels import Channel, combined
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.formula import computed
from bowlby.recordings.plausible import RawCountsError, are_copies
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal


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
    channels = [_converted(channel, options) for channel in channels]
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
                signals[name] = combined(chosen, group, source=path.name)
            except RawCountsError as error:
                failures.setdefault(name, _of_people(error, channels, people, roles, path))
                if left_out is not None:
                    left_out.append(str(failures[name]))
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


def _converted(channel: Channel, options: ReadOptions) -> Channel:
    """The channel by the formula that the user gives, if any."""
    if options.formula is None or channel.beats is not None:
        return channel
    values = computed(options.formula, channel.values)
    return replace(channel, values=values, unit=options.formula_unit, limits=None)


def _of_people(
    error: RawCountsError,
    channels: Sequence[Channel],
    people: Sequence[PersonChannels],
    roles: Sequence[str],
    path: Path,
) -> RawCountsError:
    """The refusal of counts, with everyone whose counts they are."""
    found = [
        (role, path, channels[group.channels[0]].label)
        for role, person in zip(roles, people, strict=True)
        for group in person.signals.values()
        if group.kind == "eda"
    ]
    return RawCountsError(error.said, error.formula, found)


def is_good_pair(first: Channel, second: Channel, options: ReadOptions, path: Path) -> bool:
    """True if the two channels would pass every check as two people's signals."""
    kinds = [channel_kind(c.label, options, hint=c.hint) for c in (first, second)]
    try:
        made = [
            combined([c], SignalChannels(kind, (0,)), source=path.name)
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

"""Whose the columns of a wide table are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice

from bowlby.recordings.channel_owners import channel_kind, match_roles, role_of_one
from bowlby.recordings.channel_people import in_role_order, is_good_pair, partners_from_channels
from bowlby.recordings.channel_words import ONE_BODY, ROLE_OF_WORD, SIDES, meaning_of, words_of
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.plausible import looks_like_heart
from bowlby.recordings.recording import Partner, RecordingError
from bowlby.recordings.tables.rows import Found, Rows

# Pairs of columns tried for the example of a message.
_MOST_TRIED = 12


def people_of(
    rows: Rows,
    channels: list[Channel],
    options: ReadOptions,
    found: Found,
    hinted: str | None,
) -> tuple[Partner, ...]:
    """The people of a wide table."""
    if options.first or options.second:
        return _told(rows, channels, options, found)
    signals = [c for c in channels if meaning_of(c.label, "").is_signal]
    meanings = [meaning_of(c.label, c.hint) for c in signals]
    kinds = [m.kind for m in meanings]
    has_kind = any(meaning_of(c.label, "").kind for c in signals)
    # Three axes, or a sensor's channels in a file of that sensor, are one person's.
    is_sensor = any(c.hint == "acc" for c in signals) or (
        hinted in ("ecg", "ppg", "eda")
        and all(words_of(c.label)[:1] in (["channel"], ["ch"], ["column"]) for c in signals)
        and rows.table.has_header
    )
    if has_kind or is_sensor:
        # Columns of no kind beside known ones are left out, not guessed.
        unknown = [c for c, m in zip(signals, meanings, strict=True) if m.kind is None]
        if not options.kind:
            for channel in unknown:
                found.left_out.append(
                    f"column {channel.label!r}: its name tells no kind of signal"
                )
            channels = [c for c in channels if c not in unknown]
        return _labelled(rows, channels, options, found)
    assumed = rows.assumed or (
        "motion" if rows.clock is None and not options.kind and not any(kinds) else None
    )
    kind = options.kind or hinted or assumed
    if options.kind is None and (hinted is None or hinted == "motion"):
        _ask_if_heart(rows, signals)
    told = replace(options, kind=kind) if kind else options
    people = _kindless_people(rows, signals, told)
    if people is None:
        return _labelled(rows, signals, told, found)
    if len(people) == 1:
        (names,) = people.values()
        role = role_of_one(rows.path, options)
        made = partners_from_channels(
            [c for c in signals if c.label in names],
            replace(told, first=tuple(names), roles=None), rows.path, left_out=found.left_out,
        )  # fmt: skip
        return (replace(made[0], role=role),)
    return _grouped_people(rows, signals, people, told, found)


def _ask_if_heart(rows: Rows, channels: Sequence[Channel]) -> None:
    for channel in channels:
        if channel.beats is None and looks_like_heart(channel.values, channel.rate_hz):
            raise RecordingError(
                f"{rows.path.name}, column {channel.label}: repeats like a heartbeat, and "
                "samples "
                "of an ECG or a pulse wave must not be correlated. Say what it is: --kind ecg, "
                "--kind ppg (a pulse wave), or --kind other to compare it as it is."
            )


def _kindless_people(
    rows: Rows, signals: Sequence[Channel], options: ReadOptions
) -> dict[str, list[str]] | None:
    """Whose columns of no kind are; None if the labels name people by usual words.

    Raises:
        RecordingError: If it stays unclear.
    """
    labels = [c.label for c in signals]
    if len(labels) == 1:
        return {"": labels}
    regions = _regions(labels) if rows.table.has_header and len(labels) > 2 else None
    if regions is not None:
        return regions
    known = [meaning_of(label, "").person for label in labels]
    if len(labels) == 2 and not rows.table.has_header:
        return {"first": labels[:1], "second": labels[1:]}
    # Motion left and right is of the people who sit there; head and body are one's own.
    is_one_body = all((ONE_BODY - SIDES).intersection(words_of(label)) for label in labels)
    if len(labels) == 2 and not is_one_body and (not all(known) or known[0] != known[1]):
        return {label: [label] for label in labels}
    if all(known) and len(set(known)) == len(labels):
        return {label: [label] for label in labels}
    if all(known) and len(set(known)) > 1:
        return {str(p): [n for n, k in zip(labels, known, strict=True) if k == p]
                for p in dict.fromkeys(known)}  # fmt: skip
    if not rows.table.has_header:
        if len(labels) % 2:
            raise RecordingError(
                f"{rows.path.name}: {len(labels)} columns cannot be halved between two people. "
                f"{_example(rows, signals, options)}"
            )
        half = len(labels) // 2
        return {"first": labels[:half], "second": labels[half:]}
    if any(known):
        return None
    raise RecordingError(
        f"{rows.path.name}: its header does not tell whose the {len(labels)} columns are "
        f"({', '.join(labels[:12])}{', ...' if len(labels) > 12 else ''}). "
        f"{_example(rows, signals, options)} (--first and --second name each person's.)"
    )


def _example(rows: Rows, signals: Sequence[Channel], options: ReadOptions) -> str:
    """An example that would itself pass: two columns that are no copies of one another."""
    pairs = chain([(signals[0], signals[-1])], combinations(signals, 2))
    for a, b in islice(pairs, _MOST_TRIED):
        if is_good_pair(a, b, options, rows.path):
            first, second = (
                c.label if rows.table.has_header else str(rows.table.number_of[c.label])
                for c in (a, b)
            )
            quote = '"' if " " in first + second else ""
            return (
                f"Name them, for example --first {quote}{first}{quote} --second "
                f"{quote}{second}{quote}."
            )
    return "Name each person's columns."


def _regions(labels: Sequence[str]) -> dict[str, list[str]] | None:
    """Columns by the first or last word of their names, where it makes two equal halves.

    Two regions of two people can be cut both ways (`pat_head`); usual role words decide.
    """
    words = [[w for w in re.split(r"[\W_]+", label) if w] for label in labels]
    if any(len(parts) < 2 for parts in words):
        return None
    found: list[dict[str, list[str]]] = []
    for at in (0, -1):
        people: dict[str, list[str]] = {}
        for label, parts in zip(labels, words, strict=True):
            people.setdefault(parts[at], []).append(label)
        if len(people) == 2 and len({len(chosen) for chosen in people.values()}) == 1:
            found.append(people)
    named = [people for people in found if all(w.lower() in ROLE_OF_WORD for w in people)]
    if len(named) == 1:
        return named[0]
    return found[0] if len(found) == 1 else None


def _grouped_people(
    rows: Rows,
    signals: Sequence[Channel],
    people: Mapping[str, list[str]],
    options: ReadOptions,
    found: Found,
) -> tuple[Partner, ...]:
    """People told by column names; a person's regions are summed."""
    kind = options.kind or next(
        (k for c in signals if (k := meaning_of(c.label, c.hint).kind)), None
    ) or "other"  # fmt: skip
    partners = []
    for role, names in people.items():
        mine = tuple(names)
        chosen = [replace(c, hint="") for c in signals if c.label in mine]
        told = replace(options, first=mine, second=(), roles=None, kind=kind)
        try:
            made = partners_from_channels(chosen, told, rows.path)
        except RecordingError as error:
            if len(people) == 2:
                raise
            found.left_out.append(str(error))
            continue
        partners.append(Partner(role, {kind: next(iter(made[0].signals.values()))}))
    roles = options.roles
    if roles is not None and len(partners) >= 2:
        places = match_roles([p.role for p in partners], roles)
        if places[0] is not None and places[1] is not None:
            partners = [partners[places[0]], partners[places[1]]]
        if len(partners) == 2:
            named = zip(partners, roles, strict=True)
            partners = [replace(p, role=role) for p, role in named]
    return in_role_order(partners, options)


def _told(
    rows: Rows, channels: list[Channel], options: ReadOptions, found: Found
) -> tuple[Partner, ...]:
    """The people whose columns the user named."""
    twice = set(options.first) & set(options.second)
    if twice:
        raise RecordingError(
            f"{rows.path.name}: column {min(twice)} is given to both people. Name different "
            "columns with --first and --second."
        )
    is_kindless = not any(
        meaning_of(n, "").kind for n in (*options.first, *options.second)
    ) and not any(c.hint for c in channels)
    kind = options.kind or (
        rows.assumed or "motion" if rows.clock is None and is_kindless else None
    )
    told = replace(options, kind=kind) if kind else options
    chosen = [c for c in channels if c.label in (*options.first, *options.second)]
    made = partners_from_channels(chosen, told, rows.path, left_out=found.left_out)
    if len(made) != 2 or options.roles:
        return made
    firsts, seconds = options.first, options.second
    if len(firsts) == len(seconds) == 1 and rows.table.has_header:
        roles = [meaning_of(n, "").person for n in (firsts[0], seconds[0])]
        if not all(roles) or roles[0] == roles[1] or any(r and r.isdigit() for r in roles):
            names = zip(made, (firsts[0], seconds[0]), strict=True)
            return tuple(replace(p, role=name) for p, name in names)
    return made


def _labelled(
    rows: Rows, channels: list[Channel], options: ReadOptions, found: Found
) -> tuple[Partner, ...]:
    """Partners by words of this table alone, as in `anna_eda, ben_eda`, else by labels."""
    signals = [c for c in channels if meaning_of(c.label, "").is_signal]
    meanings = [meaning_of(c.label, "") for c in signals]
    is_one = options.is_one_person or len(signals) < 2
    if is_one or any(meaning.person for meaning in meanings):
        return partners_from_channels(channels, options, rows.path, left_out=found.left_out)
    parted = (_parted(signals, at_front=True), _parted(signals, at_front=False))
    for people in (*parted, _named_apart(signals)):
        if people is None:
            continue
        partners = []
        names = list(people)
        for who, role in zip(names, options.roles or names, strict=True):
            made = partners_from_channels(
                people[who], options, rows.path, left_out=found.left_out
            )
            if len(made) != 1:
                break
            partners.append(replace(made[0], role=role))
        else:
            return tuple(partners)
    return partners_from_channels(channels, options, rows.path, left_out=found.left_out)


def _parted(signals: Sequence[Channel], *, at_front: bool) -> dict[str, list[Channel]] | None:
    """Channels by the first (or last) part of their labels, if two people share the rest."""
    cut = [
        c.label.partition("_")[::2] if at_front else c.label.rpartition("_")[::-2]
        for c in signals
    ]
    people = list(dict.fromkeys(who for who, _ in cut))
    if len(people) != 2 or any(channel_kind(who, ReadOptions()) != "other" for who in people):
        return None
    if any(not ONE_BODY.isdisjoint(words_of(who)) for who in people):
        return None
    rests = [{rest for who, rest in cut if who == person} for person in people]
    if rests[0] != rests[1] or "" in rests[0] or any(who.isdigit() for who in people):
        return None
    return {
        person: [
            replace(channel, label=rest)
            for channel, (who, rest) in zip(signals, cut, strict=True)
            if who == person
        ]
        for person in people
    }


def _named_apart(signals: Sequence[Channel]) -> dict[str, list[Channel]] | None:
    """Channels by the words that are no kind, as in `EDA (Anna M)` and `EDA (Ben)`.

    Only where these make two people of the same kinds of signal, and are no parts of a body.
    """
    rests = [meaning_of(c.label, "").rest.split() for c in signals]
    shared = set(rests[0]).intersection(*rests[1:])
    owners = [tuple(word for word in rest if word not in shared) for rest in rests]
    people = list(dict.fromkeys(owners))
    if len(people) != 2 or not all(people):
        return None
    words = {word for owner in people for word in owner}
    if not ONE_BODY.isdisjoint(words):
        return None
    if any(word.isdigit() or meaning_of(word, "").kind for word in words):
        return None
    parted: dict[str, list[Channel]] = {}
    for owner in people:
        mine = [c for c, o in zip(signals, owners, strict=True) if o == owner]
        said = re.findall(r"[^\W\d_]+", mine[0].label)
        role = " ".join(w for w in said if not set(words_of(w)).isdisjoint(owner))
        parted[role or " ".join(owner)] = mine
    kinds = [
        sorted(channel_kind(c.label, ReadOptions(), hint=c.hint) for c in mine)
        for mine in parted.values()
    ]
    return parted if len(kinds) == 2 and kinds[0] == kinds[1] else None

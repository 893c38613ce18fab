"""Files written before version 0.3: read, never written.

Trials had sections of their own (`[clients]`, `[outcome]`, `[analysis]`, and lengths of life
under `[therapy]`); clients to practise with had their card at the top.
"""

from collections.abc import Mapping
from typing import Any

from bowlby.courses.messages import CourseError

_TRIAL_MARKS = ("clients_per_arm", "therapists_per_arm", "clients", "outcome", "analysis")
"""Entries of the top level that only old trials have."""

_MOVED = {
    "clients_per_arm": "trial.clients_per_arm",
    "therapists_per_arm": "trial.therapists_per_arm",
    "clients.history": "childhood.caregiver",
    "clients.population": "childhood.population",
    "clients.traits": "client",
    "clients.encounters": "childhood.encounters",
    "clients.ticks": "childhood.ticks",
    "clients.*": "trial.*",
    "outcome.*": "trial.*",
    "analysis.*": "trial.*",
    "therapy.life_ticks": "life.ticks",
    "therapy.waiting_weeks": "life.waiting_weeks",
    "therapy.follow_up_weeks": "life.follow_up_weeks",
}
"""Old entries of a trial and where they stand now; `*` is every other entry of a section."""

_OLD_TRIAL = {"title": "Trial", "trial": {}, "life": {"waiting_weeks": 8}}
"""What an old trial was where it said nothing, and a course is not."""

_CARD = ("name", "age", "pattern", "severity", "brings", "vignette", "history", "topics")


def is_old_trial(content: Mapping[str, Any]) -> bool:
    """Whether this is a trial as it was written before version 0.3."""
    return any(mark in content for mark in _TRIAL_MARKS)


def translated(content: Mapping[str, Any]) -> dict[str, Any]:
    """An old trial as a course with a `[trial]` section.

    Raises:
        CourseError: If an entry stands there in its old and in its new place.
    """
    new: dict[str, Any] = {}
    # Entries that stay in their place come first: what is given twice then names the old one.
    # Entries that stay where they are come first: what is given twice names the old one.
    for name, value in sorted(_entries(content), key=lambda e: e[0] != _new_place(e[0])):
        _put(new, _new_place(name), value, name)
    return _filled(new, _OLD_TRIAL)


def translated_client(content: Mapping[str, Any]) -> dict[str, Any]:
    """An old client to practise with as a course with a `[card]`."""
    if "card" in content or "name" not in content:
        return dict(content)
    rest = {name: value for name, value in content.items() if name not in _CARD}
    card = {name: content[name] for name in _CARD if name in content}
    childhood = rest.pop("childhood", {})
    return rest | {"card": card, "childhood": {"caregiver": childhood}}


def _entries(content: Mapping[str, Any]):
    """Entries by name, those of sections by `section.entry`."""
    for name, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from ((f"{name}.{entry}", inner) for entry, inner in value.items())
        else:
            yield name, value


def _new_place(name: str) -> str:
    if name in _MOVED:
        return _MOVED[name]
    section, _, entry = name.partition(".")
    moved = _MOVED.get(f"{section}.*") if entry else None
    return moved.replace("*", entry) if moved else name


def _put(content: dict[str, Any], place: str, value: Any, old: str) -> None:
    section, _, entry = place.partition(".")
    if not entry and isinstance(value, Mapping):
        for inner, number in value.items():
            _put(content, f"{place}.{inner}", number, f"{old}.{inner}")
        return
    inside = content.setdefault(section, {}) if entry else content
    key = entry or section
    if isinstance(inside, dict) and key in inside:
        raise CourseError(f"{old} is now called {place}, and both are given. Leave {old} out.")
    if not isinstance(inside, dict):
        raise CourseError(f"{section} = {inside!r}: a section is expected.")
    inside[key] = value


def _filled(content: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The content, with defaults where it says nothing."""
    filled = dict(content)
    for name, value in defaults.items():
        if isinstance(value, Mapping) and isinstance(filled.get(name, {}), Mapping):
            filled[name] = _filled(dict(filled.get(name, {})), value)
        else:
            filled.setdefault(name, value)
    return filled

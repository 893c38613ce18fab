"""Words of the room in a language: data in `languages/`, looked up by dotted names."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

SOURCE_LANGUAGE = "en"


@cache
def languages() -> Mapping[str, str]:
    """Languages there are: code to its own name, the source first."""
    folder = files("bowlby.practice.languages")
    codes = sorted(
        (one.name for one in folder.iterdir() if one.joinpath("room.toml").is_file()),
        key=lambda code: (code != SOURCE_LANGUAGE, code),
    )
    return {code: _read(code, "room")["language"]["name"] for code in codes}


@cache
def _read(language: str, name: str) -> dict[str, Any]:
    path = files("bowlby.practice.languages").joinpath(language, f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def catalogue(language: str, name: str) -> dict[str, Any]:
    """A file of words in a language.

    Args:
        language: Its code, from `languages`.
        name: `room` (what the server says), `page` (what the page shows) or `drills`.

    Raises:
        ValueError: If the language is not known.
    """
    if language not in languages():
        raise ValueError(
            f"There is no language {language!r}; choose one of {', '.join(languages())}."
        )
    return _read(language, name)


def entry(language: str, key: str) -> Any:
    """What stands under a dotted name in the words of the server.

    Raises:
        KeyError: If nothing does; a language is whole or its tests fail.
    """
    found: Any = catalogue(language, "room")
    for part in key.split("."):
        found = found[part]
    return found


def say(language: str, key: str, /, **values: object) -> str:
    """A sentence with its values filled in."""
    return str(entry(language, key)).format(**values)


class ToldError(Exception):
    """What cannot be done, in the language of whoever asks; as text, in the source language.

    Args:
        key: Name of the sentence, under `problem`.
        values: What is filled in.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self._key, self._values = f"problem.{key}", values
        super().__init__(say(SOURCE_LANGUAGE, self._key, **values))

    def told(self, language: str) -> str:
        """The sentence in a language."""
        return say(language, self._key, **self._values)


class UnknownError(ToldError, ValueError):
    """Something is asked for by a name that is not known."""


def worded(error: Exception, language: str) -> str:
    """What an error says, in a language where it can."""
    return error.told(language) if isinstance(error, ToldError) else str(error)

"""Clients to practise with: who they are, and the childhood they come from."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from bowlby.practice.messages import ClientCard


@dataclass(frozen=True)
class SimulatedClient:
    """A client to practise with.

    Attributes:
        card: What the trainee is told.
        pattern: Which library of words is theirs; the engine does not see it.
        history: Childhood and the parents' own, told in supervision.
        topics: What they speak of, most often first.
        childhood: Traits of the caregiver.
        seeker: Parameters of the client.
    """

    card: ClientCard
    pattern: str
    history: str
    topics: tuple[str, ...]
    childhood: dict[str, float]
    seeker: dict[str, float]


@cache
def clients() -> tuple[SimulatedClient, ...]:
    """All clients, in alphabetic order."""
    folder = files("bowlby.practice.clients")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    return tuple(
        _client(
            name.removesuffix(".toml"), tomllib.loads(folder.joinpath(name).read_text("utf-8"))
        )
        for name in names
    )


def find_client(name: str) -> SimulatedClient:
    """The client of that id.

    Raises:
        ValueError: If there is none.
    """
    for client in clients():
        if client.card.id == name:
            return client
    known = ", ".join(client.card.id for client in clients())
    raise ValueError(f"There is no client {name!r}; choose one of {known}.")


def _client(name: str, content: dict[str, Any]) -> SimulatedClient:
    card = ClientCard(
        id=name, name=content["name"], age=content["age"], brings=content["brings"],
        vignette=content["vignette"].strip(),
        severity=cast(Literal["moderate", "severe"], content["severity"]),
    )  # fmt: skip
    return SimulatedClient(
        card, content["pattern"], content["history"].strip(), tuple(content["topics"]),
        content["childhood"], content["client"],
    )  # fmt: skip

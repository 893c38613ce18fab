"""Whom one can meet: the clients of the package and one's own, for courses or for drills."""

from collections.abc import Sequence
from functools import cached_property

from bowlby.practice.client import SimulatedClient, clients, find_client

EASIEST_FIRST = ("secure", "ambivalent", "avoidant", "disorganised")
"""Who was met, reaches out, turns away, fears: the order in which clients are offered."""


class Offered:
    """Clients of the package and others.

    Args:
        others: Clients of one's own; one of the name of ours stands for it.
    """

    def __init__(self, others: Sequence[SimulatedClient] = ()) -> None:
        self._others = tuple(others)

    @cached_property
    def clients(self) -> tuple[SimulatedClient, ...]:
        """All of them, those of the package first."""
        own = {client.card.id for client in self._others}
        ours = tuple(client for client in clients() if client.card.id not in own)
        return (*ours, *self._others)

    def client(self, name: str, language: str) -> SimulatedClient:
        """A client, in a language.

        Raises:
            UnknownError: If there is none, or nobody has written them in it.
        """
        return find_client(name, self.clients).speaking(language)

    def met_in(self, place: str, language: str) -> list[SimulatedClient]:
        """Those who speak a language and are there for courses or drills, the easiest first."""
        speaking = (c.speaking(language) for c in self.clients if c.speaks(language))
        return sorted((c for c in speaking if c.met_in == place), key=_how_hard)


def _how_hard(client: SimulatedClient) -> tuple[bool, int]:
    return client.card.severity == "severe", EASIEST_FIRST.index(client.pattern)

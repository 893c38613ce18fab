"""Synchrony of a session against the next score, in words and a table."""

from collections.abc import Sequence
from typing import Any

from bowlby.reports.outcomes.page import OutcomePage, words_table
from bowlby.reports.outcomes.wording import number
from bowlby.reports.page import Section

NOT_QUALITY = "Synchrony is not a measure of how good a session or a therapist is."


def synchrony_page(effects: Sequence[Any], *, command: str, version: str) -> OutcomePage:
    """The page.

    Args:
        effects: Of `outcomes.links.synchrony_effects`.
        command: The command that made it.
        version: Version of bowlby.
    """
    rows = [
        [e.signal, number(e.within, 2), f"{e.p:.3f}", f"{e.p_all:.3f}", number(e.detectable, 2),
         number(e.between, 2), f"{e.clients} / {e.sessions}"]
        for e in effects
    ]  # fmt: skip
    beyond = [e for e in effects if e.p_all <= 0.05]
    story = (
        f"{len(effects)} signals were held against the next score of the same client. "
        + (f"Beyond chance: {', '.join(e.signal for e in beyond)}." if beyond
           else "None goes with it beyond chance.")
        + " An effect smaller than the one in the column `would be found` could be there unseen."
    )  # fmt: skip
    table = words_table(
        "Effects",
        (
            "",
            "within",
            "p",
            "p of all signals",
            "would be found",
            "between",
            "clients / sessions",
        ),
        rows,
        "Within: points of the next score per SD of a client's own synchrony, given this "
        "score. p: "
        "synchrony shuffled over the sessions of each client. Would be found: effect that 80 "
        "% of "
        "such samples find. Between clients other things differ, too; it is not tested.",
    )
    return OutcomePage(
        "synchrony and outcome", "Synchrony and the next score", f"bowlby {version}", story, [],
        NOT_QUALITY, [Section("Effects", tables=[table])], command=command,
    )  # fmt: skip

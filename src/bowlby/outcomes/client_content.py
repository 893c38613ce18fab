"""What a client's page shows, from the analysis of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bowlby.outcomes.analysis import Analysis
from bowlby.outcomes.attachment import AttachmentChange
from bowlby.outcomes.chance import chance
from bowlby.outcomes.change import amount_limits
from bowlby.outcomes.cutoffs import side_probability
from bowlby.outcomes.ruptures import FALSE_SHARE, Ruptures
from bowlby.outcomes.tables import Scores
from bowlby.outcomes.yardstick import Yardstick

_NOTHING = pd.DataFrame({"time": [], "mean": [], "low80": [], "high80": []})


@dataclass(frozen=True)
class Beside:
    """A second scale of the same clients, such as the alliance or attachment.

    Attributes:
        yard: Its numbers.
        scores: Its scores.
        ruptures: Of an alliance scale, or None.
    """

    yard: Yardstick
    scores: Scores
    ruptures: Ruptures | None = None


def client_content(
    analysis: Analysis,
    client: str,
    *,
    beside: Sequence[Beside] = (),
    attachment: AttachmentChange | None = None,
    model_shape: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Everything a client's page and figure show, as plain tables and numbers.

    Args:
        analysis: Of all clients.
        client: Whose page.
        beside: Further scales.
        attachment: Change of attachment of all clients, if both scales are there.
        model_shape: Share of the whole change reached by session in the simulation.

    Raises:
        ValueError: If the client has no score; names near ones.
    """
    yard, table = analysis.yard, analysis.scores.table
    mine = table[table.client == client].reset_index(drop=True)
    if not len(mine):
        import difflib

        near = difflib.get_close_matches(client, sorted(table.client.unique()), 4)
        hint = f" Near: {', '.join(near)}." if near else ""
        raise ValueError(f"Client {client!r} has no score.{hint}")
    scores = _with_signals(analysis, client, mine)
    courses = analysis.courses
    kinds = {
        kind: courses[(courses.client == client) & (courses.kind == kind)]
        if len(courses)
        else _NOTHING
        for kind in ("expected", "forecast", "smooth")
    }
    change = analysis.methods[0].changes
    row = change[change.client == client] if len(change) else change
    gains = analysis.gains[analysis.gains.client == client]
    return {
        "client": client, "name": yard.name, "instrument": yard.instrument, "sign": yard.sign,
        "minimum": yard.minimum if np.isfinite(yard.minimum) else float(mine["value"].min()),
        "maximum": yard.maximum if np.isfinite(yard.maximum) else float(mine["value"].max()),
        "cutoff": yard.cutoff, "cutoff_kind": yard.cutoff_kind, "unit": analysis.scores.unit,
        "sem": yard.sem, "reliable_change": analysis.methods[0].threshold,
        "level": yard.level, "scores": scores, **kinds,
        "gains": gains, "change": None if not len(row) else row.iloc[0].to_dict(),
        "chance": _chance_for(mine["value"].iloc[0], yard, analysis.methods[0].threshold),
        "p_functional": float(side_probability(
            np.array([mine["value"].iloc[-1]]), yard.cutoff, yard)[0]),
        "alarm": analysis.alarm, "no_model": analysis.no_model, "planned": analysis.planned,
        "rci_every_session": analysis.rci_every_session,
        "gains_chance": analysis.gains_chance,
        "others": [o for b in beside if (o := _other(b, client))],
        "attachment": attachment.said_of(client) if attachment else None,
        "model": _shape(model_shape, mine, kinds["expected"]),
    }  # fmt: skip


def _with_signals(analysis: Analysis, client: str, mine: pd.DataFrame) -> pd.DataFrame:
    if not len(analysis.signals):
        return mine.assign(signal="none yet", expected=np.nan, z=np.nan)
    found = analysis.signals[analysis.signals.client == client]
    return mine.merge(found[["time", "expected", "sd", "z", "signal"]], on="time")


def _chance_for(first: float, yard: Yardstick, threshold: float) -> Any:
    if not np.isfinite(threshold):
        return None
    before = np.array([first])
    return chance(before, amount_limits(before, threshold, sign=yard.sign), yard)


def _other(beside: Beside, client: str) -> dict[str, Any] | None:
    table = beside.scores.table
    mine = table[table.client == client].reset_index(drop=True)
    if not len(mine):
        return None
    made = {"name": beside.yard.name, "instrument": beside.yard.instrument, "scores": mine,
            "ruptures": [], "events": pd.DataFrame(), "verdict": "",
            "false_share": ""}  # fmt: skip
    if beside.ruptures is not None:
        events = beside.ruptures.events
        clients = beside.ruptures.clients
        own = events[events.client == client]
        made |= {
            "ruptures": own.session.tolist(), "events": own,
            "verdict": clients[clients.client == client].verdict.iloc[0],
            "false_share": FALSE_SHARE[beside.ruptures.criterion],
        }  # fmt: skip
    return made


def _shape(
    shape: pd.DataFrame | None, mine: pd.DataFrame, expected: pd.DataFrame
) -> pd.DataFrame:
    """The simulation's shape between the first score and the expected end."""
    if shape is None or not len(expected):
        return pd.DataFrame({"time": [], "mean": []})
    start, end = float(mine["value"].iloc[0]), float(expected["mean"].iloc[-1])
    time = expected.time.to_numpy()
    share = np.interp(time - mine.time.iloc[0], shape.session, shape.share)
    return pd.DataFrame({"time": time, "mean": start + share * (end - start)})

"""A service's report: dropout, dose, therapists, completeness; small counts suppressed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bowlby.outcomes.analysis import Analysis
from bowlby.outcomes.course import panel
from bowlby.outcomes.dropout import (
    Leaving,
    Outcome,
    dose,
    leaving_model,
    outcome_of_all,
    staying,
)
from bowlby.outcomes.reading import dates_of, numbers_of, read_table
from bowlby.outcomes.therapists import TherapistEffects, therapist_effects
from bowlby.statistics.survival import Survival

SMALLEST = 5
ENDS = ("client", "agreed", "therapist", "other", "")


@dataclass(frozen=True)
class ServiceResult:
    """What a service lead sees.

    Attributes:
        analysis: Of the scores.
        ends: Who ended, with counts (small ones suppressed: NaN).
        completeness: Share of clients with two scores.
        share_scored: Share of attended sessions with a score; NaN if not known.
        outcome: Of all who began, or None without a model.
        stay: Share still in therapy.
        leaving: Whether leaving follows scores.
        dose: Of `dropout.dose`, small groups suppressed.
        therapists: Differences between therapists, or None.
        no_therapists: Why there are none.
        planned: Session planned.
    """

    analysis: Analysis
    ends: pd.DataFrame
    completeness: float
    share_scored: float
    outcome: Outcome | None
    stay: Survival
    leaving: Leaving
    dose: pd.DataFrame
    therapists: TherapistEffects | None
    no_therapists: str
    planned: int


def read_clients(path: Path, known: set[str]) -> pd.DataFrame:
    """clients.csv: client, therapist, began, ended, ended_by, planned_sessions, covariates.

    Args:
        path: The file.
        known: Clients who have scores.

    Raises:
        ValueError: If a client is there twice, is missing, or ended by something unknown.
    """
    text = read_table(path)
    data = text.data
    if "client" not in data:
        raise ValueError(
            f"{text.file}: no column is called client. Columns: {', '.join(data.columns)}."
        )
    twice = data[data.client.duplicated(keep=False)]
    if len(twice):
        rows = " and ".join(
            str(text.row(i)) for i in twice.index[twice.client == twice.client.iloc[0]]
        )
        raise ValueError(
            f"{text.file}, rows {rows}: client {twice.client.iloc[0]} is there twice."
        )
    absent = sorted(known - set(data.client))
    if absent:
        raise ValueError(
            f"{text.file}: client {absent[0]} has scores but no row"
            + (f" ({len(absent)} such clients)." if len(absent) > 1 else ".")
        )
    made = pd.DataFrame({"client": data.client})
    made["therapist"] = data.get("therapist", "")
    made["ended_by"] = data.get("ended_by", "")
    for i, by in enumerate(made.ended_by):
        if by not in ENDS:
            raise ValueError(
                f"{text.file}, row {text.row(i)}, column ended_by: {by!r} is not one of "
                "client, "
                "agreed, therapist, other."
            )
    for name in ("began", "ended"):
        made[name] = dates_of(text, name) if name in data else pd.NaT
    back = made[made.ended < made.began]
    for i, row in back.iterrows():
        raise ValueError(
            f"{text.file}, row {text.row(i)}: client {row['client']} ended "
            f"({row['ended']:%Y-%m-%d}) "
            f"before beginning ({row['began']:%Y-%m-%d})."
        )
    made["planned"] = (
        numbers_of(text, "planned_sessions") if "planned_sessions" in data else np.nan
    )
    return made


def analyse_service(
    analysis: Analysis, clients: pd.DataFrame, planned: int | None = None
) -> ServiceResult:
    """What a service lead asks, with its uncertainty.

    Args:
        analysis: Of the scores.
        clients: Of `read_clients`.
        planned: Session planned; the median of the clients' by default.
    """
    table = analysis.scores.table
    data = panel(table)
    given = clients.set_index("client").reindex(list(data.clients))
    if planned is None:
        known = given.planned.dropna()
        planned = int(known.median()) if len(known) else analysis.planned
    left = (given.ended_by == "client").to_numpy()
    change = analysis.methods[0].changes
    sessions = table.groupby("client").time.max() - data.origin
    effects, reason = _therapists(analysis, clients)
    per_client = table.groupby("client").size()
    span = (sessions + 1).sum()
    return ServiceResult(
        analysis, _suppressed(clients.ended_by.value_counts()),
        len(analysis.pairs) / max(len(clients), 1),
        float(per_client.sum() / span) if span else np.nan,
        outcome_of_all(analysis.model, data, planned) if analysis.model else None,
        staying(data, left, planned),
        leaving_model(data, left, planned, sd=float(table["value"].std())),
        _small_groups(dose(change, sessions)) if len(change) else pd.DataFrame(),
        effects, reason, planned,
    )  # fmt: skip


def _therapists(
    analysis: Analysis, clients: pd.DataFrame
) -> tuple[TherapistEffects | None, str]:
    whose = clients.set_index("client").therapist
    named = analysis.scores.table.groupby("client").therapist.first()
    merged = analysis.pairs.assign(therapist=analysis.pairs.client.map(whose).fillna(""))
    merged["therapist"] = merged.therapist.where(
        merged.therapist != "", merged.client.map(named).fillna("")
    )
    try:
        return therapist_effects(merged), ""
    except ValueError as error:
        return None, str(error)


def _suppressed(counts: pd.Series) -> pd.DataFrame:
    """Counts under 5 hidden; if one alone is hidden, the next smallest, too."""
    table = counts.rename("clients").rename_axis("ended_by").reset_index()
    table["clients"] = table.clients.astype(float)
    hidden = (table.clients > 0) & (table.clients < SMALLEST)
    if hidden.sum() == 1 and len(table) > 1:
        rest = table[~hidden].clients
        hidden = hidden | (table.index == rest.idxmin())
    table.loc[hidden, "clients"] = np.nan
    return table


def _small_groups(table: pd.DataFrame) -> pd.DataFrame:
    small = (table.clients < SMALLEST) | ((table.improved > 0) & (table.improved < SMALLEST))
    columns: list[Any] = ["improved", "share", "change_per_session"]
    table = table.astype(dict.fromkeys(["improved", "clients"], float))
    table.loc[table.clients < SMALLEST, ["clients", *columns]] = np.nan
    table.loc[small, columns] = np.nan
    return table

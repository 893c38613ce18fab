"""Links to what is simulated and to what is measured."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.synchrony.old_names import renamed_columns

LEAST_CLIENTS, LEAST_SESSIONS = 8, 4


def trial_shape(path: Path, pattern: str | None = None) -> pd.DataFrame:
    """Share of the whole change that simulated clients reach by each session.

    A shape, no more: it never enters a signal, a forecast or a class.

    Args:
        path: `sessions.parquet` of `bowlby trial`.
        pattern: Attachment pattern; all clients by default.

    Returns:
        session, share.

    Raises:
        ValueError: If the file is not one of a trial.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such file. Give sessions.parquet of a `bowlby trial`.")
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path.name}: cannot be read as Parquet ({error}).") from error
    if not {"week", "phase", "symptoms_observed"} <= set(table.columns):
        raise ValueError(f"{path.name}: this is not sessions.parquet of a `bowlby trial`.")
    table = table[table.phase == "therapy"]
    if pattern is not None and "pattern" in table:
        table = table[table.pattern == pattern]
    mean = table.groupby("week").symptoms_observed.mean()
    if len(mean) < 3 or mean.iloc[-1] == mean.iloc[0]:
        raise ValueError(f"{path.name}: too few sessions of therapy to take a shape from.")
    share = (mean - mean.iloc[0]) / (mean.iloc[-1] - mean.iloc[0])
    return pd.DataFrame(
        {"session": mean.index.to_numpy() - mean.index[0], "share": share.to_numpy()}
    )


@dataclass(frozen=True)
class SynchronyEffect:
    """Synchrony of a session against the next score, within and between clients.

    Attributes:
        signal: Which signal.
        within: Change of the next score per SD of a client's own synchrony.
        between: The same between clients (not tested: other things differ, too).
        p: Permutation p of `within`, shuffled over sessions within clients.
        p_all: The same against the largest effect of all signals.
        detectable: Effect found in 80 % of samples of this size.
        clients: Clients.
        sessions: Sessions with a next score.
    """

    signal: str
    within: float
    between: float
    p: float
    p_all: float
    detectable: float
    clients: int
    sessions: int


def synchrony_effects(
    table: pd.DataFrame, *, permutations: int = 999, seed: int = 7
) -> list[SynchronyEffect]:
    """Does a session's synchrony go with the next score, given this one?

    next score ~ this score + synchrony within + synchrony between, each client its own mean.
    The null shuffles synchrony over the sessions of each client.

    Args:
        table: client, session, signal, synchrony, score, next_score.
        permutations: Shuffles.
        seed: Of the shuffles.

    Raises:
        ValueError: If there are fewer than 8 clients with 4 sessions: no verdict.
    """
    full = table.dropna(subset=["synchrony", "score", "next_score"])
    size = full.groupby(["signal", "client"]).session.transform("size")
    full = full[size >= LEAST_SESSIONS]
    made, nulls = [], []
    for signal, mine in full.groupby("signal", sort=True):
        n = mine.client.nunique()
        if n < LEAST_CLIENTS:
            continue
        prepared = _prepared(mine)
        nulls.append(_null(prepared, permutations, np.random.default_rng(seed)))
        made.append((str(signal), mine, prepared, n))
    if not made:
        most = int(full.groupby("signal").client.nunique().max()) if len(full) else 0
        raise ValueError(
            f"A verdict needs {LEAST_CLIENTS} clients with {LEAST_SESSIONS} sessions that have "
            f"synchrony, a score and a next score; {most} have."
        )
    largest = np.abs(np.array([null / null.std() for null in nulls])).max(0)
    out = []
    for (signal, mine, prepared, n), null in zip(made, nulls, strict=True):
        within, between = _effect(prepared), _between(mine)
        p = (1 + int((np.abs(null) >= abs(within) - 1e-12).sum())) / (permutations + 1)
        over = (largest >= abs(within) / null.std() - 1e-12).sum()
        out.append(SynchronyEffect(
            signal, within, between, p, (1 + int(over)) / (permutations + 1),
            2.8 * float(null.std()), n, len(mine),
        ))  # fmt: skip
    return out


@dataclass(frozen=True)
class _Prepared:
    """Within-client deviations: outcome with the score taken out, synchrony, whose it is."""

    outcome: FloatArray
    score: FloatArray
    synchrony: FloatArray
    groups: list[np.ndarray]


def _prepared(mine: pd.DataFrame) -> _Prepared:
    by = mine.groupby("client")
    away = {c: (mine[c] - by[c].transform("mean")).to_numpy(float)
            for c in ("next_score", "score", "synchrony")}  # fmt: skip
    spread = float(away["synchrony"].std())
    if not spread > 0:
        raise ValueError("Synchrony does not vary within clients: nothing to test.")
    place = {c: i for i, c in enumerate(mine.index)}
    groups = [np.array([place[j] for j in index]) for index in by.groups.values()]
    return _Prepared(away["next_score"], away["score"], away["synchrony"] / spread, groups)


def _effect(d: _Prepared, synchrony: FloatArray | None = None) -> float:
    x = np.column_stack([d.synchrony if synchrony is None else synchrony, d.score])
    return float(np.linalg.lstsq(x, d.outcome, rcond=None)[0][0])


def _null(d: _Prepared, many: int, rng: np.random.Generator) -> FloatArray:
    out = np.empty(many)
    for k in range(many):
        shuffled = d.synchrony.copy()
        for group in d.groups:
            shuffled[group] = d.synchrony[rng.permutation(group)]
        out[k] = _effect(d, shuffled)
    return out


def _between(mine: pd.DataFrame) -> float:
    mean = mine.groupby("client")[["next_score", "score", "synchrony"]].mean()
    if mean.synchrony.std() == 0:
        return float("nan")
    x = np.column_stack([
        (mean.synchrony - mean.synchrony.mean()) / mean.synchrony.std(), mean.score,
        np.ones(len(mean)),
    ])  # fmt: skip
    return float(np.linalg.lstsq(x, mean.next_score.to_numpy(float), rcond=None)[0][0])


def joined(summary: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """The summary of `bowlby measure` beside this and the next score.

    Args:
        summary: Its summary.csv, with client and session (from participants.tsv, or joined by
            a table of recordings).
        scores: client, time, value.

    Raises:
        ValueError: If columns are wanting or nothing fits.
    """
    summary = renamed_columns(summary)
    for name in ("client", "session", "signal", "z"):
        if name not in summary:
            raise ValueError(
                f"The summary has no column {name}. Columns: {', '.join(summary.columns)}. "
                "Name "
                "client and session in participants.tsv, or pass --recordings with a table of "
                "recording, client, session."
            )
    main = summary.drop_duplicates(["client", "session", "signal"])
    table = scores.sort_values(["client", "time"]).copy()
    table["next_score"] = table.groupby("client")["value"].shift(-1)
    main = main.assign(client=main.client.astype(str), session=main.session.astype(int))
    made = main.merge(table, left_on=["client", "session"], right_on=["client", "time"])
    if not len(made):
        raise ValueError(
            "No recording fits a score: the summary has clients such as "
            f"{main.client.iloc[0]}, "
            f"session {main.session.iloc[0]}; scores have {scores.client.iloc[0]}, session "
            f"{scores.time.iloc[0]}."
        )
    made = made.rename(columns={"z": "synchrony", "value": "score"})
    return made[["client", "session", "signal", "synchrony", "score", "next_score"]]

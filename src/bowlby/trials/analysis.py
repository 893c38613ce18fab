"""Analyse a trial: who went where, which arm did better, and what happened on the way."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import OUTCOMES, arm_names, reference_arm, treated_arms, trial_of
from bowlby.simulation.instruments import READOUTS
from bowlby.statistics.correlation import correlation
from bowlby.statistics.intervals import (
    difference_interval,
    number_needed,
    share_interval,
)
from bowlby.statistics.survival import survival
from bowlby.trials.baseline import baseline_of
from bowlby.trials.comparison import compare, observed
from bowlby.trials.monitoring import monitoring, re_estimation
from bowlby.trials.outcomes import clinical_cutoff, reliable_change, sudden_gains
from bowlby.trials.world import world

STATEMENT = (
    "These are results of a model: every client is simulated. They show what the theory, "
    "written as equations, implies, and are no evidence about patients."
)


def analyse(
    design: Course, clients: pd.DataFrame, sessions: pd.DataFrame, *, assessed: int
) -> dict[str, Any]:
    """Everything that is reported of a trial, as plain data.

    Args:
        design: The trial.
        clients: A row per client.
        sessions: A row per client and week.
        assessed: Candidates who were assessed.
    """
    secondary = [
        name for name in OUTCOMES
        if name != trial_of(design).primary
        and (not name.endswith("follow_up") or design.life.follow_up_weeks >= 4)
    ]  # fmt: skip
    found = {
        "statement": STATEMENT,
        "title": design.title,
        "seed": design.seed,
        "alpha": trial_of(design).alpha,
        "reference": reference_arm(design),
        "blinded": trial_of(design).blinded,
        "bias": 0.0 if trial_of(design).blinded else trial_of(design).bias,
        "flow": flow(design, clients, assessed=assessed),
        "baseline": _baseline(design, clients),
        "primary": compare(design, clients, trial_of(design).primary),
        "recruitment": recruitment(design, clients),
        "second_stage": second_stage(design, clients),
        "monitoring": monitoring(design, clients),
        "re_estimation": re_estimation(design, clients),
        "secondary": [compare(design, clients, name) for name in secondary],
        "change": change_by_arm(design, clients),
        "dropout": dropout(design, clients),
        "course": course_by_arm(design, sessions),
        "dose_response": dose_response(design, clients, sessions),
        "sudden_gains": gains_by_arm(design, clients, sessions),
        "ruptures": ruptures(design, clients),
        "alliance": alliance(design, clients),
    }
    return plain(found | {"world": _world(design, clients, found)})


def _world(design: Course, clients: pd.DataFrame, found: dict[str, Any]) -> dict[str, Any]:
    """The world, with what the analysis found in it."""
    waits = [n for n, t in zip(arm_names(design), treated_arms(design), strict=True) if not t]
    against = [-row["g"] for row in found["primary"]["contrasts"] if row["second"] in waits]
    return world(
        design, clients, icc=found["primary"]["icc"]["icc"],
        g=float(np.mean(against)) if against else None,
        deteriorated={r["arm"]: r["deteriorated"]["share"] for r in found["change"]["arms"]},
    )  # fmt: skip


def plain(value: Any) -> Any:
    """The same with Python's own numbers; what is not finite is None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def flow(design: Course, clients: pd.DataFrame, *, assessed: int) -> dict[str, Any]:
    """Counts of a CONSORT flow diagram.

    Source:
        Schulz, Altman & Moher (2010), BMJ 340, c332.
    """
    arms, primary = [], trial_of(design).primary
    analysed = observed(design, clients, primary)[0]
    for name, treated in zip(arm_names(design), treated_arms(design), strict=True):
        mine = clients[clients.arm == name]
        lost = int(mine[trial_of(design).primary].isna().sum())
        arms.append(
            {
                "arm": name, "allocated": len(mine), "treated": treated,
                "therapists": int(mine.therapist[mine.therapist >= 0].nunique()),
                "received": int((mine.sessions_attended > 0).sum()),
                "left": int(np.isfinite(mine.exit_session.to_numpy(float)).sum()),
                "missing": lost, "analysed": int((analysed.arm == name).sum()),
            }
        )  # fmt: skip
    return {
        "assessed": assessed, "excluded": assessed - len(clients),
        "severity": trial_of(design).severity, "randomised": len(clients), "arms": arms,
    }  # fmt: skip


def recruitment(design: Course, clients: pd.DataFrame) -> dict[str, Any]:
    """How long randomising took, and when the last outcome was in (weeks of the calendar)."""
    rate = trial_of(design).recruited_per_week
    if not rate:
        return {"per_week": None}
    last = float(clients["enrolled_week"].max())
    return {"per_week": rate, "weeks": last, "last_outcome_week": last + follow_up_of(design)}


def second_stage(design: Course, clients: pd.DataFrame) -> dict[str, Any] | None:
    """Who responded and who was randomised again, by arm."""
    stage = trial_of(design).second_stage
    if stage is None:
        return None
    arms = []
    for name, options in stage.options.items():
        mine = clients[clients.arm == name]
        responded, again = mine.responded.astype(bool), mine.randomised_again.astype(bool)
        arms.append(
            {
                "arm": name, "n": len(mine), "responded": int(responded.sum()),
                "left": int((~responded & ~again).sum()), "again": int(again.sum()),
                "options": {each: int((mine.option == each).sum()) for each in options},
            }
        )  # fmt: skip
    return {
        "session": stage.session, "response": stage.response, "criterion": stage.criterion,
        "arms": arms,
    }  # fmt: skip


def follow_up_of(design: Course) -> int:
    """Weeks from randomisation to the main outcome."""
    after = design.life.follow_up_weeks
    is_later = trial_of(design).primary.endswith("follow_up")
    return design.therapy.sessions + (after if is_later else 0)


def _baseline(design: Course, clients: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for name in arm_names(design):
        mine = clients[clients.arm == name]
        patterns = mine.pattern.value_counts(normalize=True)
        rows.append(
            {
                "arm": name, "n": len(mine),
                **{
                    f"{column}_{what}": getattr(mine[column], what)()
                    for column in ("internalising_before", "externalising_before", "anxiety",
                                   "avoidance")
                    for what in ("mean", "std")
                },
                "patterns": {p: float(patterns.get(p, 0.0)) for p in "ABCD"},
            }
        )  # fmt: skip
    return rows


def change_by_arm(design: Course, clients: pd.DataFrame) -> dict[str, Any]:
    """Reliable improvement, recovery and deterioration; risk difference to the reference."""
    outcome = trial_of(design).primary
    before = clients[baseline_of(outcome)].to_numpy(float)
    fall = before - clients[outcome].to_numpy(float)
    limit = reliable_change(READOUTS[outcome].noise)
    cutoff, alpha = clinical_cutoff(before), trial_of(design).alpha
    known = np.isfinite(fall)
    recovered = (fall > limit) & (before > cutoff) & (before - fall <= cutoff)
    arms = []
    for name in arm_names(design):
        mine = (clients.arm == name).to_numpy() & known
        row: dict[str, Any] = {
            "arm": name,
            "n": int(mine.sum()),
            "mean_fall": fall[mine].mean(),
        }
        for kind, met in (
            ("improved", fall > limit), ("recovered", recovered),
            ("deteriorated", fall < -limit),
        ):  # fmt: skip
            count = int(met[mine].sum())
            low, high = share_interval(count, int(mine.sum()), alpha=alpha)
            row[kind] = {"n": count, "share": count / mine.sum(), "low": low, "high": high}
        arms.append(row)
    base = next(row for row in arms if row["arm"] == reference_arm(design))
    for row in arms:
        gained = row["improved"]["share"] - base["improved"]["share"]
        counts = row["improved"]["n"], row["n"], base["improved"]["n"], base["n"]
        low, high = difference_interval(*counts, alpha=alpha) if row is not base else (0.0, 0.0)
        needed = number_needed(gained, low, high)
        row["risk_difference"] = {"difference": gained, "low": low, "high": high}
        row["number_needed_to_treat"] = needed and dict(
            zip(("number", "low", "high"), needed, strict=True)
        )
    return {"reliable_change": limit, "cutoff": cutoff, "arms": arms}


def dropout(design: Course, clients: pd.DataFrame) -> dict[str, Any]:
    """Who is still in therapy, and whether the arms differ (log-rank test)."""
    last, alpha = design.therapy.sessions, trial_of(design).alpha
    exits = clients.exit_session.to_numpy(float)
    has_left = np.isfinite(exits)
    time = np.where(has_left, exits, last).astype(int)
    arms = []
    for name, treated in zip(arm_names(design), treated_arms(design), strict=True):
        if not treated:
            continue
        mine = (clients.arm == name).to_numpy()
        found = survival(time[mine], has_left[mine], last, alpha=alpha)
        arms.append(
            {"arm": name, "n": int(mine.sum()), "left": int(has_left[mine].sum()),
             "session": found.session, "share": found.share, "low": found.low,
             "high": found.high}
        )  # fmt: skip
    return {"arms": arms, "log_rank": _log_rank(design, clients, time, has_left)}


def _log_rank(design, clients, time, has_left) -> dict[str, Any]:
    from statsmodels.duration.survfunc import survdiff

    treated = [n for n, t in zip(arm_names(design), treated_arms(design), strict=True) if t]
    mine = clients.arm.isin(treated).to_numpy()
    if len(treated) < 2:
        return {"p": None, "reason": "one arm has sessions, so there is nothing to compare"}
    if not has_left[mine].any():
        return {"p": None, "reason": "nobody left"}
    statistic, p = survdiff(time[mine], has_left[mine], clients.arm[mine].to_numpy(str))
    return {"chi_square": float(statistic), "df": len(treated) - 1, "p": float(p), "reason": ""}


def course_by_arm(design: Course, sessions: pd.DataFrame) -> list[dict[str, Any]]:
    """Weekly observed symptoms of all randomised clients, with intervals of the mean."""
    rows = []
    for name in arm_names(design):
        found = sessions[sessions.arm == name].groupby("week").symptoms_observed
        mean = found.mean()
        half = stats.t.isf(trial_of(design).alpha / 2, found.size() - 1) * found.sem()
        rows.append(
            {"arm": name, "week": mean.index.to_numpy(), "mean": mean.to_numpy(),
             "low": (mean - half).to_numpy(), "high": (mean + half).to_numpy()}
        )  # fmt: skip
    return rows


def dose_response(
    design: Course, clients: pd.DataFrame, sessions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Share reliably improved after each session, of those who are still in therapy.

    Source:
        Howard et al. (1986), American Psychologist 41(2), 159-164; they plot the share improved
        by session, with reliable change (Jacobson & Truax, 1991) in the place of ratings.
    """
    limit = reliable_change(READOUTS["internalising_after"].noise)
    before = clients.set_index("client").internalising_before
    rows = []
    for name, treated in zip(arm_names(design), treated_arms(design), strict=True):
        if not treated:
            continue
        mine = sessions[(sessions.arm == name) & (sessions.present > 0.5)]
        fall = mine.client.map(before).to_numpy(float) - mine.symptoms_observed.to_numpy(float)
        table = pd.DataFrame({"session": mine.session, "fall": fall, "met": fall > limit})
        by = table.groupby("session")
        mean = by.fall.mean()
        slope = np.polyfit(np.log2(mean.index.to_numpy(float)), mean.to_numpy(), 1)[0]
        rows.append(
            {"arm": name, "session": mean.index.to_numpy(), "n": by.size().to_numpy(),
             "improved": by.met.mean().to_numpy(), "mean_fall": mean.to_numpy(),
             "fall_per_doubling": slope}
        )  # fmt: skip
    return rows


def gains_by_arm(
    design: Course, clients: pd.DataFrame, sessions: pd.DataFrame
) -> list[dict[str, Any]]:
    """Clients with sudden gains, and the outcome of those with and without."""
    error, outcome = READOUTS["internalising_after"].noise, trial_of(design).primary
    attended = sessions[sessions.present > 0.5].sort_values(["client", "week"])
    gains = {
        client: sudden_gains(values.to_numpy(float), error=error)
        for client, values in attended.groupby("client").symptoms_observed
    }
    fall = (clients[baseline_of(outcome)] - clients[outcome]).to_numpy(float)
    has_gain = np.array([bool(gains.get(c)) for c in clients.client])
    rows = []
    for name, treated in zip(arm_names(design), treated_arms(design), strict=True):
        if not treated:
            continue
        mine = (clients.arm == name).to_numpy()
        sessions_of = [s for c in clients.client[mine] for s in gains.get(c, [])]
        rows.append(
            {"arm": name, "n": int(mine.sum()), "with_gain": int(has_gain[mine].sum()),
             "gains": len(sessions_of),
             "median_session": np.median(sessions_of) if sessions_of else None,
             "mean_fall_with": _mean(fall[mine & has_gain]),
             "mean_fall_without": _mean(fall[mine & ~has_gain])}
        )  # fmt: skip
    return rows


def _mean(values: FloatArray) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def ruptures(design: Course, clients: pd.DataFrame) -> list[dict[str, Any]]:
    """Ruptures, the share repaired, and how repair goes with outcome."""
    outcome, rows = trial_of(design).primary, []
    for name, treated in zip(arm_names(design), treated_arms(design), strict=True):
        if not treated:
            continue
        mine = clients[clients.arm == name]
        broken, mended = mine.ruptures.to_numpy(float), mine.repairs.to_numpy(float)
        share = np.divide(mended, broken, out=np.full_like(broken, np.nan), where=broken > 0)
        fall = (mine[baseline_of(outcome)] - mine[outcome]).to_numpy(float)
        found = asdict(correlation(share, fall, alpha=trial_of(design).alpha))
        repaired = _mean(mended) / _mean(broken) if _mean(broken) > 0.0 else None
        rows.append({"arm": name, "per_session": _mean(broken), "repaired": repaired,
                     "repair_outcome": found})  # fmt: skip
    return rows


def alliance(design: Course, clients: pd.DataFrame) -> dict[str, Any]:
    """Correlation of early alliance with outcome given baseline, within arms.

    Both are freed of arm and baseline first; a positive r means that better alliance goes with
    lower symptoms afterwards.
    """
    outcome = trial_of(design).primary
    names = [n for n, t in zip(arm_names(design), treated_arms(design), strict=True) if t]
    found = {}
    for rater in ("client", "therapist"):
        column = f"alliance_{rater}"
        used = clients[
            clients.arm.isin(names) & clients[outcome].notna() & clients[column].notna()
        ]
        dummies = [(used.arm == name).to_numpy(float) for name in names]
        x = np.column_stack([*dummies, used[baseline_of(outcome)].to_numpy(float)])
        both = used[[column, outcome]].to_numpy(float)
        rest = both - x @ np.linalg.lstsq(x, both, rcond=None)[0]
        alpha = trial_of(design).alpha
        found[rater] = asdict(correlation(rest[:, 0], -rest[:, 1], alpha=alpha))
    return found

"""The world a trial took place in: its parameters, and how far it is like what was published.

A power analysis is only as good as its world. So what the trial itself shows of leaving, of
getting better with and without therapy and of therapists is held against published findings.
"""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from bowlby.courses.course import Course
from bowlby.courses.theories import FILE, entries, theory_name
from bowlby.courses.trial import arm_names, treated_arms, trial_of
from bowlby.trials.baseline import baseline_of

HEALTHY = -1.5
"""Zero of a scale on which symptoms can halve (SD of the population), as evidence has it."""

_PARAMETERS = ("client", "childhood.population", "life.partner_quality", "therapy.skill_sd")
"""Entries of a course that are parameters of people, beside its theory."""


def world(design: Course, clients: pd.DataFrame, *, icc: float | None, g: float | None,
          deteriorated: Mapping[str, float]) -> dict[str, Any]:  # fmt: skip
    """What ran, and each figure beside the published one.

    Args:
        design: The trial.
        clients: A row per client.
        icc: Share of variance between therapists.
        g: Mean effect of arms with sessions against the waiting list, positive in their favour.
        deteriorated: Share reliably worse of each arm.
    """
    treated = [n for n, t in zip(arm_names(design), treated_arms(design), strict=True) if t]
    in_therapy = clients["arm"].isin(treated)
    responded = _responded(clients, trial_of(design).primary)
    exits = clients["exit_session"].to_numpy(float)
    worse = [deteriorated[name] for name in treated]
    found = {
        "response-control": responded[~in_therapy & responded.notna()].mean(),
        "response-therapy": responded[in_therapy & responded.notna()].mean(),
        "therapy-vs-control": g,
        "dropout-rate": np.isfinite(exits[in_therapy]).mean(),
        "deterioration-rate": float(np.mean(worse)) if worse else None,
        "therapist-var": icc,
    }
    rows = [
        {"finding": slug, "claim": published["claim"], "here": float(here),
         "published": published["value"], "source": published["source"],
         "is_like": float(published["band_low"]) <= here <= float(published["band_high"])}
        for slug, here in found.items()
        if here is not None and np.isfinite(here) and (published := _published()[slug])
    ]  # fmt: skip
    return {"theory": theory_name(design), "changed": dict(_changed(design)), "rows": rows}


def _responded(clients: pd.DataFrame, primary: str) -> pd.Series:
    """Whether symptoms at least halved; missing where the outcome is."""
    before, after = clients[baseline_of(primary)] - HEALTHY, clients[primary] - HEALTHY
    return (after <= 0.5 * before).astype(float).where(after.notna())


def _changed(design: Course) -> Iterator[tuple[str, Any]]:
    """Parameters that are not bowlby's defaults."""
    own = dict(entries(design.model_dump(mode="json", include={"client", "childhood", "life",
                                                               "therapy"})))  # fmt: skip
    default = dict(entries(Course().model_dump(mode="json")))
    for name, value in own.items():
        if name.startswith(_PARAMETERS) and value != default.get(name):
            yield name, value
    for name, value in entries({k: v for k, v in design.theory.items() if k != FILE}):
        yield f"theory.{name}", value
    for name, share in design.ablate.items():
        yield f"ablate.{name}", share


def _published() -> dict[str, dict[str, str]]:
    # The table alone: the code that evidence has for it stands above trials.
    text = (files("bowlby.evidence.data") / "findings.csv").read_text(encoding="utf-8")
    return {row["slug"]: row for row in csv.DictReader(text.splitlines())}

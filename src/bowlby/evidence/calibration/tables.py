"""A calibration as tables: findings, region, screening, runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.evidence.calibration.calibrate import BEST, DEFAULT, Calibration
from bowlby.evidence.calibration.folds import compared, is_in_band
from bowlby.evidence.calibration.matching import half_band
from bowlby.evidence.calibration.parameters import values_at
from bowlby.evidence.scoring import Comparison, guess, published_number

IDENTIFIED = 0.85
"""A parameter is identified when its region is at most this wide, as a share of the prior."""


def values_by_way(made: Calibration) -> dict[str, dict[str, float]]:
    """Value of every target by the way it was got: emulated and, where checked, simulated."""
    ways = {
        "default": made.emulated_at(made.default),
        "in_fold": made.emulated_at(made.region.best),
        "out_of_fold": {slug: f.value for slug, f in made.forecasts.items()},
    }
    if made.checked:
        ways |= {
            "default_run": dict(made.checked[DEFAULT]),
            "in_fold_run": dict(made.checked[BEST]),
            "out_of_fold_run": made.checked_out_of_fold(),
        }
    slugs = set(made.targets.slugs)
    return {name: {s: v for s, v in told.items() if s in slugs} for name, told in ways.items()}


def comparisons(made: Calibration) -> dict[str, Comparison]:
    """Every way against the guess that needs no model."""
    return {
        name: compared(made.targets.findings, values, seed=made.plan.seed)
        for name, values in values_by_way(made).items()
    }


def findings_table(made: Calibration) -> pd.DataFrame:
    """A row a target: published, guess, every way, and how good its emulator is."""
    ways, rows = values_by_way(made), []
    for finding in made.targets.findings:
        emulator, forecast = made.emulators[finding.slug], made.forecasts[finding.slug]
        guessed = guess(finding)
        last = ways.get("out_of_fold_run", ways["out_of_fold"])[finding.slug]
        rows.append(
            {
                "slug": finding.slug, "area": finding.area, "leak_group": finding.group,
                "statistic": finding.statistic, "published": published_number(finding),
                "half_band": half_band(finding),
                "guess": np.nan if guessed is None else guessed,
                **{name: values[finding.slug] for name, values in ways.items()},
                "out_of_fold_low": forecast.low, "out_of_fold_high": forecast.high,
                "is_met_out_of_fold": is_in_band(finding, last),
                "is_met_by_guess": None if guessed is None else is_in_band(finding, guessed),
                "is_out_of_reach": finding.slug in made.region.out_of_reach,
                "emulator_q2": emulator.q2, "emulator_best_q2": emulator.best_q2,
                "emulator_coverage": emulator.coverage, "noise_of_run": emulator.noise,
                "runs": emulator.runs,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def region_table(made: Calibration) -> pd.DataFrame:
    """A row a parameter: prior, region, calibrated value, whether it was identified."""
    points = made.region.points
    low, median, high = np.quantile(points, [0.05, 0.5, 0.95], axis=0)
    at = [values_at(made.parameters, point) for point in (low, median, high, made.region.best)]
    widths = (high - low) / 1.8
    others = np.abs(correlations(points)) - np.eye(len(made.parameters))
    nearest = others.argmax(1)
    signed = correlations(points)
    rows = [
        {
            "parameter": p.name, "unit": p.unit, "meaning": p.meaning, "prior_low": p.low,
            "prior_high": p.high, "default": p.default, "region_low": at[0][p.name],
            "region_median": at[1][p.name], "region_high": at[2][p.name],
            "calibrated": at[3][p.name], "width": widths[i],
            "is_identified": bool(widths[i] <= IDENTIFIED),
            "most_correlated": made.parameters[nearest[i]].name, "r": signed[i, nearest[i]],
        }
        for i, p in enumerate(made.parameters)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def correlations(points: FloatArray) -> FloatArray:
    """Correlations of the parameters within the region; 0 where there is only one point."""
    if len(points) < 3:
        return np.eye(points.shape[1])
    return np.asarray(np.nan_to_num(np.corrcoef(points.T)))


def screening_table(made: Calibration) -> pd.DataFrame:
    """A row an output and parameter: effect over the prior range, in half-bands or SD."""
    halves = {f.slug: half_band(f) for f in made.targets.findings}
    rows = []
    for name, effects in made.effects.items():
        unit = halves.get(name, made.emulators[name].scale)
        for i, parameter in enumerate(made.parameters):
            rows.append(
                {
                    "output": name, "parameter": parameter.name,
                    "unit": "half-bands" if name in halves else "SD over runs",
                    "effect": effects.size[i] / unit, "mean": effects.mean[i] / unit,
                    "spread": effects.spread[i] / unit,
                    "interval": effects.interval[i] / unit,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def runs_table(made: Calibration) -> pd.DataFrame:
    """A row a run."""
    return pd.DataFrame(
        [
            {k: row[k] for k in ("wave", "label", "seed", "dyads", "seconds")}
            | {f"parameter: {k}": v for k, v in row["parameters"].items()}
            | {f"finding: {k}": v for k, v in row["statistics"].items()}
            | {f"readout: {k}": v for k, v in row["readouts"].items()}
            for row in made.rows
        ]
    )


def points_table(made: Calibration) -> pd.DataFrame:
    """A row a point of the region, in the parameters' own units."""
    return pd.DataFrame([values_at(made.parameters, point) for point in made.region.points])


def undefined_in(made: Calibration, slugs: Sequence[str]) -> dict[str, int]:
    """In how many runs these findings had no value."""
    return {slug: sum(row["statistics"][slug] is None for row in made.rows) for slug in slugs}

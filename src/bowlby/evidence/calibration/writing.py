"""A calibration written down: tables for scripts, parameters for the simulator, a page."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bowlby.evidence.calibration.calibrate import Calibration, plan_content
from bowlby.evidence.calibration.folds import missed_by_guess
from bowlby.evidence.calibration.matching import LIMIT
from bowlby.evidence.calibration.parameters import parameters_toml
from bowlby.evidence.calibration.tables import (
    comparisons,
    correlations,
    findings_table,
    points_table,
    region_table,
    runs_table,
    screening_table,
    undefined_in,
)
from bowlby.evidence.scoring import Comparison

WAYS = {
    "default": "default parameters, emulated",
    "in_fold": "calibrated, emulated, in fold",
    "out_of_fold": "calibrated, emulated, out of fold",
    "default_run": "default parameters, simulated",
    "in_fold_run": "calibrated, simulated, in fold",
    "out_of_fold_run": "calibrated, simulated, out of fold",
}
"""Ways to a value, in words."""


def write_calibration(made: Calibration, folder: Path, *, command: str) -> None:
    """Write everything into a folder."""
    content = calibration_content(made)
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "calibration.json").write_text(text + "\n", encoding="utf-8")
    runs_table(made).to_parquet(folder / "runs.parquet", index=False)
    points_table(made).to_parquet(folder / "region.parquet", index=False)
    region_table(made).to_csv(folder / "region.csv", index=False, float_format="%.6g")
    findings_table(made).to_csv(folder / "findings.csv", index=False, float_format="%.6g")
    screening_table(made).to_csv(folder / "screening.csv", index=False, float_format="%.4g")
    (folder / "calibrated.toml").write_text(
        parameters_toml(made.parameters, made.best_values, _origin(made, command)),
        encoding="utf-8",
    )
    (folder / "report.html").write_text(calibration_html(made), encoding="utf-8")


def _origin(made: Calibration, command: str) -> list[str]:
    from importlib.metadata import version

    plan = made.plan
    return [
        "Population parameters calibrated against published findings: one point of the region",
        "that they do not rule out. Results of a model, not evidence about patients.",
        f"Made by: {command} (bowlby {version('bowlby')}, seed {plan.seed}, {plan.runs} runs "
        f"over the prior, {plan.region_runs} in the region, {plan.dyads} dyads a sample).",
    ]


def calibration_content(made: Calibration) -> dict[str, Any]:
    """All results as plain content for JSON; null where something is undefined."""
    region, emulators = made.region, made.targets.emulators
    q2 = [emulators[slug].q2 for slug in made.targets.slugs]
    coverage = [emulators[slug].coverage for slug in made.targets.slugs]
    content = {
        "plan": plan_content(made.plan),
        "limit": LIMIT,
        "findings": len(made.targets.findings),
        "groups": len({f.group for f in made.targets.findings}),
        "not_emulated": undefined_in(made, made.unused),
        "emulators": {"median_q2": float(np.median(q2)), "coverage": float(np.mean(coverage))},
        "region": {
            "volume": region.volume, "strict_volume": region.strict_volume,
            "volume_after_first_wave": made.first.volume, "points": len(region.points),
            "groups_allowed_to_be_implausible": region.allowed,
            "out_of_reach": list(region.out_of_reach), "score": region.score,
            "correlations": correlations(region.points).round(3).tolist(),
        },
        "parameters": _records(region_table(made)),
        "calibrated": made.best_values,
        "comparisons": {name: asdict(each) for name, each in comparisons(made).items()},
        "folds": [
            {"groups": list(f.groups), "score_of_the_others": f.region.score}
            for f in made.folds
        ],
        "missed_by_guess": _missed_by_guess(made),
        "pulls": [asdict(pull) for pull in made.pulls],
        "by_finding": _records(findings_table(made)),
    }  # fmt: skip
    return _plain(content)


def _missed_by_guess(made: Calibration) -> list[dict[str, Any]]:
    met = findings_table(made).set_index("slug").is_met_out_of_fold
    missed = missed_by_guess(made.targets.findings)
    return [{"slug": f.slug, "is_met_out_of_fold": bool(met[f.slug])} for f in missed]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # pyright: ignore[reportReturnType]


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    if isinstance(content, np.generic):
        content = content.item()
    return None if isinstance(content, float) and not np.isfinite(content) else content


def summary(made: Calibration) -> list[str]:
    """What is left of the parameters, in a few lines."""
    region, table = made.region, region_table(made)
    identified = table[table.is_identified].parameter
    lines = [
        f"{len(made.targets.findings)} findings of "
        f"{len({f.group for f in made.targets.findings})} groups, {len(made.rows)} runs.",
        f"The region holds {region.volume:.2%} of the prior; at each of its points at most "
        f"{region.allowed} groups are implausible"
        + (
            f" ({region.strict_volume:.2%} rule out none)."
            if region.strict_volume
            else ": no point satisfies all groups that can be reached one by one."
        ),
    ]
    if region.out_of_reach:
        lines.append(f"No parameters reach: {', '.join(region.out_of_reach)}.")
    if made.unused:
        lines.append(f"Undefined too often to be emulated: {', '.join(made.unused)}.")
    lines.append(f"Identified: {', '.join(map(_short, identified)) or 'no parameter'}.")
    lines.append(
        f"Not identified: {', '.join(map(_short, table[~table.is_identified].parameter))}."
    )
    return lines


def told_comparisons(made: Calibration) -> list[str]:
    """How near every way comes, and what it gets that the guess does not, a line each."""
    lines = [f"{WAYS[name]}: {_said(each)}" for name, each in comparisons(made).items()]
    return [*lines, told_missed(made)]


def told_missed(made: Calibration) -> str:
    """Which of the findings that the guess misses are met out of fold."""
    got = [row["slug"] for row in _missed_by_guess(made) if row["is_met_out_of_fold"]]
    missed = [row["slug"] for row in _missed_by_guess(made) if not row["is_met_out_of_fold"]]
    return (
        f"Of the findings that the guess misses, met out of fold: {', '.join(got) or 'none'}; "
        f"missed: {', '.join(missed) or 'none'}."
    )


def _said(each: Comparison) -> str:
    return (
        f"{each.model:.2f} half-bands from the published numbers, the guess {each.guess:.2f} "
        f"(advantage {each.advantage:+.2f}, 95 % interval {each.low:+.2f} to {each.high:+.2f}, "
        f"{each.groups} groups)"
    )


def _short(name: str) -> str:
    """A parameter's name where it is clear what it belongs to."""
    return name.removeprefix("childhood.population.").replace("_", " ").rpartition(".")[2]


def calibration_html(made: Calibration) -> str:
    """The calibration as one self-contained page."""
    from bowlby.reports.environment import page_environment

    environment = page_environment("bowlby.evidence")
    findings = findings_table(made)
    return environment.get_template("calibration.html.j2").render(
        summary=summary(made),
        guessed=told_missed(made),
        cards=_cards(made),
        comparisons=[(WAYS[name], each) for name, each in comparisons(made).items()],
        parameters=[
            {**p, "most_correlated": _short(p["most_correlated"])}
            for p in _records(region_table(made))
        ],
        findings=_records(findings),
        pulls=made.pulls,
        plan=made.plan,
        q2=findings.emulator_q2.median(),
        best_q2=findings.emulator_best_q2.median(),
        coverage=findings.emulator_coverage.mean(),
        **_figures(made, findings),
    )


def _cards(made: Calibration) -> list[dict[str, str]]:
    ways = comparisons(made)
    out = ways.get("out_of_fold_run", ways["out_of_fold"])
    inside = ways.get("in_fold_run", ways["in_fold"])
    named = (
        ("guess", out.guess), ("in fold", inside.model), ("out of fold", out.model),
        ("advantage out of fold", out.advantage),
    )  # fmt: skip
    return [{"label": label, "value": f"{value:.2f}"} for label, value in named]


def _figures(made: Calibration, findings: pd.DataFrame) -> dict[str, str]:
    from bowlby.figures.calibration_region import (
        Marginal,
        Near,
        distances_of_findings,
        effects_map,
        marginal_regions,
    )

    shares = np.quantile(made.region.points, [0.05, 0.5, 0.95], axis=0)
    at = 0.5 * (np.vstack([shares, made.region.best, made.default]) + 1.0)
    identified = region_table(made).is_identified
    marginals = [
        Marginal(_short(p.name), *map(float, at[:, i]), is_identified=bool(identified[i]))
        for i, p in enumerate(made.parameters)
    ]

    def off(row, name: str) -> float:
        return float((row[name] - row.published) / row.half_band)

    names = ("guess", "default", "in_fold", "out_of_fold")
    near = [Near(r.slug, *(off(r, name) for name in names)) for _, r in findings.iterrows()]
    targets = list(made.targets.slugs)
    readouts = [name for name in made.effects if ": " in name]
    return {
        "marginals": _inline(marginal_regions(marginals), "Region of each parameter"),
        "distances": _inline(distances_of_findings(near), "Distance of each finding"),
        "screened": _map(made, targets, effects_map, "Half-bands over the prior range"),
        "screened_readouts": _map(made, readouts, effects_map, "SD over the prior range")
        if readouts
        else "",
    }


def _map(made: Calibration, outputs: Sequence[str], draw, unit: str) -> str:
    table = screening_table(made)
    columns = [p.name for p in made.parameters]
    wide = table.pivot_table(index="output", columns="parameter", values="mean")
    effects = wide.loc[list(outputs), columns].to_numpy(float)
    return _inline(draw(effects, outputs, [_short(c) for c in columns], unit), unit)


def _inline(figure, label: str) -> str:
    from bowlby.figures.style import figure_svg
    from bowlby.reports.inline import inline_svg

    return inline_svg(figure_svg(figure, salt=label), label=label)

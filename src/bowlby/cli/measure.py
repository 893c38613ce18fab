"""`bowlby measure`: recordings in, a report out."""

import json
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import Exit, app, problems_told, progress_bars

if TYPE_CHECKING:
    from bowlby.studies.plan import Study


@app.command()
def measure(
    paths: o.Paths,
    rate: o.Rate = None,
    pairs: o.Pairs = None,
    first: o.First = None,
    second: o.Second = None,
    roles: o.Roles = None,
    kind: o.Kind = None,
    offset: o.Offset = None,
    sync: o.Sync = None,
    zone: o.Zone = None,
    file_format: o.FileFormat = None,
    signals: o.Signals = None,
    phases: o.Phases = None,
    events: o.Events = None,
    corrections: o.Corrections = None,
    breathing: o.Breathing = None,
    ages: o.Ages = None,
    convention: Annotated[
        str,
        typer.Option(
            help="Whose definition: bowlby, rmea, susy or boker.", rich_help_panel=o.TIMING
        ),
    ] = "bowlby",
    statistic: Annotated[
        str | None,
        typer.Option(
            help="What is tested first: wcc_combined (short and long windows), wcc_peak (the "
            "default until 0.2), wcc_mean or wcc_lag0.",
            show_default="as the convention",
            rich_help_panel=o.METHOD,
        ),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(help="Window (s); by default the signal's.", rich_help_panel=o.TIMING),
    ] = None,
    short_window: Annotated[
        float | None,
        typer.Option(
            help="Short windows looked at too (s); by default the signal's.",
            rich_help_panel=o.TIMING,
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(help="Time between windows (s).", rich_help_panel=o.TIMING),
    ] = None,
    max_lag: Annotated[
        float | None,
        typer.Option(help="Largest lag, each way (s).", rich_help_panel=o.TIMING),
    ] = None,
    lag_step: Annotated[
        float | None,
        typer.Option(
            help="Time between lags (s); every sample by default.", rich_help_panel=o.TIMING
        ),
    ] = None,
    absolute: Annotated[
        bool | None,
        typer.Option(
            "--absolute/--signed",
            help="Count anti-phase as synchrony too, or not.",
            show_default="as the convention",
            rich_help_panel=o.TIMING,
        ),
    ] = None,
    fisher: Annotated[
        bool | None,
        typer.Option(
            "--fisher/--raw-r",
            help="Average Fisher's z, or r.",
            show_default="as the convention",
            rich_help_panel=o.TIMING,
        ),
    ] = None,
    smooth: Annotated[
        float | None,
        typer.Option(
            help="Moving average before comparison (s); 0 for none.", rich_help_panel=o.TIMING
        ),
    ] = None,
    measures: Annotated[
        str,
        typer.Option(
            help="wcc, all, or a list such as wcc,phase_locking.", rich_help_panel=o.METHOD
        ),
    ] = "wcc",
    surrogates: o.Surrogates = 999,
    surrogate: Annotated[
        str,
        typer.Option(
            help="How surrogates are made: segments, near, shift, phase or iaaft.",
            rich_help_panel=o.METHOD,
        ),
    ] = "segments",
    segment: Annotated[
        float | None,
        typer.Option(
            help="Length of a permuted segment (s); the signal's by default.",
            rich_help_panel=o.METHOD,
        ),
    ] = None,
    min_coverage: Annotated[
        float,
        typer.Option(help="Share of a window that must be valid.", rich_help_panel=o.METHOD),
    ] = 0.5,
    false_positives: Annotated[
        bool,
        typer.Option(
            "--false-positives",
            help="Also test every pseudo-dyad of the study: the rate of false positives.",
            rich_help_panel=o.METHOD,
        ),
    ] = False,
    self_check: Annotated[bool, typer.Option("--self-check", hidden=True)] = False,
    regression: Annotated[
        bool,
        typer.Option(
            "--regression",
            help="Also fit who follows whom: actor–partner effects with lags, and linear "
            "coregulation.",
            rich_help_panel=o.METHOD,
        ),
    ] = False,
    regression_step: Annotated[
        float | None,
        typer.Option(
            help="Step of both models (s); by default the signal's.", rich_help_panel=o.METHOD
        ),
    ] = None,
    regression_lags: Annotated[
        int | None,
        typer.Option(
            help="Steps of the past in the actor–partner model, 3 by default.",
            rich_help_panel=o.METHOD,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Columns to relate synchrony to, e.g. group,outcome.", rich_help_panel=o.METHOD
        ),
    ] = None,
    seed: o.Seed = 1,
    out: Annotated[
        Path, typer.Option(help="Folder to write.", rich_help_panel=o.OUTPUT)
    ] = Path("bowlby-out"),
    csv: Annotated[
        bool,
        typer.Option(
            "--csv", help="Write wcc.csv beside wcc.parquet.", rich_help_panel=o.OUTPUT
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the result as JSON.", rich_help_panel=o.OUTPUT),
    ] = False,
    workers: o.Workers = None,
) -> None:
    """Measure the synchrony of two people, or of a whole study, against chance.

    Examples:
    `bowlby measure session.txt --rate 25`

    `bowlby measure client.rr therapist.rr --roles client,therapist`

    `bowlby measure study/ --pairs participants.tsv --false-positives --out results`

    Writes report.html, summary.csv (one row per estimate), wcc.parquet (every window and lag),
    figures/ and run.json. Exit code 0: done; 1: some recordings failed; 2: nothing was done.
    """
    with problems_told():
        from bowlby.studies.plan import Plan
        from bowlby.studies.regression import Regression
        from bowlby.studies.run import run_study
        from bowlby.synchrony.measuring import Settings

        options = o.read_options(
            rate, kind, first, second, roles, offset, zone, corrections, breathing, ages, sync
        )
        settings = Settings(
            convention=convention, statistic=statistic, window_s=window,
            short_s=short_window, step_s=step, max_lag_s=max_lag,
            lag_step_s=lag_step, absolute=absolute, fisher=fisher, surrogate=surrogate,
            segment_s=segment, surrogates=surrogates, measures=o.split(measures),
            smooth_s=smooth, min_coverage=min_coverage, seed=seed,
        )  # fmt: skip
        # The option's earlier name is still understood.
        false_positives |= self_check
        table, chosen = o.which_pairs(pairs)
        recordings, skipped = o.find(paths, table, options)
        jobs = len(recordings) ** 2 if false_positives else len(recordings)
        plan = Plan(
            recordings=recordings, options=options, settings=settings, format=file_format,
            signals=o.split(signals), csv=csv, false_positives=false_positives, by=o.split(by),
            workers=o.workers_for(workers, jobs), title=f"Dyadic synchrony: {paths[0].name}",
            command=o.command_line(), skipped=skipped, phases=phases, events=events,
            pairs=chosen,
            regression=Regression.asked(regression_step, regression_lags, is_asked=regression),
        )  # fmt: skip
        with progress_bars(is_quiet=as_json) as progress:
            study = run_study(plan, out, on_progress=progress)
    report(study, as_json=as_json)


def report(study: "Study", *, as_json: bool) -> None:
    """Tell a person, or a program, what came out; leave with the right exit code."""
    if as_json:
        typer.echo(json.dumps(_as_json(study)))
    else:
        _tell(study)
    if study.failed:
        raise typer.Exit(Exit.SOME_FAILED)


def _tell(study: "Study") -> None:
    from bowlby.synchrony.significance import LEVEL

    main = study.summary.groupby(["recording", "signal"], sort=False).head(1)
    for row in main.head(20).to_dict("records"):
        p, lag = float(row["p"]), float(row["peak_lag_s"])
        test = f"z = {row['z']:.2f}, p = {p:.3f}"
        if isnan(p):
            least = float(row["smallest_p"])
            is_too_short = least > LEVEL
            test = f"cannot be tested: p >= {least:.3f}" if is_too_short else "not tested"
        low, high = float(row["lag_low_s"]), float(row["lag_high_s"])
        lead = f"peak at lag {lag:+.2f} s ({low:+.2f} to {high:+.2f})"
        if isnan(lag):
            lead = "no lag can be stated"
        elif row["leader"]:
            low, high = sorted((abs(low), abs(high)))
            lead = f"{row['leader']} leads by {abs(lag):.2f} s ({low:.2f} to {high:.2f})"
        typer.echo(
            f"{row['recording']}  {row['signal']}: {row['measure']} {row['estimate']:.3f} "
            f"({test}), {lead}"
        )
    if len(main) > 20:
        typer.echo(f"... and {len(main) - 20} more in summary.csv")
    for signal, found in study.pseudo_dyads.items():
        typer.echo(
            f"{signal}: real dyads against pseudo-dyads d = {found.d:.2f}, p = {found.p:.4f}"
        )
    for signal, check in study.false_positives.items():
        typer.echo(
            f"{signal}: false positives: {check.rejected} of {check.pairs} pseudo-dyads at "
            f"p <= {check.alpha:g}, {check.rate:.1%} ({check.low:.1%} to {check.high:.1%})"
        )
    _tell_parts(study)
    _tell_regression(study)
    for note in study.notes:
        typer.secho(f"Note: {note}", err=True, fg="yellow")
    for reason in study.left_out:
        typer.secho(f"Left out: {reason}", err=True, fg="yellow")
    for failure in study.failed:
        typer.secho(f"Failed: {failure.recording}: {failure.message}", err=True, fg="red")
    typer.secho(f"Report: {study.out / 'report.html'}", err=True, fg="green")


def _tell_regression(study: "Study") -> None:
    """Partner effects in a line each."""
    from bowlby.studies.regression import following

    for row in following(study.regressed)[:20]:
        typer.echo(
            f"{row['recording']}  {row['signal']}, {row['model']}: {row['who']} follows "
            f"{row['whom']} by {row['estimate']:.2f} ({row['low']:.2f} to {row['high']:.2f}), "
            f"p = {row['p']:.3f}"
        )


def _tell_parts(study: "Study") -> None:
    """Phases, events and groups in a line each."""
    for recording, signal, one in study.annotated.phases[:20]:
        if one.dataset is not None:
            z, p = float(one.dataset.z.values[0]), float(one.dataset.p.values[0])
            test = "not tested" if isnan(p) else f"z = {z:.2f}, p = {p:.3f}"
            typer.echo(
                f"{recording}  {signal}, phase {one.phase} ({one.seconds:.0f} s): {test}"
            )
    for recording, signal, one in study.annotated.contrasts[:20]:
        typer.echo(
            f"{recording}  {signal}, {one.first} minus {one.second}: "
            f"{one.comparison.estimate:+.3f}, p = {one.comparison.p:.3f}"
        )
    for signal, curves in study.annotated.curves.items():
        for curve in curves:
            test = curve.reason or f"p = {curve.p:.3f}, farthest at {curve.peak_s:+.0f} s"
            typer.echo(f"{signal} around {curve.label} ({curve.events} events): {test}")
    for group in study.groups:
        for each in group.measures:
            typer.echo(
                f"{group.name}  {group.signal}, {len(group.people)} people: {each.measure} "
                f"{each.comparison.estimate:.3f}, p = {each.comparison.p:.3f}"
            )
    for signal, measures in study.pseudo_groups.items():
        for each in measures:
            typer.echo(
                f"{len(each.groups)} groups against pseudo-groups  {signal}: {each.measure} "
                f"d = {each.d:.2f}, p = {each.comparison.p:.3f}"
            )


def _as_json(study: "Study") -> dict[str, object]:
    from bowlby.studies.annotated import contrast_table, curve_table, phase_table
    from bowlby.studies.people import group_rows
    from bowlby.studies.regression import regression_table

    parts = {
        "phases": phase_table(study.annotated),
        "phase_contrasts": contrast_table(study.annotated),
        "events": curve_table(study.annotated),
        "people": group_rows(study.groups, study.pseudo_groups),
        "regression": regression_table(study.regressed),
    }
    rows = json.loads(study.summary.to_json(orient="records"))
    for row in rows:
        # Programs written for 0.1 read z against surrogates under this name.
        row.setdefault("effect", row["z"])
    return {
        "out": str(study.out),
        "summary": rows,
        "failed": [vars(failure) for failure in study.failed],
        "false_positives": {
            s: {"pairs": c.pairs, "rejected": c.rejected, "rate": c.rate, "low": c.low,
                "high": c.high}
            for s, c in study.false_positives.items()
        },
        "pseudo_dyads": {s: {"d": b.d, "p": b.p} for s, b in study.pseudo_dyads.items()},
        **{name: json.loads(table.to_json(orient="records")) for name, table in parts.items()},
    }  # fmt: skip

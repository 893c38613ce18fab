"""`bowlby multiverse`: does the answer depend on how it was computed?"""

from pathlib import Path
from typing import Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import Exit, app, problems_told, progress_bars


@app.command()
def multiverse(
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
    signal: Annotated[
        str | None, typer.Option(help="The signal; needed if there are several.")
    ] = None,
    windows: Annotated[str, typer.Option(help="Windows (s).")] = "15,30,60",
    steps: Annotated[str, typer.Option(help="Steps, as shares of the window.")] = "0.5,1",
    max_lags: Annotated[str, typer.Option(help="Largest lags (s).")] = "3,5",
    smoothings: Annotated[str, typer.Option(help="Moving averages (s).")] = "0,0.5",
    surrogate_kinds: Annotated[
        str, typer.Option(help="Kinds of surrogate.")
    ] = "segments,shift",
    conventions: Annotated[str, typer.Option(help="Conventions.")] = "bowlby,rmea,susy",
    surrogates: o.Surrogates = 199,
    seed: o.Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("bowlby-multiverse"),
    workers: o.Workers = None,
) -> None:
    """Compute the same estimate in every combination of choices: a specification curve.

    Nothing is picked: every specification is in specifications.csv and in the curve, each with
    its z (mean over recordings) and p (real dyads against their surrogates' mean).
    """
    with problems_told():
        from bowlby.studies.multiverse import run_multiverse
        from bowlby.synchrony.measuring import Settings
        from bowlby.synchrony.specifications import Choices

        choices = Choices(
            window_s=o.numbers(windows, "--windows"),
            step_share=o.numbers(steps, "--steps"),
            max_lag_s=o.numbers(max_lags, "--max-lags"),
            smooth_s=o.numbers(smoothings, "--smoothings"),
            surrogate=o.split(surrogate_kinds),
            convention=o.split(conventions),
        )
        options = o.read_options(rate, kind, first, second, roles, offset, zone, sync=sync)
        table, chosen = o.which_pairs(pairs)
        if chosen:
            raise ValueError("--pairs: here only a file such as participants.tsv is taken.")
        recordings, _ = o.find(paths, table, options)
        with progress_bars() as progress:
            result = run_multiverse(
                recordings, options, Settings(surrogates=surrogates, seed=seed), choices, out,
                signal=signal, workers=o.workers_for(workers, len(recordings)),
                command=o.command_line(), on_progress=progress,
            )  # fmt: skip
    table = result.table
    typer.echo(
        f"{len(table)} specifications: z {table.z.min():+.2f} to "
        f"{table.z.max():+.2f}, median {table.z.median():+.2f}; "
        f"{(table.p <= 0.05).sum()} with p <= .05; together p = {result.p_joint:.3f}"
    )
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")
    for failure in result.failed:
        typer.secho(f"Failed: {failure.recording}: {failure.message}", err=True, fg="red")
    if result.failed:
        raise typer.Exit(Exit.SOME_FAILED)

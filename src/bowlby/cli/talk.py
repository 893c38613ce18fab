"""`bowlby turns` and `bowlby codes`: what goes on and off, and what has names."""

import json
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told

if TYPE_CHECKING:
    import pandas as pd

AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=o.OUTPUT)
]


@app.command()
def turns(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A transcript with begin, end and speaker; ELAN or TextGrid tiers; subtitles; "
            "sound with a channel for each person; or a file of each.",
        ),
    ],
    roles: o.Roles = None,
    surrogates: o.Surrogates = 999,
    seed: o.Seed = 1,
    out: Annotated[
        Path, typer.Option(help="Folder to write.", rich_help_panel=o.OUTPUT)
    ] = Path("bowlby-turns"),
    as_json: AsJson = False,
) -> None:
    """Who speaks how much, how fast they answer, and whether that is by chance.

    Examples:
    `bowlby turns transcript.csv`

    `bowlby turns session.wav --roles client,therapist`

    `bowlby turns coding.eaf --roles Patient,Therapist`

    Writes report.html, turn_taking.csv (a row a measure), turns.csv (a row a turn), run.json.
    """
    with problems_told():
        from bowlby.studies.talk import run_turns

        options = o.read_options(None, None, None, None, roles)
        table = run_turns(
            paths, options, out, surrogates=surrogates, seed=seed, command=o.command_line()
        )
    _told(table, out, as_json=as_json, value="value", who="person")


@app.command()
def codes(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A table with a column of codes for each person, a table of coded intervals, "
            "or ELAN or TextGrid tiers.",
        ),
    ],
    rate: o.Rate = None,
    first: o.First = None,
    second: o.Second = None,
    roles: o.Roles = None,
    max_lag: Annotated[float, typer.Option(help="Largest lag, each way (s).")] = 5.0,
    horizon: Annotated[
        float,
        typer.Option(help="How long after a change of the first the second's counts (s)."),
    ] = 2.0,
    ignore: Annotated[
        str | None,
        typer.Option(help="Codes that match nothing, such as looking elsewhere: 0,away."),
    ] = None,
    surrogates: o.Surrogates = 999,
    seed: o.Seed = 1,
    out: Annotated[
        Path, typer.Option(help="Folder to write.", rich_help_panel=o.OUTPUT)
    ] = Path("bowlby-codes"),
    as_json: AsJson = False,
) -> None:
    """How two people's categories go together: agreement, kappa, cross-recurrence by lag.

    Examples:
    `bowlby codes gaze.csv --rate 30`

    `bowlby codes states.eaf --first Mother --second Infant`

    Writes report.html, codes.csv, code_lags.csv (a row a lag), code_pairs.csv, run.json.
    """
    with problems_told():
        from bowlby.studies.talk import run_codes

        options = o.read_options(rate, None, first, second, roles)
        table, _ = run_codes(
            path, options, out, max_lag_s=max_lag, horizon_s=horizon, ignored=o.split(ignore),
            surrogates=surrogates, seed=seed, command=o.command_line(),
        )  # fmt: skip
    _told(table, out, as_json=as_json, value="estimate", who="")


def _told(table: "pd.DataFrame", out: Path, *, as_json: bool, value: str, who: str) -> None:
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        typer.echo(json.dumps({"out": str(out), "summary": rows}))
        return
    for row in table.to_dict("records"):
        p = float(row["p"])
        test = "" if isnan(p) else f" (by chance {row['null_mean']:.3f}, p = {p:.3f})"
        person = f" of {row[who]}" if who and row[who] else ""
        lag = f" at {row['peak_lag_s']:+.2f} s" if row.get("peak_lag_s") else ""
        typer.echo(f"{row['recording']}  {row['measure']}{person}: {row[value]:.4g}{lag}{test}")
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")

"""`bowlby samples`: few samples a person, many dyads (hormones, session ratings, diaries)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told


@app.command()
def samples(
    table: Annotated[
        Path, typer.Argument(help="Table with a row for each person and occasion.")
    ],
    value: Annotated[str, typer.Option(help="Column with the value, e.g. cortisol.")],
    dyad: Annotated[str, typer.Option(help="Column that tells dyads apart.")] = "dyad",
    role: Annotated[str, typer.Option(help="Column that tells the two people apart.")] = "role",
    time: Annotated[str, typer.Option(help="Column with the occasion or its time.")] = "time",
    log: Annotated[bool, typer.Option("--log", help="Take logarithms (hormones).")] = False,
    hour: Annotated[
        str | None,
        typer.Option(help="Column with the hour of the day, whose course is taken away."),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option(help="Column of numbers to take away too; repeatable.")
    ] = None,
    permutations: Annotated[int, typer.Option(help="Random re-pairings.")] = 4999,
    seed: o.Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Are partners alike in level and in change, and does one follow the other?

    For 2 to 20 values a person in many dyads, where no window can be moved. Whole people are
    re-paired for the p of levels and changes, so that each keeps their own course.

    Example: `bowlby samples saliva.csv --value cortisol --time minute --log --hour clock`
    """
    with problems_told():
        import pandas as pd

        from bowlby.synchrony import few_samples as few

        found = few.samples_from_table(
            pd.read_csv(table, sep=None, engine="python"), value, dyad=dyad, role=role,
            time=time, log=log, hour=hour, given=given or (),
        )  # fmt: skip
        drawn = {"permutations": permutations, "seed": seed}
        together = [few.level_together(found, **drawn)]
        paths: tuple[few.Path, ...] = ()
        if found.x.shape[1] >= 2:
            together += [
                few.change_together(found, **drawn),
                *few.areas_together(found, **drawn),
            ]
        if found.x.shape[1] >= 3:
            paths = few.actor_partner(found, permutations=min(permutations, 999), seed=seed)
    if as_json:
        typer.echo(
            json.dumps(
                {"together": [asdict(t) for t in together], "paths": [asdict(p) for p in paths]}
            )
        )
        return
    for one in together:
        typer.echo(
            f"{one.name}: r = {one.r:.2f} ({one.low:.2f} to {one.high:.2f}), p = {one.p:.4f}, "
            f"{one.dyads} dyads"
        )
    for path in paths:
        typer.echo(
            f"{path.outcome}, {path.effect}: slope {path.slope:.2f} ({path.low:.2f} to "
            f"{path.high:.2f}), p = {path.p:.4f}"
        )

"""`bowlby power`: how many dyads, sessions and minutes to find a coupling."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told

if TYPE_CHECKING:
    from bowlby.studies.power import Maker
    from bowlby.synchrony.measuring import Settings


@app.command()
def power(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Recordings whose strangers are used; without any a kind is simulated.",
        ),
    ] = None,
    coupling: Annotated[float, typer.Option(help="Correlation at the lag.")] = 0.3,
    lag: Annotated[float, typer.Option(help="How much later the second follows (s).")] = 1.0,
    spread: Annotated[float, typer.Option(help="SD of the coupling between dyads.")] = 0.0,
    minutes: Annotated[str, typer.Option(help="Lengths of a session (min).")] = "5,10,20",
    dyads: Annotated[str, typer.Option(help="Numbers of dyads.")] = "10,20,40",
    sessions: Annotated[str, typer.Option(help="Numbers of sessions of a dyad.")] = "1,4",
    kind: o.Kind = None,
    rate: o.Rate = None,
    pairs: o.Pairs = None,
    simulations: Annotated[int, typer.Option(help="Simulated dyads a length.")] = 40,
    seed: o.Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("bowlby-power"),
) -> None:
    """Plan a study: the power of so many dyads, sessions and minutes for a given coupling.

    Strangers from your own recordings, or simulated people, are given the coupling and measured
    as real dyads are. Writes power.csv and power.png.

    Examples:
    `bowlby power --kind motion --coupling 0.3`

    `bowlby power study/ --rate 25 --minutes 5,10 --coupling 0.2`
    """
    with problems_told():
        from bowlby.figures.power import power_figure
        from bowlby.figures.style import figure_png
        from bowlby.runs.folder import new_folder
        from bowlby.runs.manifest import made_by, write_manifest
        from bowlby.studies.power import Design
        from bowlby.studies.power import power as power_of
        from bowlby.synchrony.measuring import Settings

        design = Design(
            coupling=coupling, lag_s=lag, spread=spread,
            minutes=o.numbers(minutes, "--minutes"),
            dyads=tuple(int(n) for n in o.numbers(dyads, "--dyads")),
            sessions=tuple(int(n) for n in o.numbers(sessions, "--sessions")),
            simulations=simulations,
        )  # fmt: skip
        settings = Settings(surrogates=99, seed=seed)
        make = _maker(paths, kind, rate, pairs, settings)
        table = power_of(design, make, settings, seed=seed)
        with new_folder(out, replaces=True) as staging:
            table.to_csv(staging / "power.csv", index=False)
            (staging / "power.png").write_bytes(figure_png(power_figure(table)))
            write_manifest(
                staging / "run.json",
                {**made_by("power", o.command_line()), "seed": seed, "design": vars(design)},
            )
    for row in table.to_dict("records"):
        typer.echo(
            f"{row['dyads']:>4} dyads x {row['sessions']} sessions x {row['minutes']:g} min: "
            f"study {row['power_study']:.2f}, one recording {row['power_recording']:.2f}"
        )
    typer.secho(f"Table and figure: {out}", err=True, fg="green")


def _maker(
    paths: list[Path] | None,
    kind: str | None,
    rate: float | None,
    pairs: str | None,
    settings: "Settings",
) -> "Maker":
    """Strangers of the recordings given, or simulated people."""
    from bowlby.studies.power import strangers_of, unrelated

    if not paths:
        return unrelated(kind or "motion")
    from bowlby.recordings.reading import read
    from bowlby.studies.measuring_files import options_of
    from bowlby.synchrony.mismatched import Session

    options = o.read_options(rate, kind, None, None, None)
    table, people = o.which_pairs(pairs)
    if people:
        raise ValueError(
            f"--pairs {pairs!r}: here it names a table that pairs files (participants.tsv)."
        )
    recordings, _ = o.find(paths, table, options)
    found = []
    for files in recordings:
        recording = read(files.paths, options_of(files, options), name=files.name)
        prepared = settings.prepared(recording)
        if len(prepared) != 1:
            raise ValueError(
                f"{files.name} has the signals {', '.join(p.signal for p in prepared)}; give a "
                "folder with one signal a recording."
            )
        dyad = files.labels.get("dyad") or files.name
        first, second = recording.roles
        found.append(
            Session(
                files.name,
                prepared[0],
                files.labels.get(first) or f"{dyad}/1",
                files.labels.get(second) or f"{dyad}/2",
                dyad,
            )
        )
    return strangers_of(found)

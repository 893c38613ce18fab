"""`bowlby outcomes`: questionnaires to courses, signals and reports."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bowlby.cli import _options as o
from bowlby.cli import _outcome_options as q
from bowlby.cli._app import app, problems_told, progress_bars


class _FileFirst(TyperGroup):
    """`bowlby outcomes scores.csv` is `bowlby outcomes report scores.csv`."""

    # Typer brings a context of its own in later versions and is built on Click's in earlier.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that may be left out."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["report", *args]
        return super().parse_args(ctx, args)


outcomes = typer.Typer(
    cls=_FileFirst, no_args_is_help=True, rich_markup_mode="markdown",
    help="""
    From questionnaires to change, courses, signals and reports that say how often they err.

    Start with `bowlby outcomes demo`, then `bowlby outcomes scores.csv --instrument core10`.
    The file has a row a score: client, session or date, value (for others see
    docs/explanation/outcomes.md).
    """,
)  # fmt: skip
app.add_typer(outcomes, name="outcomes")


@outcomes.command()
def report(
    file: q.File,
    instrument: q.Instrument = "",
    out: q.Out = Path("bowlby-outcomes"),
    methods: Annotated[
        str, typer.Option(help="Definitions of change: all, or JT,GLN,HLL,EN,NK,HA,HLM,RC,"
                          "percentage,anchor.")
    ] = "",
    convention: Annotated[
        str, typer.Option(help="bowlby or clinicalsignificance.")
    ] = "bowlby",
    moments: Annotated[
        str, typer.Option(help="published, or sample for those of the clients at hand.")
    ] = "published",
    cutoff: Annotated[str, typer.Option(help="published, or a, b, c.")] = "published",
    percent: Annotated[
        str, typer.Option(help="Percentages that are improved and deteriorated.")
    ] = "50,30",
    important: Annotated[
        float, typer.Option(help="Smallest important difference (anchor).")
    ] = float("nan"),
    reliability_post: Annotated[
        float, typer.Option(help="Reliability after (NK).")
    ] = float("nan"),
    before: Annotated[int | None, typer.Option(help="Session before.")] = None,
    after: Annotated[int | None, typer.Option(help="Session after.")] = None,
    planned: q.Planned = None,
    ever: q.Ever = 0.10,
    also: q.Also = None,
    criterion: Annotated[
        str, typer.Option(help="Rule of ruptures: predictive, drop1, own1sd, own2sd, xmr.")
    ] = "predictive",
    model_course: Annotated[
        Path | None,
        typer.Option(help="sessions.parquet of a trial: the simulation's shape, dotted."),
    ] = None,
    pages: Annotated[int, typer.Option(help="Most pages of clients.", min=0)] = 60,
    title: Annotated[str, typer.Option(help="Heading of the report.")] = "Outcomes",
    name: q.Name = "",
    lower: q.Lower = None,
    scale: q.Scale = None,
    columns: q.Columns = None,
    map_: q.Map = None,
    missing: q.Missing = None,
    dates: q.Dates = None,
    keep: q.Keep = None,
    time: q.Time = "session",
    numbers: q.Numbers = None,
    level: q.Level = "published",
    accept_unverified: q.Unverified = False,
) -> None:  # fmt: skip
    """Changes, courses, signals, sudden gains and ruptures of a file of scores."""
    with problems_told(), progress_bars() as progress:
        from bowlby.outcomes.analysis import Options, analyse
        from bowlby.outcomes.links import trial_shape
        from bowlby.outcomes.loading import attachment_of, load, load_beside
        from bowlby.outcomes.run import Request, write_run

        asked = q.question(
            file, instrument, name=name, lower=lower, scale=scale, columns=columns,
            mapping=map_,
            missing=missing, dates=dates, keep=keep, time=time, numbers=numbers, level=level,
            accept_unverified=accept_unverified,
        )  # fmt: skip
        options = Options(
            o.split(methods),
            _one_of(convention, ("bowlby", "clinicalsignificance"), "convention"),
            _one_of(moments, ("published", "sample"), "moments"), cutoff, _shares(percent),
            important, reliability_post, before, after, planned, ever,
        )  # fmt: skip
        loaded = load(asked)
        found = analyse(loaded.scores, loaded.yard, options, on_progress=progress)
        beside = load_beside(asked, also or [], planned=found.planned, criterion=criterion)
        inputs = [file, *(Path(a.partition("=")[2]) for a in also or [] if "=" in a)]
        request = Request(
            inputs, o.command_line(), q.settings(asked, options=str(options)), title, "", pages
        )
        write_run(
            out, found, request, beside=beside, attachment=attachment_of(beside),
            model_shape=trial_shape(model_course) if model_course else None,
            on_progress=progress,
        )  # fmt: skip
    _tell(found, out)


def _one_of(value: str, known: tuple[str, ...], option: str) -> str:
    if value not in known:
        raise ValueError(f"--{option} {value!r} is not one of {', '.join(known)}.")
    return value


def _shares(text: str) -> tuple[float, float]:
    found = o.numbers(text, "--percent")
    if len(found) != 2 or min(found) <= 0:
        raise ValueError(
            f"--percent {text!r}: give two positive numbers, e.g. --percent 50,30."
        )
    return found[0] / 100, found[1] / 100


def _people(count: int) -> str:
    return f"{count} client" + ("" if count == 1 else "s")


def _tell(found: object, out: Path) -> None:
    from bowlby.outcomes.analysis import Analysis

    assert isinstance(found, Analysis)
    lead = found.methods[0]
    if lead.reason:
        typer.echo(f"{_people(found.clients)}; change not judged: {lead.reason}")
    else:
        counts = ", ".join(f"{n} {k}" for k, n in lead.counts.items() if n)
        typer.echo(f"{_people(found.clients)}, {len(lead.changes)} with two scores: {counts}")
        if lead.chance is not None:
            typer.echo(
                f"by chance alone: {100 * lead.chance.improved:.1f} % improved, "
                f"{100 * lead.chance.deteriorated:.1f} % deteriorated"
            )
    if found.no_model:
        typer.echo(found.no_model)
    for note in found.notes:
        typer.echo(note)
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")


@outcomes.command()
def course(
    file: q.File,
    client: Annotated[str, typer.Option(help="Whose course.")],
    instrument: q.Instrument = "",
    out: q.Out = Path("bowlby-course"),
    planned: q.Planned = None,
    ever: q.Ever = 0.10,
    also: q.Also = None,
    name: q.Name = "",
    lower: q.Lower = None,
    scale: q.Scale = None,
    columns: q.Columns = None,
    map_: q.Map = None,
    missing: q.Missing = None,
    dates: q.Dates = None,
    keep: q.Keep = None,
    time: q.Time = "session",
    numbers: q.Numbers = None,
    accept_unverified: q.Unverified = False,
) -> None:
    """One client's page for supervision; the file holds the others to expect a course from."""
    with problems_told(), progress_bars() as progress:
        from bowlby.outcomes.analysis import Options, analyse
        from bowlby.outcomes.client_content import client_content
        from bowlby.outcomes.loading import attachment_of, load, load_beside
        from bowlby.outcomes.run import Request, write_client

        asked = q.question(
            file, instrument, name=name, lower=lower, scale=scale, columns=columns,
            mapping=map_,
            missing=missing, dates=dates, keep=keep, time=time, numbers=numbers,
            accept_unverified=accept_unverified,
        )  # fmt: skip
        loaded = load(asked)
        options = Options(planned=planned, ever=ever)
        found = analyse(loaded.scores, loaded.yard, options, on_progress=progress)
        beside = load_beside(asked, also or [], planned=found.planned, criterion="predictive")
        content = client_content(found, client, beside=beside, attachment=attachment_of(beside))
        request = Request([file], o.command_line(), q.settings(asked, client=client))
        write_client(out, content, request)
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")


@outcomes.command()
def instruments(
    what: Annotated[
        str | None, typer.Argument(metavar="[show|check]", help="Nothing to list them.")
    ] = None,
    which: Annotated[str | None, typer.Argument(metavar="[ID|FILE.toml]")] = None,
) -> None:
    """List instruments, show one with what was verified, or check a TOML of your own."""
    with problems_told():
        from bowlby.outcomes.instruments.registry import instrument_names, read_instrument
        from bowlby.outcomes.instruments.telling import listed, told

        if what is None:
            for one in instrument_names():
                typer.echo(listed(read_instrument(one)))
            return
        _one_of(what, ("show", "check"), "instruments")
        if which is None:
            raise ValueError(f"`bowlby outcomes instruments {what}` needs an id or a TOML.")
        typer.echo("\n".join(told(read_instrument(which))))


@outcomes.command()
def score(
    file: Annotated[Path, typer.Argument(metavar="ANSWERS", help="Answers to items.")],
    instrument: q.Instrument = "",
    out: Annotated[Path, typer.Option(help="CSV of scores to write.")] = Path("scores.csv"),
    columns: q.Columns = None,
    map_: q.Map = None,
    missing: q.Missing = None,
    dates: q.Dates = None,
    accept_unverified: q.Unverified = False,
) -> None:
    """Answers to items become scores, each missing rule reported."""
    with problems_told():
        from bowlby.outcomes.answers import score_file

        asked = q.question(
            file, instrument, columns=columns, mapping=map_, missing=missing, dates=dates,
            accept_unverified=accept_unverified,
        )  # fmt: skip
        made = score_file(asked, out)
    done = int(made.scores["value"].notna().sum())
    typer.echo(f"{done} of {len(made.scores)} scores")
    for reason, count in made.scores.reason[made.scores.reason != ""].value_counts().items():
        typer.echo(f"{count}: {reason}")
    if len(made.risk):
        typer.echo(f"{len(made.risk)} answers to items about danger above the lowest answer:")
        for row in made.risk.itertuples():
            typer.echo(f"  client {row.client}, item {row.item}: {row.answer:g}")
    for note in made.notes:
        typer.echo(note)
    typer.secho(f"Written: {out}", err=True, fg="green")


@outcomes.command()
def service(
    file: q.File,
    clients: Annotated[Path, typer.Option(help="clients.csv: client, therapist, ended_by ...")],
    instrument: q.Instrument = "",
    out: q.Out = Path("bowlby-service"),
    planned: q.Planned = None,
    name: q.Name = "",
    lower: q.Lower = None,
    scale: q.Scale = None,
    columns: q.Columns = None,
    map_: q.Map = None,
    missing: q.Missing = None,
    dates: q.Dates = None,
    keep: q.Keep = None,
    time: q.Time = "session",
    numbers: q.Numbers = None,
    accept_unverified: q.Unverified = False,
) -> None:
    """A service's outcome with its uncertainty: dropout, dose, therapists; never a ranking."""
    with problems_told(), progress_bars() as progress:
        from bowlby.outcomes.analysis import Options, analyse
        from bowlby.outcomes.loading import load
        from bowlby.outcomes.run import Request, write_service_run
        from bowlby.outcomes.service import analyse_service, read_clients

        asked = q.question(
            file, instrument, name=name, lower=lower, scale=scale, columns=columns,
            mapping=map_,
            missing=missing, dates=dates, keep=keep, time=time, numbers=numbers,
            accept_unverified=accept_unverified,
        )  # fmt: skip
        loaded = load(asked)
        people = read_clients(clients, set(loaded.scores.table.client))
        found = analyse(
            loaded.scores, loaded.yard, Options(planned=planned), on_progress=progress
        )
        result = analyse_service(found, people, planned)
        request = Request([file, clients], o.command_line(), q.settings(asked, planned=planned))
        write_service_run(out, result, request)
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")


@outcomes.command()
def synchrony(
    file: q.File,
    measured: Annotated[Path, typer.Option(help="summary.csv of `bowlby measure`.")],
    recordings: Annotated[
        Path | None, typer.Option(help="CSV of recording, client, session, if not in it.")
    ] = None,
    instrument: q.Instrument = "",
    out: q.Out = Path("bowlby-synchrony-outcome"),
    permutations: Annotated[int, typer.Option(help="Shuffles.", min=99)] = 999,
    seed: o.Seed = 7,
    name: q.Name = "",
    lower: q.Lower = None,
    columns: q.Columns = None,
    map_: q.Map = None,
    accept_unverified: q.Unverified = False,
) -> None:
    """Synchrony of a session against the client's next score, with a permutation null."""
    with problems_told():
        import pandas as pd

        from bowlby.outcomes.links import joined, synchrony_effects
        from bowlby.outcomes.loading import load
        from bowlby.outcomes.reading import read_table
        from bowlby.outcomes.run import Request, write_effects
        from bowlby.synchrony.old_names import renamed_columns

        asked = q.question(
            file, instrument, name=name, lower=lower, columns=columns, mapping=map_,
            accept_unverified=accept_unverified,
        )  # fmt: skip
        loaded = load(asked)
        summary = read_table(measured).data
        if recordings is not None:
            summary = summary.drop(columns=["client", "session"], errors="ignore").merge(
                read_table(recordings).data, on="recording"
            )
        summary = renamed_columns(summary)
        if "z" in summary:
            summary["z"] = pd.to_numeric(summary.z, errors="coerce")
        table = joined(summary, loaded.scores.table)
        effects = synchrony_effects(table, permutations=permutations, seed=seed)
        inputs = [f for f in (file, measured, recordings) if f is not None]
        request = Request(inputs, o.command_line(), q.settings(asked, seed=seed))
        write_effects(out, effects, request)
    for e in effects:
        typer.echo(f"{e.signal}: {e.within:+.2f} points per SD within, p = {e.p:.3f}")
    typer.echo("Synchrony is not a measure of how good a session or a therapist is.")
    typer.secho(f"Report: {out / 'report.html'}", err=True, fg="green")


@outcomes.command()
def demo(
    out: q.Out = Path("bowlby-outcomes-demo"),
    clients: Annotated[int, typer.Option(help="Clients.", min=40)] = 150,
    therapists: Annotated[int, typer.Option(help="Therapists.", min=5)] = 15,
    icc: Annotated[
        float, typer.Option(help="Share between therapists.", min=0, max=0.5)
    ] = 0.08,
    seed: o.Seed = 1,
    pages: Annotated[int, typer.Option(help="Most pages of clients.", min=0)] = 20,
) -> None:
    """A simulated service, labelled so: files to look at, and the reports they give."""
    with problems_told(), progress_bars() as progress:
        from bowlby.outcomes.demonstration import demonstrate

        made = demonstrate(
            out, clients=clients, therapists=therapists, icc=icc, seed=seed, pages=pages,
            command=o.command_line(), on_progress=progress,
        )  # fmt: skip
    for line in made:
        typer.echo(line)
    typer.secho(f"Report: {out / 'report' / 'report.html'}", err=True, fg="green")

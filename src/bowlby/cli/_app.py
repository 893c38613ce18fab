"""The application, its exit codes, and how commands speak to people and to scripts."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="bowlby",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""
    Measure interpersonal synchrony: heart, skin, motion, ratings.

    Start with `bowlby demo`, then `bowlby measure YOUR_FILE`. A positive lag always means that
    the first person leads. bowlby is a research and training tool; it does not diagnose.
    """,
)


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    SOME_FAILED = 1
    NOTHING_DONE = 2
    ASKS = 3


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(version("bowlby"))
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and stop.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    del version


def stop(message: str) -> NoReturn:
    """Say why nothing was done, and leave with exit code 2."""
    typer.secho(f"Error: {message}", err=True, fg="red")
    raise typer.Exit(Exit.NOTHING_DONE)


@contextmanager
def problems_told(*, needs: str | None = None) -> Iterator[None]:
    """Turn what a user can cause into one message and an exit code.

    Args:
        needs: Extra without which the command can do nothing (see `bowlby._extras`).
    """
    from bowlby._extras import MissingExtraError, missing_named, require

    try:
        if needs:
            require(needs)
        with missing_named():
            yield
    except MissingExtraError as error:
        stop(str(error))
    except KeyboardInterrupt:
        typer.secho(
            "Interrupted. What is done is kept: give the same command again to go on.",
            err=True,
            fg="yellow",
        )
        raise typer.Exit(130) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        stop(f"{error.strerror or error}{where}. Nothing was written.")
    except ValueError as error:
        stop(str(error))


Progress = Callable[[str, int, int], None]


@contextmanager
def progress_bars(*, is_quiet: bool = False) -> Iterator[Progress]:
    """Show a bar per stage on stderr; a line a minute where it goes to a file."""
    if is_quiet:
        yield lambda *_: None
        return
    if not sys.stderr.isatty():
        yield _told_each_minute()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report


LINE_EACH_S = 60.0
"""How often progress is told in a log file."""


def _told_each_minute() -> Progress:
    told = time.monotonic()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= LINE_EACH_S:
            told = time.monotonic()
            typer.echo(f"{stage}: {done} of {total}", err=True)

    return report


def remember_compiled() -> None:
    """Compile each program once per machine, not once per run."""
    from bowlby.simulation.compiled import remember_compiled as remember

    remember()

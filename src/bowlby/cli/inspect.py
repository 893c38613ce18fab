"""`bowlby inspect`: what is in a file or folder, before anything is computed."""

import json
import shlex
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told

if TYPE_CHECKING:
    from bowlby.recordings.inspection import Session


class Found(IntEnum):
    """Exit codes of `inspect`."""

    SETTLED = 0
    UNREADABLE = 2
    ASKS = 3


@app.command()
def inspect(
    paths: o.Paths,
    rate: o.Rate = None,
    first: o.First = None,
    second: o.Second = None,
    roles: o.Roles = None,
    kind: o.Kind = None,
    offset: o.Offset = None,
    sync: o.Sync = None,
    zone: o.Zone = None,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder to write bowlby.toml and inspect.html to.", rich_help_panel=o.OUTPUT
        ),
    ] = Path(),
    beats: Annotated[
        bool,
        typer.Option(
            "--beats", help="Also find the heartbeats of ECG and pulse waves, and doubt them."
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what was found as JSON.", rich_help_panel=o.OUTPUT),
    ] = False,
) -> None:
    """Say what is in a file or folder: people, signals, clocks, holes, and what is unclear.

    Examples:
    `bowlby inspect session01/`

    `bowlby inspect client.csv therapist.csv`

    Writes bowlby.toml, a mapping that can be edited and measured, inspect.html, a picture
    of every signal, and corrections.csv, beats and stretches that look spoilt: write yes under
    `use` where you agree, and measure with --corrections corrections.csv. Exit code 0: nothing
    to ask; 3: something to ask; 2: nothing can be read.
    """
    with problems_told():
        from bowlby.recordings.inspection import inspect as look
        from bowlby.recordings.inspection_text import told

        if len(paths) == 1 and _told_samples(paths[0], out, as_json):
            return
        if any(_is_video(path) for path in paths):
            _tell_videos(paths, as_json)
            return
        session = look(
            tuple(paths),
            o.read_options(rate, kind, first, second, roles, offset, zone, sync=sync),
        )
        is_ready = bool(session.recordings) and session.is_settled
        written = [*_write(session, out), *_doubts(session, out, beats)] if is_ready else []
        if as_json:
            found = session.as_dict() | {"written": [str(path) for path in written]}
            typer.echo(json.dumps(found, default=str))
        else:
            typer.echo(told(session))
            if written:
                typer.echo(f"{'written':<9} {', '.join(str(path) for path in written)}")
            following = _next(session, paths, written)
            if following:
                typer.echo(f"{'next':<9} {following}")
    if not session.is_readable:
        raise typer.Exit(Found.UNREADABLE)
    if not session.is_settled:
        raise typer.Exit(Found.ASKS)


def _is_video(path: Path) -> bool:
    from bowlby.recordings.video.format import FORMAT

    return path.is_file() and FORMAT.recognises(path)


def _tell_videos(paths: list[Path], as_json: bool) -> None:
    """Tell what the headers of videos say; their motion takes longer than a look.

    Raises:
        RecordingError: If one is no video.
    """
    from bowlby.recordings.video.format import regions_beside
    from bowlby.recordings.video.frames import opened
    from bowlby.recordings.video.regions import read_regions

    found = []
    for path in paths:
        with opened(path) as (_, _, facts):
            beside = regions_beside(path)
            people = [region.person for region in read_regions(beside)] if beside else []
            found.append({"video": str(path), **facts._asdict(), "people": people})
    if as_json:
        typer.echo(json.dumps({"videos": found}))
    for one in [] if as_json else found:
        people = ", ".join(one["people"]) or "nobody is drawn yet"
        typer.echo(
            f"{one['video']}: {one['width']} x {one['height']} pixels, {one['rate_hz']:.6g} "
            f"frames a second, {one['duration_s']:.1f} s; {people}"
        )
    if not as_json:
        is_drawn = all(one["people"] for one in found) or len(paths) == 2
        command = "measure" if is_drawn else "motion"
        typer.echo(f"next      {shlex.join(['bowlby', command, *map(str, paths)])}")
    if len(paths) == 1 and not found[0]["people"]:
        raise typer.Exit(Found.ASKS)


def _told_samples(path: Path, out: Path, as_json: bool) -> bool:
    """Tell a table of hormone samples, and write it tidily; False if it is none.

    Raises:
        RecordingError: If it holds hormones and cannot be sorted.
    """
    from bowlby.recordings.samples import described, holds_samples, read_samples
    from bowlby.recordings.tables import format as tables
    from bowlby.recordings.tables.parsing import read_text_table

    if not path.is_file() or not path.name.lower().endswith(tables.FORMAT.suffixes):
        return False
    try:
        is_one = holds_samples(read_text_table(path)) is not None
    except ValueError:
        return False
    if not is_one:
        return False
    found = read_samples(path)
    out.mkdir(parents=True, exist_ok=True)
    written = out / f"{path.stem}_samples.csv"
    found.rows.to_csv(written, index=False, lineterminator="\n")
    if as_json:
        content = {
            "hormone": found.hormone, "unit": found.unit, "dyads": found.dyads,
            "people": found.people, "samples": found.samples, "left_out": found.left_out,
            "notes": found.notes, "written": [str(written)],
        }  # fmt: skip
        typer.echo(json.dumps(content))
    else:
        typer.echo(f"{described(found)}\nwritten   {written}")
        commands = {c.callback.__name__ for c in app.registered_commands if c.callback}
        if found.dyads and "samples" in commands:
            options = ("--value", "value", "--role", "person", "--time", "sample", "--log")
            typer.echo(f"next      {shlex.join(['bowlby', 'samples', str(written), *options])}")
    if not found.dyads:
        raise typer.Exit(Found.ASKS)
    return True


def _write(session: "Session", out: Path) -> list[Path]:
    """Write the mapping and the picture; a mapping that is there already is kept."""
    from bowlby.cli._inspection_page import page
    from bowlby.recordings.inspection_text import mapping_text

    out.mkdir(parents=True, exist_ok=True)
    written = []
    mapping = out / "bowlby.toml"
    if len(session.recordings) == 1 and session.recordings[0].sources[0].suffix != ".toml":
        text = mapping_text(session, out)
        if mapping.exists() and mapping.read_text(encoding="utf-8") != text:
            typer.secho(f"{mapping} is there already and was kept.", err=True, fg="yellow")
        else:
            mapping.write_text(text, encoding="utf-8")
            written.append(mapping)
    picture = out / "inspect.html"
    picture.write_text(page(session), encoding="utf-8")
    return [*written, picture]


def _doubts(session: "Session", out: Path, finds_beats: bool) -> list[Path]:
    """Write what looks spoilt; a table that is there already, with a person's word, is kept."""
    from bowlby.recordings.doubts import doubts, write_doubts

    found = tuple(
        each for one in session.recordings for each in doubts(one, finds_beats=finds_beats)
    )
    path = out / "corrections.csv"
    if not found:
        return []
    if path.exists():
        typer.secho(f"{path} is there already and was kept.", err=True, fg="yellow")
        return []
    write_doubts(path, found)
    return [path]


def _next(session: "Session", paths: list[Path], written: list[Path]) -> str:
    """The command to type now."""
    mapping = [str(path) for path in written if path.suffix == ".toml"]
    if mapping:
        return shlex.join(["bowlby", "measure", *mapping])
    options = session.options
    told = {"--rate": options.rate_hz, "--kind": options.kind, "--zone": options.zone,
            "--offset": options.offset_s, "--sync": options.sync,
            "--roles": ",".join(options.roles or ())}  # fmt: skip
    extra: list[str] = []
    for name, value in told.items():
        if value not in (None, ""):
            extra += [name, f"{value:g}" if isinstance(value, float) else str(value)]
    if session.is_settled and session.is_readable:
        return shlex.join(["bowlby", "measure", *map(str, paths), *extra])
    return ""

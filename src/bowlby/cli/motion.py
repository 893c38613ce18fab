"""`bowlby motion`: from a video to the motion of each person in it."""

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import Exit, app, problems_told, progress_bars

if TYPE_CHECKING:
    from bowlby.recordings.video.motion import VideoMotion
    from bowlby.recordings.video.regions import Region

    Job = tuple[Path, tuple[Region, ...], int, bool]


@app.command()
def motion(
    videos: Annotated[
        list[Path], typer.Argument(metavar="VIDEO...", help="Videos with the people in them.")
    ],
    regions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="Who is where: a table a person with rectangle = [x, y, width, height] or "
            "polygon = [[x, y], ...], in pixels or shares.",
        ),
    ] = None,
    roles: Annotated[
        str | None,
        typer.Option(
            help="Who is on the left and who on the right, where the two halves are enough: "
            "client,therapist."
        ),
    ] = None,
    alone: Annotated[
        str | None,
        typer.Option(help="The one person in the picture, where the whole of it is theirs."),
    ] = None,
    threshold: Annotated[
        int, typer.Option(help="Change of grey value (of 255) up to which nothing moved.")
    ] = 12,
    keep_light: Annotated[
        bool, typer.Option("--keep-light", help="Do not even the light by still blocks.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for VIDEO.motion.csv; beside each video by default.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    workers: o.Workers = None,
) -> None:
    """Measure the motion of each person in a video, for `bowlby measure`.

    Examples:
    `bowlby motion session.mp4`

    `bowlby motion session.mp4 --regions regions.toml`

    `bowlby motion session.mp4 --roles client,therapist`

    Without regions it writes VIDEO.regions.html, a page with one picture of the video on which
    to draw them. The tables hold numbers only; no picture is written with them. Exit code 0:
    done; 3: regions must be drawn first; 2: nothing was done.
    """
    with problems_told(needs="video"):
        from bowlby.recordings.video.format import regions_beside, regions_for
        from bowlby.recordings.video.regions import whole

        missing = [str(path) for path in videos if not path.is_file()]
        if missing:
            raise ValueError(f"{', '.join(missing)}: no such file.")
        sides = o.split(roles)
        if roles and len(sides) != 2:
            raise ValueError(f"--roles {roles!r}: name two, e.g. --roles client,therapist.")
        if not (regions or roles or alone or all(map(regions_beside, videos))):
            _ask_for_regions(videos[0], out)
        two = (sides[0], sides[1]) if sides else None
        jobs = [
            (video, whole(alone) if alone else regions_for(video, regions, two), threshold,
             not keep_light)
            for video in videos
        ]  # fmt: skip
        done = _all_measured(jobs, workers)
        written = [_written(found, out) for found in done]
        for found, path in zip(done, written, strict=True):
            typer.echo(f"{found.path.name}: {path}")
            for note in found.notes:
                typer.echo(f"  {note}")
    typer.echo(f"next  {shlex.join(['bowlby', 'measure', *map(str, written[:2])])}")


def _ask_for_regions(video: Path, out: Path | None) -> NoReturn:
    """Write the page on which to draw, say what to do with it, and leave."""
    page = _draw(video, out)
    typer.echo(
        f"{video.name}: who is where? Open {page} (it holds one picture of the video), draw a "
        "rectangle for each person, save what it gives as "
        f"{video.with_name(video.stem + '.regions.toml')}, and give this command again."
    )
    raise typer.Exit(Exit.ASKS)


def _all_measured(jobs: "list[Job]", workers: int | None) -> "list[VideoMotion]":
    """Each video's motion; several videos are measured side by side."""
    from bowlby.runs.workers import in_order, on_this_machine

    with progress_bars() as progress:
        if len(jobs) == 1:
            report = partial(progress, f"Motion ({jobs[0][0].name})")
            return [_measured(jobs[0], report)]
        with on_this_machine(o.workers_for(workers, len(jobs))) as several:
            return in_order(several, _measured, jobs, stage="Motion", on_progress=progress)


def _measured(job: "Job", on_progress: Callable[..., Any] = lambda *_: None) -> "VideoMotion":
    from bowlby.recordings.video.motion import video_motion

    video, places, threshold, evens = job
    return video_motion(
        video, places, threshold=threshold, evens_light=evens, on_progress=on_progress
    )


def _written(found: "VideoMotion", out: Path | None) -> Path:
    folder = out or found.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.path.stem}.motion.csv"
    found.table().to_csv(
        path, index=False, lineterminator="\n", float_format="%.8g", na_rep="NA"
    )
    return path


def _draw(video: Path, out: Path | None) -> Path:
    """Write the page on which to draw."""
    from bowlby.cli._regions_page import page
    from bowlby.recordings.video.frames import samples_of

    pairs = samples_of(video, 3)
    if not pairs:
        raise ValueError(f"{video.name}: no frame can be decoded.")
    folder = out or video.parent
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{video.stem}.regions.html"
    path.write_text(page(video.name, pairs[len(pairs) // 2][0]), encoding="utf-8")
    return path

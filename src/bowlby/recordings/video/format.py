"""Videos as recordings: two people in one by their regions, or one person in each of two."""

from pathlib import Path

from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.formats import Fact, Format, Reading, ReadOptions
from bowlby.recordings.recording import Partner, RecordingError, Signal
from bowlby.recordings.video.frames import SUFFIXES
from bowlby.recordings.video.motion import video_motion
from bowlby.recordings.video.regions import Region, halves, read_regions, whole

REGIONS = "regions.toml"


def regions_beside(path: Path) -> Path | None:
    """The file of regions that lies beside a video, its own before the folder's."""
    for name in (f"{path.stem}.{REGIONS}", f"{path.stem}_{REGIONS}", REGIONS):
        if (path.parent / name).is_file():
            return path.parent / name
    return None


def regions_for(
    path: Path, told: Path | None, roles: tuple[str, str] | None
) -> tuple[Region, ...]:
    """The regions of a video: those told, those beside it, or the two halves by roles.

    Raises:
        RecordingError: If nothing tells them.
    """
    file = told or regions_beside(path)
    if file is not None:
        return read_regions(file)
    if roles is not None:
        return halves(*roles)
    raise RecordingError(
        f"{path.name}: nothing tells who is where in the picture. Type `bowlby motion "
        f"{path}` to draw it, or name the person on the left and the one on the right with "
        "--roles, e.g. --roles client,therapist."
    )


def read_video(path: Path, options: ReadOptions) -> Reading:
    """Read a video as motion energy.

    A file of regions beside it tells who is where. Where it is one of two files, each of one
    person, the whole picture is that person's.

    Raises:
        RecordingError: If the video cannot be read, or nothing tells who is where.
    """
    beside = regions_beside(path)
    if beside is None and options.is_one_person:
        regions: tuple[Region, ...] = whole(role_of_one(path, options))
    else:
        regions = regions_for(path, None, options.roles)
    found = video_motion(path, regions)
    partners = tuple(
        Partner(person, {"motion": Signal("motion", values, found.rate_hz)})
        for person, values in zip(found.people, found.motion, strict=True)
    )
    source = beside.name if beside else "the whole picture" if len(regions) == 1 else "halves"
    return Reading(
        partners, zone="file", notes=found.notes, facts=(Fact("people", "regions", source),)
    )


# No endings: a video that lies beside data in a folder is not a recording of the study.
FORMAT = Format(
    "video", "Video, as motion energy of each person", (),
    lambda path: path.suffix.lower() in SUFFIXES, read_video,
)  # fmt: skip

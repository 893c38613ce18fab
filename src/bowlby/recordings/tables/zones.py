"""Local times: their zone, and the hour that daylight saving takes and gives back."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError

_DAY_S = 86_400.0


def zone_of(options: ReadOptions) -> tzinfo | None:
    """The time zone the user names.

    Raises:
        RecordingError: If there is no such zone.
    """
    if options.zone is None:
        return None
    offset = re.fullmatch(r"(?:UTC)?([+-])(\d{1,2}):?(\d\d)?", options.zone.strip())
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    if options.zone.upper() in ("UTC", "Z", "GMT"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(options.zone)
    except (ValueError, OSError, LookupError) as error:
        raise RecordingError(
            f"--zone {options.zone!r} is no time zone. Give one such as Europe/Berlin or "
            "+02:00."
        ) from error


def in_utc(local_s: float, options: ReadOptions) -> tuple[float, str]:
    """Seconds since 1970 of a local time, and how they are known: `utc` or `local`."""
    zone = zone_of(options)
    if zone is None:
        return local_s, "local"
    moment = datetime.fromtimestamp(local_s, UTC).replace(tzinfo=zone)
    return moment.timestamp(), "utc"


def over_daylight_saving(seconds: FloatArray, notes: list[str]) -> FloatArray:
    """Local times without the hour that is set back in autumn and forward in spring.

    Args:
        seconds: Local times since 1970 or midnight (s).
        notes: Gets a sentence where an hour was found.
    """
    steps = np.diff(seconds)
    usual = float(np.nanmedian(steps)) if len(steps) else 0.0
    back = np.flatnonzero((steps > -3600 - 1) & (steps < -3540))
    if len(back) == 1 and (steps < 0).sum() == 1:
        notes.append(
            "The times jump back by one hour once: daylight saving ended, and an hour was "
            "added to all later ones."
        )
        return seconds + 3600.0 * (np.arange(len(seconds)) > back[0])
    forward = np.flatnonzero((steps > 3599) & (steps < 3601 + 2 * usual))
    if len(forward) == 1 and _is_hour_of_spring(*seconds[forward[0] : forward[0] + 2].tolist()):
        notes.append(
            "The times jump forward by one hour in the night of a Sunday: daylight saving "
            "began, and an hour was taken off all later ones."
        )
        return seconds - 3600.0 * (np.arange(len(seconds)) > forward[0])
    return seconds


def _is_hour_of_spring(before_s: float, after_s: float) -> bool:
    """True for local times from just before 1, 2 or 3 o'clock of a Sunday to the hour after."""
    days, clock = divmod(after_s, _DAY_S)
    # 1 January 1970 was a Thursday.
    is_sunday = int(days) % 7 == 3 and days > 0
    hour = int(clock // 3600)
    return is_sunday and hour in (2, 3, 4) and int(before_s % _DAY_S // 3600) == hour - 2

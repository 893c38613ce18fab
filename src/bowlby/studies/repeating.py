"""From a run.json back to the plan it came from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bowlby.recordings.corrections import Correction
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import RecordingFiles
from bowlby.studies.plan import Plan
from bowlby.studies.regression import Regression
from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.old_names import renamed_entries


def plan_of(content: dict[str, Any], *, workers: int = 1) -> Plan:
    """The plan a run.json describes.

    Args:
        content: What `read_manifest` returned.
        workers: Processes; they do not change the numbers.
    """
    content = renamed_entries(content)
    options, settings = content["options"], content["settings"]
    return Plan(
        recordings=tuple(
            RecordingFiles(
                name=entry["name"],
                paths=tuple(Path(path) for path in entry["paths"]),
                labels=entry["labels"],
                rate_hz=entry["rate_hz"],
                roles=tuple(entry["roles"]) if entry["roles"] else None,
            )
            for entry in content["recordings"]
        ),
        options=ReadOptions(
            rate_hz=options["rate_hz"],
            kind=options["kind"],
            first=tuple(options["first"]),
            second=tuple(options["second"]),
            roles=tuple(options["roles"]) if options["roles"] else None,
            offset_s=options.get("offset_s"),
            zone=options.get("zone"),
            sync=options.get("sync"),
            missing=tuple(options.get("missing", ())),
            time_column=options.get("time_column"),
            time_unit=options.get("time_unit"),
            corrections=tuple(Correction(**each) for each in options.get("corrections", ())),
            breathing_hz=_bands(options.get("breathing_hz")),
        ),
        settings=_settings(settings),
        format=content["format"],
        signals=tuple(content["signals"]),
        csv=content["csv"],
        false_positives=content["false_positives"],
        by=tuple(content["by"]),
        workers=workers,
        command=content["command"],
        skipped=tuple(content["skipped"]),
        phases=content.get("phases"),
        events=content.get("events"),
        pairs=tuple((first, second) for first, second in content.get("pairs", ())),
        regression=Regression(**content["regression"]) if content.get("regression") else None,
    )


def _settings(kept: Mapping[str, Any]) -> Settings:
    """The settings of a run; before 0.2 the peak of the profile was the default."""
    is_older = "statistic" not in kept and kept["convention"] == "bowlby"
    extra = {"statistic": "wcc_peak"} if is_older else {}
    return Settings(**{**kept, **extra, "measures": tuple(kept["measures"])})


def _bands(bands: Any) -> tuple[tuple[float, float], tuple[float, float]] | None:
    return ((bands[0][0], bands[0][1]), (bands[1][0], bands[1][1])) if bands else None

"""A study measured in every combination of choices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import RecordingFiles
from bowlby.recordings.reading import read
from bowlby.recordings.recording import Recording, RecordingError, SignalPair
from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import versions
from bowlby.runs.folder import new_folder
from bowlby.runs.manifest import checksum, made_by, write_manifest
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import in_order, on_this_machine
from bowlby.studies.run import Failed, options_of
from bowlby.studies.tables import write_table
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair
from bowlby.synchrony.specifications import Choices, describe, specifications

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT = {"convention": "bowlby", "window_s": 60.0, "step_s": 30.0, "max_lag_s": 5.0,
            "smooth_s": 0.5, "surrogate": "segments", "absolute": True}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Multiverse:
    """A study's results under every specification.

    Attributes:
        table: A row per specification: its choices, mean z over recordings, its p, share of
            recordings with p <= .05.
        failed: What could not be measured.
    """

    table: "pd.DataFrame"
    failed: tuple[Failed, ...]


def run_multiverse(
    recordings: Sequence[RecordingFiles],
    options: ReadOptions,
    settings: Settings,
    choices: Choices,
    out: Path,
    *,
    signal: str | None = None,
    workers: int = 1,
    command: str = "",
    on_progress: Progress = silent,
) -> Multiverse:
    """Measure every recording under every specification and write one folder.

    The z of a specification is the mean over recordings of (estimate - surrogates' mean) /
    surrogates' SD; its p ranks that mean among means of surrogates, one from each recording.

    Raises:
        RunError: If nothing could be measured, or there are several signals and none chosen.
    """
    chosen = specifications(settings, choices)
    jobs = [(files, options, chosen, signal) for files in recordings]
    about = {
        **made_by("multiverse", command), "settings": asdict(settings),
        "choices": asdict(choices), "options": asdict(options), "signal": signal,
    }  # fmt: skip
    with new_folder(out, replaces=True) as staging:
        with on_this_machine(workers) as several:
            done = in_order(
                several,
                _measure_specifications,
                jobs,
                stage="Measuring",
                on_progress=on_progress,
            )
        failed = tuple(result for result in done if isinstance(result, Failed))
        measured = [result for result in done if not isinstance(result, Failed)]
        if not measured:
            listed = "\n".join(f"  {f.recording}: {f.message}" for f in failed)
            raise RunError(f"No recording could be measured.\n{listed}")
        found = Multiverse(_table(chosen, measured), failed)
        inputs = [{"file": str(p), "sha256": checksum(p)} for r in recordings for p in r.paths]
        rest = {"inputs": inputs, "failed": [asdict(f) for f in failed]}
        write_manifest(staging / "run.json", about | rest)
        _write(found, staging, command)
    return found


def _table(chosen: Sequence[Settings], measured: "Sequence[Results]") -> "pd.DataFrame":
    """A row per specification."""
    import pandas as pd

    z, p, nulls = (np.stack(column) for column in zip(*measured, strict=True))
    mean_z = np.nanmean(z, axis=0)
    group_null = np.nanmean(nulls, axis=0)
    table = pd.DataFrame(describe(chosen)).assign(
        z=mean_z,
        p=(1 + (group_null >= mean_z[:, None]).sum(axis=1)) / (1 + group_null.shape[1]),
        share_below_05=np.mean(p <= 0.05, axis=0),
        recordings=len(measured),
    )
    table["is_default"] = (table[list(_DEFAULT)] == pd.Series(_DEFAULT)).all(axis=1)
    return table


def _write(found: Multiverse, folder: Path, command: str) -> None:
    import pandas as pd

    from bowlby.reports import Failure, ReportContent, write_figures, write_report

    write_table(found.table, folder / "specifications")
    content = ReportContent(
        title="Specification curve", datasets=(), summary=pd.DataFrame(),
        version=versions()["bowlby"], command=command,
        created=datetime.now(UTC).strftime("%Y-%m-%d"), multiverse=found.table,
        failed=tuple(Failure(f.recording, f.file, f.message) for f in found.failed),
    )  # fmt: skip
    write_figures(folder / "figures", content)
    write_report(folder / "report.html", content)


Results = tuple[np.ndarray, np.ndarray, np.ndarray]


def _measure_specifications(
    job: tuple[RecordingFiles, ReadOptions, tuple[Settings, ...], str | None],
) -> Results | Failed:
    """z, p and standardised surrogates of one recording under every specification."""
    files, options, chosen, signal = job
    shown = ", ".join(str(path) for path in files.paths)
    measured: list[tuple[Settings, xr.Dataset]] = []
    try:
        recording = read(files.paths, options_of(files, options), name=files.name)
        prepared: dict[tuple[float | None, bool], SignalPair] = {}
        for specification in chosen:
            key = (specification.smooth_s, specification.convention == "bowlby")
            if key not in prepared:
                prepared[key] = _only_pair(specification, recording, signal)
            dataset = measure_pair(prepared[key], specification, name=files.name)
            measured.append((specification, dataset))
    except (RecordingError, ValueError, OSError) as error:
        return Failed(files.name, shown, str(error))
    z, p, nulls = [], [], []
    for specification, dataset in measured:
        row = dataset.sel(statistic=default_statistic(specification))
        z.append(float(row.z))
        p.append(float(row.p))
        nulls.append((row.null.values - float(row.null_mean)) / float(row.null_sd))
    return np.array(z), np.array(p), np.stack(nulls)


def _only_pair(specification: Settings, recording: Recording, signal: str | None) -> SignalPair:
    pairs = specification.prepared(recording, [signal] if signal else None)
    if len(pairs) != 1:
        names = ", ".join(pair.signal for pair in pairs)
        raise ValueError(f"{recording.name} has the signals {names}; choose one with --signal.")
    return pairs[0]

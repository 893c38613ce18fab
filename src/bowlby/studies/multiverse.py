"""A study measured in every combination of choices."""

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
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
from bowlby.studies.measuring_files import options_of
from bowlby.studies.plan import Failed
from bowlby.studies.tables import write_table
from bowlby.synchrony.combined import standardised
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair
from bowlby.synchrony.significance import rank_p
from bowlby.synchrony.specifications import Choices, describe, specifications
from bowlby.synchrony.windowed import correlation_matrix, mean_over

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT = {"convention": "bowlby", "window_s": 60.0, "step_s": 30.0, "max_lag_s": 5.0,
            "smooth_s": 0.5, "surrogate": "segments", "absolute": True}  # fmt: skip


_JOINT = 99


@dataclass(frozen=True, eq=False)
class Multiverse:
    """A study's results under every specification.

    Attributes:
        table: A row per specification: its choices, mean z over recordings, its p, share of
            recordings with p <= .05.
        failed: What could not be measured.
        p_joint: p of all specifications together: the median of their z among those of joint
            surrogates, in which every specification sees the same shifted recordings.
    """

    table: "pd.DataFrame"
    failed: tuple[Failed, ...]
    p_joint: float = np.nan


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
        joint = joint_p(np.stack([result[3] for result in measured]))
        found = Multiverse(_table(chosen, measured), failed, joint)
        inputs = [{"file": str(p), "sha256": checksum(p)} for r in recordings for p in r.paths]
        rest = {
            "inputs": inputs, "failed": [asdict(f) for f in failed], "p_joint": found.p_joint
        }  # fmt: skip
        write_manifest(staging / "run.json", about | rest)
        _write(found, staging, command)
    return found


def _table(chosen: Sequence[Settings], measured: "Sequence[Results]") -> "pd.DataFrame":
    """A row per specification."""
    import pandas as pd

    z, p, nulls, _ = (np.stack(column) for column in zip(*measured, strict=True))
    mean_z, group_null = mean_over(z, axis=0), mean_over(nulls, axis=0)
    table = pd.DataFrame(describe(chosen)).assign(
        z=mean_z,
        p=[rank_p(own, null) if np.isfinite(own) else np.nan
           for own, null in zip(mean_z, group_null, strict=True)],
        share_below_05=mean_over(np.where(np.isfinite(p), p <= 0.05, np.nan), axis=0),
        recordings=np.isfinite(z).sum(axis=0),
    )  # fmt: skip
    table["is_default"] = (table[list(_DEFAULT)] == pd.Series(_DEFAULT)).all(axis=1)
    return table[table["recordings"] > 0].reset_index(drop=True)


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


Results = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _measure_specifications(
    job: tuple[RecordingFiles, ReadOptions, tuple[Settings, ...], str | None],
) -> Results | Failed:
    """z, p, standardised surrogates and joint estimates of one recording, by specification."""
    files, options, chosen, signal = job
    shown = ", ".join(str(path) for path in files.paths)
    measured: list[tuple[float, float, np.ndarray, str]] = []
    try:
        recording = read(files.paths, options_of(files, options), name=files.name)
        prepared: dict[tuple[float | None, bool], SignalPair] = {}
        for specification in chosen:
            key = _key(specification)
            if key not in prepared:
                prepared[key] = _only_pair(specification, recording, signal)
            measured.append(_standing(prepared[key], specification, files.name))
    except (RecordingError, ValueError, OSError) as error:
        return Failed(files.name, shown, str(error))
    z, p, nulls, reasons = zip(*measured, strict=True)
    if not np.isfinite(z).any():
        return Failed(files.name, shown, next(reason for reason in reasons if reason))
    joint = _joint_estimates([prepared[_key(s)] for s in chosen], chosen, files.name)
    return np.array(z), np.array(p), np.stack(nulls), joint


def _key(specification: Settings) -> tuple[float | None, bool]:
    return specification.smooth_s, specification.convention == "bowlby"


def _joint_estimates(
    pairs: Sequence[SignalPair], chosen: Sequence[Settings], name: str
) -> FloatArray:
    """Estimates of the recording (first) and of shifts of it, the same for all specifications.

    The second partner's series is shifted in time, its end joined to its beginning, by at least
    a sixth of the recording.
    """
    n = min(len(pair.x) for pair in pairs)
    rng = np.random.default_rng([chosen[0].seed, zlib.crc32(name.encode())])
    shifts = [0, *rng.integers(n // 6, n - n // 6, size=_JOINT)]
    return np.array(
        [[_estimate(p, s, int(shift)) for p, s in zip(pairs, chosen, strict=True)]
         for shift in shifts]
    )  # fmt: skip


def _estimate(pair: SignalPair, specification: Settings, shift: int) -> float:
    """First statistic of a pair whose second series is shifted; NaN if there is none."""
    try:
        matrix = correlation_matrix(
            pair.x, np.roll(pair.y, shift), rate_hz=pair.rate_hz,
            windows=specification.windows(pair.kind),
            convention=CONVENTIONS[specification.convention],
            min_coverage=specification.min_coverage,
        )  # fmt: skip
    except ValueError:
        return np.nan
    profile = mean_over(specification.scale()(matrix.r), axis=0)
    is_peak = default_statistic(specification) == "wcc_peak"
    return float(np.nanmax(np.abs(profile)) if is_peak else np.nanmean(profile))


def joint_p(estimates: FloatArray) -> float:
    """P of all specifications together.

    Args:
        estimates: Of each recording, its own estimates (first) and those of joint surrogates
            (recordings x 1 + surrogates x specifications), NaN where there is none.

    Returns:
        Rank of the median over specifications of the mean over recordings of standardised
        estimates, among the surrogates'.

    Source:
        Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208-1214: joint test by
        permutation, with the median as the statistic.
    """
    z = np.stack([standardised(of_recording) for of_recording in estimates])
    means = mean_over(z, axis=0)
    means = means[:, np.isfinite(means).all(axis=0)]
    if not means.size:
        return np.nan
    median = np.median(means, axis=1)
    return rank_p(float(median[0]), median[1:])


def _standing(
    pair: SignalPair, specification: Settings, name: str
) -> tuple[float, float, np.ndarray, str]:
    """z, p and standardised surrogates; NaN and the reason where one cannot be computed.

    A recording may be too short for some ways of measuring and long enough for others.
    """
    try:
        dataset = measure_pair(pair, specification, name=name)
    except ValueError as error:
        return np.nan, np.nan, np.full(specification.surrogates, np.nan), str(error)
    row = dataset.sel(statistic=default_statistic(specification))
    null = (row.null.values - float(row.null_mean)) / float(row.null_sd)
    return float(row.z), float(row.p), null, ""


def _only_pair(specification: Settings, recording: Recording, signal: str | None) -> SignalPair:
    pairs = specification.prepared(recording, [signal] if signal else None)
    if len(pairs) != 1:
        names = ", ".join(pair.signal for pair in pairs)
        raise ValueError(f"{recording.name} has the signals {names}; choose one with --signal.")
    return pairs[0]

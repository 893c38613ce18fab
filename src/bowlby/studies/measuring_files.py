"""Recordings of a study: read, prepared and measured one by one, and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import RecordingFiles
from bowlby.recordings.reading import read_all
from bowlby.recordings.recording import Recording, RecordingError
from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.kept import Kept
from bowlby.runs.manifest import checksum
from bowlby.runs.progress import Progress
from bowlby.runs.workers import Workers, in_order
from bowlby.studies.annotated import Marks, Sources, marks_of
from bowlby.studies.people import chosen
from bowlby.studies.plan import Failed, Plan
from bowlby.synchrony.measuring import measure_pair


@dataclass(frozen=True)
class Done:
    """What measuring one or two files left.

    Attributes:
        pieces: Names under which datasets are kept.
        labels: Columns of each recording.
        inputs: Files read, with their checksums.
        failed: What could not be measured.
        marks: Phases and events of each recording.
    """

    pieces: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    inputs: tuple[tuple[str, str], ...]
    failed: tuple[Failed, ...]
    marks: Mapping[str, Marks] = field(default_factory=dict)


def check_strangers(plan: Plan) -> None:
    """Refuse, before anything is measured, a study in which nobody is a stranger to anybody.

    What names tell is believed; files are read only where they tell of one dyad at most.

    Raises:
        RunError: If there are no surrogates, or no two recordings of different people.
    """
    if not plan.settings.surrogates:
        raise RunError("Counting false positives needs surrogates; --surrogates 0 leaves none.")
    named = [(files.name, files.labels) for files in plan.recordings]
    if len(_dyads(named)) > 1:
        return
    found: list[tuple[str, Mapping[str, str]]] = []
    for files in plan.recordings:
        try:
            found += [(one.name, one.labels) for one in _read(files, plan)]
        except (RecordingError, OSError):
            continue  # Measuring will tell what is wrong with it.
    if found and len(_dyads(found)) < 2:
        raise RunError(
            "The check of false positives pairs people who never met: it needs recordings of "
            f"at least two dyads, and there is {', '.join(sorted(_dyads(found)))} only. Give a "
            "folder of several dyads, or leave out --false-positives."
        )


def _dyads(recordings: Sequence[tuple[str, Mapping[str, str]]]) -> set[str]:
    return {labels.get("dyad") or name for name, labels in recordings}


def measure_all(
    plan: Plan, kept: Kept, sources: Sources, workers: Workers, on_progress: Progress
) -> list[Done]:
    """Measure all recordings of a plan, in parallel; what is kept already is not redone."""
    jobs = [(files, plan, kept, sources) for files in plan.recordings]
    return in_order(workers, _measure_files, jobs, stage="Measuring", on_progress=on_progress)


def _measure_files(job: tuple[RecordingFiles, Plan, Kept, Sources]) -> Done:
    """Read, prepare and measure the recordings of one or two files."""
    files, plan, kept, sources = job
    shown = ", ".join(str(path) for path in files.paths)
    try:
        # Read first: a file that is too large is refused by its size.
        recordings = _read(files, plan)
        inputs = tuple((str(path), checksum(path)) for path in files.paths)
    except (RecordingError, OSError) as error:
        return Done((), {}, (), (Failed(files.name, shown, str(error)),))
    done: list[str] = []
    failed: list[Failed] = []
    marks: dict[str, Marks] = {}
    for recording in recordings:
        try:
            marks[recording.name] = marks_of(recording, sources)
        except RecordingError as error:
            failed.append(Failed(recording.name, shown, str(error)))
        try:
            pairs = plan.settings.prepared(recording, plan.signals or None)
        except RecordingError as error:
            failed.append(Failed(recording.name, shown, str(error)))
            continue
        for pair in pairs:
            name = fingerprint(
                [inputs, files.rate_hz, files.roles, recording.name, pair.signal]
            )
            try:
                if not kept.has(name):
                    kept.put(name, measure_pair(pair, plan.settings, name=recording.name))
                done.append(name)
            except ValueError as error:
                message = f"{recording.name}, {pair.signal}: {error}"
                failed.append(Failed(recording.name, shown, message))
    labels = {recording.name: dict(recording.labels) for recording in recordings}
    return Done(tuple(done), labels, inputs, tuple(failed), marks)


def options_of(files: RecordingFiles, options: ReadOptions) -> ReadOptions:
    """The user's options with what participants.tsv says of one recording."""
    return replace(
        options,
        rate_hz=options.rate_hz if files.rate_hz is None else files.rate_hz,
        roles=files.roles or options.roles,
    )


def _read(files: RecordingFiles, plan: Plan) -> tuple[Recording, ...]:
    options = options_of(files, plan.options)
    recordings = read_all(files.paths, options, format=plan.format, name=files.name)
    names = [recording.labels.get("pair", "") for recording in recordings]
    if plan.pairs and all(names):
        is_chosen = chosen(names, plan.pairs)
        recordings = tuple(r for r, keep in zip(recordings, is_chosen, strict=True) if keep)
    # What a file says of one of its recordings is nearer than what the study says of the file.
    shares_names = len(recordings) > 1 and len(plan.recordings) > 1
    return tuple(
        replace(
            recording,
            name=f"{files.name}_{recording.name}" if shares_names else recording.name,
            labels={**files.labels, **recording.labels},
        )
        for recording in recordings
    )

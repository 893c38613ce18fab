"""The format `table`: any text table, and Parquet."""

from collections.abc import Mapping
from pathlib import Path

from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import RecordingError

_TEXT = (".csv", ".tsv", ".txt", ".dat", ".mea", ".rr", ".ibi", ".hrv", ".asc", ".tab")
SUFFIXES = (
    *(f"{ending}{packed}" for packed in (".gz", ".bz2", ".zip") for ending in _TEXT),
    *_TEXT,
    ".parquet",
)
_ASSUMED = {"mea": "motion", "intervals": "ibi", "tidy": None, "table": None}


def read_table(path: Path, options: ReadOptions) -> Reading:
    """Read a table of one recording.

    Raises:
        RecordingError: If it holds several recordings, or as `read_table_many`.
    """
    return _only(path, read_table_many(path, options))


def read_table_many(
    path: Path, options: ReadOptions, *, assumed: str | None = None
) -> Mapping[str, Reading]:
    """Read a table of one or several recordings, by name.

    Args:
        path: A text file, packed or not, or a Parquet file.
        options: Columns of the people, kind, rate, zone: what the file does not tell.
        assumed: Kind of columns that no name explains.

    Raises:
        RecordingError: If the table cannot be read, or is unclear.
    """
    from bowlby.recordings.tables.parquet import read_parquet_table
    from bowlby.recordings.tables.parsing import read_text_table
    from bowlby.recordings.tables.reading import readings_of
    from bowlby.recordings.tables.rows import TEXT_NAMES

    if path.suffix.lower() == ".parquet":
        table = read_parquet_table(path)
    else:
        table = read_text_table(path, text_names=TEXT_NAMES)
    if path.suffix.lower() in (".rr", ".ibi", ".hrv") and options.kind is None:
        assumed = "ibi"
    if ".mea" in path.suffixes and assumed is None:
        assumed = "motion"
    return readings_of(table, options, assumed=assumed)


def _only(path: Path, readings: Mapping[str, Reading]) -> Reading:
    if len(readings) > 1:
        raise RecordingError(
            f"{path.name}: holds {len(readings)} recordings ({', '.join(list(readings)[:5])}, "
            "...). Measure the file as a study: put it into a folder and give the folder."
        )
    return next(iter(readings.values()))


def _named(name: str, title: str) -> Format:
    def read_many(path: Path, options: ReadOptions) -> Mapping[str, Reading]:
        return read_table_many(path, options, assumed=_ASSUMED[name])

    return Format(
        name=name,
        title=title,
        suffixes=SUFFIXES,
        # Any zip that is no session of a device holds a table, or says that it does not.
        recognises=lambda path: path.name.lower().endswith((*SUFFIXES, ".zip")),
        read=lambda path, options: _only(path, read_many(path, options)),
        read_many=read_many,
    )


FORMAT = _named(
    "table", "Tables of text or Parquet: motion energy, ratings, intervals, exports of devices"
)
# Names that settle what columns without a name are; kept from earlier versions.
OTHER_NAMES = (
    _named("mea", "Motion energy (MEA, rMEA)"),
    _named("tidy", "Tidy table"),
    _named("intervals", "Inter-beat intervals"),
)

"""MATLAB files: variables that are signals, asked for by name where names do not tell."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Fact, Format, Reading, ReadOptions
from bowlby.recordings.recording import RecordingError

_RATE = re.compile(
    r"(fs|srate|s_?rate|sampling_?rate|sample_?rate|rate|freq|hz)$", re.IGNORECASE
)
_FEWEST = 50


def read_matlab(path: Path, options: ReadOptions) -> Reading:
    """Read the vectors of a MATLAB file as channels; columns of a matrix are `NAME 1`, ...

    Args:
        path: The file.
        options: `rate_hz` where no variable such as `fs` tells it; names of variables.

    Raises:
        RecordingError: If it is damaged or of version 7.3, no rate is known, or names do not
            tell whose a variable is.
    """
    content = _loaded(path)
    rate_hz, told = options.rate_hz, "user"
    vectors: dict[str, np.ndarray] = {}
    others: list[str] = []
    for name, value in content.items():
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            others.append(f"{name}: no numbers")
        elif array.size == 1:
            if rate_hz is None and _RATE.search(name) and float(array.item()) > 0:
                rate_hz, told = float(array.item()), f"variable {name!r}"
        else:
            table = np.squeeze(array).astype(np.float64)
            table = table.T if table.ndim == 2 and table.shape[0] < table.shape[1] else table
            if table.ndim == 1 and len(table) >= _FEWEST:
                vectors[name] = table
            elif table.ndim == 2 and len(table) >= _FEWEST and table.shape[1] <= 64:
                vectors |= {f"{name} {i + 1}": column for i, column in enumerate(table.T)}
            else:
                others.append(f"{name}: {' x '.join(map(str, array.shape))} numbers")
    if not vectors:
        raise RecordingError(
            f"{path.name}: no variable is a signal ({'; '.join(others[:8]) or 'it is empty'})."
        )
    if rate_hz is None:
        raise RecordingError(
            f"{path.name}: no variable tells the sampling rate (such as fs). Give it in Hz "
            f"with --rate, e.g. --rate 25. Its signals are {', '.join(map(repr, vectors))}."
        )
    channels = [Channel(name, values, rate_hz, "") for name, values in vectors.items()]
    left_out = others.copy()
    partners = partners_from_channels(channels, options, path, left_out=left_out)
    facts = (Fact("rate_hz", f"{rate_hz:g}", told),)
    return Reading(partners, zone="file", left_out=tuple(left_out), facts=facts)


def _loaded(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        with path.open("rb") as file:
            is_hdf5 = b"MATLAB 7.3" in file.read(128)
        if is_hdf5:
            raise RecordingError(
                f"{path.name}: is a MATLAB file of version 7.3. Save it in MATLAB with "
                f"save('{path.name}', '-v7')."
            )
        found = loadmat(str(path))
    except RecordingError:
        raise
    except (
        MatReadError, OSError, ValueError, TypeError, NotImplementedError, LookupError,
    ) as error:  # fmt: skip
        raise RecordingError(
            f"{path.name}: is no readable MATLAB file ({error}). Copy it again."
        ) from error
    return {
        inner: value
        for name, whole in found.items()
        if not name.startswith("__")
        for inner, value in _fields(name, whole)
    }


def _fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A variable by its name; of a struct, each field as `struct field`."""
    array = np.asarray(value)
    if array.dtype.names and array.size == 1:
        for field in array.dtype.names:
            yield from _fields(f"{name} {field}", array.reshape(-1)[0][field])
    elif array.dtype == object and array.size == 1:
        yield from _fields(name, array.reshape(-1)[0])
    else:
        yield name, value


FORMAT = Format(
    "matlab", "MATLAB files", (".mat",), lambda path: path.suffix.lower() == ".mat", read_matlab
)

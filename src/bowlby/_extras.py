"""The extras: what each serves, the libraries it brings, and what to type where it is missing.

The base of bowlby measures. Simulating, practising, calibrating and two file formats need
libraries that most people who measure can do without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple


class Extra(NamedTuple):
    """One extra of pyproject.toml.

    Attributes:
        serves: What needs it, as a person would say it.
        modules: What its libraries are imported as.
        includes: Extras that it brings along.
    """

    serves: str
    modules: tuple[str, ...]
    includes: tuple[str, ...] = ()


EXTRAS = {
    "simulate": Extra(
        "the simulator",
        ("equinox", "jax", "jaxtyping", "pydantic", "threadpoolctl", "zarr"),
    ),
    "practise": Extra(
        "the practice room", ("fastapi", "sqlalchemy", "uvicorn", "websockets"), ("simulate",)
    ),
    "calibrate": Extra("calibration", ("SALib", "sklearn"), ("simulate",)),
    "words": Extra("the classifier of own words", ("sklearn",), ("practise",)),
    "edf": Extra("the reader of EDF and BDF", ("pyedflib",)),
    "xdf": Extra("the reader of XDF", ("pyxdf",)),
    "labs": Extra(
        "the readers of BIOPAC, spreadsheets, statistics programs, EmbracePlus and watches",
        ("bioread", "fastavro", "fitdecode", "pyreadstat", "python_calamine"),
    ),
    "hdf5": Extra("the reader of OpenSignals HDF5", ("h5py",)),
    "video": Extra("motion from video and sound that is no WAV", ("av",)),
    "outcomes": Extra("the reader of FHIR", ("fhir",), ("labs",)),
    "dask": Extra("a Dask cluster", ("distributed",)),
    "netcdf": Extra("netCDF files of simulated trees", ("h5netcdf",), ("simulate",)),
}


class MissingExtraError(ImportError):
    """A library is not installed; the message says which extra brings it."""


def require(extra: str) -> None:
    """Refuse to start what needs an extra that is not installed; imports nothing.

    Raises:
        MissingExtraError: If a library of the extra, or of those it includes, is not installed.
    """
    if not all(_is_installed(module) for module in _modules(extra)):
        raise MissingExtraError(_message(extra))


@contextmanager
def missing_named() -> Iterator[None]:
    """Name the extra where an import inside fails for want of one of its libraries.

    Raises:
        MissingExtraError: In place of the ModuleNotFoundError of such a library.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        for name, extra in EXTRAS.items():
            if module in extra.modules:
                raise MissingExtraError(_message(name)) from error
        raise


def _message(extra: str) -> str:
    return f'This needs {EXTRAS[extra].serves}: pip install "bowlby[{extra}]".'


def _modules(extra: str) -> tuple[str, ...]:
    own = EXTRAS[extra]
    return own.modules + tuple(m for other in own.includes for m in _modules(other))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False

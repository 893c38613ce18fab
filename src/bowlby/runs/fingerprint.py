"""What decides the numbers beside the design: the code, the libraries, the machine's kind."""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

PRESENTATION = ("cli", "figures", "practice", "reports")
"""Packages that show results and compute none; nothing that computes imports them, which the
import contracts prove. All other code counts: which part of it a run uses is not guessed."""

SUFFIXES = (".py", ".csv", ".toml", ".json")

LIBRARIES = (
    "numpy", "scipy", "numba", "pandas", "pyarrow", "xarray", "neurokit2", "statsmodels",
    "jax", "jaxlib", "equinox", "pydantic", "zarr",
)  # fmt: skip
"""Libraries that shape the numbers or the files."""

_ONLY_FILES = ("pyarrow", "pydantic", "zarr")


def fingerprint(content: Any) -> str:
    """A short name of some content that JSON can hold; equal content has the same."""
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(content: Any) -> Any:
    """What JSON does not know: read-only mappings and paths."""
    if isinstance(content, Mapping):
        return dict(content)
    if isinstance(content, Path):
        return str(content)
    raise TypeError(f"{type(content).__name__} cannot name a run.")


@cache
def versions() -> dict[str, str]:
    """Versions of Python, bowlby and the libraries that are installed of `LIBRARIES`."""
    found = {"python": platform.python_version(), "bowlby": version("bowlby")}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def code_hash(leaves_out: tuple[str, ...] = ()) -> str:
    """SHA-256 of the code and the tables of the installed package that can change a result.

    It is taken once, early in a process: editing the code of a run that is going on does not
    change what the run is called.

    Args:
        leaves_out: Files or folders of the package that the results in question do not depend
            on, beside `PRESENTATION`, such as "evidence/measures".
    """
    return hash_of(Path(str(files("bowlby"))), (*PRESENTATION, *leaves_out))


def hash_of(root: Path, leaves_out: tuple[str, ...]) -> str:
    """SHA-256 of the names and bytes of a package's code and tables."""
    mark = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in SUFFIXES):
        name = path.relative_to(root).as_posix()
        if any(name == out or name.startswith(f"{out}/") for out in leaves_out):
            continue
        content = path.read_bytes()
        mark.update(f"{name}\0{len(content)}\0".encode())
        mark.update(content)
    return mark.hexdigest()


def conditions(leaves_out: tuple[str, ...] = ()) -> dict[str, str]:
    """All that decides the numbers beside the design, by what a person would call it."""
    return {
        "code": code_hash(leaves_out),
        **{name: v for name, v in versions().items() if name not in _ONLY_FILES},
        "machine": f"{platform.system()} {platform.machine()}",
        "64 bit": str(_has_64_bits()),
    }


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs between two conditions, in words."""
    return [
        f"the {name}"
        if name in ("code", "design")
        else f"{name} ({before.get(name)}, now {now.get(name)})"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]


def _has_64_bits() -> bool:
    """Whether JAX computes with 64 bits, without importing it."""
    if "jax" in sys.modules:
        return bool(sys.modules["jax"].config.jax_enable_x64)
    return os.environ.get("JAX_ENABLE_X64", "").lower() in ("1", "true", "yes", "on", "y", "t")

"""One measured signal on disk, so that an interrupted study goes on where it stopped."""

import json
import os
from pathlib import Path

import numpy as np
import xarray as xr


def save_piece(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset of `measure_pair` whole or not at all."""
    arrays = {
        f"data:{name}": variable.to_numpy() for name, variable in dataset.data_vars.items()
    }
    arrays |= {
        f"coord:{name}": variable.to_numpy() for name, variable in dataset.coords.items()
    }
    dims = {
        str(name): list(dataset[name].dims) for name in (*dataset.data_vars, *dataset.coords)
    }
    meta = json.dumps({"dims": dims, "attrs": dataset.attrs})
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, meta=np.array(meta), **arrays)
    part.replace(path)


def load_piece(path: Path) -> xr.Dataset:
    """Read what `save_piece` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        meta = json.loads(str(stored["meta"]))
        variables: dict[str, dict[str, tuple[list[str], np.ndarray]]] = {
            "data": {},
            "coord": {},
        }
        for key in stored.files:
            part, _, name = key.partition(":")
            if name:
                variables[part][name] = (meta["dims"][name], stored[key])
    return xr.Dataset(variables["data"], variables["coord"], meta["attrs"])

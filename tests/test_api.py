"""The Python functions return tables without crossed dimensions."""

from importlib.util import find_spec

import numpy as np
import pytest
import xarray as xr

import bowlby
from bowlby.api import _tick_table


def ticks():
    """Two dyads, two encounters of three and two ticks."""
    trust = np.arange(12.0).reshape(2, 2, 3)
    trust[:, 1, 2] = np.nan
    arousal = np.stack([trust, trust + 100.0], -1)
    return xr.Dataset(
        {"trust": (("dyad", "encounter", "tick"), trust),
         "arousal": (("dyad", "encounter", "tick", "partner"), arousal)},
        {"dyad": [5, 6], "arm": ("dyad", ["a", "a"]), "encounter": [0, 3],
         "partner": ["seeker", "figure"]},
    )  # fmt: skip


def test_a_tick_is_a_row_and_a_label_a_column():
    table = _tick_table(ticks())
    assert list(table.columns) == [
        "dyad", "arm", "encounter", "tick", "trust", "arousal_seeker", "arousal_figure",
    ]  # fmt: skip
    assert len(table) == 10
    row = table[(table.dyad == 6) & (table.encounter == 3) & (table.tick == 1)].iloc[0]
    assert (row.trust, row.arousal_figure) == (10.0, 110.0)


@pytest.mark.slow
def test_a_course_from_a_dictionary_comes_back_as_tables(tmp_path):
    import pickle
    import warnings

    tree = bowlby.simulate({
        "dyads": 2, "keep": "ticks", "childhood": {"encounters": 1, "ticks": 50},
        "therapy": {"sessions": 2, "ticks": 50}, "arms": [{"protocol": "supportive"}],
        "life": {"ticks": 50, "waiting_weeks": 1, "follow_up_weeks": 0},
    })  # fmt: skip
    made = bowlby.tables(tree)
    assert len(made["readouts"]) == 2
    assert len(made["ticks"]) == 2 * 3 * 50
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pickle.loads(pickle.dumps(tree)).identical(tree)
        tree.to_zarr(tmp_path / "tree.zarr", zarr_format=2)
        again = xr.open_datatree(tmp_path / "tree.zarr", engine="zarr", chunks=None)
        xr.testing.assert_equal(again.load(), tree)
        if find_spec("h5netcdf"):
            tree.to_netcdf(tmp_path / "tree.nc", engine="h5netcdf")
            again = xr.open_datatree(tmp_path / "tree.nc", engine="h5netcdf")
            xr.testing.assert_equal(again.load(), tree)


def test_programs_are_kept_where_the_user_keeps_them(monkeypatch, tmp_path):
    import jax

    from bowlby.simulation.compiled import remember_compiled

    before = jax.config.jax_compilation_cache_dir
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    try:
        jax.config.update("jax_compilation_cache_dir", str(tmp_path))
        remember_compiled()
        assert jax.config.jax_compilation_cache_dir == str(tmp_path)
        jax.config.update("jax_compilation_cache_dir", None)
        monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        remember_compiled()
        assert jax.config.jax_compilation_cache_dir == str(
            tmp_path / "cache" / "bowlby" / "jax"
        )
    finally:
        jax.config.update("jax_compilation_cache_dir", before)

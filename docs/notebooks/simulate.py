# %% [markdown]
# # Simulate a therapy and look at it
#
# Eight clients, with short encounters so that the notebook takes seconds. A course is a
# dictionary here; a `.toml` file or the name of a preset is taken as well.

# %%
import bowlby

course = {
    "dyads": 8,
    "seed": 3,
    "childhood": {"encounters": 2, "ticks": 50},
    "therapy": {"sessions": 6, "ticks": 50},
    "life": {"ticks": 50, "waiting_weeks": 4, "follow_up_weeks": 4},
    "arms": [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}],
}
tree = bowlby.simulate(course)
print(tree.groups)

# %% [markdown]
# Arrays have names, units and dimensions. The same clients take part in every arm.

# %%
readouts = tree["readouts"].to_dataset()
print(readouts["internalising_before"].attrs)
print(readouts["internalising_before"].groupby("arm").mean().to_numpy().round(2))

# %% [markdown]
# As data frames: a row for each client and arm, a row for each encounter.

# %%
tables = bowlby.tables(tree)
assert len(tables["readouts"]) == 16
fall = tables["readouts"].eval("internalising_before - internalising_after")
print(fall.groupby(tables["readouts"]["arm"]).mean().round(2))

# %% [markdown]
# Less of a mechanism, or another number of the theory, is a change of one entry.

# %%
without = bowlby.simulate(course, changes={"ablate": ["repair"]})
difference = bowlby.tables(without)["readouts"]["internalising_after"].mean()
print(f"without repair: {difference:.2f}")

# %% [markdown]
# Keep it: `tree.to_zarr("clients.zarr", zarr_format=2)`, `tree.to_netcdf("clients.nc")` with
# `pip install "bowlby[netcdf]"`, or pickle.
#
# **Results of a model, not evidence about patients.**

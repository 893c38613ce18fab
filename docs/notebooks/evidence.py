# %% [markdown]
# # Hold the model against published findings
#
# One finding and one seed: a thousand children in the Strange Situation, half a minute. All of
# the table with five seeds takes the better part of an hour (`bowlby evidence`).

# %%
import bowlby

table = bowlby.evidence_table(["ssp-secure"], seeds=[1])

# %% [markdown]
# The published number with the band that was set before the model ran, and the model's.

# %%
row = table.iloc[0]
print(row["claim"])
print(table.filter(regex="slug|band|model|verdict").T)
assert row["slug"] == "ssp-secure"

# %% [markdown]
# `ablations=True` runs it without the mechanism that is said to make it; `parameters` runs it
# in another population. `keep="folder"` keeps the simulated samples.

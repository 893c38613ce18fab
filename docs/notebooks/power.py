# %% [markdown]
# # Power of a trial, over a grid
#
# Three repetitions of each of two tiny designs: enough to see how it is asked. Take 200 or
# more, and `width=0.1` to stop where the interval of power is narrow enough.

# %%
import bowlby

design = {
    "title": "Support or waiting",
    "seed": 1,
    "trial": {"clients_per_arm": 8, "therapists_per_arm": 2, "severity": 0.0},
    "arms": [{"protocol": "supportive"}, {"protocol": "waiting_list"}],
    "childhood": {"encounters": 1, "ticks": 50},
    "therapy": {"sessions": 4, "ticks": 50},
    "life": {"ticks": 50, "waiting_weeks": 4, "follow_up_weeks": 0},
}
table = bowlby.power(design, {"trial.clients_per_arm": [8, 12]}, repetitions=3)

# %% [markdown]
# A row for each combination and contrast that decides, with Wilson's interval.

# %%
print(table[["trial.clients_per_arm", "clients", "repetitions", "power", "low", "high"]])
assert list(table["clients"]) == [16, 24]

# %% [markdown]
# `keep="folder"` keeps finished repetitions, so that a later call goes on and a wider grid does
# only what is new. A power answer is only as good as its world: `parameters="calibrated"` asks
# the same of another one. **Results of a model, not evidence about patients.**

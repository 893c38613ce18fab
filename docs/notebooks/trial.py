# %% [markdown]
# # A randomised trial of simulated clients
#
# A course with a `trial` section. This one is far too small to find anything; it takes seconds.

# %%
import bowlby

design = {
    "title": "Support or waiting",
    "seed": 1,
    "trial": {"clients_per_arm": 16, "therapists_per_arm": 4, "severity": 0.0},
    "arms": [{"protocol": "supportive"}, {"protocol": "waiting_list"}],
    "childhood": {"encounters": 2, "ticks": 50},
    "therapy": {"sessions": 6, "ticks": 50},
    "life": {"ticks": 50, "waiting_weeks": 4, "follow_up_weeks": 0},
}
found = bowlby.trial(design)

# %% [markdown]
# The main outcome, every interval and p from one model with the same degrees of freedom.

# %%
print(found.contrasts[["first", "second", "difference", "low", "high", "df", "p", "g"]])

# %% [markdown]
# Who took part, and what became of them: a row per client, and a row per client and week.

# %%
clients, sessions = found.clients, found.sessions
assert len(clients) == 32
print(clients.groupby("arm")["internalising_after"].describe().round(2))
print(sessions.groupby(["arm", "phase"])["symptoms_observed"].mean().round(2))

# %% [markdown]
# Everything that a report holds is in `found.analysis`; the world it took place in comes first.

# %%
for row in found.analysis["world"]["rows"]:
    print(f"{row['finding']}: {row['here']:.2f} here, {row['published']} published")

# %% [markdown]
# **Results of a model, not evidence about patients.**

# %% [markdown]
# # Which populations do published findings leave?
#
# `bowlby.calibrate` moves parameters of the population, simulates every sample that a finding
# is about, emulates the findings and keeps the region that they do not rule out. With its
# defaults that takes hours, so this notebook reads the calibration that comes with bowlby; set
# `BOWLBY_LONG=1` to run one.

# %%
import os

import pandas as pd

from bowlby.courses.parameters import calibrated
from bowlby.evidence.calibration.parameters import packaged_parameters

# %% [markdown]
# What may move: each parameter with its prior range, its default and its unit.

# %%
table = pd.DataFrame([vars(each) for each in packaged_parameters()]).set_index("name")
print(table[["low", "default", "high", "unit"]])

# %% [markdown]
# The best point of the calibration that comes with bowlby, where it lies in the prior.

# %%
table["calibrated"] = pd.Series(calibrated())
share = (table["calibrated"] - table["low"]) / (table["high"] - table["low"])
print(share.dropna().round(2).sort_values())
assert share.dropna().between(0.0, 1.0).all()

# %% [markdown]
# One of your own, with tables of its region and findings. `keep` lets it go on where it
# stopped. `bowlby.trial(design, parameters="calibrated")` uses the shipped one.

# %%
if os.environ.get("BOWLBY_LONG"):
    from pathlib import Path

    import bowlby
    from bowlby.evidence.calibration.tables import findings_table, region_table

    made = bowlby.calibrate(runs=200, region_runs=60, workers=2, keep=Path("calibration"))
    print(region_table(made))
    print(findings_table(made))

"""The summary of `bowlby measure` beside the scores of questionnaires."""

import pandas as pd
import pytest

from bowlby.outcomes.links import joined

SCORES = pd.DataFrame({"client": ["a", "a"], "time": [1, 2], "value": [20.0, 18.0]})


@pytest.mark.parametrize("column", ["z", "effect"])
def test_synchrony_is_read_under_its_name_of_today_and_of_earlier_releases(column):
    summary = pd.DataFrame({"client": ["a"], "session": [1], "signal": ["ibi"], column: [1.5]})
    (row,) = joined(summary, SCORES).to_dict("records")
    assert (row["synchrony"], row["score"], row["next_score"]) == (1.5, 20.0, 18.0)

"""Ways to compute windowed lagged correlation that the field uses, as values.

The lag's sign is bowlby's in all of them: positive means the first partner leads. (SUSY and R's
`ccf` count the other way; their numbers agree after mirroring.)
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Convention:
    """One package's choices.

    Attributes:
        name: As in `--convention`.
        is_exact: Window and step are rounded to samples one by one.
        is_backward: The leader's part is taken earlier, not the follower's later.
        is_segmentwise: Windows do not overlap and use SUSY's biased estimator.
        statistic: Which summary of the window-by-lag matrix comes first.
        smooths: Whether motion is smoothed before it is compared.
        is_absolute: Default for absolute values.
        is_fisher: Default for Fisher's z.
        description: What to write in a methods section.
    """

    name: str
    is_exact: bool
    is_backward: bool
    is_segmentwise: bool
    statistic: str
    smooths: bool
    is_absolute: bool
    is_fisher: bool
    description: str


CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        Convention(
            "bowlby", is_exact=False, is_backward=False, is_segmentwise=False,
            statistic="wcc_combined", smooths=True, is_absolute=True, is_fisher=True,
            description=(
                "Pearson correlation of the valid pairs in each window at each lag, the "
                "follower's part taken later; Fisher z; estimate: the largest of eight "
                "summaries, each standardised against the same surrogates (highest point of "
                "the mean absolute profile and of the absolute mean profile, the latter at "
                "lag 0, mean of the windows' highest absolute values; in short and long "
                "windows)."
            ),
        ),
        Convention(
            "rmea", is_exact=True, is_backward=False, is_segmentwise=False,
            statistic="wcc_mean", smooths=False, is_absolute=True, is_fisher=True,
            description=(
                "As MEAccf of rMEA 1.3.0 (Kleinbub & Ramseyer, 2020): Pearson correlation in "
                "each window at each lag, the follower's part taken later; estimate: mean over "
                "all windows and lags (grandAver)."
            ),
        ),
        Convention(
            "boker", is_exact=True, is_backward=True, is_segmentwise=False,
            statistic="wcc_mean", smooths=False, is_absolute=False, is_fisher=False,
            description=(
                "As the windowed cross-correlation script of Behrens & Boker (2018): Pearson "
                "correlation in each window at each lag, the leader's part taken earlier; "
                "estimate: mean over all windows and lags."
            ),
        ),
        Convention(
            "susy", is_exact=True, is_backward=False, is_segmentwise=True,
            statistic="wcc_mean", smooths=False, is_absolute=True, is_fisher=True,
            description=(
                "As SUSY 0.1.0 (Tschacher & Meier, 2020): cross-correlation function of "
                "non-overlapping segments, segment-wide mean and SD, sums divided by the "
                "segment's length; estimate: mean over segments and lags."
            ),
        ),
    )
}  # fmt: skip

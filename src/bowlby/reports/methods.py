"""The methods paragraph: what was done, ready to paste into a supplement."""

from collections.abc import Sequence

import xarray as xr

from bowlby.figures.views import signal_title, statistic_title
from bowlby.recordings.kinds import KINDS
from bowlby.synchrony.conventions import CONVENTIONS

_SURROGATES = {
    "segments": "the second partner's series, cut into segments that were put in random order",
    "shift": "the second partner's series, shifted in time by a random amount with its end "
    "joined to its beginning",
    "phase": "the second partner's series with randomised Fourier phases",
    "iaaft": "the second partner's series with randomised Fourier phases and its own values "
    "(IAAFT)",
}
_REFERENCES = {
    "Boker": "Boker, S. M., Rotondo, J. L., Xu, M., & King, K. (2002). Windowed "
    "cross-correlation and peak picking for the analysis of variability in the association "
    "between behavioral time series. Psychological Methods, 7, 338–355.",
    "Maris": "Maris, E., & Oostenveld, R. (2007). Nonparametric statistical testing of EEG- "
    "and MEG-data. Journal of Neuroscience Methods, 164, 177–190.",
    "Moulder": "Moulder, R. G., Boker, S. M., Ramseyer, F., & Tschacher, W. (2018). "
    "Determining synchrony between behavioral time series: An application of "
    "surrogate data generation for establishing falsifiable null-hypotheses. Psychological "
    "Methods, 23, 757–773.",
    "Phipson": "Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero: "
    "calculating exact p-values when permutations are randomly drawn. Statistical Applications "
    "in Genetics and Molecular Biology, 9, Article 39.",
    "Politis": "Politis, D. N., & Romano, J. P. (1992). A circular block-resampling procedure "
    "for stationary data. In R. LePage & L. Billard (Eds.), Exploring the limits of bootstrap "
    "(pp. 263–270). Wiley.",
    "Westfall": "Westfall, P. H., & Young, S. S. (1993). Resampling-based multiple testing. "
    "Wiley.",
}


def methods_paragraphs(datasets: Sequence[xr.Dataset], *, version: str) -> tuple[str, ...]:
    """One paragraph per distinct way of measuring (signal, parameters), then the tests."""
    if not datasets:
        return ()
    ways: dict[str, int] = {}
    for dataset in datasets:
        text = _way(dataset)
        ways[text] = ways.get(text, 0) + 1
    many = len(ways) > 1
    opening = f"Synchrony was measured with bowlby {version}".rstrip() + "."
    paragraphs = [
        f"{text} ({count} measured.)" if many else text for text, count in ways.items()
    ]
    paragraphs[0] = f"{opening} {paragraphs[0]}"
    return (*paragraphs, _tests(datasets[0]))


def reference_list(datasets: Sequence[xr.Dataset]) -> tuple[str, ...]:
    """References that the methods paragraph names."""
    if not datasets:
        return ()
    names = ["Boker"]
    if datasets[0].attrs["surrogates"]:
        names += ["Maris", "Moulder", "Phipson", "Politis", "Westfall"]
    return tuple(_REFERENCES[name] for name in names)


def null_sentence(dataset: xr.Dataset) -> str:
    """The surrogates' null hypothesis in one sentence."""
    return (
        "Null hypothesis: the two people are no more related at matching moments than at "
        "moments that do not match."
        if dataset.attrs["surrogates"]
        else "No surrogates were drawn, so nothing was tested against chance."
    )


def tested_sentences(dataset: xr.Dataset) -> str:
    """What was tested and what z means, for those who read the cards only."""
    z = " z is the distance from the surrogates' mean, in their standard deviations."
    return null_sentence(dataset) + (z if dataset.attrs["surrogates"] else "")


def _way(dataset: xr.Dataset) -> str:
    a = dataset.attrs
    kind, convention = KINDS.get(a["kind"]), CONVENTIONS.get(a["convention"])
    steps = "; ".join(str(step).rstrip(".") for step in a["steps"] if str(step) != "none")
    sentences = [
        f"{signal_title(dataset)} of {a['first']} and {a['second']} at {a['rate_hz']:g} Hz was "
        + (f"prepared as follows: {steps}." if steps else "compared as recorded."),
        f"Windows of {a['window_s']:g} s started every {a['step_s']:g} s; lags went to "
        f"{a['max_lag_s']:g} s each way. Positive lags mean that {a['first']} leads, negative "
        f"lags that {a['second']} leads.",
    ]
    if convention is not None:
        sentences.append(f"Convention “{convention.name}”: {convention.description}")
    sentences.append(
        f"Values are {'absolute ' if a['is_absolute'] else 'signed '}"
        f"{'Fisher z' if a['is_fisher'] else 'correlations'}; the main result is the "
        f"{statistic_title(str(dataset.statistic[0].item())).lower()}."
    )
    if kind is not None:
        sentences.append(f"Customary values for this kind of signal: {kind.source}.")
    return " ".join(sentences)


def _tests(dataset: xr.Dataset) -> str:
    a = dataset.attrs
    if not a["surrogates"]:
        return null_sentence(dataset)
    made = _SURROGATES.get(a["surrogate"], f"surrogates of the kind “{a['surrogate']}”")
    warning = f" {a['surrogate_warning']}" if a["surrogate_warning"] else ""
    return (
        f"Each recording was compared with {a['surrogates']} surrogates: {made} (Moulder et "
        f"al., 2018). {null_sentence(dataset)} p is the rank among surrogates, "
        "p = (1 + b) / (1 + B) (Phipson & Smyth, 2010). z is the distance from the surrogates' "
        "mean in their standard deviations. Its interval is a circular block bootstrap over "
        "windows (Politis & Romano, 1992). The line for all lags holds the family-wise error "
        "over lags at 5 % (max-T; Westfall & Young, 1993). Synchronous episodes are runs of "
        "windows above the surrogates' 95 % quantile, tested by cluster mass (Maris & "
        f"Oostenveld, 2007). Peaks are picked as in Boker et al. (2002).{warning}"
    )

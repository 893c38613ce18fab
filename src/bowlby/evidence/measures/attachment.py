"""Attachment: Strange Situation, sensitivity, mentalising, transmission, later behaviour."""

import numpy as np

from bowlby.evidence.measures._effects import correlation, mean_z, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.samples import Samples
from bowlby.statistics.effect_sizes import difference_of_shares


def _share(slug: str, sample: str, column: str, value: str) -> None:
    def compute(samples: Samples) -> float:
        return float((samples.readouts(sample)[column] == value).mean())

    compute.__doc__ = f"Share of {value} in `{column}`, sample {sample}."
    measures(slug)(compute)


for _slug, _pattern in (
    ("ssp-secure", "B"), ("ssp-avoidant", "A"), ("ssp-resistant", "C"),
    ("ssp-disorganized", "D"),
):  # fmt: skip
    _share(_slug, "families", "pattern", _pattern)
_share("preschool-secure", "preschool", "pattern", "B")
_share("d-rate-middleclass", "low_risk", "pattern", "D")


def _with_security(slug: str, sample: str, column: str) -> None:
    def compute(samples: Samples) -> float:
        table = samples.readouts(sample)
        return correlation(table[column], table.pattern == "B")

    compute.__doc__ = f"Point-biserial r of `{column}` with secure or not, sample {sample}."
    measures(slug)(compute)


for _slug in ("sens-security", "sens-security-mother", "sens-security-dewolff"):
    _with_security(_slug, "families", "sensitivity_observed")
_with_security("sens-security-father", "fathers", "sensitivity_observed")
_with_security("ment-security", "families", "mentalising_observed")


@measures("stability-2way")
def stability(samples: Samples) -> float:
    """Phi of secure or not at 14 months with secure or not at four years.

    Each assessment has its own coder error. In between, caregivers change: their channels
    correlate at .7 from one half to the other (an assumption).
    """
    table = samples.readouts("seen_twice")
    return correlation(table.pattern_first == "B", table.pattern == "B")


@measures("ssp-parent-null")
def with_each_parent(samples: Samples) -> float:
    """Secure or not, with the caregiver most at home against the other (d from the odds ratio).

    The second caregiver is of the same population and there for three of ten encounters.
    """
    table = samples.readouts("two_parents")
    return difference_of_shares(table.pattern == "B", table.pattern_second == "B")


@measures("ment-sens")
def mentalising_with_sensitivity(samples: Samples) -> float:
    """Correlation of scored mentalising and observed sensitivity of caregivers."""
    table = samples.readouts("families")
    return correlation(table.mentalising_observed, table.sensitivity_observed)


@measures("highrisk-dis")
def risk_with_disorganisation(samples: Samples) -> float:
    """Disorganised or not, high-risk against low-risk caregivers (d from the odds ratio)."""
    risks = (samples.readouts(name).pattern == "D" for name in ("high_risk", "low_risk"))
    return difference_of_shares(*risks)


@measures("highrisk-insec")
def risk_with_insecurity(samples: Samples) -> float:
    """Insecure or not, high-risk against low-risk caregivers (d from the odds ratio)."""
    risks = (samples.readouts(name).pattern != "B" for name in ("high_risk", "low_risk"))
    return difference_of_shares(*risks)


@measures("anomalous-dis")
def fright_with_disorganisation(samples: Samples) -> float:
    """Correlation of the scored frightening behaviour with disorganised or not."""
    table = samples.readouts("families")
    return correlation(table.threat_index, table.pattern == "D")


@measures("transmission-secure")
def transmission(samples: Samples) -> float:
    """Phi of parents' state of mind (F or not) with their children's pattern (B or not)."""
    parent = samples.readouts("families").aai == "F"
    return correlation(parent, samples.readouts("children").pattern == "B")


@measures("unresolved-anomalous")
def unresolved_with_fright(samples: Samples) -> float:
    """Correlation of unresolved or not in parents with their scored frightening behaviour."""
    parent = samples.readouts("families").aai == "U"
    return correlation(parent, samples.readouts("children").threat_index)


def _externalising(slug: str, pattern: str, *, reverse: bool) -> None:
    def compute(samples: Samples) -> float:
        table = samples.readouts("grown")
        among = (table.pattern == pattern) != reverse
        score = table.externalising_before
        return standardised_difference(score[among], score[~among])

    which = f"not {pattern}" if reverse else pattern
    compute.__doc__ = f"Externalising in later life, {which} against the others (d)."
    measures(slug)(compute)


_externalising("insec-externalizing", "B", reverse=True)
_externalising("dis-externalizing", "D", reverse=False)
_externalising("avoid-externalizing", "A", reverse=False)


def _state_of_mind(slug: str, kind: str) -> None:
    def compute(samples: Samples) -> float:
        found = samples.readouts("families").aai
        organised = found[found != "U"]
        return float((organised == kind).mean())

    compute.__doc__ = f"Share of {kind} among states of mind that are not unresolved."
    measures(slug)(compute)


_state_of_mind("aai-secure", "F")
_state_of_mind("aai-dismissing", "Ds")
_state_of_mind("aai-preoccupied", "E")
_share("aai-unresolved", "families", "aai", "U")


@measures("aai-clinical-secure")
def clinical_states_of_mind(samples: Samples) -> float:
    """Share of F among the quarter of adults who are most distressed (unresolved left out)."""
    table = samples.readouts("grown")
    score = table.internalising_before
    among = table[(score > np.quantile(score, 0.75)) & (table.aai != "U")]
    return float((among.aai == "F").mean())


@measures("anx-bpd")
def anxiety_with_borderline(samples: Samples) -> float:
    """Correlation of attachment anxiety with the mean z of internalising and externalising.

    The phenotype stands in for borderline traits; anxiety and externalising share protest,
    which inflates the correlation.
    """
    table = samples.readouts("grown")
    index = mean_z(table[["internalising_before", "externalising_before"]])
    return correlation(table.anxiety, index)

"""Codebook of the synchrony of simulated people, measured as in real recordings."""

from bowlby.simulation.instruments.codebook import Codebook, Readout

_OF = {
    "heart": "synchrony of the inter-beat intervals, mean of the measured sessions",
    "rsa": "the same of respiratory sinus arrhythmia",
    "skin": "the same of skin conductance responses",
    "breath": "the same of breathing",
    "motion": "the same of motion energy",
}
_Z = "SD of surrogates"

CODEBOOK: Codebook = {
    **{f"synchrony_{signal}": Readout(meaning, _Z) for signal, meaning in _OF.items()},
    "synchrony_heart_strangers": Readout("the same of the hearts of people who never met", _Z),
    "synchrony_motion_strangers": Readout("the same of the motion of people who never met", _Z),
    "synchrony_rsa_r": Readout(
        "correlation of respiratory sinus arrhythmia at the same time", "r"
    ),
    "concordance_skin": Readout("concordance index of skin conductance", "ln ratio"),
    "synchrony_lag_s": Readout(
        "lag of most synchrony of the hearts; positive: the seeker leads", "s"
    ),
    "synchrony_lead": Readout("lead of the seeker's heart over the figure's", _Z),
    "synchrony_leader": Readout("whose heart leads", "seeker or figure"),
}

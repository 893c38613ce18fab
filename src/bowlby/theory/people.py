"""What differs between people: care-seekers (infants, clients) and attachment figures.

Every field is one number or one per dyad (trailing axis). Units: seconds, and arousal in units
in which 0 is the set point and 2 is overwhelming.
"""

import equinox as eqx

from bowlby.maths._arrays import Scalar
from bowlby.theory.declared import parameter

_OURS = "ours: the middle of what was tried; it differs between people"


class RelationalMind(eqx.Module):
    """What does not change in a person's mind."""

    gamma: Scalar = parameter(
        5.0, low=1.0, high=20.0, unit="1", meaning="policy precision", source=_OURS
    )
    learning_rate: Scalar = parameter(
        0.10,
        low=0.0,
        high=0.5,
        unit="counts/10 s",
        meaning="learning in ten attended seconds",
        source=_OURS,
    )
    memory: Scalar = parameter(
        60.0,
        low=5.0,
        high=500.0,
        unit="counts",
        meaning="most counts an action can hold",
        source=_OURS,
    )
    evidence_weight: Scalar = parameter(
        0.12,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="weight of ten seconds as evidence for a model: moments are alike",
        source="ours: 1 is exact Bayes for moments that are not alike",
    )
    openness: Scalar = parameter(
        0.2,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="prior weight of a new relational model; small is mistrust",
        source="concentration of the Chinese-restaurant prior (Gershman, Blei & Niv 2010)",
    )
    hazard: Scalar = parameter(
        0.04,
        low=0.0,
        high=0.5,
        unit="1/encounter",
        meaning="chance that a relationship has changed",
        source=_OURS,
    )
    return_hazard: Scalar = parameter(
        0.7,
        low=0.0,
        high=0.95,
        unit="1",
        meaning="return to the childhood model under stress",
        source=_OURS,
    )
    exploration: Scalar = parameter(
        0.6, low=0.0, high=3.0, unit="nat", meaning="value of exploring when calm", source=_OURS
    )
    discount: Scalar = parameter(
        0.8, low=0.0, high=1.0, unit="1", meaning="weight of the step after next", source=_OURS
    )
    habit_weight: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="weight of habits when mentalising is shut",
        source=_OURS,
    )


class CareSeeker(eqx.Module):
    """Infant or client: what does not change."""

    mind: RelationalMind
    reactivity: Scalar = parameter(
        1.0,
        low=0.2,
        high=3.0,
        unit="1",
        meaning="response to events and noise",
        source="ours: 1 is average",
    )
    window: Scalar = parameter(
        1.3,
        low=0.3,
        high=5.0,
        unit="arousal",
        meaning="width of the window of tolerance",
        source=_OURS,
    )
    interoception: Scalar = parameter(
        0.8,
        low=0.3,
        high=0.97,
        unit="share",
        meaning="accuracy of feeling oneself, at birth",
        source=_OURS,
    )
    cue_accuracy: Scalar = parameter(
        0.75,
        low=0.3,
        high=0.97,
        unit="share",
        meaning="accuracy of seeing others, at birth",
        source=_OURS,
    )
    contagion: Scalar = parameter(
        0.05, low=0.0, high=0.3, unit="1/s", meaning="pull of the other's arousal", source=_OURS
    )
    recovery: Scalar = parameter(
        1.0,
        low=0.2,
        high=5.0,
        unit="1",
        meaning="time to recover when left alone",
        source="ours: 1 is average",
    )
    stress_response: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="response of the stress axis to arousal",
        source="ours: 1 is average",
    )
    oxytocin_release: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="oxytocin released by attuned contact",
        source="ours: 1 is average",
    )
    self_soothing: Scalar = parameter(
        0.5,
        low=0.01,
        high=0.99,
        unit="share",
        meaning="how well withdrawing soothes, at birth",
        source="ours: undecided",
    )
    impulsivity: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="how readily arousal becomes action",
        source="ours: 1 is average",
    )
    reactance: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="how readily what is asked or offered looks intrusive",
        source="ours: 1 is average",
    )
    expectation: Scalar = parameter(
        0.5,
        low=0.01,
        high=0.99,
        unit="share",
        meaning="what is expected of help before it begins",
        source="ours: undecided",
    )
    affect: Scalar = parameter(
        0.0,
        low=-4.0,
        high=4.0,
        unit="SD",
        meaning="negative affect by constitution",
        source="ours: 0 is average",
    )
    dopamine: Scalar = parameter(
        0.5,
        low=0.0,
        high=3.0,
        unit="1",
        meaning="gain of oxytocin on policy precision",
        source=_OURS,
    )


class AttachmentFigure(eqx.Module):
    """Attachment figure: caregiver, partner in life, or therapist."""

    contingency: Scalar = parameter(
        0.6,
        low=-4.0,
        high=4.0,
        unit="nat",
        meaning="reward from soothing; negative rejects bids",
        source=_OURS,
    )
    mentalising: Scalar = parameter(
        0.65,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="accuracy of reading the other",
        source=_OURS,
    )
    threat: Scalar = parameter(
        0.0, low=0.0, high=5.0, unit="1", meaning="unresolved fear", source=_OURS
    )
    latency_s: Scalar = parameter(
        2.0, low=0.0, high=5.0, unit="s", meaning="latency of regulation", source=_OURS
    )
    gain: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="strength of regulation, relative",
        source=_OURS,
    )
    contagion: Scalar = parameter(
        0.03,
        low=0.0,
        high=0.3,
        unit="1/s",
        meaning="pull of the care-seeker's arousal",
        source=_OURS,
    )
    recovery: Scalar = parameter(
        1.0,
        low=0.2,
        high=5.0,
        unit="1",
        meaning="time to calm down oneself, relative",
        source="ours: 1 is average",
    )
    stress_response: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="response of the stress axis to arousal",
        source="ours: 1 is average",
    )
    anxiety: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="own anxious attachment (therapists)",
        source=_OURS,
    )
    avoidance: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="own avoidant attachment (therapists)",
        source=_OURS,
    )
    repair: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="readiness to repair (therapists)",
        source=_OURS,
    )

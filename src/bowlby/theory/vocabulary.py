"""The words of the theory's categories: their only home, without JAX."""

DISTRESS = ("calm", "uneasy", "distressed", "overwhelmed")
"""Own distress, by distance of arousal from its set point."""

STANCES = ("attuned", "intrusive", "dismissive", "frightening")
"""Stances of the other."""

ACTIONS = ("approach", "explore", "withdraw", "protest")
"""What a care-seeker does."""

PATTERNS = ("A", "B", "C", "D")
"""Classes of the Strange Situation."""

PATTERN_NAMES = {
    "A": "avoidant",
    "B": "secure",
    "C": "resistant (ambivalent)",
    "D": "disorganised",
}
"""What they are called."""

STATE_OF_MIND_NAMES = {
    "F": "autonomous",
    "Ds": "dismissing",
    "E": "preoccupied",
    "U": "unresolved",
}
"""What they are called."""

CALM, DISTRESSED = DISTRESS.index("calm"), DISTRESS.index("distressed")
ATTUNED, INTRUSIVE, DISMISSIVE, FRIGHTENING = range(4)
APPROACH, EXPLORE, WITHDRAW, PROTEST = range(4)

MODELS = 3
"""Relational models a person can hold."""

OLD_ABLATIONS = {
    "heard_as": "perceived_stance",
    "content": "interpretation",
    "return_to_old": "reinstatement",
    "own_failures": "failures",
    "fast_channel": "entrainment",
}
"""Names of ablations in earlier versions, still read."""

"""What of a client belongs to an outcome."""


def baseline_of(outcome: str) -> str:
    """The score before therapy that belongs to an outcome."""
    return f"{outcome.split('_')[0]}_before"

"""The one error of a run that could not be done."""


class RunError(ValueError):
    """Nothing was written; the message says why and what to do."""

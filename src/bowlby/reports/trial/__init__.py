"""The report of a virtual trial."""

from bowlby.reports.trial.page import write_trial_report

__all__ = ["write_trial_report"]

"""Reports of virtual trials and of their power."""

from bowlby.reports.trial.page import write_trial_report
from bowlby.reports.trial.plane import write_plane_report

__all__ = ["write_plane_report", "write_trial_report"]

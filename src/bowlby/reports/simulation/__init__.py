"""The report of a simulation run: one dyad as a story, many as distributions."""

from bowlby.reports.simulation.page import write_simulation_report

__all__ = ["write_simulation_report"]

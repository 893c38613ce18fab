"""Reports: a study's results as one HTML file, and its figures as files."""

from bowlby.reports.content import ExtraFigure, Failure, ReportContent
from bowlby.reports.figure_files import write_figures
from bowlby.reports.html import write_report

__all__ = ["ExtraFigure", "Failure", "ReportContent", "write_figures", "write_report"]

"""Reports of outcomes: of a file of scores, of one client for supervision, of a service."""

from bowlby.reports.outcomes.client import client_page
from bowlby.reports.outcomes.page import OutcomePage, write_page
from bowlby.reports.outcomes.service import service_page
from bowlby.reports.outcomes.study import study_page

__all__ = ["OutcomePage", "client_page", "service_page", "study_page", "write_page"]

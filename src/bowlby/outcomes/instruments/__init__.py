"""Questionnaires: what they are, how they are scored, how far their numbers are verified."""

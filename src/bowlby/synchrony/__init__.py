"""Interpersonal synchrony: its measures, and the surrogates they are tested against."""

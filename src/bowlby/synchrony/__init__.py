"""Synchrony: measures of how two people go together, and what they are tested against."""

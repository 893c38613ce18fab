"""Composition over time: dyads, encounters, courses, populations, readouts."""

"""Recordings: what was measured of two people, from file to comparable signals."""

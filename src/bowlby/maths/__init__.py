"""Probability and dynamics with no psychology in them."""

"""Trials that can be run by name."""

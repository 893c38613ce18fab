"""Designs that can be run by name."""

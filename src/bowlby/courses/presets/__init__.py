"""Courses that can be run by name."""

"""Courses as users write them: one dialect, checked once."""

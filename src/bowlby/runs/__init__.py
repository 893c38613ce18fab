"""Doing, keeping and writing, for every command: one folder, one checkpoint, one pool.

What is computed is not known here: a job is a function of this package's users.
"""

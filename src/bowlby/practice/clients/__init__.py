"""Simulated clients: a childhood, a severity and a vignette each, one file a client."""

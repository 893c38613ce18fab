"""Studies: many recordings in, one folder of results out."""

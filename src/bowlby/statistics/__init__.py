"""What every part of a study tests and estimates with, once."""

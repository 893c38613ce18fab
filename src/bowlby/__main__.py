"""`python -m bowlby`."""

from bowlby.cli import app

app()

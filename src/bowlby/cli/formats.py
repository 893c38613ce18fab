"""`bowlby formats`: what can be read."""

import typer

from bowlby.cli._app import app


@app.command()
def formats() -> None:
    """List the file formats that can be read."""
    from bowlby.recordings.reading import FORMATS

    for known in FORMATS:
        typer.echo(f"{known.name:<10} {known.title}  ({', '.join(known.suffixes)})")

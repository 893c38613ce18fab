"""`bowlby practise`: a room with a simulated client, in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, remember_compiled


@app.command()
def practise(
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)
    ] = 8765,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open nothing.")
    ] = False,
    parameters: o.Parameters = None,
    clients: Annotated[
        Path | None,
        typer.Option(
            help="Folder of your own clients (NAME.toml, NAME.words.toml), checked first."
        ),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(help="SQLite file of the courses (default: in your data folder)."),
    ] = None,
    prepare: Annotated[
        bool,
        typer.Option(
            "--prepare", help="Compile what the room needs, for later starts, and end."
        ),
    ] = False,
) -> None:
    """Practise with a simulated client, and see what happened inside.

    `bowlby practise` serves the room on this machine and opens it; Ctrl+C ends it, and nothing
    is lost. In the hidden mode you see what a therapist could see; in the visible mode, the
    mechanisms. Supervision follows every session.
    """  # fmt: skip
    with problems_told(needs="practise"):
        import socket
        import threading
        import webbrowser

        import uvicorn

        from bowlby.courses.parameters import parameters_of
        from bowlby.practice.client import checked, read_clients
        from bowlby.practice.server import create_app
        from bowlby.practice.store import StoreError
        from bowlby.practice.warming import Warming
        from bowlby.simulation.compiled import compile_quickly

        values = parameters_of(parameters)
        remember_compiled()
        compile_quickly()
        if prepare:
            Warming(told=typer.echo).run()
            return
        others = checked(read_clients(clients)) if clients else ()
        file = database or Path(typer.get_app_dir("bowlby")) / "practice.sqlite"
        try:
            served = create_app(file, parameters=values, others=others)
        except StoreError as error:
            raise ValueError(str(error)) from error
        # Named as TCP so that asyncio sends small answers at once (no Nagle wait of 40 ms).
        listener = socket.socket(proto=socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise ValueError(
                f"Port {port} cannot be used ({error.strerror}); --port 0 takes a free one."
            ) from error
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        typer.echo(f"The room is open at {address}\nCourses are kept in {file}. Ctrl+C ends.")
        if not no_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        config = uvicorn.Config(served, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])

"""Draw the gallery: each picture by the very line that its page shows (pictures.toml).

    .venv/bin/python docs/gallery/make.py RUNS [NAME ...]

RUNS is a folder for the runs that the lines read; those that are missing are made by the
commands the page shows (about ten minutes). With names, only those pictures are drawn.
Everything is simulated: no real recording enters.
"""

import argparse
import io
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GALLERY = tomllib.loads((HERE / "pictures.toml").read_text(encoding="utf-8"))


def page() -> str:
    """The gallery's page."""
    parts = [
        "# Gallery",
        "Each picture stands above the line that makes it. Nothing was recorded from people. "
        "`docs/gallery/make.py` draws them all.",
        f"All lines begin with\n\n```python\n{GALLERY['imports']}```",
    ]
    for chapter in GALLERY["chapters"]:
        parts.append(f"## {chapter['title']}")
        if chapter["runs"]:
            parts.append("\n".join(f"    {GALLERY['runs'][name]}" for name in chapter["runs"]))
        parts.append(f"```python\n{chapter['code']}```")
        parts += [_shown(**picture) for picture in chapter["pictures"]]
    return "\n\n".join(parts) + "\n"


def _shown(name: str, title: str, says: str, line: str) -> str:
    return f"### {title}\n\n{says}\n\n![{title}]({name}.png)\n\n```python\n{line}\n```"


def draw(runs: Path, names: list[str]) -> None:
    """Make the runs that are missing, and draw the pictures named, or all of them."""
    runs.mkdir(parents=True, exist_ok=True)
    os.chdir(runs)
    space: dict[str, Any] = {}
    exec(GALLERY["imports"], space)
    for chapter in GALLERY["chapters"]:
        wanted = [p for p in chapter["pictures"] if not names or p["name"] in names]
        if wanted:
            _make_runs(chapter["runs"])
            exec(chapter["code"], space)
        for picture in wanted:
            _save(eval(picture["line"], space), HERE / f"{picture['name']}.png")


def _make_runs(names: list[str]) -> None:
    for name in names:
        if not Path(name).exists():
            command = shlex.split(GALLERY["runs"][name])[1:]
            subprocess.run([sys.executable, "-m", "bowlby", *command], check=True)


def _save(figure: Any, path: Path) -> None:
    """Write a PNG of 256 colours, a third of the size."""
    from PIL import Image

    from bowlby.figures.style import figure_png

    picture = Image.open(io.BytesIO(figure_png(figure))).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Draw, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    draw(args.runs, args.names)
    (HERE / "index.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

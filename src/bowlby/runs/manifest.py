"""run.json: all that is needed to know what a run did, and to do it again."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import code_hash, versions


def checksum(path: Path) -> str:
    """SHA-256 of a file, or of all files of a folder in order of their names."""
    if path.is_dir():
        whole = hashlib.sha256()
        for part in sorted(p for p in path.rglob("*") if p.is_file()):
            whole.update(f"{part.relative_to(path).as_posix()} {checksum(part)}\n".encode())
        return whole.hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def made_by(kind: str, command: str) -> dict[str, Any]:
    """What every run.json begins with.

    Args:
        kind: The command's name.
        command: The command as typed.
    """
    return {
        "program": "bowlby",
        "kind": kind,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": dict(versions()),
        "code": code_hash(),
    }


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """Write run.json."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a run.json.

    Raises:
        RunError: If it is missing, damaged or not one of ours.
    """
    try:
        content = json.loads(path.read_bytes())  # In whatever a shell's redirection made it.
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{path}: cannot be read as run.json ({error}).") from error
    if not isinstance(content, dict) or content.get("program") != "bowlby":
        raise RunError(f"{path}: this is not a run.json of bowlby.")
    missing = {"inputs", "command", "versions", "settings"} - content.keys()
    if missing:
        raise RunError(f"{path}: lacks {', '.join(sorted(missing))}; it was edited.")
    return content


def changed_inputs(content: dict[str, Any]) -> list[str]:
    """Inputs of a run that are gone or no longer what they were."""
    inputs: Iterable[dict[str, str]] = content["inputs"]
    return [
        entry["file"]
        for entry in inputs
        if not Path(entry["file"]).is_file() or checksum(Path(entry["file"])) != entry["sha256"]
    ]

"""run.json: written, read, and checked against what is there now."""

import json

import pytest

from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import code_hash
from bowlby.runs.manifest import (
    changed_inputs,
    checksum,
    made_by,
    read_manifest,
    write_manifest,
)

CONTENT = {"program": "bowlby", "inputs": [], "command": "", "versions": {}, "settings": {}}


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    write_manifest(tmp_path / "run.json", CONTENT | {"title": "Zoë"})
    assert read_manifest(tmp_path / "run.json")["title"] == "Zoë"


def test_every_run_says_by_which_command_code_and_versions():
    content = made_by("trial", "bowlby trial four_arms")
    assert content["kind"] == "trial"
    assert content["code"] == code_hash()
    assert {"python", "bowlby", "numpy"} <= content["versions"].keys()
    json.dumps(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as run.json"),
        ("[]", "not a run.json of bowlby"),
        ('{"program": "other"}', "not a run.json of bowlby"),
        ('{"program": "bowlby", "inputs": []}', "lacks command, settings, versions"),
    ],
)
def test_what_is_no_manifest_is_named(tmp_path, text, said):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunError, match=said):
        read_manifest(tmp_path / "run.json")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_manifest_from_a_shells_redirection_is_read(tmp_path, encoding):
    (tmp_path / "run.json").write_bytes('{"program": "other"}'.encode(encoding))
    with pytest.raises(RunError, match=r"not a run.json of bowlby"):
        read_manifest(tmp_path / "run.json")


def test_inputs_that_changed_or_are_gone_are_named(tmp_path):
    paths = [tmp_path / name for name in ("same", "changed", "gone")]
    for path in paths:
        path.write_text("1 2 3")
    inputs = [{"file": str(path), "sha256": checksum(path)} for path in paths]
    paths[1].write_text("1 2 4")
    paths[2].unlink()
    assert changed_inputs({"inputs": inputs}) == [str(paths[1]), str(paths[2])]

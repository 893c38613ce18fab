"""What is kept: found again only whole, and only by the same design and code."""

import multiprocessing

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bowlby.runs import fingerprint, kept
from bowlby.runs.errors import RunError
from bowlby.runs.kept import Kept, forget_others, open_kept
from bowlby.runs.pieces import is_whole, read_piece, write_piece
from bowlby.runs.workers import Processes, Serial

DATASET = xr.Dataset(
    {"a": (("x", "time"), np.arange(6.0).reshape(2, 3)), "name": ("x", ["Zoë", "b"])},
    {"time": [0.1, 0.2, 0.3], "x": [1, 2]},
    {"unit": "ms", "roles": ["client", "therapist"], "rate_hz": np.float64(4.0)},
)
TABLE = pd.DataFrame(
    {"n": [1, 2], "text": ["a", None], "x": [0.5, np.nan], "is": [True, False]}
)


def stored(tmp_path, content):
    write_piece(tmp_path / "piece.npz", content)
    return read_piece(tmp_path / "piece.npz")


def never():
    pytest.fail("made again")


def double(number):
    return {"number": number, "values": np.full(3, 2.0 * number)}


def test_a_dataset_is_read_as_it_was_written(tmp_path):
    xr.testing.assert_identical(stored(tmp_path, DATASET), DATASET)


def test_a_tree_of_datasets_is_read_as_it_was_written(tmp_path):
    tree = xr.DataTree.from_dict({"/": DATASET[["x"]], "in/side": DATASET, "empty": None})
    xr.testing.assert_identical(stored(tmp_path, tree), tree)


def test_a_table_is_read_as_it_was_written(tmp_path):
    pd.testing.assert_frame_equal(stored(tmp_path, TABLE), TABLE)


def test_numbers_and_text_are_read_as_they_were_written(tmp_path):
    content = {
        "x": 0.1 + 0.2,
        "none": None,
        "of": {"array": "no array"},
        "list": [1, "ä", True],
    }
    assert stored(tmp_path, content) == content


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "?", "<M8[ns]", "U3", "c16"])
def test_arrays_keep_their_kind_and_every_bit(tmp_path, dtype):
    array = np.arange(4).astype(dtype)
    found = stored(tmp_path, [array])[0]
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_undefined_numbers_stay_undefined(tmp_path):
    assert np.isnan(stored(tmp_path, {"x": float("nan")})["x"])


def test_what_cannot_be_kept_says_so(tmp_path):
    with pytest.raises(TypeError, match="set cannot be kept"):
        write_piece(tmp_path / "piece.npz", {1, 2})
    assert not list(tmp_path.iterdir())


def cut(path):
    path.write_bytes(path.read_bytes()[:1000])


def cut_by_a_byte(path):
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path):
    path.write_bytes(b"")


def garbage(path):
    path.write_bytes(np.random.default_rng(0).bytes(5000))


def zeros_in_the_middle(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 64] = bytes(64)
    path.write_bytes(content)


def another_archive(path):
    with path.open("wb") as file:
        np.savez(file, x=np.arange(3))


def a_plain_array(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))


def a_folder(path):
    path.unlink()
    (path / "half").mkdir(parents=True)


DAMAGE = (cut, cut_by_a_byte, emptied, garbage, zeros_in_the_middle, another_archive,
          a_plain_array, a_folder)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
def test_a_damaged_piece_is_made_again(tmp_path, damage, caplog):
    pieces = Kept(tmp_path)
    pieces("one", lambda: {"x": np.linspace(1, 2, 500)})
    damage(pieces.path("one"))
    assert pieces("one", lambda: "again") == "again"
    assert "one.npz is damaged: it is done again" in caplog.text
    assert pieces("one", never) == "again"


def test_every_changed_byte_of_an_array_is_seen(tmp_path):
    path = tmp_path / "piece.npz"
    write_piece(path, [np.ones(16)])
    whole = path.read_bytes()
    at = whole.index(np.ones(16).tobytes())
    for place in range(at, at + 128):
        path.write_bytes(whole[:place] + b"\x55" + whole[place + 1 :])
        assert not is_whole(path)


def test_a_piece_that_is_gone_says_what_to_do(tmp_path):
    with pytest.raises(RunError, match=r"gone\.npz: cannot be read .* same command again"):
        Kept(tmp_path).get("gone")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    pieces = Kept(tmp_path / "kept")
    pieces.put("first", 1)
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        pieces.put("one", 1)
    assert {p.name for p in (tmp_path / "kept").iterdir()} == {"about.json", "first.npz"}


def test_only_what_is_missing_is_done(tmp_path):
    pieces, asked = Kept(tmp_path), []
    pieces.put("b", "kept")
    found = pieces.all(
        str.upper, ["a", "b", "c"], lambda i: asked.append(i) or "xyz"[i],
        workers=Serial(), stage="s",
    )  # fmt: skip
    assert list(found) == ["X", "kept", "Z"]
    assert asked == [0, 2]


def test_progress_begins_with_what_is_kept(tmp_path):
    pieces, told = Kept(tmp_path), []
    pieces.put("b", "kept")
    pieces.all(
        str.upper, ["a", "b"], "xy".__getitem__, workers=Serial(), stage="s",
        on_progress=lambda *now: told.append(now),
    )  # fmt: skip
    assert told == [("s", 1, 2), ("s", 2, 2)]


def test_processes_may_do_what_is_kept(tmp_path):
    found = Kept(tmp_path).all(
        double, list("ab"), [1, 2].__getitem__, workers=Processes(2), stage="s"
    )
    assert [each["values"][0] for each in found] == [2.0, 4.0]


def test_the_same_design_finds_its_pieces(tmp_path):
    open_kept(tmp_path, {"seed": 1}).put("one", 1)
    assert open_kept(tmp_path, {"seed": 1}).get("one") == 1


def test_another_design_finds_nothing_and_says_so(tmp_path, caplog):
    open_kept(tmp_path, {"seed": 1}).put("one", 1)
    assert not open_kept(tmp_path, {"seed": 2}).has("one")
    assert "Begins anew" in caplog.text
    assert "this changed since: the design." in caplog.text


@pytest.mark.parametrize(
    ("what", "value", "said"),
    [("code", "x", "the code"), ("numpy", "9.9", ", now 9.9)"), ("64 bit", "?", "64 bit")],
)
def test_other_code_finds_nothing_and_says_what_changed(
    tmp_path, caplog, monkeypatch, what, value, said
):
    open_kept(tmp_path, {"seed": 1}).put("one", 1)
    now = fingerprint.conditions() | {what: value}
    monkeypatch.setattr(kept, "conditions", lambda _: now)
    assert not open_kept(tmp_path, {"seed": 1}).has("one")
    (message,) = caplog.messages
    assert message.startswith("Begins anew")
    assert said in message


def test_a_first_run_says_nothing(tmp_path, caplog):
    open_kept(tmp_path / "new", {"seed": 1})
    assert not caplog.text
    assert not list(tmp_path.iterdir())


def test_others_are_forgotten_only_when_asked(tmp_path):
    open_kept(tmp_path, {"seed": 1}).put("one", 1)
    second = open_kept(tmp_path, {"seed": 2})
    second.put("two", 2)
    assert open_kept(tmp_path, {"seed": 1}).has("one")
    forget_others(second)
    assert not open_kept(tmp_path, {"seed": 1}).has("one")
    assert second.get("two") == 2


def write_many(folder):
    pieces = open_kept(folder, {"seed": 1})
    for _ in range(30):
        pieces.put("same", np.arange(10_000))
        if pieces.get("same").sum() != 49_995_000:
            raise RunError("torn")


def test_processes_that_write_the_same_piece_at_once_do_not_collide(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == {"about.json", "same.npz"}

"""The file of courses: made, migrated, or refused in a sentence."""

import sqlite3

import pytest

from bowlby.practice.store import DamagedError, Event, Store, StoreError, new_drill

BEGUN = {"client": "mara", "mode": "hidden", "sessions": 1, "minutes": 15, "seed": 1}


@pytest.mark.parametrize("content", [b"hello\n", bytes(range(256)) * 64])
def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path, content):
    (tmp_path / "x.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match="is not a file of courses; give another --database"):
        Store(tmp_path / "x.sqlite")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="is a folder"):
        Store(tmp_path)


def test_a_place_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store(tmp_path / "file" / "x.sqlite")


def test_a_database_of_something_else_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as file:
        file.execute("create table courses (name text)")
    with pytest.raises(StoreError, match="something else than courses"):
        Store(tmp_path / "x.sqlite")


def test_an_older_schema_is_brought_to_the_present_one(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as file:
        file.execute(
            "create table courses (id varchar(32) primary key, client varchar(40), mode "
            "varchar(10), sessions integer, minutes integer, seed integer, began varchar(32))"
        )
        file.execute("insert into courses values ('a', 'mara', 'hidden', 8, 15, 1, '2026')")
    store = Store(tmp_path / "x.sqlite")
    (course,) = store.courses()
    assert (course.minutes, course.pseudonym, course.language) == (15, "", "en")
    assert store.begin(**BEGUN, pseudonym="Heron").pseudonym == "Heron"
    store.close()


def test_a_file_that_is_held_is_told_and_nothing_is_lost(tmp_path):
    store = Store(tmp_path / "x.sqlite")
    course = store.begin(**BEGUN)
    held = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    held.execute("begin immediate")
    with pytest.raises(StoreError, match="held by another program"):
        store.add(course.id, Event(1, 0, "open", {}))
    held.execute("rollback")
    held.close()
    assert store.add(course.id, Event(1, 0, "open", {}))
    store.close()


def test_a_file_that_has_gone_is_told_before_anything_is_lost(tmp_path):
    store = Store(tmp_path / "x.sqlite")
    course = store.begin(**BEGUN)
    (tmp_path / "x.sqlite").unlink()
    with pytest.raises(StoreError, match="has gone"):
        store.add(course.id, Event(1, 0, "open", {}))
    store.close()


def test_a_broken_event_is_told_as_damage(tmp_path):
    store = Store(tmp_path / "x.sqlite")
    course = store.begin(**BEGUN)
    store.add(course.id, Event(1, 0, "open", {}))
    with sqlite3.connect(tmp_path / "x.sqlite") as file:
        file.execute("update events set content = '['")
    with pytest.raises(DamagedError, match=course.id):
        store.events(course.id)
    store.close()


def test_a_move_that_is_taken_back_takes_the_end_of_the_session_with_it(tmp_path):
    store = Store(tmp_path / "x.sqlite")
    course = store.begin(**BEGUN)
    for event in (Event(1, 0, "open", {}), Event(1, 1, "move", {"move": "hold", "said": ""}),
                  Event(1, 1, "close", {})):  # fmt: skip
        store.add(course.id, event)
    assert store.take_back(course.id, session=1, turn=1)
    assert not store.take_back(course.id, session=1, turn=1)
    assert [event.kind for event in store.events(course.id)] == ["open"]
    store.close()


def test_attempts_at_drills_are_kept_as_they_stand(tmp_path):
    from dataclasses import replace

    store = Store(tmp_path / "x.sqlite")
    run = new_drill("rupture", level=2, seed=3)
    store.save_drill(run)
    over = replace(run, moves=("repair", "hold", "hold"), passed=True)
    store.save_drill(over)
    assert store.drills() == (over,)
    assert store.drill(run.id) == over
    store.close()

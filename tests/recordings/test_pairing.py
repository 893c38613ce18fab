import contextlib
import shlex
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import find_recordings, one_recording, pairs_of_files
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError


@pytest.fixture
def study(tmp_path):
    """Lays out a study: files of given names, and participants.tsv of given lines."""

    def laid_out(*names, table=None, name="participants.tsv"):
        for each in names:
            path = tmp_path / each
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("1 2\n3 4\n")
        if table is not None:
            (tmp_path / name).write_text("\n".join(table))
        return tmp_path

    return laid_out


def _found(folder, pairs=None, options=None):
    recordings, _ = find_recordings(folder, pairs, options)
    return {r.name: [p.relative_to(folder).as_posix() for p in r.paths] for r in recordings}


def test_sessions_of_a_real_study_have_group_dyad_and_session(shared_data):
    recordings, skipped = find_recordings(shared_data / "rmea_psychotherapy_mea")
    assert len(recordings) == 20
    assert skipped == ()
    labels = {r.name: r.labels for r in recordings}
    assert labels["200_01"] == {"dyad": "200", "session": "01", "group": "normal"}
    assert labels["100_01"] == {"dyad": "100", "session": "01", "group": "dropout"}


def test_recordings_come_in_order_of_their_names(study):
    assert list(_found(study("c.txt", "a.txt", "deep/er/b.txt"))) == ["a", "b", "c"]


def test_files_that_differ_in_the_role_are_one_recording(study):
    found = _found(
        study("s01_client.rr", "s01_therapist.rr", "s02_therapist.rr", "s02_client.rr")
    )
    assert found == {
        "s01": ["s01_client.rr", "s01_therapist.rr"],
        "s02": ["s02_client.rr", "s02_therapist.rr"],
    }


def test_roles_set_the_order_of_a_pair(study):
    options = ReadOptions(roles=("therapist", "client"))
    folder = study("s01_client.rr", "s01_therapist.rr")
    assert _found(folder, options=options) == {"s01": ["s01_therapist.rr", "s01_client.rr"]}


def test_files_named_by_the_role_alone_are_named_by_their_folder(study):
    found = _found(study("d1/client.rr", "d1/therapist.rr", "d2/client.rr", "d2/therapist.rr"))
    assert found == {
        "d1": ["d1/client.rr", "d1/therapist.rr"],
        "d2": ["d2/client.rr", "d2/therapist.rr"],
    }


@pytest.mark.parametrize("where", ["", "sub-d01p0{}/"])
def test_participants_of_one_bids_dyad_are_one_recording(study, where):
    names = [f"{where.format(i)}sub-d01p0{i}_ses-1_physio.tsv.gz" for i in (1, 2)]
    assert _found(study(*names)) == {"sub-d01_ses-1_physio": names}


def test_a_persons_file_without_partner_stands_alone(study):
    assert _found(study("s01_client.rr")) == {"s01_client": ["s01_client.rr"]}


def test_equal_names_get_their_folders_name(study):
    found = _found(study("normal/01.txt", "dropout/01.txt"))
    assert found == {"dropout_01": ["dropout/01.txt"], "normal_01": ["normal/01.txt"]}


def test_recordings_in_one_folder_have_no_group(study):
    recordings, _ = find_recordings(study("200_01.txt", "201_01.txt"))
    assert all("group" not in recording.labels for recording in recordings)


def test_folders_of_bids_are_no_groups(study):
    folder = study("sub-d01/ses-1/sub-d01_x.txt", "sub-d02/ses-1/sub-d02_x.txt")
    recordings, _ = find_recordings(folder)
    assert all("group" not in recording.labels for recording in recordings)


@pytest.mark.parametrize(
    "name",
    [".hidden.txt", ".git/a.txt", "README.txt", "README_first.txt", "LICENSE.txt",
     "CITATION.csv", "participants.json", "s01.json", "sub-1_events.tsv",
     "dataset_description.json"],
)  # fmt: skip
def test_what_is_no_recording_is_passed_over(study, name):
    folder = study("s01.txt", name)
    assert _found(folder) == {"s01": ["s01.txt"]}
    assert find_recordings(folder)[1] == ()


def test_what_bowlby_wrote_is_passed_over(study):
    folder = study("s01.txt", "results/run.json", "results/deep/table.csv")
    assert _found(folder) == {"s01": ["s01.txt"]}


def test_files_of_unknown_kind_are_returned_as_left_out(study):
    _, skipped = find_recordings(study("s01.txt", "video/s01.mp4"))
    assert skipped == ("video/s01.mp4: unknown kind of file",)


def test_a_folder_without_recordings_lists_the_known_endings(study):
    with pytest.raises(RecordingError, match=r"no recordings found.*\.csv.*\.edf"):
        find_recordings(study("video.mp4"))


def test_the_table_gives_labels_and_rate(study):
    table = ["recording\trate_hz\ttherapist\toutcome", "200_01\t29.97\tT3\t12.5"]
    (recording,), _ = find_recordings(study("200_01.txt", table=table))
    assert recording.rate_hz == 29.97
    assert recording.labels == {
        "dyad": "200", "session": "01", "therapist": "T3", "outcome": "12.5",
    }  # fmt: skip


def test_what_the_table_says_counts_more_than_the_name(study):
    table = ["recording\tdyad", "200_01\tA"]
    (recording,), _ = find_recordings(study("200_01.txt", table=table))
    assert recording.labels["dyad"] == "A"


def test_a_cell_that_is_not_available_is_no_label(study):
    table = ["recording\toutcome", "200_01\tn/a"]
    (recording,), _ = find_recordings(study("200_01.txt", table=table))
    assert "outcome" not in recording.labels


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
def test_the_table_may_be_cut_by_tab_comma_or_semicolon(study, mark):
    table = [line.replace("|", mark) for line in ("first_file|second_file|dyad", "x.rr|y.rr|D")]
    assert _found(study("x.rr", "y.rr", table=table)) == {"x": ["x.rr", "y.rr"]}


def test_a_pair_can_be_listed_by_the_name_its_files_share(study):
    folder = study("s01_client.rr", "s01_therapist.rr", table=["recording\tgroup", "s01\tA"])
    (recording,), _ = find_recordings(folder)
    assert len(recording.paths) == 2
    assert recording.labels["group"] == "A"


def test_files_that_the_table_does_not_list_are_returned_as_left_out(study):
    _, skipped = find_recordings(study("a.txt", "b.txt", table=["file", "a.txt"]))
    assert skipped == ("b.txt: not in participants.tsv",)


def test_a_listed_file_that_is_missing_is_named_with_its_line(study):
    table = ["file", "a.txt", "b.txt"]
    with pytest.raises(RecordingError, match=r"participants\.tsv, line 3: there is no file 'b"):
        find_recordings(study("a.txt", table=table))


def test_a_partner_that_the_table_forgot_is_named_with_its_line(study):
    table = ["first_file\tsecond_file", "x.rr\t"]
    with pytest.raises(RecordingError, match=r"participants\.tsv, line 2: names no file"):
        find_recordings(study("x.rr", table=table))


@pytest.mark.parametrize("rate", ["fast", "-25", "0", "inf"])
def test_an_impossible_rate_is_refused_with_its_line(study, rate):
    table = ["file\trate_hz", f"a.txt\t{rate}"]
    with pytest.raises(RecordingError, match=f"line 2: rate_hz '{rate}' must be a positive"):
        find_recordings(study("a.txt", table=table))


DYADS = [
    "participant_id\tdyad\trole\tage\tgroup",
    "sub-1\tA\ttherapist\t50\tx",
    "sub-2\tA\tclient\t30\tx",
    "sub-3\tB\tclient\t31\ty",
    "sub-4\tB\ttherapist\t51\ty",
]


def test_people_of_one_dyad_come_in_one_order_of_roles(study):
    folder = study(*[f"sub-{i}_physio.tsv.gz" for i in range(1, 5)], table=DYADS)
    recordings, _ = find_recordings(folder)
    assert [r.roles for r in recordings] == [("client", "therapist")] * 2
    assert [r.paths[0].name for r in recordings] == [
        "sub-2_physio.tsv.gz", "sub-3_physio.tsv.gz",
    ]  # fmt: skip


def test_what_differs_between_two_people_is_no_label_of_the_recording(study):
    folder = study(*[f"sub-{i}_physio.tsv.gz" for i in range(1, 5)], table=DYADS)
    (first, _), _ = find_recordings(folder)
    assert first.labels == {
        "dyad": "A", "group": "x", "first_person": "sub-2", "second_person": "sub-1",
    }  # fmt: skip


def test_sessions_of_a_dyad_are_paired_by_name_and_not_by_order(study):
    names = ["sub-1_ses-1_physio.tsv.gz", "sub-1_ses-2_physio.tsv.gz",
             "sub-2_ses-2_physio.tsv.gz", "sub-2_ses-3_physio.tsv.gz"]  # fmt: skip
    with pytest.raises(RecordingError, match="without a partner: ses-1_physio, ses-3_physio"):
        find_recordings(study(*names, table=DYADS[:3]))


def test_a_dyad_of_one_is_refused_with_its_line(study):
    with pytest.raises(RecordingError, match="line 2: dyad 'A' has 1 participant"):
        find_recordings(study("sub-1_physio.tsv.gz", table=DYADS[:2]))


def test_a_table_about_people_only_leaves_pairing_to_the_names(study):
    names = ["sub-d01p01_physio.tsv.gz", "sub-d01p02_physio.tsv.gz"]
    table = ["participant_id\tage", "sub-d01p01\t30", "sub-d01p02\t50"]
    assert _found(study(*names, table=table)) == {"sub-d01_physio": names}


def test_a_table_given_by_the_user_must_pair(study):
    folder = study("a.txt", table=["age", "30"], name="pairs.tsv")
    with pytest.raises(RecordingError, match=r"pairs\.tsv: needs a column `recording`"):
        find_recordings(folder, folder / "pairs.tsv")


def test_the_users_table_is_no_recording(study):
    folder = study("a.txt", table=["file", "a.txt"], name="pairs.tsv")
    assert find_recordings(folder, folder / "pairs.tsv")[1] == ()


def test_one_recording_takes_its_row_of_the_table(study):
    folder = study("200_01.txt", table=["recording\trate_hz\toutcome", "200_01\t25\t7"])
    files = one_recording((folder / "200_01.txt",), folder / "participants.tsv")
    assert files.rate_hz == 25.0
    assert files.labels == {"dyad": "200", "session": "01", "outcome": "7"}


@pytest.mark.parametrize("name", ["200_02", "200_ses-02", "200-s02", "200_session02"])
def test_dyad_and_session_are_told_from_the_name(tmp_path, name):
    (tmp_path / f"{name}.txt").write_text("1 2\n2 1\n")
    ((found,), _) = find_recordings(tmp_path)
    assert (found.labels["dyad"], found.labels["session"]) == ("200", "02")


def test_numbered_dyads_are_not_sessions_of_one(tmp_path):
    for name in ("dyad-01", "dyad-02"):
        (tmp_path / f"{name}.txt").write_text("1 2\n2 1\n")
    found, _ = find_recordings(tmp_path)
    assert [files.labels["dyad"] for files in found] == ["dyad-01", "dyad-02"]


@pytest.mark.parametrize("text", ["", "\n\n", "  \n"])
def test_an_empty_table_is_refused(study, text):
    with pytest.raises(RecordingError, match=r"participants\.tsv: the file is empty"):
        find_recordings(study("a.txt", table=[text]))


def test_a_table_of_a_header_only_is_refused(study):
    with pytest.raises(RecordingError, match=r"participants\.tsv: holds a header and no rows"):
        find_recordings(study("a.txt", table=["file\tdyad"]))


@pytest.mark.parametrize("above", [["file", "a.txt", ""], ["", "file", "a.txt"]])
def test_empty_lines_of_the_table_count_as_lines(study, above):
    with pytest.raises(RecordingError, match=r"line 4: there is no file 'b\.txt'"):
        find_recordings(study("a.txt", table=[*above, "b.txt"]))


def test_a_file_listed_twice_is_refused_with_both_lines(study):
    with pytest.raises(RecordingError, match=r"line 3: 'a\.txt' is listed already, in line 2"):
        find_recordings(study("a.txt", table=["file", "a.txt", "a.txt"]))


def test_nobody_is_their_own_partner(study):
    table = ["first_file\tsecond_file", "x.rr\tx.rr"]
    with pytest.raises(RecordingError, match=r"line 2: 'x\.rr' is listed already"):
        find_recordings(study("x.rr", table=table))


def test_a_second_person_without_a_first_is_refused_with_the_line(study):
    table = ["first_file\tsecond_file", "\tx.rr"]
    with pytest.raises(RecordingError, match="line 2: names no file"):
        find_recordings(study("x.rr", table=table))


def test_a_row_of_too_many_cells_is_refused_with_its_line(study):
    with pytest.raises(RecordingError, match="line 2: 3 values under 2 column names"):
        find_recordings(study("a.txt", table=["file\tgroup", "a.txt\tx\ty"]))


def test_the_tables_own_columns_may_be_in_capitals(study):
    (recording,), _ = find_recordings(study("a.txt", table=["File\tRate_Hz", "a.txt\t25"]))
    assert recording.rate_hz == 25.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_as_spreadsheets_save_it_is_read(study, encoding):
    folder = study("a.txt")
    text = "file\ttherapist\na.txt\tMüller\n"
    (folder / "participants.tsv").write_bytes(text.encode(encoding))
    (recording,), _ = find_recordings(folder)
    assert recording.labels["therapist"] == "Müller"


@pytest.mark.parametrize("cell", ["x" * 300, "x" * 5_000, "x" * 200_000, "a\0"])
def test_a_name_that_no_file_can_have_is_refused(study, cell):
    with pytest.raises(RecordingError, match=r"participants\.tsv"):
        find_recordings(study("a.txt", table=["file", cell]))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=120), st.text(max_size=60).map(str.encode)))
@pytest.mark.parametrize("header", [b"", b"file\tdyad\n", b"participant_id,dyad,role\n"])
def test_any_table_is_read_or_refused_as_a_recording(study, header, content):
    folder = study("a.txt")
    (folder / "participants.tsv").write_bytes(header + content)
    with contextlib.suppress(RecordingError):
        find_recordings(folder)


def test_no_two_recordings_have_one_name(study):
    folder = study("a/x/01.txt", "b/x/01.txt", "b/y/01.txt", "02.txt", "02.csv")
    assert list(_found(folder)) == ["02.csv", "02.txt", "a_x_01.txt", "b_x_01.txt", "y_01"]


def test_two_recordings_that_no_path_tells_apart_are_refused(study):
    with pytest.raises(RecordingError, match=r"two recordings are named 'a_01\.txt'. Rename"):
        find_recordings(study("a/01.txt", "b/01.txt", "a_01.txt"))


def test_a_folder_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(RecordingError, match="none: no such folder"):
        find_recordings(tmp_path / "none")


def test_a_file_is_no_folder(study):
    with pytest.raises(RecordingError, match="is a file; a folder is needed here"):
        find_recordings(study("a.txt") / "a.txt")


def test_two_files_take_the_row_of_the_first(study):
    table = ["first_file\tsecond_file\toutcome", "x.rr\ty.rr\t7"]
    folder = study("x.rr", "y.rr", table=table)
    files = one_recording((folder / "x.rr", folder / "y.rr"), folder / "participants.tsv")
    assert files.labels["outcome"] == "7"


def write_eda(path, seed, count=400):
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    steps = 0.8 + 0.04 * rng.normal(size=count)
    rows = zip(np.cumsum(steps), 5 + np.cumsum(0.01 * rng.normal(size=count)), strict=True)
    path.write_text("time_s,eda\n" + "".join(f"{t / 3.2:.4f},{v:.4f}\n" for t, v in rows))


def test_two_files_under_first_names_are_two_people(tmp_path):
    for couple in ("couple1", "couple2"):
        for seed, name in enumerate(("anna", "Ben")):
            write_eda(tmp_path / couple / f"{name}.csv", seed)
    found, _ = find_recordings(tmp_path)
    assert [r.name for r in found] == ["couple1", "couple2"]
    assert all({p.stem for p in r.paths} == {"anna", "Ben"} for r in found)
    assert all(r.roles == tuple(p.stem.lower() for p in r.paths) for r in found)


def test_two_couples_under_a_word_each_are_no_two_people(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("smith", "jones"):
        rows = "".join(f"{a:.3f},{b:.3f}\n" for a, b in 5 + rng.normal(size=(200, 2)))
        (tmp_path / f"{name}.csv").write_text("mother_eda,child_eda\n" + rows)
    found, _ = find_recordings(tmp_path, None, ReadOptions(rate_hz=4.0))
    assert [r.name for r in found] == ["jones", "smith"]


def test_one_persons_file_prints_the_whole_command(tmp_path):
    for seed, name in enumerate(("anna k", "ben", "carl")):
        write_eda(tmp_path / f"{name}.csv", seed)
    with pytest.raises(RecordingError) as told:
        read(tmp_path / "ben.csv")
    command = next(
        line for line in str(told.value).split(": ") if line.startswith("bowlby measure")
    )
    typed = shlex.split(command.split(", or name both")[0])
    assert typed[2:] == [str(tmp_path / f"{n}.csv") for n in ("anna k", "ben", "carl")]
    assert all(read(pair.paths) for pair in pairs_of_files(tuple(map(Path, typed[2:]))))


@pytest.mark.parametrize("names", [("baseline", "stress"), ("anna", "eda"), ("pre", "post")])
def test_two_files_of_one_person_are_no_two_people(tmp_path, names):
    for seed, name in enumerate(names):
        write_eda(tmp_path / f"{name}.csv", seed)
    assert all(len(r.paths) == 1 for r in find_recordings(tmp_path)[0])


def test_files_of_different_lengths_without_dates_are_left_to_the_user(tmp_path):
    write_eda(tmp_path / "anna.csv", 1)
    write_eda(tmp_path / "ben.csv", 2, count=300)
    assert all(len(r.paths) == 1 for r in find_recordings(tmp_path)[0])

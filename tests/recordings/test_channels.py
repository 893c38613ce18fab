from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.recordings.channel_owners import assign_channels, channel_kind, role_of_one
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channel_words import unique_labels
from bowlby.recordings.channels import Channel, motion_from_acceleration
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, RecordingError, Signal


def roles_and_signals(labels, **options):
    people = assign_channels(labels, ReadOptions(**options), source="dyad.edf")
    return [
        (person.role, {name: group.channels for name, group in person.signals.items()})
        for person in people
    ]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("client_ECG", "ecg"),
        ("ECG therapist", "ecg"),
        ("P1 EDA", "eda"),
        ("EDA_2", "eda"),
        ("GSR", "eda"),
        ("Skin Conductance", "eda"),
        ("SCL", "eda_tonic"),
        ("HR", "heart_rate"),
        ("HeartRate", "heart_rate"),
        ("BVP", "ppg"),
        ("RESP", "respiration"),
        ("RR", "ibi"),
        ("ACC", "motion"),
        ("clientACC_x", "motion"),
        ("Fp1", "other"),
    ],
)
def test_a_label_tells_its_kind(label, kind):
    assert channel_kind(label, ReadOptions()) == kind


def test_the_kind_option_speaks_where_the_label_is_silent():
    assert channel_kind("channel 7", ReadOptions(kind="dial")) == "dial"


@pytest.mark.parametrize(
    ("labels", "roles"),
    [
        (("client_ECG", "therapist_ECG"), ["client", "therapist"]),
        (("ECG therapist", "ECG client"), ["therapist", "client"]),
        (("motherEDA", "infantEDA"), ["mother", "infant"]),
        (("P2 EDA", "P1 EDA"), [None, None]),
        (("EDA", "EDA_2"), [None, None]),
        (("HR A", "HR B"), [None, None]),
        (("sub-101 EDA", "sub-202 EDA"), ["person 101", "person 202"]),
    ],
)
def test_labels_tell_two_people_apart(labels, roles):
    assert [role for role, _ in roles_and_signals(labels)] == roles


def test_numbered_people_come_in_the_order_of_their_numbers():
    assert roles_and_signals(("P2 EDA", "P1 EDA")) == [
        (None, {"eda": (1,)}),
        (None, {"eda": (0,)}),
    ]


def test_the_roles_option_puts_named_people_in_order():
    people = roles_and_signals(("client_HR", "therapist_HR"), roles=("therapist", "client"))
    assert [role for role, _ in people] == ["therapist", "client"]


def test_electrode_numbers_are_not_people():
    assert len(roles_and_signals(("EEG P1", "EEG P2", "Fp1", "Fp2"))) == 1


def test_frequencies_in_labels_are_not_people():
    assert len(roles_and_signals(("sine 1 Hz", "sine 2 Hz"))) == 1


def test_triggers_and_clocks_are_no_signals():
    assert roles_and_signals(("ECG", "Trigger", "time")) == [(None, {"ecg": (0,)})]


def test_a_number_without_a_twin_is_one_person():
    assert roles_and_signals(("ECG 1", "EDA 1", "Resp")) == [
        (None, {"ecg": (0,), "eda": (1,), "respiration": (2,)})
    ]


def test_three_leads_are_not_guessed_to_be_people():
    with pytest.raises(RecordingError, match='--first "ECG 1" --second "ECG 2"'):
        roles_and_signals(("ECG 1", "ECG 2", "ECG 3"))


def test_left_and_right_channels_of_one_kind_must_be_named():
    with pytest.raises(RecordingError, match=r"several skin conductance channels.*'EDA left'"):
        roles_and_signals(("EDA left", "EDA right"))


def test_two_channels_of_one_label_are_not_guessed_to_be_people():
    with pytest.raises(RecordingError, match='--first "ECG" --second "ECG #2"'):
        roles_and_signals(unique_labels(("ECG", "ECG")))


def test_a_channel_of_nobody_in_a_file_of_two_must_be_named():
    with pytest.raises(RecordingError, match="cannot tell whose 'EDA' is"):
        roles_and_signals(("client_ECG", "therapist_ECG", "EDA"))


def test_three_people_are_three_people():
    people = roles_and_signals(("mother_HR", "father_HR", "infant_HR"))
    assert len(people) == 3


def test_named_channels_are_taken_whatever_their_labels():
    people = roles_and_signals(("left", "right", "x"), first=("left",), second=("RIGHT",))
    assert people == [(None, {"other": (0,)}), (None, {"other": (1,)})]


def test_a_named_channel_that_is_absent_lists_the_channels():
    with pytest.raises(RecordingError, match=r"no channel named 'ECG 9'.*'ECG 1', 'ECG 2'"):
        roles_and_signals(("ECG 1", "ECG 2"), first=("ECG 9",), second=("ECG 2",))


def test_a_channel_cannot_be_given_to_both_partners():
    with pytest.raises(RecordingError, match="given to both partners"):
        roles_and_signals(("ECG 1", "ECG 2"), first=("ECG 1",), second=("ECG 1",))


def test_naming_only_the_second_partner_is_refused():
    with pytest.raises(RecordingError, match="--first does not"):
        roles_and_signals(("ECG 1", "ECG 2"), second=("ECG 1",))


def test_an_unknown_kind_is_refused():
    with pytest.raises(RecordingError, match="no kind of signal 'hart'"):
        roles_and_signals(("x",), kind="hart")


def test_several_motion_channels_of_one_person_are_summed():
    channels = [Channel(name, np.arange(3.0), 25.0) for name in ("head", "body")]
    (partner,) = partners_from_channels(
        channels, ReadOptions(kind="motion", first=("head", "body")), Path("x.edf")
    )
    np.testing.assert_array_equal(partner.signals["motion"].values, [0, 2, 4])


def test_the_axes_of_an_accelerometer_become_one_motion_signal():
    axes = [Channel(f"ACC_{axis}", np.array([0.0, 3.0, 3.0]), 32.0, "g") for axis in "xy"]
    (partner,) = partners_from_channels(axes, ReadOptions(), Path("x.edf"))
    np.testing.assert_allclose(
        partner.signals["motion"].values, [np.nan, np.sqrt(18.0), 0.0], rtol=1e-15
    )


def test_axes_of_unequal_length_are_refused():
    axes = [Channel(f"ACC_{n}x"[:-1] + "xyz"[n], np.zeros(n + 3), 32.0) for n in range(2)]
    with pytest.raises(RecordingError, match="differ in rate, start or length"):
        partners_from_channels(axes, ReadOptions(), Path("x.edf"))


@given(st.lists(st.floats(-4, 4), min_size=3, max_size=3), st.floats(-4, 4))
def test_motion_does_not_see_gravity(gravity, shake):
    moved = np.array([[0.0, 0.0, 0.0], [shake, 0.0, 0.0]])
    np.testing.assert_allclose(
        motion_from_acceleration(moved + gravity)[1], abs(shake), atol=1e-14
    )


def test_intervals_in_seconds_become_milliseconds():
    channel = Channel("RR", np.array([0.8, 0.9]), np.nan, "s", times_s=np.array([0.8, 1.7]))
    (partner,) = partners_from_channels([channel], ReadOptions(), Path("x.xdf"))
    beats = partner.signals["ibi"]
    assert isinstance(beats, Beats)
    np.testing.assert_allclose(beats.ibi_ms, [800, 900])


def test_a_sampled_interval_channel_is_in_milliseconds():
    channel = Channel("RR", np.array([0.8, 0.9]), 4.0)
    (partner,) = partners_from_channels([channel], ReadOptions(), Path("x.edf"))
    signal = partner.signals["ibi"]
    assert isinstance(signal, Signal)
    assert signal.unit == "ms"


@pytest.mark.parametrize(
    ("name", "roles", "role"),
    [
        ("dyad07_therapist.edf", None, "therapist"),
        ("dyad07.edf", None, "first"),
        ("dyad07.edf", ("client", "therapist"), "client"),
        ("dyad07_therapist.edf", ("client", "therapist"), "therapist"),
    ],
)
def test_the_only_person_is_named_by_file_or_option(name, roles, role):
    assert role_of_one(Path(name), ReadOptions(roles=roles)) == role


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6, unique=True))
def test_any_labels_are_sorted_or_refused_with_a_reason(labels):
    try:
        people = assign_channels(labels, ReadOptions(), source="x.edf")
    except RecordingError as error:
        assert str(error).startswith("x.edf")  # noqa: PT017
    else:
        used = [
            i for person in people for group in person.signals.values() for i in group.channels
        ]
        assert len(used) == len(set(used))
        assert all(g.kind in KINDS for person in people for g in person.signals.values())

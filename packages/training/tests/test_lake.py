"""What the hub really writes, and what is wrong with it."""

import json

import numpy as np
import pytest
from anomaly_training.lake import MessageShape, read_lake
from anomaly_training.problems import Problem
from simulated import SIGNALS, line

SHAPE = MessageShape(SIGNALS)
VALUES = {"flow": 60.0, "pressure": 5, "power": 40.5}


def read(tmp_path, text, shape=SHAPE):
    (tmp_path / "00.json").write_text(text)
    return read_lake(tmp_path, shape)


def test_bodies_are_read_as_json_and_as_base64(tmp_path):
    got = read(tmp_path, line("press-1", 0, VALUES) + "\n" + line("press-1", 1, VALUES, encoded=True) + "\n")
    assert [values for _, values in got.machines["press-1"]] == [(60.0, 5.0, 40.5)] * 2
    assert [time for time, _ in got.machines["press-1"]] == [1_767_600_000.0, 1_767_600_010.0]


def test_a_body_that_is_a_text_of_json_is_read(tmp_path):
    message = json.loads(line("press-1", 0, VALUES))
    got = read(tmp_path, json.dumps({**message, "Body": json.dumps(message["Body"])}))
    assert got.lines["used"] == 1


def test_a_half_written_last_line_is_left_out_and_one_before_it_is_damaged(tmp_path):
    whole = line("press-1", 0, VALUES)
    got = read(tmp_path, "\n".join([*(line("press-1", index, VALUES) for index in range(99)), whole[:40]]))
    assert (got.lines["used"], got.lines["halfWritten"], got.lines["damaged"]) == (99, 1, 0)
    with pytest.raises(Problem) as caught:
        read(tmp_path, f"{whole[:40]}\n{whole}\n")
    assert caught.value.kind == "damaged-files"


def test_messages_that_come_twice_and_in_any_order_count_once_in_order(tmp_path):
    got = read(tmp_path, "\n".join(line("press-1", index, {**VALUES, "flow": index}) for index in (2, 0, 1, 0)) + "\n")
    assert [values[0] for _, values in got.machines["press-1"]] == [0, 1, 2]
    assert (got.lines["used"], got.lines["repeated"]) == (3, 1)


def test_the_time_of_arrival_stands_in_for_one_that_the_message_lacks(tmp_path):
    message = json.loads(line("press-1", 3, VALUES))
    del message["Body"]["timeCreated"]
    assert read(tmp_path, json.dumps(message)).machines["press-1"][0][0] == 1_767_600_030.0
    del message["EnqueuedTimeUtc"]
    assert read(tmp_path, json.dumps(message)).machines["press-1"][0][0] == 1_767_600_030.0


def test_a_machine_is_named_by_the_body_where_a_path_says_so(tmp_path):
    message = json.loads(line("gateway", 0, VALUES))
    message["Body"]["unit"] = {"id": "press-7"}
    got = read(tmp_path, json.dumps(message), MessageShape(SIGNALS, machine_id_path="unit.id"))
    assert list(got.machines) == ["press-7"]


@pytest.mark.parametrize("value", [None, "60", True, [1], float("1e31")])
def test_a_value_that_is_no_number_is_none(tmp_path, value):
    got = read(tmp_path, line("press-1", 0, {**VALUES, "flow": value}))
    assert np.isnan(got.machines["press-1"][0][1][0])


def test_messages_of_other_kinds_are_counted(tmp_path):
    got = read(tmp_path, line("press-1", 0, {"noise": 1}) + "\n" + line("press-1", 1, VALUES) + "\n")
    assert (got.lines["otherMessage"], got.lines["used"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "no-data"), (line("press-1", 0, {"noise": 1}), "missing-signal"), ('{"a": 1}\n' * 5, "damaged-files")],
)
def test_nothing_that_can_be_used_is_told_apart(tmp_path, text, kind):
    with pytest.raises(Problem) as caught:
        read(tmp_path, text)
    assert caught.value.kind == kind


def test_a_container_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Problem) as caught:
        read_lake(tmp_path / "telemetry-data", SHAPE)
    assert caught.value.kind == "no-container"

"""Drift: none while nothing changes, told by machine and signal when something does."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from anomaly_training.drift import MAX_BYTES, chance, correlated, drift, metadata, newest_model, reference, stability_index
from anomaly_training.lake import MessageShape
from anomaly_training.onnx_file import OnnxScore
from anomaly_training.problems import Problem
from anomaly_training.series import Segment
from anomaly_training.training import Options, train
from simulated import INTERVAL, SIGNALS, START, readings, write_lake

WINDOW = 16
COUNT = 5000


def segments(*machines, begin=COUNT):
    """What machines measure after the time that was trained on."""
    times = START + INTERVAL * np.arange(begin, begin + len(machines[0][1]), dtype=float)
    return [Segment(name, times, rows.astype(np.float32)) for name, rows in machines]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drift")
    write_lake(folder / "lake", {"unit-1": readings(COUNT, 1), "unit-2": readings(COUNT, 2)})
    said = []
    options = Options(folder / "lake", folder / "out", MessageShape(SIGNALS))
    return options, train(options, said.append), said


def drift_of(result, rows):
    content = (result.folder / "model.onnx").read_bytes()
    return drift(content, OnnxScore(content, WINDOW, 3), rows, WINDOW)


def test_bins_and_shares_are_in_the_files_metadata(trained):
    made = onnx.load(trained[1].folder / "model.onnx")
    known = json.loads({entry.key: entry.value for entry in made.metadata_props}["detector.reference"])
    assert [len(edges) for edges in known["edges"]] == [9, 9, 9, 9]
    assert all(edges == sorted(set(edges)) for edges in known["edges"])
    assert set(known["machines"]) == {"unit-1", "unit-2"}
    for machine in known["machines"].values():
        assert [sum(each) for each in machine["shares"]] == pytest.approx([1, 1, 1, 1], abs=1e-3)
        assert machine["samples"] == 0.6 * COUNT
    # Flow and pressure wander with a hundred messages from one value to the next.
    assert 50 < known["correlation"][0] < 500


def test_there_is_none_while_machines_go_on_as_they_did(trained):
    found = drift_of(trained[1], segments(("unit-1", readings(20_000, 11)), ("unit-2", readings(20_000, 12))))
    assert set(found["machines"]) == {"unit-1", "unit-2"}
    assert found["drifted"] == []


def test_a_machine_that_moved_is_told_with_its_signals_and_scores(trained):
    moved = readings(20_000, 12)
    moved[:, 1] *= 2.5
    found = drift_of(trained[1], segments(("unit-1", readings(20_000, 11)), ("unit-2", moved)))
    assert found["drifted"] == ["unit-2"]
    unit = found["machines"]["unit-2"]
    assert unit["pressure"] > 2 and unit["score"] > 2 > unit["flow"]


def test_only_the_newest_week_counts_and_few_messages_say_nothing(trained):
    week = 7 * 86_400 // INTERVAL
    rows = readings(week + 10_000, 11)
    rows[:10_000, 1] *= 2.5
    assert drift_of(trained[1], segments(("unit-1", rows)))["drifted"] == []
    assert drift_of(trained[1], segments(("unit-1", readings(500, 11))))["machines"] == {}


def test_the_next_training_compares_with_the_last_model_of_the_same_form(trained):
    options, first, said = trained
    assert not any(text.startswith("drift") for text in said)
    assert newest_model(options.out, list(SIGNALS), WINDOW) == first.folder / "model.onnx"
    assert newest_model(options.out, list(SIGNALS), WINDOW + 1) is None
    again = train(replace(options, seed=3), said.append)
    assert again.metrics["drift"]["model"] == first.sha256
    assert again.metrics["drift"]["drifted"] == []
    assert said[-4].startswith(f"drift from model {first.sha256[:12]}: 0 of 2 machines")


def test_drift_is_told_also_where_no_model_comes_of_the_data(trained, tmp_path):
    options, _, _ = trained
    moved = {"unit-1": readings(COUNT, 1), "unit-2": readings(COUNT, 2)}
    moved["unit-1"][:, 1] *= 2.5
    write_lake(tmp_path / "later", moved)
    said = []
    with pytest.raises(Problem):
        train(replace(options, data=tmp_path / "later"), said.append)
    assert any(": 1 of 2 machines: unit-1 (" in text for text in said)


def test_the_index_is_that_of_the_detector():
    assert stability_index([0.25, 0.25, 0.5], np.array([250, 250, 500])) == pytest.approx(0, abs=1e-12)
    assert stability_index([0.5, 0.5], np.array([100, 900])) == pytest.approx(0.88, abs=0.01)


def test_more_machines_than_metadata_hold_are_left_out():
    many = [Segment(f"machine-{index:04}", np.arange(30.0), np.random.default_rng(index).random((30, 3))) for index in range(1000)]
    made = reference(many, [(each.machine, each.values[:, 0]) for each in many])
    text = metadata(made)
    assert 0.9 * MAX_BYTES < len(text) <= MAX_BYTES
    assert 0 < len(json.loads(text)["machines"]) < 1000


def test_a_coarse_signal_has_fewer_bins():
    rows = np.repeat([[0.0], [1.0]], 500, axis=0)
    made = reference([Segment("a", np.arange(1000.0), rows)], [("a", np.linspace(0, 1, 1000))])
    assert len(made["edges"][0]) < 4
    assert made["machines"]["a"]["shares"][0][0] == 0.5


def test_values_that_say_the_same_count_as_one():
    noise = np.random.default_rng(1).standard_normal(20_000)
    assert correlated(noise) < 1.5
    slow = np.zeros(20_000)
    for index in range(1, len(slow)):
        slow[index] = 0.9 * slow[index - 1] + noise[index]
    # (1 + 0.9) / (1 - 0.9)
    assert correlated(slow) == pytest.approx(19, rel=0.2)
    assert correlated(np.ones(100)) == 1


def test_chance_alone_exceeds_its_limit_about_once_in_a_thousand():
    random = np.random.default_rng(3)
    shares, limit = np.full(10, 0.1), chance(10, 500, 500)
    counts = [random.multinomial(500, shares) for _ in range(4000)]
    over = sum(stability_index(one, other) > limit for one, other in zip(counts[::2], counts[1::2], strict=True))
    assert over <= 10

"""The whole of it, on the simulated unit."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from anomaly_training.evaluation import Fault, episodes, false_alerts, found_faults, threshold_for
from anomaly_training.lake import MessageShape
from anomaly_training.onnx_file import OnnxScore
from anomaly_training.problems import EXIT_CODES, Problem
from anomaly_training.series import Segment
from anomaly_training.training import Options, train
from simulated import SIGNALS, readings, write_lake

PACKAGE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    write_lake(folder, {"unit-1": readings(5000, 1), "unit-2": readings(5000, 2)})
    return folder


@pytest.fixture(scope="module")
def result(lake, tmp_path_factory):
    return train(Options(lake, tmp_path_factory.mktemp("out"), MessageShape(SIGNALS)), lambda text: None)


def refused(options):
    with pytest.raises(Problem) as caught:
        train(options, lambda text: None)
    assert not options.out.exists()
    return caught.value


def test_the_bent_model_finds_faults_that_the_linear_one_misses(result):
    shares = {kind: each["faultsFound"]["share"] for kind, each in result.metrics["compared"].items()}
    assert result.metrics["model"] == "autoencoder"
    assert shares["autoencoder"] > shares["linear"] + 0.2 > shares["single"]


def test_the_folder_has_the_name_of_the_files_content(result):
    import hashlib

    assert hashlib.sha256((result.folder / "model.onnx").read_bytes()).hexdigest() == result.sha256 == result.folder.name
    assert sorted(path.name for path in result.folder.iterdir()) == [
        "metrics.json",
        "model.onnx",
        "picture.svg",
        "provenance.json",
    ]


def test_the_same_seed_gives_the_same_files_and_another_one_another(lake, result, tmp_path):
    again = train(Options(lake, tmp_path / "a", MessageShape(SIGNALS)), lambda text: None)
    for path in result.folder.iterdir():
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name
    assert train(Options(lake, tmp_path / "b", MessageShape(SIGNALS), seed=2), lambda text: None).sha256 != result.sha256


def test_the_file_says_what_it_takes(result):
    made = onnx.load(result.folder / "model.onnx")
    metadata = {entry.key: entry.value for entry in made.metadata_props}
    assert metadata["detector.signals"] == "flow,pressure,power"
    assert metadata["detector.window"] == "16"
    assert float(metadata["training.threshold"]) == pytest.approx(
        result.metrics["compared"]["autoencoder"]["threshold"], rel=1e-4
    )
    assert [each.name for each in made.graph.input] == ["readings"]


def test_scaling_is_in_the_graph(result):
    """Readings in another unit are far from what was learnt; as they are, they are not."""
    score = OnnxScore((result.folder / "model.onnx").read_bytes(), 16, 3)
    rows = readings(16, 3).astype(np.float32)[np.newaxis]
    assert score(rows * 1.8 + 32)[0] > 100 * score(rows)[0]


def test_the_provenance_names_every_file_with_its_hash(lake, result):
    files = json.loads((result.folder / "provenance.json").read_text())["files"]
    assert len(files) == len(list(lake.rglob("*.json")))
    assert all(len(sha256) == 64 for sha256 in files.values())


def test_signals_that_have_nothing_to_do_with_each_other_give_no_model(tmp_path):
    rows = {f"unit-{m}": np.stack([readings(3000, 10 * m + s)[:, 0] for s in range(3)], axis=1) for m in (1, 2)}
    write_lake(tmp_path / "lake", rows)
    assert refused(Options(tmp_path / "lake", tmp_path / "out", MessageShape(SIGNALS))).kind == "not-better"


def test_faults_in_the_newest_data_exceed_the_budget_until_somebody_confirms_them(tmp_path):
    rows = {"unit-1": readings(5000, 1), "unit-2": readings(5000, 2)}
    for begin in range(4100, 4800, 140):
        rows["unit-1"][begin : begin + 60, 2] *= 0.6
    write_lake(tmp_path / "lake", rows)
    options = Options(tmp_path / "lake", tmp_path / "out", MessageShape(SIGNALS))
    assert refused(options).kind == "too-many-false-alerts"
    verdicts = tmp_path / "verdicts"
    verdicts.mkdir()
    time = "2026-01-05T{:02}:{:02}:{:02}Z".format
    lines = []
    for begin in range(4100, 4800, 140):
        first, last = (
            (seconds // 3600, seconds // 60 % 60, seconds % 60)
            for seconds in (8 * 3600 + 10 * begin, 8 * 3600 + 10 * (begin + 60))
        )
        lines.append(json.dumps({"verdict": "confirmed", "machineId": "unit-1", "from": time(*first), "to": time(*last)}))
    (verdicts / "1.jsonl").write_text("\n".join(lines))
    metrics = train(replace(options, verdicts=verdicts), lambda text: None).metrics
    assert metrics["compared"]["autoencoder"]["verdicts"]["confirmed"] == 5
    assert metrics["compared"]["autoencoder"]["verdicts"]["confirmedFound"] == 5
    assert metrics["compared"]["single"]["verdicts"]["confirmedFound"] == 0


def test_a_verdict_that_cannot_be_read_is_named(lake, tmp_path):
    (tmp_path / "v.jsonl").write_text('{"verdict": "perhaps", "machineId": "unit-1"}\n')
    problem = refused(Options(lake, tmp_path / "out", MessageShape(SIGNALS), verdicts=tmp_path))
    assert (problem.kind, "line 1 of" in problem.what) == ("bad-verdicts", True)


def test_a_model_that_the_detector_would_refuse_is_refused(result):
    content = (result.folder / "model.onnx").read_bytes()
    for window, signals in ((15, 3), (16, 4)):
        with pytest.raises(Problem) as caught:
            OnnxScore(content, window, signals)
        assert caught.value.kind == "contract"
    with pytest.raises(Problem, match="does not load"):
        OnnxScore(content[:500], 16, 3)


def test_the_command_tells_what_is_wrong_and_exits_with_the_code_of_its_kind(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "anomaly_training", "--data", str(tmp_path / "none"), "--out", str(tmp_path / "out")],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (EXIT_CODES["no-container"], "")
    assert "no-container:" in done.stderr and "Name the folder" in done.stderr


def largest(windows):
    return windows.max(axis=(1, 2))


def normal(count, seed):
    values = np.random.default_rng(seed).standard_normal((count, 1)).astype(np.float32)
    return Segment("a", np.arange(count) * 60.0, values)


def test_the_threshold_keeps_the_budget_on_data_that_it_was_not_taken_from():
    threshold = threshold_for(largest, [normal(20_000, 1)], 16, per_month=30)
    got = false_alerts(largest, [normal(200_000, 2)], 16, threshold)
    assert 5 < got["perMachineMonth"] < 60


def test_scores_that_are_next_to_each_other_are_one_episode():
    over = np.zeros(200, bool)
    over[[10, 12, 20, 60, 61]] = True
    assert episodes(over, 16) == 2
    assert episodes(np.zeros(5, bool), 16) == 0


def test_a_fault_is_found_only_by_windows_that_have_it_in_them():
    values = np.zeros((112, 1), np.float32)
    values[3] = 9
    assert found_faults(largest, [Fault("bias", 0, values, 16)], 4, 5.0)["share"] == 0
    values[40] = 9
    found = found_faults(largest, [Fault("bias", 0, values, 16)], 4, 5.0)
    assert (found["share"], found["medianSamplesUntilFound"]) == (1, 25)

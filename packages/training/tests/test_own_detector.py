"""The detector on the same faults: what it is given, how its alerts are counted, and what becomes of a model that is no better."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from anomaly_training.evaluation import Fault
from anomaly_training.lake import MessageShape
from anomaly_training.own_detector import HISTORY, run_detector
from anomaly_training.problems import Problem
from anomaly_training.series import Segment
from anomaly_training.training import Options, train
from simulated import SIGNALS, readings, write_lake

# In place of the detector: it alerts on each machine whose signal exceeds a limit, as the command line prints it.
ALERTS = """
import csv, json, sys
config, data = sys.argv[sys.argv.index("--config") + 1], sys.argv[-1]
settings = json.load(open(config))
assert settings["falseAlertsPerMachineMonth"] == 2.0 and settings["machineIdPath"] == "machine", settings
told, last = set(), {}
for row in csv.DictReader(open(data)):
    print(json.dumps({"output": "scoredOutput", "machineId": row["machine"]}))
    last[row["machine"]] = row["time"]
    over = sys.argv[1] != "all" and any(float(row[name]) > float(sys.argv[1]) for name in settings["signals"])
    if over and row["machine"] not in told:
        told.add(row["machine"])
        print(json.dumps({"output": "anomalyOutput", "phase": "opened", "machineId": row["machine"], "eventTime": row["time"]}))
        print(json.dumps({"output": "anomalyOutput", "phase": "closed", "machineId": row["machine"], "eventTime": row["time"]}))
for machine, time in last.items() if sys.argv[1] == "all" else ():
    print(json.dumps({"output": "anomalyOutput", "phase": "opened", "machineId": machine, "eventTime": time}))
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    path = tmp_path_factory.mktemp("detector") / "detector.py"
    path.write_text(ALERTS)
    return f"{sys.executable} {path}"


def segment(machine, values, begin=0.0):
    return Segment(machine, begin + 10 * np.arange(len(values)), np.asarray(values, np.float32).reshape(-1, 1))


def test_an_alert_counts_while_the_fault_lasts_and_on_no_other_machine(command):
    quiet = segment("a", np.zeros(HISTORY + 50))
    values = np.zeros((112, 1), np.float32)
    early, late = values.copy(), values.copy()
    early[3], late[40] = 9, 9
    faults = [Fault("bias", 0, early, 16, "a"), Fault("bias", 0, late, 16, "a"), Fault("stuck", 0, values, 16, "a")]
    loud = np.zeros(8640)
    loud[100] = 9
    held_out = [segment("a", loud, 1e6), segment("a", np.zeros(8640), 2e6)]
    found = run_detector(f"{command} 5", ["x"], faults, [quiet], held_out, 2.0)
    assert found["faultsFound"] == {"share": 0.3333, "byKind": {"bias": 0.5, "stuck": 0.0}}
    assert (found["falseAlerts"]["episodes"], found["falseAlerts"]["machineDays"]) == (1, 2.0)


def test_a_detector_that_does_not_run_is_named(tmp_path):
    for command in ("no-such-detector", f"{sys.executable} -c 'import sys; sys.exit(2)'"):
        with pytest.raises(Problem) as caught:
            run_detector(command, ["x"], [], [], [], 2.0)
        assert caught.value.kind == "detector" and command.split()[0] in caught.value.what


def test_a_model_that_is_no_better_than_the_detector_without_one_is_none(command, tmp_path):
    write_lake(tmp_path / "lake", {"unit-1": readings(5000, 1), "unit-2": readings(5000, 2)})
    options = Options(tmp_path / "lake", tmp_path / "out", MessageShape(SIGNALS), detector=f"{command} 1e9")
    metrics = train(options, lambda text: None).metrics
    assert metrics["compared"]["detector"]["faultsFound"]["share"] == 0
    with pytest.raises(Problem, match="the detector without a model 100%") as caught:
        train(replace(options, out=tmp_path / "none", detector=f"{command} all"), lambda text: None)
    assert caught.value.kind == "not-better"
    assert not (tmp_path / "none").exists()

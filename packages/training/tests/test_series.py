"""Segments, windows and splits, and data from which nothing can be learnt."""

import numpy as np
import pytest
from anomaly_training.lake import Readings
from anomaly_training.problems import Problem
from anomaly_training.series import leave_out_silent, split_by_time, to_segments, windows_of, without
from simulated import SIGNALS, readings

NAMES = list(SIGNALS)


def of(machines, interval=10.0):
    times = {machine: np.arange(len(rows)) * interval for machine, rows in machines.items()}
    return Readings({m: [(float(t), tuple(map(float, r))) for t, r in zip(times[m], rows)] for m, rows in machines.items()})


def kind_of(machines):
    with pytest.raises(Problem) as caught:
        to_segments(of(machines), NAMES)
    return caught.value


def test_a_window_does_not_reach_across_a_pause():
    given = of({"a": readings(200, 1)})
    given.machines["a"] = given.machines["a"][:80] + given.machines["a"][120:]
    segments = to_segments(given, NAMES)
    assert [len(segment.times) for segment in segments] == [80, 80]
    assert windows_of(segments[0], 16).shape == (65, 16, 3)


def test_windows_are_oldest_first():
    segment = to_segments(of({"a": readings(50, 1)}), NAMES)[0]
    np.testing.assert_array_equal(windows_of(segment, 16)[3], segment.values[3:19])


def test_samples_are_means_of_the_messages_in_them():
    rows = readings(60, 1)
    segment = to_segments(of({"a": rows}), NAMES, sample_seconds=60)[0]
    np.testing.assert_allclose(segment.values[2], rows[12:18].mean(axis=0), rtol=1e-5)


def test_all_machines_are_cut_at_the_same_moments():
    split = split_by_time(to_segments(of({"a": readings(4000, 1), "b": readings(4000, 2)}), NAMES), 16)
    for part, others in ((split.training, split.validation), (split.validation, split.held_out)):
        assert max(segment.times[-1] for segment in part) < min(segment.times[0] for segment in others)
    assert sum(len(s.times) for part in (split.training, split.validation, split.held_out) for s in part) == 8000


def test_confirmed_faults_are_cut_out_of_their_machine_alone():
    left = without(to_segments(of({"a": readings(100, 1), "b": readings(100, 2)}), NAMES), [("a", 200.0, 400.0)])
    assert [(segment.machine, len(segment.times)) for segment in left] == [("a", 20), ("a", 59), ("b", 100)]


def test_too_little_data_is_told_with_what_is_needed():
    with pytest.raises(Problem, match="training has 18 windows .* 50 are needed"):
        split_by_time(to_segments(of({"a": readings(500, 1)}), NAMES), 16)


def test_a_machine_that_is_gone_for_good_is_left_out_and_told():
    given = of({"a": readings(3000, 1), "b": readings(3000, 2)}, interval=600.0)
    given.machines["b"] = given.machines["b"][:900]
    assert leave_out_silent(given, 20) == {}
    with pytest.raises(Problem, match="b has sent nothing") as caught:
        to_segments(given, NAMES)
    assert "excludedMachines" in caught.value.remedy and "silentDays" in caught.value.remedy
    assert leave_out_silent(given, 14) == {"b": 14.6}
    assert {segment.machine for segment in to_segments(given, NAMES)} == {"a"}


def test_a_machine_that_is_silent_is_named():
    problem = kind_of({"a": readings(4000, 1), "b": readings(3000, 2)})
    assert (problem.kind, "b has sent nothing for the last 2.8 hours" in problem.what) == ("silent-machine", True)


def test_a_constant_signal_is_named():
    rows = readings(500, 1)
    rows[:, 1] = 4.0
    assert "pressure of a is 4 in all of 500" in kind_of({"a": rows, "b": readings(500, 2)}).what


def test_a_signal_that_is_mostly_missing_is_named():
    rows = readings(500, 1)
    rows[::3, 2] = rows[1::3, 2] = np.nan
    problem = kind_of({"a": rows})
    assert (problem.kind, "a has power in 166 of 500" in problem.what) == ("missing-signal", True)


@pytest.mark.parametrize(
    ("factor", "offset", "units"),
    [(100, 0, "bar and kPa"), (14.5038, 0, "bar and psi"), (1.8, 32, "°C and °F"), (1, 273.15, "°C and K")],
)
def test_units_that_are_mixed_are_named(factor, offset, units):
    def temperatures(seed):
        rows = readings(2000, seed)
        rows[:, 1] = 80 + rows[:, 1] / 5
        return rows

    converted = temperatures(2)
    converted[:, 1] = converted[:, 1] * factor + offset
    problem = kind_of({"a": temperatures(1), "b": converted})
    assert (problem.kind, units in problem.what) == ("mixed-units", True)
    changed = temperatures(3)
    changed[1000:, 1] = changed[1000:, 1] * factor + offset
    assert kind_of({"a": changed}).kind == "mixed-units"


def test_machines_that_run_at_other_loads_are_not_mixed_units():
    other = readings(2000, 2) * (1.3, 0.7, 0.9)
    assert len(to_segments(of({"a": readings(2000, 1), "b": other}), NAMES)) == 2

"""Writes a model as ONNX as the detector takes it, and runs it with onnxruntime.

The contract is packages/anomaly-detector/README.md, "Models": one float input [1, window, signals], oldest message first;
one float output named `score`; metadata of what it was made for.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .models import CLIP, Model
from .problems import Problem

Array = np.ndarray

OPSET = 17
IR_VERSION = 8
#: Limits of the detector: LIMITS in packages/detector-contract/index.ts; a test compares them.
MAX_WINDOW = 10_000
MAX_SIGNALS = 64
MAX_BYTES = 268_435_456
INPUT, OUTPUT = "readings", "score"


def to_onnx(model: Model, metadata: dict[str, str]) -> bytes:
    """The bytes of the model's file; the same for the same model and metadata."""
    window, signals, parts = model.window, model.signals, model.reconstruction
    constants: list[TensorProto] = []
    nodes: list[onnx.NodeProto] = []

    def constant(name: str, value: Array) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(op: str, *inputs: str, output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def number(name: str, value: float) -> str:
        return constant(name, np.array(value, np.float32))

    centred = node("Sub", INPUT, constant("median", model.scaling.median), output="centred")
    divided = node("Div", centred, constant("scale", model.scaling.scale), output="divided")
    scaled = node("Clip", divided, number("lowest", -CLIP), number("highest", CLIP), output="scaled")
    shape = constant("flat_shape", np.array([1, window * signals], np.int64))
    flat = node("Reshape", scaled, shape, output="flat")
    off_mean = node("Sub", flat, constant("mean", parts.mean), output="off_mean")
    z = node("MatMul", off_mean, constant("encode", parts.encode), output="z")
    decoded = node("MatMul", z, constant("decode", parts.decode), output="decoded")
    expected = node("Add", decoded, constant("offset", parts.offset), output="expected")
    if parts.hidden is not None:
        product = node("MatMul", z, constant("hidden", parts.hidden), output="product")
        active = node("Tanh", node("Add", product, constant("bias", parts.bias), output="shifted"), output="active")
        bent = node("MatMul", active, constant("bend", parts.bend), output="bent")
        expected = node("Add", expected, bent, output="expected_bent")
    flat_residual = node("Sub", flat, expected, output="flat_residual")
    residual = node("Reshape", flat_residual, constant("shape", np.array([1, window, signals], np.int64)), output="residual")
    squared = node("Mul", residual, residual, output="squared")
    weighed = node("Div", squared, constant("residual_variance", model.residual_variance), output="weighed")
    single = node("ReduceMean", weighed, output="single", keepdims=0)
    window_mean = node("ReduceMean", residual, output="window_mean", axes=[1], keepdims=0)
    mean_squared = node("Mul", window_mean, window_mean, output="mean_squared")
    mean_weighed = node("Div", mean_squared, constant("mean_variance", model.mean_variance), output="mean_weighed")
    lasting = node("ReduceMean", mean_weighed, output="lasting", keepdims=0)
    node("Add", single, lasting, output=OUTPUT)
    graph = helper.make_graph(
        nodes,
        "anomaly",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, window, signals])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [])],
        constants,
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="anomaly_training"
    )
    helper.set_model_props(made, dict(sorted(metadata.items())))
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString(deterministic=True)


class OnnxScore:
    """Scores windows with onnxruntime as a device does: one at a time, on one thread. Raises `Problem` where it cannot."""

    def __init__(self, content: bytes, window: int, signals: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own classes share no better base
            raise _refused(f"onnxruntime does not load it: {error}") from error
        _check_contract(self._session, content, window, signals)
        self(np.zeros((1, window, signals), np.float32))

    def __call__(self, windows: Array) -> Array:
        scores = np.array(
            [self._session.run([OUTPUT], {INPUT: window[np.newaxis]})[0] for window in np.ascontiguousarray(windows)],
            np.float32,
        )
        if not np.isfinite(scores).all():
            raise _refused("it gives a score that is no finite number")
        return scores


def _check_contract(session: onnxruntime.InferenceSession, content: bytes, window: int, signals: int) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    told = [(each.name, list(each.shape), each.type) for each in inputs]
    if told != [(INPUT, [1, window, signals], "tensor(float)")]:
        raise _refused(f"its input is {told}")
    if [each.name for each in outputs] != [OUTPUT] or outputs[0].type != "tensor(float)":
        raise _refused(f"its outputs are {[(each.name, each.type) for each in outputs]}")
    if window > MAX_WINDOW or signals > MAX_SIGNALS or len(content) > MAX_BYTES:
        raise _refused(f"window {window}, {signals} signals or {len(content)} bytes are beyond the detector's limits")


def _refused(what: str) -> Problem:
    return Problem("contract", f"The detector would refuse the model: {what}", "This is an error of the training code.")

"""Trains a multivariate anomaly model from what IoT Hub wrote to the lake, and writes it down as ONNX."""

__version__ = "1"

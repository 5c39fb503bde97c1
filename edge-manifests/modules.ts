/** Id of the ML module on every device; its messages to the cloud are anomalies. */
export const DETECTOR_MODULE = "anomalyDetector";

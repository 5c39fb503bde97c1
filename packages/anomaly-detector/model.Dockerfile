# A model on top of the detector's image: devices pull it with the credentials that they have, also behind a parent device.
# The build's context holds models/SHA256/model.onnx and nothing else:
#   docker buildx build --build-arg DETECTOR_IMAGE=NAME.azurecr.io/anomaly-detector@sha256:DIGEST \
#     --file packages/anomaly-detector/model.Dockerfile FOLDER
ARG DETECTOR_IMAGE
FROM ${DETECTOR_IMAGE}
COPY models models

#!/usr/bin/env bash
# Builds the images of this repository for amd64 and arm64, with a list of what is in them (SBOM) and how they came to be.
# usage: build-images.sh FOLDER
#   FOLDER  gets REPOSITORY.tar for each image, an OCI archive, and SHA256SUMS
# The output is sha256, the checksum of SHA256SUMS: push-images.sh takes nothing else.
set -euo pipefail
folder=$1
source "$(dirname "$0")/lib.sh"

build() {
  fenced docker buildx build \
    --platform linux/amd64,linux/arm64 \
    --provenance mode=max \
    --sbom true \
    --label "org.opencontainers.image.source=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" \
    --label "org.opencontainers.image.revision=$GITHUB_SHA" \
    --file "$2" \
    --output "type=oci,dest=$folder/$1.tar" \
    . || fail "$1 could not be built"
}

mkdir -p "$folder"
# The runner's own builder keeps no attestations.
fenced docker buildx create --use --driver docker-container
build anomaly-detector packages/anomaly-detector/Dockerfile
build anomaly-training packages/training/Dockerfile
(cd "$folder" && sha256sum -- *.tar >SHA256SUMS)
output sha256 "$(digest "$folder/SHA256SUMS")"

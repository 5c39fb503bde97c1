#!/usr/bin/env bash
# Decides about the newest model, or edits the configuration for it.
# usage: promotion.sh image|plan MODELS OUT
# PROMOTE is "ENVIRONMENT VERSION"; SHADOW (true), DETECTOR and IMAGE are options of npm run promote, empty where there are none.
set -euo pipefail
command=$1
models=$2
out=$3
source "$(dirname "$0")/lib.sh"

read -r environment version <<<"$PROMOTE"
options=()
if [ "${SHADOW:-}" = true ]; then options+=(--shadow); fi
if [ -n "${DETECTOR:-}" ]; then options+=(--detector "$DETECTOR"); fi
if [ -n "${IMAGE:-}" ]; then options+=(--image "$IMAGE"); fi
fenced npm run -s promote -- "$command" "$environment" "$version" --models "$models" --out "$out" "${options[@]}"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the simulator and runs DeiT-T with recorded token counts beside
# its dense baseline.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release
cmake --build --preset release --target heatsim
build/release/bin/heatsim run --model deit_t --accelerator heatvit_int8_zcu102 \
    --trace traces/deit_t_70_39_21.csv.gz --image-count 200 --baseline dense

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a first result: installs what is missing, builds, runs one scenario.
set -euo pipefail
# shellcheck source=configs/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
set_up "build and run"

cmake --preset release
cmake --build --preset release --target tokenyard

build/release/tokenyard run configs/azure-conv.yaml --out results/azure-conv.h5 --force
PYTHONPATH=analysis /usr/bin/python3 -m tokenyard figure results/azure-conv.h5 \
  --out results/azure-conv.png

cat <<END

The results of configs/azure-conv.yaml are in $PWD/results:
  azure-conv.h5    every request and every metric; HDF5, for h5py, xarray, pandas, MATLAB, Julia
  azure-conv.png   the same at a glance
END

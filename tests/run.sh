#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, runs every test: bash tests/run.sh [--quick | --tidy]
#   --quick   the release build and its tests only: no sanitizers, no Clang
#   --tidy    clang-tidy over sim/ only, which takes ten minutes
# Every stage runs, whatever fails before it; exits 1 when one failed.
set -euo pipefail
# shellcheck source=configs/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../configs/setup.sh"

case "$*" in
  "") stages=(format release asan clang) ;;
  --quick) stages=(format release) ;;
  --tidy) stages=(tidy) ;;
  *)
    sed -n '3,6s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
set_up "build and run" test

passed=0 failed=0 skipped=0 times=()

# A number that ctest wrote into its JUnit file.
count() { sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS status=ok
  shift
  printf '\n== %s\n' "$name"
  "$@" || status=FAILED
  times+=("$(printf '%-20s %5d s  %s' "$name" $((SECONDS - start)) "$status")")
  [ "$status" = ok ]
}

format() { find sim tests -name '*.[ch]pp' -exec clang-format --dry-run -Werror {} +; }

build() { # PRESET [CMAKE OPTION]...
  cmake --preset "$@" && cmake --build --preset "$1"
}

# A test that fails counts as itself; anything else that goes wrong counts as one failure.
run_tests() { # PRESET
  local report=build/$1/ctest.xml failures=0
  rm -f "$report"
  timed "$1 tests" ctest --preset "$1" -j "$(nproc)" --output-junit ctest.xml || failures=1
  if [ -f "$report" ]; then
    local ran fell left_out
    ran=$(count tests "$report") fell=$(count failures "$report") left_out=$(count skipped "$report")
    passed=$((passed + ran - fell - left_out))
    skipped=$((skipped + left_out))
    if [ "$fell" -gt 0 ]; then failures=$fell; fi
  fi
  failed=$((failed + failures))
}

for stage in "${stages[@]}"; do
  case $stage in
    format)
      timed "format" format || failed=$((failed + 1))
      ;;
    tidy)
      timed "tidy" build tidy || failed=$((failed + 1))
      ;;
    *)
      if timed "$stage build" build "$stage"; then
        run_tests "$stage"
      else
        failed=$((failed + 1))
      fi
      ;;
  esac
done

printf '\n'
printf '%s\n' "${times[@]}" "total $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]

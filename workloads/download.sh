#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: download.sh [--help]

Fetches the public traces that Tokenyard's importers read, checks their sha256 and
stores them gzipped in the folder traces/ beside this script:

  azure_conv_2023.csv.gz           Azure LLM inference trace 2023, conversation
                                   19,366 requests in 58 min; CC-BY-4.0
  mooncake_conversation.jsonl.gz   Mooncake FAST'25 conversation trace
                                   12,031 requests in 59 min; Apache-2.0

What is already there and intact is left alone. Needs curl or wget, gzip and sha256sum.
TEXT
}

fail() {
  echo "download.sh: $*" >&2
  exit 1
}

if command -v curl >/dev/null; then
  fetch() { curl --fail --silent --show-error --location --retry 2 --connect-timeout 20 --output "$2" "$1"; }
elif command -v wget >/dev/null; then
  fetch() { wget --quiet --tries=3 --timeout=20 --output-document="$2" "$1"; }
else
  fetch() { return 127; }
fi

sha256() { sha256sum | cut -d ' ' -f 1; }

# get NAME SHA256 URL LICENCE CITATION
get() {
  local name=$1 expected=$2 url=$3 licence=$4 citation=$5 actual
  local target=$traces/$name

  if [[ -f $target ]] && [[ $(gzip -dc "$target" 2>/dev/null | sha256) == "$expected" ]]; then
    echo "$name: already there"
  else
    command -v curl >/dev/null || command -v wget >/dev/null || fail "neither curl nor wget is installed"
    fetch "$url" "$scratch/plain" 2>"$scratch/problem" ||
      fail "$name: cannot fetch $url: $(tail -n 1 "$scratch/problem")"
    actual=$(sha256 <"$scratch/plain")
    [[ $actual == "$expected" ]] ||
      fail "$name: $url has sha256 $actual, expected $expected; nothing stored"
    gzip -n -9 <"$scratch/plain" >"$scratch/packed"
    mv "$scratch/packed" "$target"
    echo "$name: stored in $traces"
  fi
  echo "  licence: $licence"
  echo "  cite:    $citation"
}

case ${1:-} in
  '') ;;
  -h | --help)
    usage
    exit 0
    ;;
  *) fail "unknown argument '$1'; see --help" ;;
esac

traces=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/traces
mkdir -p "$traces"
# Inside traces/, so that the final mv stays on one file system and is atomic.
scratch=$(mktemp -d "$traces/.download.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

get azure_conv_2023.csv.gz \
  2f1e5b666d4e3055fdbba98598ce2ec307767b9064e03e2fa46676dbcc7d0bf8 \
  https://raw.githubusercontent.com/Azure/AzurePublicDataset/master/data/AzureLLMInferenceTrace_conv.csv \
  "CC-BY-4.0, Microsoft Azure" \
  "Patel et al., Splitwise: Efficient generative LLM inference using phase splitting, ISCA 2024"

get mooncake_conversation.jsonl.gz \
  b8cbb061a85206d729d91cdc2981f43c9e0d99209dce588d3af5f7934408b9df \
  https://raw.githubusercontent.com/kvcache-ai/Mooncake/main/FAST25-release/traces/conversation_trace.jsonl \
  "Apache-2.0, Moonshot AI" \
  "Qin et al., Mooncake: Trading More Storage for Less Computation, FAST 2025"

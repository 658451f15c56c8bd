# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by configs/quickstart.sh and tests/run.sh: `set_up SECTION...` goes to the top of the
# checkout and installs what configs/packages.txt lists in those sections and is missing.

# Names in the given sections of packages.txt, one a line.
listed_packages() {
  local section
  for section; do
    sed -n "/^\[$section\]/,/^\[/ s/^\([a-z0-9][^ #]*\).*/\1/p" configs/packages.txt
  done
}

# Those of the names given that dpkg does not know as installed; all where there is no dpkg.
missing_packages() {
  local installed=""
  if command -v dpkg-query >/dev/null; then
    # It fails when it has never heard of a package, and still prints the others.
    installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
      sed -n 's/ installed$//p') || true
  fi
  comm -23 <(printf '%s\n' "$@" | sort) <(sort <<<"$installed")
}

# Like "debian 12 Debian GNU/Linux 12 (bookworm)".
this_system() (
  ID=unknown VERSION_ID=unknown PRETTY_NAME=$(uname -s)
  # shellcheck source=/dev/null
  if [ -r /etc/os-release ]; then . /etc/os-release; fi
  printf '%s %s %s\n' "$ID" "$VERSION_ID" "$PRETTY_NAME"
)

# apt-get as root. All it says goes to a file; how much it fetches is printed.
apt_get() {
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" != 0 ]; then as_root=(sudo "${as_root[@]}"); fi
  "${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" 2>&1 |
    tee -a build/apt.log | sed -un '/^Need to get\|^After this operation/p'
}

install_packages() {
  local name why
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "Packages are missing, and there is no sudo to install them with. As root, run:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends $*" >&2
    exit 3
  fi
  echo "Installing $# Debian packages and what they need (details: build/apt.log):"
  while read -r name why; do
    if [[ " $* " == *" $name "* ]]; then printf '  %-20s %s\n' "$name" "${why#\# }"; fi
  done <configs/packages.txt
  : >build/apt.log
  # A source of the user's own that cannot be reached is no reason to stop.
  apt_get update || echo "apt-get update failed; going on with the package lists that are here." >&2
  if ! apt_get install --no-install-recommends "$@"; then
    tail -n 25 build/apt.log >&2
    echo "apt-get could not install the packages above; mend what it says and start again." >&2
    exit 3
  fi
}

set_up() {
  exec </dev/null # nothing here asks
  unset CDPATH
  cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
  mkdir -p build results

  # Debian's own tools come first: its Python modules are invisible to a python3 from elsewhere.
  export PATH="/usr/bin:/bin:/usr/sbin:/sbin${PATH:+:$PATH}"
  export PYTHONNOUSERSITE=1 MPLBACKEND=Agg
  # ccache and matplotlib keep files at home.
  if [ ! -w "${HOME:-}" ]; then export HOME=$PWD/build; fi

  local missing system
  # shellcheck disable=SC2046 # names are words
  missing=$(missing_packages $(listed_packages "$@"))
  if [ -n "$missing" ]; then
    system=$(this_system)
    if [[ $system != "debian 12 "* ]]; then
      echo "Packages are installed on Debian 12 only; this is ${system#* * }." >&2
      echo "Missing here, by Debian's names:" >&2
      printf '%s\n' "$missing" >&2
      exit 3
    fi
    # shellcheck disable=SC2086
    install_packages $missing
  fi

  CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
  export CMAKE_BUILD_PARALLEL_LEVEL
}

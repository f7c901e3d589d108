# Shared by the launch scripts: finds the project, installs what is missing. Source it; it does not run by itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*" >&2; }

# install_missing [PACKAGE…]: the Debian packages that the build and mpirun need, and those that are named.
install_missing() {
  local wanted=(
    libopenmpi-dev openmpi-bin libopenblas-dev libhdf5-dev libssl-dev zlib1g-dev libsnappy-dev libzstd-dev pkg-config
    "$@"
  )
  local missing=() package
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    say "Installing from Debian: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
  fi
  if ! command -v swift >/dev/null; then
    echo "Swift was not found; Capstan needs Swift 6.1 or newer: install it from swift.org and put it on the PATH." >&2
    exit 1
  fi
}

# Ranks on this machine, on more than it has cores if need be.
run_ranks() {
  local ranks=$1
  shift
  launch/mpirun -n "$ranks" --oversubscribe "$@"
}

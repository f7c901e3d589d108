# shellcheck shell=bash
# Counts checks. Source it.
passed=0 failed=0

check() { # check NAME COMMAND…: counts whether the command succeeds
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name" >&2
  fi
}

# shellcheck shell=bash
# Counts checks, sees that they can be made, finds the process of a run. Source it.
passed=0 failed=0

refuse() { # refuse TEST WHY: a test that cannot run is a failure, or nobody would notice
  echo "FAILED: $1 cannot run, for $2." >&2
  exit 1
}

require() { # require TEST PROGRAM…
  local program
  for program in "${@:2}"; do
    command -v "$program" >/dev/null || refuse "$1" "there is no $program; launch/test installs what tests take"
  done
}

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

# The process that works in a run's directory: rank 0.
holder() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/run.lock"; }

#!/usr/bin/env bash
# The program as a person runs it: it passes every strategy that comes with topupd, with every
# configuration that its README shows and with one of its own making, and its exit status is
# the contract's. A library that was not built (an empty file) is skipped in words.
set -eu

checker=$1
broken=$2
shift 2
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# The json block number $2 of a README.
example() {
  awk -v wanted="$2" '/^```json$/ { inside = ++block == wanted; next } /^```$/ { inside = 0 } inside' "$1"
}

good=()
for library in "$@"; do
  if [ ! -s "$library" ]; then
    echo "SKIPPED: $library is not built here: its compiler is missing"
    continue
  fi
  good+=("$library")
  readme=$(dirname "$library")/README.md
  count=$(grep -c '^```json$' "$readme") || fail "no configuration in $readme"
  for block in $(seq "$count"); do
    example "$readme" "$block" >"$TEST_TMPDIR/config.json"
    "$checker" --calls=2000 --config "$TEST_TMPDIR/config.json" "$library" >"$TEST_TMPDIR/out" ||
      { cat "$TEST_TMPDIR/config.json" "$TEST_TMPDIR/out"; fail "$library with a configuration of its README"; }
  done
done
[ "${#good[@]}" -ge 9 ] || fail "only ${#good[@]} libraries"

"$checker" --calls=1000 --output json "${good[@]}" >"$TEST_TMPDIR/out.json" ||
  { cat "$TEST_TMPDIR/out.json"; fail "all with configurations made from their schemas"; }
python3 - "$TEST_TMPDIR/out.json" "${#good[@]}" <<'PYTHON' || fail "the JSON is not as documented"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["good"] is True and isinstance(report["seed"], int)
assert len(report["libraries"]) == int(sys.argv[2])
for library in report["libraries"]:
    assert library["good"] is True and len(library["verdicts"]) >= 20
    for verdict in library["verdicts"]:
        assert set(verdict) == {"check", "verdict", "checked", "found", "remedy"}
PYTHON

status=0
"$checker" --seed=5 --calls=100 "$broken" >"$TEST_TMPDIR/out" || status=$?
[ "$status" -eq 1 ] || fail "a broken library ends in status $status"
grep -q 'seed 5$' "$TEST_TMPDIR/out" || fail "the last line does not tell the seed"
status=0
"$checker" >"$TEST_TMPDIR/out" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "wrong usage ends in status $status"
"$checker" --help | grep -q 'Exit status' || fail "--help does not help"
exit "$failures"

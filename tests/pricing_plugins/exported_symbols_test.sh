#!/usr/bin/env bash
# Each strategy exports one symbol. A second one could be bound by another library, or keep two
# versions of a strategy from living in one process.
set -eu

[ "$#" -ge 1 ] || { echo "no libraries given"; exit 1; }
for library in "$@"; do
  symbols=$(nm -D --defined-only "$library" | awk '{ print $3 }')
  if [ "$symbols" != topup_pricing_entry ]; then
    echo "FAILED: $library exports: $symbols"
    exit 1
  fi
done

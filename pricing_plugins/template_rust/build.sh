#!/usr/bin/env bash
# Builds a strategy in Rust: build.sh COMPILER SOURCE OUT. COMPILER is a file whose first line is the path
# of rustc; where that is empty there is none, and OUT becomes an empty file, which tests know as
# "not built here".
set -euo pipefail

rustc=$(head -n 1 "$1")
if [ -z "$rustc" ]; then
  echo "template_rust is not built: this machine has no rustc (Debian's package is rustc)" >&2
  : >"$3"
  exit 0
fi
# A panic unwinds to the border, where it is caught. What overflows panics, and does not wrap.
"$rustc" --edition 2021 --crate-type cdylib --crate-name template_rust \
  -C opt-level=2 -C panic=unwind -C overflow-checks=on -C strip=debuginfo \
  -C link-arg=-Wl,-z,now -D warnings -o "$3" "$2"

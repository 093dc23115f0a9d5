#!/usr/bin/env bash
# Every header of the contract is usable alone, by pedantic compilers, as C11 and as C++17 and
# C++20, and includes nothing but its neighbours and the C standard library.
set -eu

headers=(pricing_plugins/abi/*.h pricing_plugins/abi/draft/*.h)
[ "${#headers[@]}" -ge 9 ] || { echo "only ${#headers[@]} headers found"; exit 1; }

failures=0
compile() { # compiler standard language header
  # The declaration keeps a header of macros from being an empty translation unit.
  if ! printf '#include "%s"\nextern int alone;\n' "$4" |
    "$1" -std="$2" -x "$3" -I. -pedantic -Wall -Wextra -Werror -fsyntax-only -; then
    echo "FAILED: $4 with $1 -std=$2"
    failures=$((failures + 1))
  fi
}

for header in "${headers[@]}"; do
  compile gcc c11 c "$header"
  compile g++ c++17 c++ "$header"
  compile g++ c++20 c++ "$header"
  foreign=$(grep -h '#include' "$header" | grep -v '<stdint.h>' | grep -vE '"(\.\./)?[a-z_]+\.h"' || true)
  if [ -n "$foreign" ]; then
    echo "FAILED: $header includes $foreign"
    failures=$((failures + 1))
  fi
done
exit "$failures"

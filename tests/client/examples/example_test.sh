#!/bin/bash
# Starts a topupd and runs one language's first send against it.
#
#   example_test.sh LANGUAGE SERVER_BINARY PROGRAM
#
# Where the language or its gRPC library is not on this machine, says so and passes; in the report it
# is a test that was skipped.
set -u
language=$1 server_binary=$2 program=$3
scratch=$(mktemp -d "${TEST_TMPDIR:-/tmp}/example.XXXXXX")
proto_dir=$PWD/proto

skip() {
  echo "SKIPPED: $language: $1"
  if [ -n "${XML_OUTPUT_FILE:-}" ]; then
    printf '<testsuites><testsuite name="examples" tests="1" skipped="1"><testcase name="%s">%s' \
      "$language" '<skipped/></testcase></testsuite></testsuites>' >"$XML_OUTPUT_FILE"
  fi
  exit 0
}

# Sets `run` to the command that runs the program, its stubs made where it needs some.
case $language in
  cpp)
    run=("$program")
    ;;
  python)
    /usr/bin/python3 -c 'import grpc, google.protobuf' 2>"$scratch/why" ||
      skip "no python3-grpcio: $(tail -n 1 "$scratch/why")"
    command -v grpc_python_plugin >/dev/null || skip "no grpc_python_plugin"
    protoc -I proto --python_out="$scratch" --grpc_out="$scratch" \
      --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" \
      topup/v1/topup_service.proto || exit 1
    run=(env PYTHONPATH="$scratch" /usr/bin/python3 "$program")
    ;;
  nodejs)
    command -v node >/dev/null || skip "no node"
    export NODE_PATH=${TOPUP_TOOLS:-/usr/local/lib}/nodejs/node_modules:/usr/local/lib/node_modules:/usr/lib/node_modules
    node -e 'require("@grpc/grpc-js"); require("@grpc/proto-loader")' 2>"$scratch/why" ||
      skip "no @grpc/grpc-js and @grpc/proto-loader (npm install --global)"
    run=(env PROTO_DIR="$proto_dir" node "$program")
    ;;
  php)
    command -v php >/dev/null || skip "no php"
    php -r 'exit(extension_loaded("curl") ? 0 : 1);' || skip "no php-curl"
    [ -d /usr/share/php/Google/Protobuf ] || skip "no php-google-protobuf"
    protoc -I proto --php_out="$scratch" topup/v1/topup_service.proto || exit 1
    run=(env PHP_STUBS="$scratch" php "$program")
    ;;
  grpcurl)
    PATH=$PATH:${TOPUP_TOOLS:-/usr/local}/bin
    command -v grpcurl >/dev/null || skip "no grpcurl"
    run=(env PROTO_DIR="$proto_dir" "$program")
    ;;
  *)
    echo "unknown language $language"
    exit 2
    ;;
esac

# The server ends when this script does: its standard input is a pipe of ours, and it is killed.
mkfifo "$scratch/stdin"
exec 3<>"$scratch/stdin"
"$server_binary" --sandbox --listen=127.0.0.1:0 --ops_listen=127.0.0.1:0 \
  --store="sqlite:$scratch/topup.db" --poll_interval=100ms \
  <&3 >"$scratch/server.out" 2>"$scratch/server.err" &
server_pid=$!
trap 'kill "$server_pid" 2>/dev/null; wait "$server_pid" 2>/dev/null' EXIT
address=
for _ in $(seq 600); do
  address=$(sed -n '1s/^listening on //p' "$scratch/server.out")
  [ -n "$address" ] && break
  kill -0 "$server_pid" 2>/dev/null || break
  read -r -t 0.1 -u 3 _ # waits without a process of its own: nobody writes to this pipe
done
if [ -z "$address" ]; then
  echo "the server did not start:"
  cat "$scratch/server.err"
  exit 1
fi

failures=0
send() { # NUMBER
  timeout 120 "${run[@]}" "$address" "$1" PREPAID_MOBILIS 500 \
    >"$scratch/out.$1" 2>"$scratch/err.$1"
}
expect() { # NUMBER EXIT_STATUS_SEEN EXIT_STATUS LAST_LINE
  if [ "$2" -eq "$3" ] && [ "$(tail -n 1 "$scratch/out.$1")" = "$4" ] &&
    [ "$(head -n 1 "$scratch/out.$1" | cut -c 1-4)" = "ref " ]; then
    return
  fi
  echo "FAILED: $language, number $1: exit status $2, expected $3 and \"$4\""
  cat "$scratch/out.$1" "$scratch/err.$1"
  failures=$((failures + 1))
}
expect_end() { # NUMBER EXIT_STATUS_SEEN EXIT_STATUS: without a word of settlement
  if [ "$2" -eq "$3" ] && grep -q "^ref " "$scratch/out.$1" &&
    ! grep -q "^settled" "$scratch/out.$1"; then
    return
  fi
  echo "FAILED: $language, number $1: exit status $2, expected $3 and nothing settled"
  cat "$scratch/out.$1" "$scratch/err.$1"
  failures=$((failures + 1))
}
# Both at once: each waits for its top-up's life at the provider.
send 0600000001 &
refunded_pid=$!
send 0600000000
expect 0600000000 $? 0 "settled TOPUP_STATUS_FULFILLED"
wait "$refunded_pid"
expect 0600000001 $? 1 "settled TOPUP_STATUS_REFUNDED"

# What the server refuses is not sold.
send 12
expect_end 12 $? 1

# A server that is gone is "not known yet", neither success nor a reason to give the money back: in
# the middle of the watch of a top-up that stays PENDING, and from the start.
send 0600000101 &
cut_pid=$!
until grep -qs TOPUP_STATUS_PENDING "$scratch/out.0600000101" "$scratch/err.0600000101"; do
  kill -0 "$cut_pid" 2>/dev/null || break
  read -r -t 0.1 -u 3 _
done
kill -9 "$server_pid" && wait "$server_pid" 2>/dev/null
wait "$cut_pid"
expect_end 0600000101 $? 3
send 0600000000
expect_end 0600000000 $? 3
[ "$failures" -eq 0 ] && echo "PASSED: $language"
exit "$failures"

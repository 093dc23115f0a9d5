#!/bin/bash
# The program itself: its first line, its exit statuses, its end on SIGTERM.
set -u
program="$1"
fail() { echo "FAILED: $1" >&2; exit 1; }

coproc sandbox { exec "$program" --listen=127.0.0.1:0 --ledger="$TEST_TMPDIR/ledger"; }
pid="$sandbox_PID"
read -r -t 30 line <&"${sandbox[0]}" || fail "no first line"
[[ "$line" =~ ^listening\ on\ 127\.0\.0\.1:[1-9][0-9]*$ ]] || fail "first line: $line"

exec 3<>"/dev/tcp/127.0.0.1/${line##*:}" || fail "cannot connect"
printf 'GET /v3/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3
answer="$(cat <&3)"
[[ "$answer" == "HTTP/1.1 200 OK"* ]] || fail "answer: $answer"
[[ "$(tail -n 1 "$TEST_TMPDIR/ledger")" == *'"endpoint":"ping"'* ]] || fail "ledger"

kill -TERM "$pid"
wait "$pid" || fail "exit status $? after SIGTERM"

problems="$("$program" --listen=nowhere --speed=2 2>&1)"
[[ $? -eq 2 ]] || fail "exit status of wrong flags"
[[ "$(wc -l <<<"$problems")" -eq 2 ]] || fail "problems: $problems"
"$program" --help | grep -q 0600000003 || fail "help"

#!/bin/bash
# A first send, and a watch until it is settled, with grpcurl.
#
#   go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1
#   client/examples/grpcurl/first_send.sh [SERVER [NUMBER PLAN AMOUNT]]
#
# Reads the .proto from proto/ of this repository or from $PROTO_DIR; where the server has
# reflection on, -import-path and -proto can be left out.
#
# Exit status: 0 delivered; 1 refused or not delivered: give the money back; 3 not known, or anything
# else: ask again under the same ref, and give nothing back yet.
set -uo pipefail
server=${1:-127.0.0.1:50051}
number=${2:-0600000000}
plan=${3:-PREPAID_MOBILIS}
amount=${4:-500}
proto_dir=${PROTO_DIR:-$(dirname "$0")/../../../proto}

call() { # TIMEOUT_SECONDS METHOD REQUEST
  grpcurl -plaintext -max-time "$1" -import-path "$proto_dir" -proto topup/v1/topup_service.proto \
    -d "$3" "$server" "topup.v1.TopupService/$2"
}

# 1. Make the ref and keep it, where it survives a crash. Here: on the screen.
ref=$(date +%Y%m%d-%H%M%S)-$(od -An -N10 -tx1 /dev/urandom | tr -d ' \n')
echo "ref $ref"

# 2. Send, and repeat the same request, ref included, while the server cannot be reached (grpcurl
#    ends with 64 + the gRPC code: 78 is UNAVAILABLE, 68 DEADLINE_EXCEEDED; 1 is no connection).
#    67, 69 and 73 are INVALID_ARGUMENT, NOT_FOUND and FAILED_PRECONDITION: nothing was sold.
tries=1
until call 10 SendTopup "{\"ref\": \"$ref\", \"phone_number\": \"$number\",
    \"plan_code\": \"$plan\", \"amount_dzd\": \"$amount\"}"; do
  case $? in
    67 | 69 | 73) exit 1 ;;
    1 | 68 | 78) ;;
    *) exit 3 ;;
  esac
  tries=$((tries + 1))
  [ "$tries" -le 5 ] || exit 3
  sleep "$tries"
done

# 3. Watch: the present state first, then each change; the stream ends well once it is settled, and
#    badly where it was cut: then its last status is no end, and it is watched again.
tries=1
until messages=$(call 3600 WatchTopup "{\"ref\": \"$ref\"}" | tee /dev/stderr); do
  tries=$((tries + 1))
  [ "$tries" -le 5 ] || exit 3
  sleep "$tries"
done
status=$(echo "$messages" | sed -n 's/^ *"status": "\(.*\)",\{0,1\}$/\1/p' | tail -n 1)
case $status in
  TOPUP_STATUS_FULFILLED) result=0 ;;
  TOPUP_STATUS_REFUNDED | TOPUP_STATUS_REJECTED | TOPUP_STATUS_CANCELLED) result=1 ;;
  *) exit 3 ;;
esac
echo "settled $status"
exit "$result"

#!/usr/bin/python3
"""A first send, and a watch until it is settled, in Python.

    apt-get install python3-grpcio python3-protobuf protobuf-compiler-grpc
    mkdir -p stubs
    protoc -I proto --python_out=stubs --grpc_out=stubs \
        --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin topup/v1/topup_service.proto
    PYTHONPATH=stubs client/examples/python/first_send.py [SERVER [NUMBER PLAN AMOUNT]]

Exit status: 0 delivered; 1 refused or not delivered: give the money back; 3 not known, or anything
else: ask again under the same ref, and give nothing back yet.
"""
import secrets
import sys
import time

import grpc
from topup.v1 import topup_service_pb2 as v1
from topup.v1 import topup_service_pb2_grpc as v1_grpc

MAY_PASS = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
# A send that ends so has sold nothing, at its first try or at a later one.
REFUSED = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION,
           grpc.StatusCode.NOT_FOUND)


def make_ref():
    """Sorts by time, and never meets another."""
    return "%011x-%s" % (int(time.time() * 1000), secrets.token_hex(10))


def send(stub, request):
    """Repeats the request as it is, ref included: it sells once at most."""
    for delay in (0.2, 0.4, 0.8, 1.6, None):
        try:
            return stub.SendTopup(request, timeout=10)
        except grpc.RpcError as error:
            if error.code() not in MAY_PASS or delay is None:
                raise
            time.sleep(delay)


def watch(stub, ref):
    """Yields each revision once; gives up after five streams in a row that brought nothing."""
    seen = 0
    failures = 0
    while True:
        try:
            for message in stub.WatchTopup(
                    v1.WatchTopupRequest(ref=ref, after_revision=seen), timeout=3600):
                seen = message.topup.revision
                failures = 0
                yield message.topup
            return  # the server ends the stream after the settled revision
        except grpc.RpcError as error:
            failures += 1
            if error.code() not in MAY_PASS or failures == 5:
                raise
            time.sleep(1)


def main(server="127.0.0.1:50051", number="0600000000", plan="PREPAID_MOBILIS", amount="500"):
    stub = v1_grpc.TopupServiceStub(grpc.insecure_channel(server))

    # 1. Make the ref and keep it, where it survives a crash. Here: on the screen.
    ref = make_ref()
    print("ref", ref, flush=True)

    # 2. Send. After a crash, the same request with the same ref gives the same top-up.
    try:
        send(stub, v1.SendTopupRequest(
            ref=ref, phone_number=number, plan_code=plan, amount_dzd=int(amount)))
    except grpc.RpcError as error:
        print(error.code().name, error.details(), file=sys.stderr)
        return 1 if error.code() in REFUSED else 3

    # 3. Watch until it is settled: `settle_time` says so, whatever statuses there will be.
    for topup in watch(stub, ref):
        status = v1.TopupStatus.Name(topup.status)
        print("#%d %s" % (topup.revision, status), flush=True)
        if topup.HasField("settle_time"):
            print("settled", status)
            return 0 if topup.status == v1.TOPUP_STATUS_FULFILLED else 1
    return 3


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Exception as problem:  # left alone, it would end as a refusal does
        print(problem, file=sys.stderr)
        sys.exit(3)
